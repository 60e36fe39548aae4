//! The pages of money and limits.

use crate::fake::{Amount, Who};
use crate::{fake, follow, open, post};

#[test]
fn an_account_tells_what_is_free_and_leads_to_its_ledger() {
    let html = open(&fake(Amount::Full, Who::Owner), "/bankroll").html;
    for part in [
        "href=\"/bankroll/ledger?account=1\"",
        "980.00 EUR",
        "581.70 EUR",
        "no exchange rate",
        "1.1634",
        "name=\"entry[kind]\"",
        "What you had",
    ] {
        assert!(html.contains(part), "{part}");
    }
}

#[test]
fn the_ledger_leads_to_bets_and_offers_to_take_back_only_what_a_person_entered() {
    let html = open(&fake(Amount::Full, Who::Owner), "/bankroll/ledger").html;
    assert!(html.contains("href=\"/bets/2\"") && html.contains("From the bank"));
    assert_eq!(html.matches("action=\"/ui/take_entry_back\"").count(), 1);
    assert!(html.contains("href=\"/bankroll/ledger?after=5.1\""));
}

#[test]
fn without_accounts_the_bankroll_says_what_they_are_for() {
    let html = open(&fake(Amount::Empty, Who::Owner), "/bankroll").html;
    assert!(html.contains("No accounts yet") && html.contains("action=\"/ui/set_base_currency\""));
}

#[test]
fn a_wrong_amount_is_told_beside_its_field() {
    let fake = fake(Amount::Full, Who::Owner);
    let answer = post(
        &fake,
        "move_money",
        "/bankroll",
        "entry[kind]=deposit&entry[account]=1&entry[amount]=1e9",
    );
    let html = follow(&fake, &answer).html;
    assert!(html.contains("An amount such as 12.50, please."), "{html}");
}

#[test]
fn looser_limits_are_told_with_the_time_from_which_they_hold() {
    let html = open(&fake(Amount::Full, Who::Owner), "/bankroll/limits").html;
    assert!(html.contains("one bet 3 %; 40 open bets"), "{html}");
    assert!(html.contains("value=\"2\"") && html.contains("name=\"limits[brakes][3][from]\""));
}

#[test]
fn limits_are_read_as_they_are_typed_or_refused_by_field() {
    let fake = fake(Amount::Full, Who::Owner);
    let shares = "limits[per_bet]=2,5&limits[daily_loss]=10&limits[event]=5&limits[correlated]=8&limits[sport]=25\
                  &limits[bookmaker]=25&limits[open]=30&limits[currency]=EUR";
    let saved = post(&fake, "save_limits", "/bankroll/limits", shares);
    assert_eq!(saved.location.as_deref(), Some("/bankroll/limits?done=limits"));
    for (field, text) in [
        ("per_bet", "101"),
        ("max_open", "-1"),
        ("max_stake", "1e3"),
        ("open", ""),
    ] {
        let form = format!("{shares}&limits[{field}]={text}").replacen(&format!("limits[{field}]=30&"), "", 1);
        let refused = post(&fake, "save_limits", "/bankroll/limits", &form);
        let location = refused.location.unwrap();
        assert!(location.contains("__err"), "{field}={text} is taken: {location}");
    }
}

#[test]
fn a_cool_off_begins_only_for_those_who_say_that_they_are_sure() {
    let fake = fake(Amount::Full, Who::Owner);
    let unsure = post(&fake, "cool_off", "/bankroll/limits", "days=7");
    assert!(follow(&fake, &unsure).html.contains("it cannot be taken back"));
    let sure = post(&fake, "cool_off", "/bankroll/limits", "days=7&sure=yes");
    assert_eq!(sure.location.as_deref(), Some("/bankroll/limits?done=cool_off"));
}
