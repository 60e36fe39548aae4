use super::foreign::{Mapping, Usual};
use super::table::Table;
use super::words::DateOrder;
use super::*;
use chrono_tz::Tz;
use domain::bet::{PayTerms, SettledAs, Structure, TeaserPush};
use domain::each_way::{Finish, PlaceTerms};
use domain::result::{BetResult, Rounding};
use domain::scenarios::Commission;
use domain::settlement::End;
use domain::{Line, MarketKey, MarketKind, OddsFormat, Outcome, Period, Price, Side, Sport};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Words as people write them, and as they try to break things.
fn words() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        "[a-zA-Z0-9 .,;:'\"=+@\\\\-]{0,12}",
        "[=+@'\\-]{1,3}[a-z\"]{0,4}",
        "[äöüß€\u{2212}\n]{0,5}",
        Just(String::new()),
    ]
}

fn instants() -> impl Strategy<Value = DateTime<Utc>> {
    (1_500_000_000_000_i64..1_900_000_000_000).prop_map(|ms| DateTime::from_timestamp_millis(ms).unwrap())
}

fn prices() -> impl Strategy<Value = Price> {
    (1_000_001_i64..900_000_000).prop_map(|micros| Price::from_micros(micros).unwrap())
}

fn results() -> impl Strategy<Value = BetResult> {
    proptest::sample::select(BetResult::ALL.to_vec())
}

fn legs() -> impl Strategy<Value = BetLeg> {
    let names = (
        words(),
        words(),
        option::of("[A-Z][a-z =]{1,9}"),
        option::of("[A-Z][a-z]{1,9}"),
    );
    let market = (
        proptest::sample::select(vec![
            MarketKind::Moneyline,
            MarketKind::Spread,
            MarketKind::Total,
            MarketKind::Other("first scorer".to_owned()),
        ]),
        proptest::sample::select(Period::ALL.to_vec()),
        -4_000_i32..4_000,
        option::of("[A-Z][a-z]{1,9}"),
        prop_oneof![
            Just(Outcome::Home),
            Just(Outcome::Over),
            "[A-Za-z =+,\"]{1,9}".prop_map(|name| Outcome::from_code(&format!("named:{name}")))
        ],
    );
    (names, market, option::of(instants()), prices(), words()).prop_map(
        |(
            (event, competition, home, away),
            (kind, period, line, participant, outcome),
            starts_at,
            price,
            price_text,
        )| {
            let line = kind.has_line().then(|| Line::from_hundredths(line / 25 * 25));
            BetLeg {
                event_id: None,
                event,
                sport: Sport::BASKETBALL,
                competition,
                home,
                away,
                starts_at,
                market: MarketKey {
                    kind,
                    period,
                    line,
                    participant,
                },
                outcome,
                side: Side::Back,
                price,
                price_text,
                quote: None,
            }
        },
    )
}

fn structures() -> impl Strategy<Value = (Structure, usize)> {
    prop_oneof![
        Just((Structure::Single, 1)),
        (2_usize..5).prop_map(|legs| (Structure::Parlay, legs)),
        Just((Structure::RoundRobin { sizes: vec![2, 3] }, 3)),
        vec(option::of(prices()), 3).prop_map(|prices| {
            let push = TeaserPush::Void;
            (Structure::Teaser { prices, push }, 3)
        }),
        Just((
            Structure::EachWay {
                terms: PlaceTerms {
                    places: 3,
                    numerator: 1,
                    denominator: 5
                }
            },
            1
        )),
    ]
}

fn ends() -> impl Strategy<Value = Option<End>> {
    prop_oneof![
        Just(None),
        results().prop_map(|result| Some(End::Result(result))),
        (1_u32..3, 2_u32..5).prop_map(|(places, tied)| Some(End::DeadHeat { places, tied })),
        (1_u32..9, 1_u32..3).prop_map(|(position, tied)| Some(End::Finished(Finish { position, tied }))),
    ]
}

fn settlements() -> impl Strategy<Value = SettledBet> {
    let how = proptest::sample::select(SettledAs::ALL.to_vec());
    (how, 0_i64..10_000_000, 0_i64..1_000, instants(), words(), any::<bool>()).prop_map(
        |(settled_as, payout, commission, at, reason, is_automatic)| SettledBet {
            settled_as,
            payout,
            commission,
            at,
            reason,
            is_automatic,
        },
    )
}

fn commissions() -> impl Strategy<Value = Commission> + Clone {
    prop_oneof![
        Just(Commission::None),
        (1_u16..900).prop_map(Commission::NetWinnings),
        (1_u16..900).prop_map(Commission::EachBet),
        (1_u16..900).prop_map(Commission::Turnover),
    ]
}

fn bets() -> impl Strategy<Value = FileBet> {
    let money = (1_i64..1_000_000, any::<bool>(), commissions(), any::<bool>());
    let currencies = proptest::sample::select(vec!["EUR", "JPY", "KWD", "GBP"]);
    let about = (words(), words(), words(), vec("[a-z,\\\\ ]{1,6}[a-z]", 0..3), words());
    structures().prop_flat_map(move |(structure, count)| {
        let parts = (
            vec(legs(), count),
            vec((ends(), option::of(prices())), count),
            option::of(settlements()),
            vec((instants(), 1_i64..500, 0_i64..500), 0..3),
        );
        (
            parts,
            money.clone(),
            currencies.clone(),
            about.clone(),
            instants(),
            option::of(-90_000_i64..90_000),
        )
            .prop_map(
                move |(
                    (legs, ends, settled, sold),
                    (stake, is_free, commission, is_cut),
                    currency,
                    about,
                    placed_at,
                    edge_ppm,
                )| {
                    let (account, bookmaker, note, tags, reference) = about;
                    let mut tags: Vec<String> = tags.iter().map(|tag| tag.trim().to_owned()).collect();
                    tags.retain(|tag| !tag.is_empty());
                    FileBet {
                        mode: if stake % 2 == 0 { BetMode::Paper } else { BetMode::Real },
                        account,
                        bookmaker,
                        currency: currency.parse().unwrap(),
                        wager: Wager {
                            structure: structure.clone(),
                            stake,
                            is_free,
                            legs,
                            terms: PayTerms {
                                rounding: if is_cut { Rounding::Cut } else { Rounding::Nearest },
                                commission,
                            },
                        },
                        placed_at,
                        fates: ends.into_iter().map(|(end, price)| Fate { end, price }).collect(),
                        cash_outs: sold
                            .into_iter()
                            .map(|(at, stake, amount)| CashOut { at, stake, amount })
                            .collect(),
                        settled,
                        edge_ppm,
                        note,
                        tags,
                        reference,
                    }
                },
            )
    })
}

/// The bets that were read; those that no desk would take are refused in both forms alike.
fn taken(rows: Vec<ReadRow>) -> Vec<Option<FileBet>> {
    rows.into_iter().map(|row| row.bet.ok()).collect()
}

fn expected(bets: &[FileBet]) -> Vec<Option<FileBet>> {
    let is_good = |bet: &FileBet| checked(bet.clone(), 1).bet.is_ok();
    bets.iter().map(|bet| is_good(bet).then(|| bet.clone())).collect()
}

proptest! {
    #[test]
    fn bets_written_as_json_are_read_back_as_they_were(bets in vec(bets(), 1..4)) {
        let text = json::write(&bets).unwrap();
        prop_assert_eq!(taken(json::read(&text).unwrap()), expected(&bets));
    }

    #[test]
    fn bets_written_as_csv_are_read_back_as_they_were(bets in vec(bets(), 1..4)) {
        let text = sheet::write(&bets);
        let table = Table::read(text.as_bytes()).unwrap();
        prop_assert!(sheet::is_ours(&table));
        prop_assert_eq!(taken(sheet::read(&table).unwrap()), expected(&bets));
    }

    #[test]
    fn no_file_makes_reading_fail_otherwise_than_by_saying_why(text in "[a-z,;\"\n0-9=./-]{0,200}") {
        if let Ok(table) = Table::read(text.as_bytes()) {
            let mapping = Mapping::guess(&table);
            prop_assert_eq!(foreign::read(&table, &mapping, &usual()).len(), table.rows.len());
            let _ = sheet::read(&table);
        }
        let _ = json::read(&text);
    }
}

fn usual() -> Usual {
    Usual {
        mode: BetMode::Real,
        account: String::new(),
        currency: Currency::EUR,
        zone: Tz::Europe__Vienna,
        bookmakers: vec![("pinnacle".to_owned(), "Pinnacle".to_owned())],
    }
}

fn read_all(text: &str) -> (Mapping, Vec<ReadRow>) {
    let table = Table::read(text.as_bytes()).unwrap();
    let mapping = Mapping::guess(&table);
    let rows = foreign::read(&table, &mapping, &usual());
    (mapping, rows)
}

#[test]
fn a_european_tracker_is_read_with_its_commas_and_days() {
    let (mapping, rows) = read_all(
        "Datum;Uhrzeit;Buchmacher;Sport;Liga;Spiel;Markt;Tipp;Quote;Einsatz;Ergebnis;Gewinn\n\
         26.11.2026;18:30;Pinnacle;Fussball;Bundesliga;Rapid - Austria;1x2;Rapid;2,10;1.250,50;gewonnen;1.375,55\n",
    );
    assert_eq!(
        (mapping.decimal, mapping.dates, mapping.odds),
        (',', DateOrder::DayMonthYear, OddsFormat::Decimal)
    );
    assert!(
        mapping.columns.iter().all(Option::is_some),
        "every column is understood"
    );
    let bet = rows[0].bet.as_ref().unwrap();
    assert_eq!(bet.wager.stake, 125_050);
    assert_eq!(bet.bookmaker, "pinnacle");
    assert_eq!(bet.placed_at.to_rfc3339(), "2026-11-26T17:30:00+00:00");
    assert_eq!(
        bet.settled.as_ref().map(|settled| settled.payout),
        Some(125_050 + 137_555)
    );
}

#[test]
fn an_american_tracker_is_read_with_its_prices_lines_and_results() {
    let (mapping, rows) = read_all(
        "bet_id,date placed,sportsbook,league,event,bet type,selection,odds,stake,status,profit\n\
         A1,11/26/2026 1:05 PM,Pinnacle,NBA,Hawks @ Bulls,spread,Hawks +5.5,-110,\"$1,100.00\",WON,1000.00\n\
         A2,11/14/2026 9:00 AM,Pinnacle,NBA,Hawks @ Bulls,total,over 220.5,+105,50,lost,-50\n\
         A3,11/14/2026 9:00 AM,Nowhere,NBA,Hawks @ Bulls,moneyline,Bulls,-200,50,pending,\n\
         A4,11/14/2026 9:00 AM,Pinnacle,NBA,Hawks @ Bulls,moneyline,Bulls,-200,fifty,maybe,\n",
    );
    assert_eq!(
        (mapping.dates, mapping.odds),
        (DateOrder::MonthDayYear, OddsFormat::American)
    );
    let bet = |at: usize| rows[at].bet.as_ref().unwrap();
    let spread = &bet(0).wager.legs[0];
    assert_eq!(
        spread.market.line.unwrap().hundredths(),
        -550,
        "the home side gives what the away side gets"
    );
    assert_eq!(
        (&spread.outcome, spread.home.as_deref()),
        (&Outcome::Away, Some("Bulls"))
    );
    assert_eq!(bet(0).settled.as_ref().unwrap().payout, 210_000);
    assert!(rows[0].remarks.is_empty(), "{:?}", rows[0].remarks);
    assert_eq!(bet(1).wager.legs[0].outcome, Outcome::Over);
    assert_eq!((&bet(2).settled, bet(2).account.as_str()), (&None, "Nowhere"));
    let wrong = rows[3].bet.as_ref().unwrap_err();
    let columns: Vec<&str> = wrong.iter().map(|complaint| complaint.column.as_str()).collect();
    assert_eq!(columns, ["stake", "status"], "every wrong field is told at once");
}

#[test]
fn a_result_that_is_not_said_follows_from_what_came_back_or_is_asked_for() {
    let (_, rows) = read_all(
        "date,event,odds,stake,payout\n2026-11-01,A - B,2.00,10,20\n2026-11-01,A - B,2.00,10,10\n2026-11-01,A - B,2.00,10,0\n\
         2026-11-01,A - B,2.00,10,5\n2026-11-01,A - B,2.00,10,\n2026-11-01,A - B,2.00,10,17\n",
    );
    let ends: Vec<Option<SettledAs>> = rows[..5]
        .iter()
        .map(|row| {
            row.bet
                .as_ref()
                .unwrap()
                .settled
                .as_ref()
                .map(|settled| settled.settled_as)
        })
        .collect();
    assert_eq!(
        ends,
        [
            Some(SettledAs::Win),
            Some(SettledAs::Push),
            Some(SettledAs::Loss),
            Some(SettledAs::HalfLoss),
            None
        ]
    );
    assert!(rows[5].bet.as_ref().unwrap_err()[0].why.contains("say the result"));
}

#[test]
fn what_came_back_is_kept_as_the_file_says_and_a_difference_is_told() {
    let (_, rows) = read_all("date,event,odds,stake,result,payout\n2026-11-01,A - B,2.00,10.00,won,21.00\n");
    assert_eq!(rows[0].bet.as_ref().unwrap().settled.as_ref().unwrap().payout, 2_100);
    assert!(rows[0].remarks[0].contains("21.00 EUR") && rows[0].remarks[0].contains("20.00 EUR"));
}

#[test]
fn money_that_can_be_read_in_two_ways_goes_by_the_sign_of_the_whole_column() {
    let (mapping, rows) =
        read_all("date,event,odds,stake\n2026-11-01,A - B,2.00,\"1,234\"\n2026-11-01,A - B,2.00,5.50\n");
    assert_eq!(mapping.decimal, '.');
    assert_eq!(rows[0].bet.as_ref().unwrap().wager.stake, 123_400);
    for wrong in ["1e9", "10.001", "-0", "NaN", "0", "-5", "5 GBP", "1.234.5"] {
        let (_, rows) = read_all(&format!(
            "date,event,odds,stake\n2026-11-01,A - B,2.00,{wrong}\n2026-11-01,A - B,2.00,5.50\n"
        ));
        let complaints = rows[0].bet.as_ref().unwrap_err();
        assert_eq!(complaints.len(), 1, "{wrong} is taken");
    }
}

#[test]
fn a_document_of_another_kind_or_version_is_refused_as_a_whole() {
    for text in [
        "",
        "[]",
        "{}",
        r#"{"format":"x","version":1,"bets":[]}"#,
        r#"{"format":"overround bets","version":2,"bets":[]}"#,
    ] {
        assert!(matches!(json::read(text), Err(FileError::NotOurs(_))), "{text}");
    }
}
