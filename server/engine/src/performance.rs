//! How a bettor's bets went: from rows, in one currency and one mode, to [`Performance`].
//!
//! Everything is a sum of whole numbers, so the order of the rows does not matter, and what is shown can be reckoned again from
//! the sums that go with it ([`Performance::trace`]).

use chrono::{DateTime, NaiveDate, Utc};
use domain::bet::SettledAs;
use domain::close::CloseGrade;
use domain::performance::{
    Bucket, Calibrated, Clv, ClvBucket, ClvOfGrade, Drawdown, MIN_BETS, Performance, Point, Split, SplitBy, SplitRow,
    Spread, Tally, Without,
};
use domain::{BetId, BookmakerId, Currency, StrategyId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;

/// A bet, its amounts in minor units of the currency of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Which.
    pub id: BetId,
    /// The first day of the month it was placed in, as the bettor counts days.
    pub month: NaiveDate,
    /// What it put at risk.
    pub at_risk: i64,
    /// What became of it; none while it is open.
    pub settled: Option<Settled>,
    /// What was expected of each unit at risk when it was placed, in millionths.
    pub edge_ppm: Option<i64>,
    /// How much better its price was than the close, in millionths.
    pub clv_ppm: Option<i64>,
    /// What its price was worth by the fair close, in millionths.
    pub close_edge_ppm: Option<i64>,
    /// Points of line over the close, in hundredths, where the line moved away.
    pub close_points: Option<i64>,
    /// How far its close can be trusted.
    pub close_grade: Option<CloseGrade>,
    /// Why it lacks a figure against the close, where it does.
    pub close_reason: String,
    /// Which strategy found it.
    pub strategy: Option<StrategyId>,
    /// Where.
    pub bookmaker: Option<BookmakerId>,
    /// Its sport's key.
    pub sport: String,
    /// Its kind of market, or of bet.
    pub market: String,
    /// The bettor's words for it.
    pub tags: Vec<String>,
}

/// What became of a bet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// When.
    pub at: DateTime<Utc>,
    /// How it ended.
    pub as_what: SettledAs,
    /// What it won or lost.
    pub profit: i64,
}

/// Edges of the distribution of price against close, in millionths.
const CLV_EDGES: [i64; 11] = [
    -100_000, -80_000, -60_000, -40_000, -20_000, 0, 20_000, 40_000, 60_000, 80_000, 100_000,
];
/// Edges between the bets whose edge is compared with what they made, in millionths.
const EDGE_EDGES: [i64; 6] = [0, 10_000, 20_000, 30_000, 50_000, 100_000];

/// How bets went. `without_rate` is how many the caller had to leave out because nothing says what their currency is worth.
pub fn performance(currency: Currency, rows: &[Row], without_rate: u32) -> Performance {
    let mut settled: Vec<(&Row, Settled)> = rows.iter().filter_map(|row| Some((row, row.settled?))).collect();
    settled.sort_unstable_by_key(|(row, settled)| (settled.at, row.id));
    let open = rows.iter().filter(|row| row.settled.is_none());
    let (open_bets, open_at_risk) = open.fold((0_u32, 0_i64), |(bets, at_risk), row| {
        (bets.saturating_add(1), at_risk.saturating_add(row.at_risk))
    });
    let mut tally = Tally::default();
    let mut with_edge = Tally::default();
    let mut expected_ppm = 0_i128;
    let mut outcomes: BTreeMap<SettledAs, u32> = BTreeMap::new();
    for (row, settled) in &settled {
        tally.add(row.at_risk, settled.profit);
        *outcomes.entry(settled.as_what).or_default() += 1;
        if let Some(edge) = row.edge_ppm {
            with_edge.add(row.at_risk, settled.profit);
            expected_ppm = expected_ppm.saturating_add(i128::from(edge) * i128::from(row.at_risk));
        }
    }
    let points = running(&settled);
    Performance {
        currency,
        settled: tally,
        outcomes: outcomes.into_iter().collect(),
        with_edge,
        expected: expected_ppm.div_euclid(1_000_000),
        open_bets,
        open_at_risk,
        without_rate,
        drawdown: drawdown(&points, open_at_risk),
        series: thinned(&points, Performance::POINTS),
        clv: against_the_close(&settled),
        calibration: calibration(&settled),
        splits: splits(&settled),
    }
}

/// Where the bettor stood after each bet, in the order of settlement.
fn running(settled: &[(&Row, Settled)]) -> Vec<Point> {
    let (mut profit, mut of_expected, mut expected_ppm, mut peak) = (0_i64, 0_i64, 0_i128, 0_i64);
    let mut points = Vec::with_capacity(settled.len());
    for (row, settled) in settled {
        profit = profit.saturating_add(settled.profit);
        if let Some(edge) = row.edge_ppm {
            of_expected = of_expected.saturating_add(settled.profit);
            expected_ppm = expected_ppm.saturating_add(i128::from(edge) * i128::from(row.at_risk));
        }
        peak = peak.max(profit);
        let expected = expected_ppm.div_euclid(1_000_000);
        points.push(Point {
            at: settled.at,
            bet: row.id,
            profit,
            profit_of_expected: of_expected,
            expected: i64::try_from(expected).unwrap_or(if expected < 0 { i64::MIN } else { i64::MAX }),
            below_peak: peak.saturating_sub(profit),
        });
    }
    points
}

fn drawdown(points: &[Point], open_at_risk: i64) -> Drawdown {
    let mut found = Drawdown::default();
    let mut peak: Option<&Point> = None;
    for point in points {
        // The highest counts from nothing won, so a first bet that loses is a fall from the beginning.
        if point.below_peak == 0 && peak.map_or(point.profit > 0, |peak| point.profit > peak.profit) {
            peak = Some(point);
        }
        if point.below_peak > found.deepest {
            found.deepest = point.below_peak;
            found.bottom = Some((point.bet, point.at));
            found.top = peak.map(|peak| (peak.bet, peak.at));
        }
    }
    found.now = points.last().map_or(0, |last| last.below_peak);
    found.now_if_all_lost = found.now.saturating_add(open_at_risk);
    found.deepest_if_all_lost = found.deepest.max(found.now_if_all_lost);
    found
}

/// At most so many of the points: of each stretch the last one and its extremes, so that no high, low or fall is lost.
fn thinned(points: &[Point], most: usize) -> Vec<Point> {
    if points.len() <= most {
        return points.to_vec();
    }
    let stretches = (most / 4).max(1);
    let size = points.len().div_ceil(stretches);
    let mut kept = BTreeSet::new();
    for (stretch, from) in points.chunks(size).zip((0..points.len()).step_by(size)) {
        let highest = (0..stretch.len()).max_by_key(|at| stretch[*at].profit);
        let lowest = (0..stretch.len()).min_by_key(|at| stretch[*at].profit);
        let deepest = (0..stretch.len()).max_by_key(|at| stretch[*at].below_peak);
        let last = stretch.len().checked_sub(1);
        kept.extend(
            [highest, lowest, deepest, last]
                .into_iter()
                .flatten()
                .map(|at| from + at),
        );
    }
    kept.into_iter().filter_map(|at| points.get(at).copied()).collect()
}

/// The bucket of a value among those between edges.
fn place_among(edges: &[i64], ppm: i64) -> usize {
    edges.partition_point(|edge| *edge <= ppm)
}

fn buckets(edges: &[i64]) -> Vec<Bucket> {
    (0..=edges.len())
        .map(|at| Bucket {
            from_ppm: at.checked_sub(1).and_then(|at| edges.get(at)).copied(),
            to_ppm: edges.get(at).copied(),
        })
        .collect()
}

fn against_the_close(settled: &[(&Row, Settled)]) -> Clv {
    let mut histogram: Vec<ClvBucket> = buckets(&CLV_EDGES)
        .into_iter()
        .map(|bucket| ClvBucket {
            bucket,
            verified: 0,
            provisional: 0,
        })
        .collect();
    let mut without: HashMap<&str, (u32, BetId)> = HashMap::new();
    let mut with_both = 0_u32;
    let mut points = (0_u32, 0_i64);
    for (row, _) in settled {
        if row.clv_ppm.is_some() && row.close_edge_ppm.is_some() {
            with_both += 1;
        } else {
            let found = without.entry(&row.close_reason).or_insert((0, row.id));
            *found = (found.0 + 1, found.1.min(row.id));
        }
        if let Some(gained) = row.close_points {
            points = (points.0 + 1, points.1.saturating_add(gained));
        }
        let Some(bucket) = row
            .clv_ppm
            .and_then(|clv| histogram.get_mut(place_among(&CLV_EDGES, clv)))
        else {
            continue;
        };
        if row.close_grade == Some(CloseGrade::Verified) {
            bucket.verified += 1;
        } else {
            bucket.provisional += 1;
        }
    }
    let mut without: Vec<Without> = without
        .into_iter()
        .map(|(reason, (bets, example))| Without {
            reason: reason.to_owned(),
            bets,
            example,
        })
        .collect();
    without.sort_by(|one, other| other.bets.cmp(&one.bets).then_with(|| one.reason.cmp(&other.reason)));
    let measured = || settled.iter().filter_map(|(row, _)| Some((row.clv_ppm?, row.id)));
    let extremes = [measured().max(), measured().min()];
    Clv {
        with_both,
        without,
        grades: vec![
            of_grade(settled, CloseGrade::Verified),
            of_grade(settled, CloseGrade::Provisional),
        ],
        histogram,
        points,
        extremes: extremes.into_iter().flatten().map(|(clv, id)| (id, clv)).collect(),
    }
}

/// True for a row whose close is of a grade; a figure without a grade counts as provisional.
fn is_of(row: &Row, grade: CloseGrade) -> bool {
    (row.close_grade == Some(CloseGrade::Verified)) == (grade == CloseGrade::Verified)
}

fn of_grade(settled: &[(&Row, Settled)], grade: CloseGrade) -> ClvOfGrade {
    let (mut price, mut edge) = (Spread::default(), Spread::default());
    let mut values = Vec::new();
    let mut bets = 0;
    for (row, _) in settled.iter().filter(|(row, _)| is_of(row, grade)) {
        if row.clv_ppm.is_some() || row.close_edge_ppm.is_some() {
            bets += 1;
        }
        if let Some(clv) = row.clv_ppm {
            price.add(clv);
            values.push(clv);
        }
        if let Some(worth) = row.close_edge_ppm {
            edge.add(worth);
        }
    }
    ClvOfGrade {
        grade,
        bets,
        price,
        edge,
        median: (price.bets >= MIN_BETS).then(|| median(&mut values)).flatten(),
    }
}

/// The middle of values in millionths, as a share of one; between two middle ones their mean.
fn median(values: &mut [i64]) -> Option<f64> {
    values.sort_unstable();
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    Some((lower as f64 + upper as f64) / 2e6)
}

fn calibration(settled: &[(&Row, Settled)]) -> Vec<Calibrated> {
    let mut sums: Vec<(Tally, i128)> = vec![(Tally::default(), 0); EDGE_EDGES.len() + 1];
    for (row, settled) in settled {
        let Some(edge) = row.edge_ppm else { continue };
        if let Some((tally, expected)) = sums.get_mut(place_among(&EDGE_EDGES, edge)) {
            tally.add(row.at_risk, settled.profit);
            *expected = expected.saturating_add(i128::from(edge) * i128::from(row.at_risk));
        }
    }
    let sums = sums.into_iter().zip(buckets(&EDGE_EDGES));
    sums.map(|((tally, expected), bucket)| Calibrated {
        bucket,
        tally,
        expected: expected.div_euclid(1_000_000),
    })
    .collect()
}

fn splits(settled: &[(&Row, Settled)]) -> Vec<Split> {
    let named = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
    let one = |by| match by {
        SplitBy::Strategy => parts(settled, |row| [row.strategy.map(|id| id.0)], named),
        SplitBy::Bookmaker => parts(settled, |row| [row.bookmaker.map(|id| id.0)], named),
        SplitBy::Sport => parts(settled, |row| [row.sport.as_str()], str::to_owned),
        SplitBy::Market => parts(settled, |row| [row.market.as_str()], str::to_owned),
        SplitBy::Tag => parts(settled, tags_of, str::to_owned),
        SplitBy::Month => parts(settled, |row| [row.month], |month| month.format("%Y-%m").to_string()),
    };
    SplitBy::ALL
        .into_iter()
        .map(|by| {
            let mut rows = one(by);
            rows.sort_by(|one, other| {
                let by_turnover = other.tally.at_risk.cmp(&one.tally.at_risk);
                let first = if by == SplitBy::Month {
                    std::cmp::Ordering::Equal
                } else {
                    by_turnover
                };
                first.then_with(|| one.key.cmp(&other.key))
            });
            Split { by, rows }
        })
        .collect()
}

/// A bet's tags, or the empty one.
fn tags_of(row: &Row) -> Vec<&str> {
    if row.tags.is_empty() {
        return vec![""];
    }
    row.tags.iter().map(String::as_str).collect()
}

fn parts<'r, K: Hash + Eq, I: IntoIterator<Item = K>>(
    settled: &[(&'r Row, Settled)],
    keys: impl Fn(&'r Row) -> I,
    named: impl Fn(K) -> String,
) -> Vec<SplitRow> {
    let mut sums: HashMap<K, (Tally, Spread)> = HashMap::new();
    for (row, settled) in settled {
        for key in keys(row) {
            let (tally, clv) = sums.entry(key).or_default();
            tally.add(row.at_risk, settled.profit);
            if let Some(ppm) = row.clv_ppm.filter(|_| is_of(row, CloseGrade::Verified)) {
                clv.add(ppm);
            }
        }
    }
    sums.into_iter()
        .map(|(key, (tally, clv))| SplitRow {
            key: named(key),
            tally,
            clv,
        })
        .collect()
}

#[cfg(test)]
mod tests;
