use super::*;
use domain::performance::{Estimate, Z_95};
use proptest::prelude::*;

fn row(id: i64, at_risk: i64, profit: i64) -> Row {
    Row {
        id: BetId(id),
        month: NaiveDate::from_ymd_opt(2026, 11, 1).unwrap(),
        at_risk,
        settled: Some(Settled {
            at: at(id),
            as_what: if profit > 0 { SettledAs::Win } else { SettledAs::Loss },
            profit,
        }),
        edge_ppm: None,
        clv_ppm: None,
        close_edge_ppm: None,
        close_points: None,
        close_grade: None,
        close_reason: "no close".to_owned(),
        strategy: None,
        bookmaker: None,
        sport: "football".to_owned(),
        market: "spread".to_owned(),
        tags: Vec::new(),
    }
}

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + minutes * 60, 0).unwrap()
}

fn of(rows: &[Row]) -> Performance {
    performance(Currency::EUR, rows, 0)
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-9
}

#[test]
fn a_yield_is_profit_over_turnover_with_the_interval_of_a_ratio() {
    // 20 bets of 10.00 win 9.00 each, 20 lose: profit -20.00 of 400.00. With r = -0.05 the residuals are 9.50 and -9.50, so the
    // error is √(40 / 39 · 40 · 9.50²) / 400 = 0.152113...
    let rows: Vec<Row> = (0..40)
        .map(|id| row(id, 10_00, if id % 2 == 0 { 9_00 } else { -10_00 }))
        .collect();
    let Estimate { value, interval } = of(&rows).settled.yield_of().unwrap();
    let interval = interval.unwrap();
    let error = (40.0 / 39.0 * 40.0 * 9.5_f64.powi(2)).sqrt() / 400.0;
    assert!(near(value, -0.05));
    assert!(near(interval.low, -0.05 - Z_95 * error) && near(interval.high, -0.05 + Z_95 * error));
    assert!(of(&rows[..29]).settled.yield_of().is_none(), "29 bets say nothing");
}

#[test]
fn bets_that_all_went_alike_have_no_interval() {
    let rows: Vec<Row> = (0..40).map(|id| row(id, 10_00, -10_00)).collect();
    let found = of(&rows).settled.yield_of().unwrap();
    assert!(near(found.value, -1.0) && found.interval.is_none());
}

#[test]
fn the_fall_is_taken_in_the_order_of_settlement_and_open_risk_counts_beside() {
    // Settled +10, -4, -3, +5, -9 in this order: highest 10, then 3 (7 below), 8, -1 (11 below).
    let profits = [10_00, -4_00, -3_00, 5_00, -9_00];
    let mut rows: Vec<Row> = (1..).zip(profits).map(|(id, profit)| row(id, 10_00, profit)).collect();
    let mut open = row(9, 6_00, 0);
    open.settled = None;
    rows.push(open);
    rows.reverse();
    let found = of(&rows);
    let drawdown = found.drawdown;
    assert_eq!((drawdown.deepest, drawdown.now), (11_00, 11_00));
    assert_eq!((drawdown.now_if_all_lost, drawdown.deepest_if_all_lost), (17_00, 17_00));
    assert_eq!(drawdown.top, Some((BetId(1), at(1))));
    assert_eq!(drawdown.bottom, Some((BetId(5), at(5))));
    assert_eq!((found.open_bets, found.open_at_risk, found.settled.bets), (1, 6_00, 5));
}

#[test]
fn bets_settled_at_once_fall_in_the_order_of_their_numbers() {
    let mut rows = [row(1, 10_00, -10_00), row(2, 10_00, 10_00)];
    for row in &mut rows {
        row.settled.as_mut().unwrap().at = at(0);
    }
    assert_eq!(of(&rows).drawdown.deepest, 10_00);
    rows.swap(0, 1);
    assert_eq!(of(&rows).drawdown.deepest, 10_00, "whatever the order they come in");
    assert_eq!(of(&rows).drawdown.top, None, "from the beginning");
}

#[test]
fn what_was_expected_counts_only_bets_with_a_known_edge() {
    let mut rows = vec![row(1, 10_000, 50_00), row(2, 50_00, -50_00), row(3, 10_00, 9_00)];
    rows[0].edge_ppm = Some(25_000);
    rows[1].edge_ppm = Some(-10_000);
    let found = of(&rows);
    // 2.5 % of 100.00 less 1 % of 50.00.
    assert_eq!(
        (found.expected, found.with_edge.bets, found.with_edge.profit),
        (2_00, 2, 0)
    );
    let buckets: Vec<(u32, i128)> = found
        .calibration
        .iter()
        .map(|part| (part.tally.bets, part.expected))
        .collect();
    assert_eq!(buckets, [(1, -50), (0, 0), (0, 0), (1, 250), (0, 0), (0, 0), (0, 0)]);
}

#[test]
fn closes_of_each_grade_stay_apart_and_missing_ones_are_counted_with_their_reason() {
    let mut rows: Vec<Row> = (1..=40).map(|id| row(id, 10_00, 1_00)).collect();
    for row in &mut rows[..32] {
        // -1.5 %, -0.5 %, ..., so that half of 32 beat the close; one on 0 does not.
        row.clv_ppm = Some((row.id.0 - 17) * 10_000);
        row.close_edge_ppm = Some(5_000);
        row.close_grade = Some(CloseGrade::Verified);
    }
    for row in &mut rows[32..35] {
        row.clv_ppm = Some(500_000);
        row.close_grade = Some(CloseGrade::Provisional);
        row.close_reason = "seen long before".to_owned();
    }
    let clv = of(&rows).clv;
    let [verified, provisional] = clv.grades.as_slice() else {
        panic!("two grades")
    };
    assert_eq!((verified.bets, verified.price.above, provisional.bets), (32, 15, 3));
    // The mean of -16 % ... +15 % is -0.5 %, so is the median.
    assert!(near(verified.price.mean().unwrap().value, -0.005) && near(verified.median.unwrap(), -0.005));
    assert!(provisional.price.mean().is_none() && provisional.median.is_none());
    assert_eq!(clv.with_both, 32);
    let without: Vec<(&str, u32)> = clv.without.iter().map(|out| (out.reason.as_str(), out.bets)).collect();
    assert_eq!(without, [("no close", 5), ("seen long before", 3)]);
    assert_eq!(clv.histogram.last().unwrap().provisional, 3);
    assert_eq!(clv.histogram.iter().map(|part| part.verified).sum::<u32>(), 32);
    assert_eq!(clv.extremes, [(BetId(35), 500_000), (BetId(1), -160_000)]);
}

#[test]
fn a_bet_with_two_tags_counts_under_both() {
    let mut rows = vec![row(1, 10_00, 9_00), row(2, 10_00, -10_00)];
    rows[0].tags = vec!["late".to_owned(), "gut".to_owned()];
    let splits = of(&rows).splits;
    let tags = splits.iter().find(|split| split.by == SplitBy::Tag).unwrap();
    let keys: Vec<(&str, i128)> = tags
        .rows
        .iter()
        .map(|row| (row.key.as_str(), row.tally.profit))
        .collect();
    assert_eq!(keys, [("", -10_00), ("gut", 9_00), ("late", 9_00)]);
}

#[test]
fn nothing_overflows() {
    let mut rows: Vec<Row> = (0..40)
        .map(|id| row(id, i64::MAX, if id % 2 == 0 { i64::MIN } else { i64::MAX }))
        .collect();
    for row in &mut rows {
        row.edge_ppm = Some(i64::MIN);
        row.clv_ppm = Some(i64::MIN);
        row.close_points = Some(i64::MAX);
    }
    let found = of(&rows);
    assert_eq!(found.settled.bets, 40);
    assert!(!found.trace().is_empty());
}

#[test]
fn a_long_series_keeps_its_highest_lowest_and_deepest() {
    let rows: Vec<Row> = (0..5_000)
        .map(|id| row(id, 10_00, if (id * 7919) % 13 < 6 { 11_00 } else { -10_00 }))
        .collect();
    let all: Vec<(&Row, Settled)> = rows.iter().map(|row| (row, row.settled.unwrap())).collect();
    let points = running(&all);
    let kept = of(&rows).series;
    assert!(kept.len() <= Performance::POINTS);
    let extremes = |points: &[Point]| {
        let profits = || points.iter().map(|point| point.profit);
        (
            profits().max(),
            profits().min(),
            points.iter().map(|point| point.below_peak).max(),
        )
    };
    assert_eq!(extremes(&kept), extremes(&points));
    assert_eq!(kept.last(), points.last());
    assert!(kept.is_sorted_by_key(|point| (point.at, point.bet)));
}

fn any_row() -> impl Strategy<Value = Row> {
    let money = (
        1_i64..50_000,
        -50_000_i64..100_000,
        prop::option::of(-50_000_i64..150_000),
    );
    let close = (prop::option::of(-200_000_i64..200_000), any::<bool>());
    let place = (0_i64..4, 0_i64..3, 0_u8..3, 0_i64..5);
    (money, close, place, any::<bool>()).prop_map(
        |((risk, profit, edge), (clv, verified), (minute, strategy, sport, tag), open)| {
            let mut row = row(0, risk, profit.max(-risk));
            if let Some(settled) = &mut row.settled {
                settled.at = at(minute);
            }
            if open {
                row.settled = None;
            }
            row.edge_ppm = edge;
            row.clv_ppm = clv;
            row.close_edge_ppm = clv.filter(|clv| clv % 3 == 0);
            row.close_grade = Some(if verified {
                CloseGrade::Verified
            } else {
                CloseGrade::Provisional
            });
            row.strategy = (strategy > 0).then_some(StrategyId(strategy));
            row.sport = ["football", "tennis", "golf"][usize::from(sport)].to_owned();
            row.tags = (0..tag / 2).map(|at| format!("tag {at}")).collect();
            row
        },
    )
}

proptest! {
    #[test]
    fn parts_add_up_to_the_whole(mut rows in prop::collection::vec(any_row(), 0..120)) {
        for (id, row) in (1..).zip(&mut rows) {
            row.id = BetId(id);
        }
        let found = of(&rows);
        for split in found.splits.iter().filter(|split| split.by != SplitBy::Tag) {
            let sum = |of: fn(&Tally) -> i128| split.rows.iter().map(|row| of(&row.tally)).sum::<i128>();
            prop_assert_eq!(sum(|tally| tally.bets.into()), i128::from(found.settled.bets));
            prop_assert_eq!(sum(|tally| tally.profit), found.settled.profit);
            prop_assert_eq!(sum(|tally| tally.at_risk), found.settled.at_risk);
        }
        let closes = found.clv.with_both + found.clv.without.iter().map(|out| out.bets).sum::<u32>();
        prop_assert_eq!(closes, found.settled.bets);
        let in_histogram = found.clv.histogram.iter().map(|part| part.verified + part.provisional).sum::<u32>();
        prop_assert_eq!(in_histogram, found.clv.grades.iter().map(|grade| grade.price.bets).sum::<u32>());
        let in_calibration = found.calibration.iter().map(|part| part.tally.bets).sum::<u32>();
        prop_assert_eq!(in_calibration, found.with_edge.bets);
        prop_assert_eq!(found.series.last().map_or(0, |last| i128::from(last.profit)), found.settled.profit);
    }

    #[test]
    fn the_order_of_rows_does_not_matter(mut rows in prop::collection::vec(any_row(), 0..80), turn in 0_usize..80) {
        for (id, row) in (1..).zip(&mut rows) {
            row.id = BetId(id);
        }
        let found = of(&rows);
        let turn = turn.min(rows.len());
        rows.rotate_left(turn);
        prop_assert_eq!(of(&rows), found);
    }

    #[test]
    fn the_deepest_fall_is_the_largest_difference_of_any_two_standings(profits in prop::collection::vec(-5_000_i64..5_000, 0..60)) {
        let rows: Vec<Row> = (1..).zip(&profits).map(|(id, profit)| row(id, 5_000, *profit)).collect();
        let mut levels = vec![0_i64];
        for profit in &profits {
            levels.push(levels[levels.len() - 1] + profit);
        }
        let falls = (0..levels.len()).flat_map(|from| levels[from..].iter().map(|to| levels[from] - to).collect::<Vec<_>>());
        prop_assert_eq!(of(&rows).drawdown.deepest, falls.max().unwrap_or(0));
    }
}
