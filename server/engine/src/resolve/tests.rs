use super::*;
use crate::testing::{COMPETITION, LEAGUE, at, event, known_event, participant_id, read_event};
use domain::event::Event;
use domain::reading::ReadScore;
use proptest::prelude::*;
use rstest::rstest;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Events of the competition that some other feed brought; every name in them is known.
fn known(events: &[Event]) -> KnownIdentities {
    let names = events.iter().flat_map(|event| &event.participants);
    let names = names
        .map(|participant| (participant.name.clone(), participant.id))
        .collect();
    KnownIdentities {
        competitions: HashMap::from([(LEAGUE.to_owned(), COMPETITION)]),
        participants: HashMap::from([(COMPETITION, names)]),
        events: events.iter().map(known_event).collect(),
        ..KnownIdentities::default()
    }
}

/// The same, all under identifiers of this feed: `feed-1` for event 1.
fn known_here(events: &[Event]) -> KnownIdentities {
    let mut known = known(events);
    for event in &mut known.events {
        event.is_on_this_feed = true;
        known.feed_event_ids.insert(format!("feed-{}", event.id), event.id);
    }
    known
}

fn answer(events: Vec<ReadEvent<'static>>) -> Reading<'static> {
    Reading {
        events,
        ..Reading::default()
    }
}

fn resolve_one(read: ReadEvent<'static>, known: &KnownIdentities) -> EventMatch {
    resolve(&answer(vec![read]), known).events.remove(0)
}

fn is_review_of(found: &EventMatch, id: i64) -> bool {
    matches!(found, EventMatch::Review { suggestions, .. }
        if suggestions.first().is_some_and(|suggestion| suggestion.event == EventId(id)))
}

const fn linked(id: i64) -> EventMatch {
    EventMatch::Known {
        event: EventId(id),
        is_new_link: true,
    }
}

#[test]
fn the_feeds_own_identifier_decides_whatever_the_spelling_and_the_start() {
    let known = known_here(&[event(1, "Hawks", "Bulls", at(0))]);
    let found = resolve_one(read_event("feed-1", "The Hawks", "Bulls", at(9 * DAY)), &known);
    assert_eq!(
        found,
        EventMatch::Known {
            event: EventId(1),
            is_new_link: false
        }
    );
}

#[test]
fn an_identifier_used_again_for_other_participants_goes_to_review() {
    let known = known_here(&[event(1, "Hawks", "Bulls", at(0)), event(2, "Kings", "Suns", at(0))]);
    assert!(is_review_of(
        &resolve_one(read_event("feed-1", "Kings", "Suns", at(0)), &known),
        1
    ));
}

#[test]
fn sides_swapped_under_the_same_identifier_go_to_review() {
    let known = known_here(&[event(1, "Hawks", "Bulls", at(0))]);
    assert!(is_review_of(
        &resolve_one(read_event("feed-1", "Bulls", "Hawks", at(0)), &known),
        1
    ));
}

#[test]
fn another_feeds_event_is_joined_by_both_confirmed_names_and_a_start_within_hours() {
    let mut known = known(&[event(1, "Hawks", "Bulls", at(0))]);
    let found = resolve_one(read_event("x", "Hawks", "Bulls", at(2 * HOUR)), &known);
    assert_eq!(found, linked(1));
    known.aliases = HashMap::from([(
        COMPETITION,
        HashMap::from([("ATL".to_owned(), participant_id("Hawks"))]),
    )]);
    assert_eq!(resolve_one(read_event("x", "ATL", "Bulls", at(0)), &known), linked(1));
}

#[test]
fn teams_that_meet_again_on_the_next_day_play_another_event() {
    for known in [
        known(&[event(1, "Hawks", "Bulls", at(0))]),
        known_here(&[event(1, "Hawks", "Bulls", at(0))]),
    ] {
        for start in [DAY, -DAY, 7 * HOUR] {
            let found = resolve_one(read_event("x", "Hawks", "Bulls", at(start)), &known);
            assert!(matches!(found, EventMatch::New { .. }), "{found:?}");
        }
    }
}

#[test]
fn the_same_names_in_another_competition_are_another_event() {
    let mut known = known(&[event(1, "Hawks", "Bulls", at(0))]);
    known.competitions.insert("cup".to_owned(), CompetitionId(99));
    for key in ["cup", "never heard of"] {
        let mut read = read_event("x", "Hawks", "Bulls", at(0));
        read.competition_key = key.into();
        let EventMatch::New { participants } = resolve_one(read, &known) else {
            panic!("joined")
        };
        assert!(participants.iter().all(|participant| participant.id.is_none()));
    }
}

#[test]
fn the_second_game_of_a_doubleheader_is_new_at_the_feed_that_has_the_first() {
    let known = known_here(&[event(1, "Hawks", "Bulls", at(0))]);
    let found = resolve(
        &answer(vec![
            read_event("feed-1", "Hawks", "Bulls", at(0)),
            read_event("feed-2", "Hawks", "Bulls", at(4 * HOUR)),
        ]),
        &known,
    );
    assert_eq!(found.event_id(0), Some(EventId(1)));
    let EventMatch::New { participants } = &found.events[1] else {
        panic!("merged the two games")
    };
    assert_eq!(participants[0].id, Some(participant_id("Hawks")));
}

#[test]
fn both_games_of_a_doubleheader_are_new_when_neither_was_known() {
    let games = vec![
        read_event("a", "Hawks", "Bulls", at(0)),
        read_event("b", "Hawks", "Bulls", at(4 * HOUR)),
    ];
    let found = resolve(&answer(games), &known(&[]));
    assert!(found.events.iter().all(|found| matches!(found, EventMatch::New { .. })));
}

#[test]
fn another_feeds_game_that_fits_both_games_of_a_doubleheader_goes_to_review() {
    let known = known(&[
        event(1, "Hawks", "Bulls", at(0)),
        event(2, "Hawks", "Bulls", at(4 * HOUR)),
    ]);
    let found = resolve_one(read_event("x", "Hawks", "Bulls", at(4 * HOUR)), &known);
    let EventMatch::Review { suggestions, .. } = &found else {
        panic!("guessed")
    };
    assert_eq!(
        suggestions
            .iter()
            .map(|suggestion| suggestion.event.0)
            .collect::<Vec<_>>(),
        [2, 1]
    );
}

#[test]
fn two_games_of_another_feed_that_fit_one_known_event_go_to_review() {
    let known = known(&[event(1, "Hawks", "Bulls", at(0))]);
    let games = vec![
        read_event("a", "Hawks", "Bulls", at(0)),
        read_event("b", "Hawks", "Bulls", at(4 * HOUR)),
    ];
    let found = resolve(&answer(games), &known);
    assert!(found.events.iter().all(|found| is_review_of(found, 1)), "{found:?}");
}

#[test]
fn a_game_that_is_over_is_not_the_one_that_starts_hours_later() {
    let mut first = event(1, "Hawks", "Bulls", at(0));
    first.status = EventStatus::Final;
    assert!(is_review_of(
        &resolve_one(read_event("x", "Hawks", "Bulls", at(4 * HOUR)), &known(&[first])),
        1
    ));
}

#[test]
fn an_identifier_that_changes_when_the_event_goes_live_is_linked_to_the_same_event() {
    let known = known_here(&[event(1, "Hawks", "Bulls", at(0))]);
    assert_eq!(
        resolve_one(read_event("live-1", "Hawks", "Bulls", at(120)), &known),
        linked(1)
    );
}

#[test]
fn a_second_identifier_beside_the_first_in_one_answer_goes_to_review() {
    let known = known_here(&[event(1, "Hawks", "Bulls", at(0))]);
    let both = vec![
        read_event("feed-1", "Hawks", "Bulls", at(0)),
        read_event("new", "Hawks", "Bulls", at(0)),
    ];
    let found = resolve(&answer(both), &known);
    assert!(matches!(found.events[1], EventMatch::Review { .. }));
    assert_eq!(found.canonical(1), None);
}

#[test]
fn a_new_identifier_with_a_start_an_hour_away_goes_to_review() {
    let known = known_here(&[event(1, "Hawks", "Bulls", at(0))]);
    assert!(is_review_of(
        &resolve_one(read_event("new", "Hawks", "Bulls", at(HOUR)), &known),
        1
    ));
}

#[test]
fn swapped_home_and_away_go_to_review() {
    let known = known(&[event(1, "Hawks", "Bulls", at(0))]);
    let found = resolve_one(read_event("x", "Bulls", "Hawks", at(0)), &known);
    assert!(is_review_of(&found, 1));
    assert!(matches!(&found, EventMatch::Review { reason, .. } if reason.contains("swapped")));
}

#[test]
fn one_known_participant_beside_an_unknown_one_at_the_same_start_goes_to_review() {
    let known = known(&[event(1, "Hawks", "Bulls", at(0))]);
    assert!(is_review_of(
        &resolve_one(read_event("x", "Hawks", "Zebras", at(600)), &known),
        1
    ));
    let later = resolve_one(read_event("x", "Hawks", "Zebras", at(5 * HOUR)), &known);
    assert!(matches!(later, EventMatch::New { .. }));
}

#[rstest]
#[case("Hawks FC", "Bulls SC")]
#[case("HAWKS", "Bülls")]
#[case("Bulls FC", "Hawks FC")]
fn names_that_are_only_alike_are_suggested_and_never_applied(#[case] home: &str, #[case] away: &str) {
    let known = known(&[event(1, "Hawks", "Bulls", at(0))]);
    let found = resolve(&answer(vec![read_event("x", home, away, at(0))]), &known);
    assert!(is_review_of(&found.events[0], 1), "{found:?}");
    assert_eq!((found.canonical(0), found.event_id(0)), (None, None));
    assert_eq!(found.issues[0].kind, IssueKind::UncertainIdentity);
}

#[rstest]
#[case("Hawks Women", "Bulls Women")]
#[case("Hawks U21", "Bulls U21")]
#[case("Hawks Reserves", "Bulls Reserves")]
#[case("Hawks Jr.", "Bulls Jr.")]
fn women_youth_and_reserves_of_the_same_clubs_are_another_event(#[case] home: &str, #[case] away: &str) {
    let known = known(&[event(1, "Hawks", "Bulls", at(0))]);
    assert!(matches!(
        resolve_one(read_event("x", home, away, at(0)), &known),
        EventMatch::New { .. }
    ));
}

#[test]
fn a_feed_that_names_two_known_pairs_tells_them_apart() {
    let known = known_here(&[event(1, "Hawks", "Bulls", at(0)), event(2, "Kings", "Suns", at(DAY))]);
    let found = resolve_one(read_event("x", "Hawks", "Suns", at(0)), &known);
    assert!(matches!(found, EventMatch::New { .. }), "{found:?}");
}

#[test]
fn one_event_twice_in_an_answer_is_read_as_one() {
    let twice = vec![
        read_event("a", "Hawks", "Bulls", at(0)),
        read_event("a", "Hawks", "Bulls", at(0)),
    ];
    let found = resolve(&answer(twice), &known(&[]));
    assert_eq!(found.events[1], EventMatch::Repeated { first: 0 });
    assert_eq!(found.canonical(1), Some(0));
    assert_eq!(
        found.issues.iter().map(|issue| issue.kind).collect::<Vec<_>>(),
        [IssueKind::DuplicateEvent]
    );
}

#[test]
fn two_events_under_one_identifier_are_not_read_as_one() {
    let clash = vec![
        read_event("a", "Hawks", "Bulls", at(0)),
        read_event("a", "Kings", "Suns", at(0)),
    ];
    let found = resolve(&answer(clash), &known(&[]));
    assert_eq!(found.canonical(1), None);
}

#[test]
fn an_outright_is_known_by_its_identifier_alone() {
    let mut outright = event(1, "", "", at(0));
    outright.participants.clear();
    let mut read = read_event("feed-1", "", "", at(0));
    read.participants.clear();
    assert_eq!(
        resolve_one(read.clone(), &known_here(&[outright.clone()])).clone(),
        EventMatch::Known {
            event: EventId(1),
            is_new_link: false
        }
    );
    read.feed_id = "other".into();
    assert!(matches!(
        resolve_one(read.clone(), &known_here(&[outright.clone()])),
        EventMatch::New { .. }
    ));
    assert!(is_review_of(&resolve_one(read, &known(&[outright])), 1));
}

#[test]
fn a_start_that_moved_is_a_change_and_a_postponed_event_with_a_new_date_is_on_again() {
    let mut postponed = event(1, "Hawks", "Bulls", at(0));
    postponed.status = EventStatus::Postponed;
    let found = resolve(
        &answer(vec![read_event("feed-1", "Hawks", "Bulls", at(DAY))]),
        &known_here(&[postponed]),
    );
    assert_eq!(
        found.changes,
        [
            (
                0,
                EventChange::Start {
                    from: at(0),
                    to: at(DAY)
                }
            ),
            (
                0,
                EventChange::Status {
                    from: EventStatus::Postponed,
                    to: EventStatus::Scheduled
                }
            ),
        ]
    );
    assert_eq!(found.issues[0].kind, IssueKind::StartMoved);
}

#[test]
fn two_feeds_with_starts_some_minutes_apart_do_not_move_the_event_to_and_fro() {
    let mut known = known(&[event(1, "Hawks", "Bulls", at(0))]);
    known.events[0].sets_start = false;
    let found = resolve(&answer(vec![read_event("x", "Hawks", "Bulls", at(300))]), &known);
    assert_eq!((found.event_id(0), found.changes), (Some(EventId(1)), vec![]));
}

#[test]
fn an_event_that_an_answer_does_not_contain_is_neither_cancelled_nor_changed() {
    let known = known_here(&[event(1, "Hawks", "Bulls", at(0)), event(2, "Kings", "Suns", at(0))]);
    let found = resolve(&answer(vec![read_event("feed-2", "Kings", "Suns", at(0))]), &known);
    assert!(found.changes.is_empty() && found.events.len() == 1);
}

#[test]
fn a_status_that_the_life_cycle_forbids_is_an_issue() {
    let mut cancelled = event(1, "Hawks", "Bulls", at(0));
    cancelled.status = EventStatus::Cancelled;
    let mut read = read_event("feed-1", "Hawks", "Bulls", at(0));
    read.status = Some(EventStatus::Live);
    let found = resolve(&answer(vec![read]), &known_here(&[cancelled]));
    assert_eq!(
        (found.changes.len(), found.issues[0].kind),
        (0, IssueKind::ImpossibleStatus)
    );
}

fn with_score(score: Option<(i32, i32)>, is_final: bool, known: &KnownIdentities) -> Resolution {
    let score = score.map(|(home, away)| Score { home, away });
    let mut reading = answer(vec![read_event("feed-1", "Hawks", "Bulls", at(0))]);
    reading.scores.push(ReadScore {
        event: 0,
        score,
        is_final,
        source_at: None,
    });
    resolve(&reading, known)
}

#[test]
fn a_final_score_ends_an_event_once_and_a_corrected_one_is_a_change_again() {
    let mut game = event(1, "Hawks", "Bulls", at(0));
    game.status = EventStatus::Live;
    let score = Score { home: 0, away: 2 };
    let found = with_score(Some((0, 2)), true, &known_here(&[game.clone()]));
    assert_eq!(
        found.changes,
        [
            (
                0,
                EventChange::Status {
                    from: EventStatus::Live,
                    to: EventStatus::Final
                }
            ),
            (0, EventChange::Score { score, is_final: true }),
        ]
    );
    (game.status, game.score) = (EventStatus::Final, Some(score));
    assert!(
        with_score(Some((0, 2)), true, &known_here(&[game.clone()]))
            .changes
            .is_empty()
    );
    let corrected = Score { home: 0, away: 3 };
    let found = with_score(Some((0, 3)), true, &known_here(&[game]));
    assert_eq!(
        found.changes,
        [(
            0,
            EventChange::Score {
                score: corrected,
                is_final: true
            }
        )]
    );
}

#[test]
fn finished_without_a_score_settles_nothing() {
    let mut game = event(1, "Hawks", "Bulls", at(0));
    game.status = EventStatus::Live;
    let found = with_score(None, true, &known_here(&[game]));
    assert_eq!(
        (found.changes.len(), found.issues[0].kind),
        (0, IssueKind::UnusableScore)
    );
}

#[test]
fn a_late_score_in_play_does_not_reopen_a_final_event() {
    let mut game = event(1, "Hawks", "Bulls", at(0));
    (game.status, game.score) = (EventStatus::Final, Some(Score { home: 3, away: 2 }));
    let found = with_score(Some((1, 2)), false, &known_here(&[game]));
    assert!(found.changes.is_empty());
}

proptest! {
    /// Whatever the names, sides and starts: no join without both names, the right way round and near in time, and no two
    /// identifiers of one answer end up as one event.
    #[test]
    fn events_are_never_joined_without_both_names_the_right_way_round_and_near_in_time(
        known_games in prop::collection::vec((0..4_usize, 0..4_usize, -30..30_i64), 0..8),
        read_games in prop::collection::vec((0..6_usize, 0..6_usize, -30..30_i64), 1..8),
        is_here in any::<bool>(),
    ) {
        const NAMES: [&str; 6] = ["Hawks", "Bulls", "Kings", "Suns", "Hawks Women", "Bulls U21"];
        let games: Vec<Event> = (1..)
            .zip(&known_games)
            .filter(|(_, (home, away, _))| home != away)
            .map(|(id, (home, away, hour))| event(id, NAMES[*home], NAMES[*away], at(hour * HOUR)))
            .collect();
        let known = if is_here { known_here(&games) } else { known(&games) };
        let reads: Vec<_> = read_games
            .iter()
            .enumerate()
            .map(|(id, (home, away, hour))| read_event(&format!("x{id}"), NAMES[*home], NAMES[*away], at(hour * HOUR)))
            .collect();
        let found = resolve(&answer(reads.clone()), &known);
        prop_assert_eq!(found.events.len(), reads.len());
        let mut joined = HashSet::new();
        for (read, found) in reads.iter().zip(&found.events) {
            if let EventMatch::Known { event, is_new_link } = found {
                prop_assert!(*is_new_link && joined.insert(*event));
                let game = games.iter().find(|game| game.id == *event).unwrap();
                let names = [0, 1].map(|side| game.participants[side].name.as_str());
                prop_assert_eq!(sides(read), Some((names[0], names[1])));
                prop_assert!(gap(game.starts_at, read.starts_at) <= START_WINDOW);
            }
            prop_assert!(!matches!(found, EventMatch::Repeated { .. }), "identifiers differ");
        }
    }
}
