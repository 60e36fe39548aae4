//! The page of performance.

use crate::fake::{Amount, Who};
use crate::{fake, open};

#[test]
fn every_figure_of_performance_leads_to_the_bets_it_is_about() {
    let html = open(&fake(Amount::Full, Who::Owner), "/performance?sport=football").html;
    for part in [
        "href=\"/bets?mode=real&amp;status=settled&amp;sport=football&amp;sort=settled\"",
        "href=\"/bets?mode=real&amp;status=open&amp;sport=football\"",
        "href=\"/bets?mode=real&amp;status=settled&amp;strategy=none&amp;sport=football&amp;sort=settled\"",
        "from=2026-11-01&amp;to=2026-11-30",
        "No feed speaks of its event",
        "Where you stand",
        "Are you sharp?",
        "Where the profit comes from",
    ] {
        assert!(html.contains(part), "{part}");
    }
}

#[test]
fn few_bets_are_shown_for_what_they_came_to_and_say_nothing_of_the_next_ones() {
    let html = open(&fake(Amount::Full, Who::Owner), "/performance?tag=early").html;
    assert!(html.contains("not enough bets to say: 7 of 30"));
    assert!(!html.contains("95 %:"), "no interval of seven bets");
}

#[test]
fn paper_and_real_money_are_apart() {
    let html = open(&fake(Amount::Full, Who::Owner), "/performance?mode=paper").html;
    assert!(html.contains("href=\"/performance?mode=real\"") && html.contains("status=settled"));
    assert!(!html.contains("/bets?mode=real"));
}

#[test]
fn without_settled_bets_performance_says_what_to_do_next() {
    let html = open(&fake(Amount::Empty, Who::Owner), "/performance").html;
    assert!(html.contains("No settled bets here yet") && html.contains("href=\"/bets/new\""));
}
