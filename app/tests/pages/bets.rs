//! The pages of bets.

use crate::fake::{Amount, Who};
use crate::{StatusCode, fake, follow, open, post};

#[test]
fn a_bet_tells_what_it_came_from_and_what_became_of_it() {
    let html = open(&fake(Amount::Full, Who::Owner), "/bets/2").html;
    for part in [
        "href=\"/games/1\"",
        "href=\"/snapshots/77\"",
        "href=\"/opportunities/2\"",
        "href=\"/strategies/2\"",
        "2–1 at full time",
        "automatic, from a result",
        "+7.27%",
        "href=\"/snapshots/78\"",
        "One bet",
        "Bet placed",
        "Take the settlement back",
    ] {
        assert!(html.contains(part), "{part}");
    }
}

#[test]
fn a_person_can_say_that_a_game_was_given_up() {
    let html = open(&fake(Amount::Full, Who::Owner), "/bets/1").html;
    for part in [
        "value=\"retired\"",
        "value=\"abandoned\"",
        "name=\"legs[0][played]\"",
        "name=\"legs[0][unit]\"",
        "name=\"legs[0][winner]\"",
        "name=\"legs[0][home]\"",
        "name=\"legs[0][away]\"",
        "The bookmaker's rule decides",
    ] {
        assert!(html.contains(part), "{part}");
    }
}

#[test]
fn the_filters_of_bets_are_links_that_can_be_kept() {
    let html = open(&fake(Amount::Full, Who::Owner), "/bets?status=open&mode=real&tag=early").html;
    assert!(html.contains("href=\"/bets?mode=real&amp;status=settled&amp;tag=early\""));
    assert!(html.contains("To settle") && html.contains("no score of this part"));
    assert!(html.contains("Paper: 2 bets") && html.contains("Real money: 4 bets"));
}

#[test]
fn without_bets_the_list_says_what_to_do_next() {
    let html = open(&fake(Amount::Empty, Who::Owner), "/bets").html;
    assert!(html.contains("No bets yet") && html.contains("href=\"/bets/new\""));
}

#[test]
fn a_refused_bet_says_on_its_page_by_which_control() {
    let fake = fake(Amount::Full, Who::Owner);
    let answer = post(&fake, "place_bet", "/bets/new", "slip[stake]=30");
    let html = follow(&fake, &answer).html;
    assert!(html.contains("One bet") && html.contains("20.00 EUR"), "{html}");
}

#[test]
fn a_recorded_bet_leads_to_its_page() {
    let answer = post(
        &fake(Amount::Full, Who::Owner),
        "place_bet",
        "/bets/new",
        "slip[stake]=10",
    );
    assert_eq!(answer.location.as_deref(), Some("/bets/1?done=placed"));
    assert_ne!(answer.status, StatusCode::OK);
}

#[test]
fn today_shows_what_is_at_risk_and_what_waits_for_a_person() {
    let html = open(&fake(Amount::Full, Who::Owner), "/").html;
    for part in [
        "href=\"/bets?status=open\"",
        "20.00 EUR",
        "href=\"/bets?status=to_settle\"",
        "Lost today",
        "12.50 EUR",
    ] {
        assert!(html.contains(part), "{part}");
    }
}

#[test]
fn a_dry_run_says_of_each_row_what_becomes_of_it_and_why() {
    let html = open(&fake(Amount::Full, Who::Owner), "/bets/import").html;
    for part in [
        "Import 299 bets",
        "There already",
        "an amount is digits with a decimal point",
        "name=\"mapping[columns][4]\"",
        "The file says 21.00 EUR came back",
        "action=\"/ui/undo_import\"",
    ] {
        assert!(html.contains(part), "{part}");
    }
    let list = open(&fake(Amount::Full, Who::Owner), "/bets?mode=real&page=3").html;
    assert!(list.contains("href=\"/bets/export.csv?mode=real\"") && list.contains("href=\"/bets/import\""));
}

#[test]
fn before_a_file_is_sent_the_import_asks_for_one() {
    let html = open(&fake(Amount::Empty, Who::Owner), "/bets/import?wrong=choose%20a%20file").html;
    assert!(html.contains("enctype=\"multipart/form-data\"") && html.contains("Choose a file"));
}
