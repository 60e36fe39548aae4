//! The vendor's words for markets and sports, and what they mean.

use domain::reading::Lines;
use domain::{MarketKind, Outcome, Period, Side, Sport};

/// What a market key says before the outcomes are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule<'k> {
    pub base: Base<'k>,
    /// `None`: the key names no part of the event.
    pub period: Option<Period>,
    pub side: Side,
    /// Which lines it asks for, where main and alternate ones have keys of their own.
    pub lines: Lines,
}

/// The subject of a market key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base<'k> {
    /// Who wins: two-way or three-way, as the outcomes tell.
    HeadToHead,
    /// Who wins, with a draw among the outcomes.
    ThreeWay,
    Spread,
    Total,
    TeamTotal,
    DrawNoBet,
    DoubleChance,
    BothTeamsToScore,
    Outright,
    /// A statistic of a player, without `_alternate` and period.
    Prop(&'k str),
    /// Not known.
    Other(&'k str),
}

/// Period endings; a longer one stands before one that it ends with.
const PERIODS: [(&str, Period); 13] = [
    ("_1st_1_innings", Period::FirstInning),
    ("_1st_3_innings", Period::FirstThreeInnings),
    ("_1st_5_innings", Period::FirstFiveInnings),
    ("_1st_7_innings", Period::FirstSevenInnings),
    ("_q1", Period::FirstQuarter),
    ("_q2", Period::SecondQuarter),
    ("_q3", Period::ThirdQuarter),
    ("_q4", Period::FourthQuarter),
    ("_h1", Period::FirstHalf),
    ("_h2", Period::SecondHalf),
    ("_p1", Period::FirstPeriod),
    ("_p2", Period::SecondPeriod),
    ("_p3", Period::ThirdPeriod),
];

const PROPS: [&str; 3] = ["player_", "batter_", "pitcher_"];

impl<'k> Rule<'k> {
    /// What a market key means; a key that no rule knows is [`Base::Other`].
    pub fn of(key: &'k str) -> Self {
        if let Some((base, side, lines)) = base_of(key) {
            return Self {
                base,
                period: None,
                side,
                lines,
            };
        }
        let split = PERIODS
            .iter()
            .find_map(|(ending, period)| Some((key.strip_suffix(ending)?, *period)));
        let (stem, period) = split.map_or((key, None), |(stem, period)| (stem, Some(period)));
        if let Some((base, side, lines)) = base_of(stem) {
            return Self {
                base,
                period,
                side,
                lines,
            };
        }
        let base = if PROPS
            .iter()
            .any(|prefix| stem.len() > prefix.len() && stem.starts_with(prefix))
        {
            // `player_points_q1_alternate` has its period inside.
            let (stem, lines) = match stem.strip_suffix("_alternate") {
                Some(stem) => (stem, Lines::Alternate),
                None => (stem, Lines::Main),
            };
            let inner = PERIODS
                .iter()
                .find_map(|(ending, period)| Some((stem.strip_suffix(ending)?, *period)));
            return match inner {
                Some((stem, inner)) if period.is_none() => Self {
                    base: Base::Prop(stem),
                    period: Some(inner),
                    side: Side::Back,
                    lines,
                },
                _ => Self {
                    base: Base::Prop(stem),
                    period,
                    side: Side::Back,
                    lines,
                },
            };
        } else {
            Base::Other(key)
        };
        Self {
            base,
            period: None,
            side: Side::Back,
            lines: Lines::All,
        }
    }

    /// The market kind and period in a sport. `is_drawable`: the outcomes have a draw among them.
    pub fn kind(&self, sport: &Sport, is_drawable: bool) -> (MarketKind, Period) {
        let whole = self.period.unwrap_or(Period::FullTime);
        let kind = match self.base {
            Base::HeadToHead if !is_drawable && !sport.is_drawn_often() => MarketKind::Moneyline,
            // A draw to bet on can only be a draw at the end of the regular time, in sports that play on until one wins.
            Base::HeadToHead | Base::ThreeWay if self.period.is_none() && plays_overtime(sport) => {
                return (MarketKind::ThreeWay, Period::Regulation);
            }
            Base::HeadToHead | Base::ThreeWay => MarketKind::ThreeWay,
            Base::Spread => MarketKind::Spread,
            Base::Total => MarketKind::Total,
            Base::TeamTotal => MarketKind::TeamTotal,
            Base::DrawNoBet => MarketKind::DrawNoBet,
            Base::DoubleChance => MarketKind::DoubleChance,
            Base::BothTeamsToScore => MarketKind::BothTeamsToScore,
            Base::Outright => MarketKind::Outright,
            Base::Prop(name) => MarketKind::Prop(name.to_owned()),
            Base::Other(name) => MarketKind::Other(name.to_owned()),
        };
        (kind, whole)
    }
}

fn base_of(key: &str) -> Option<(Base<'_>, Side, Lines)> {
    let (key, lines) = match key.strip_prefix("alternate_") {
        Some(key @ ("spreads" | "totals" | "team_totals")) => (key, Lines::Alternate),
        _ => (key, Lines::Main),
    };
    let base = match key {
        "spreads" => Base::Spread,
        "totals" => Base::Total,
        "team_totals" => Base::TeamTotal,
        _ => return without_lines(key).map(|(base, side)| (base, side, Lines::All)),
    };
    Some((base, Side::Back, lines))
}

fn without_lines(key: &str) -> Option<(Base<'_>, Side)> {
    let base = match key {
        "h2h" => Base::HeadToHead,
        "h2h_lay" => return Some((Base::HeadToHead, Side::Lay)),
        "h2h_3_way" => Base::ThreeWay,
        "draw_no_bet" => Base::DrawNoBet,
        "double_chance" => Base::DoubleChance,
        "btts" => Base::BothTeamsToScore,
        "outrights" => Base::Outright,
        "outrights_lay" => return Some((Base::Outright, Side::Lay)),
        _ => return None,
    };
    Some((base, Side::Back))
}

/// True where the full-time market of a sport counts overtime.
fn plays_overtime(sport: &Sport) -> bool {
    *sport == Sport::BASKETBALL
        || *sport == Sport::AMERICAN_FOOTBALL
        || *sport == Sport::ICE_HOCKEY
        || *sport == Sport::BASEBALL
        || sport.key() == "lacrosse"
}

/// The sport of a competition key: `soccer_epl` is football. A prefix nobody knows is kept as it is.
pub(super) fn sport_of(competition_key: &str) -> Sport {
    let prefix = competition_key
        .split_once('_')
        .map_or(competition_key, |(prefix, _)| prefix);
    match prefix {
        "basketball" => Sport::BASKETBALL,
        "americanfootball" => Sport::AMERICAN_FOOTBALL,
        "soccer" => Sport::FOOTBALL,
        "icehockey" => Sport::ICE_HOCKEY,
        "tennis" => Sport::TENNIS,
        "baseball" => Sport::BASEBALL,
        "cricket" => Sport::CRICKET,
        "aussierules" => Sport::AUSSIE_RULES,
        "rugbyleague" => Sport::from_key("rugby_league"),
        "rugbyunion" => Sport::from_key("rugby_union"),
        "tabletennis" => Sport::from_key("table_tennis"),
        other => Sport::from_key(other),
    }
}

/// True for the name of a draw.
pub(super) fn is_draw(name: &str) -> bool {
    name.eq_ignore_ascii_case("draw") || name.eq_ignore_ascii_case("tie")
}

/// The double-chance outcome of a name such as `Alphas or Draw`, in either order.
pub(super) fn double_chance(name: &str, home: &str, away: &str) -> Option<Outcome> {
    let part = |text: &str| match text.trim() {
        text if text == home => Some(Outcome::Home),
        text if text == away => Some(Outcome::Away),
        text if is_draw(text) => Some(Outcome::Draw),
        _ => None,
    };
    // A team's own name may hold the separator, so every place where it stands is tried.
    [" or ", "/"].iter().find_map(|separator| {
        name.match_indices(separator).find_map(|(at, _)| {
            let (left, right) = (part(&name[..at])?, part(&name[at + separator.len()..])?);
            match (left, right) {
                (Outcome::Home, Outcome::Draw) | (Outcome::Draw, Outcome::Home) => Some(Outcome::HomeOrDraw),
                (Outcome::Home, Outcome::Away) | (Outcome::Away, Outcome::Home) => Some(Outcome::HomeOrAway),
                (Outcome::Draw, Outcome::Away) | (Outcome::Away, Outcome::Draw) => Some(Outcome::DrawOrAway),
                _ => None,
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("h2h", Base::HeadToHead, None, Lines::All)]
    #[case("h2h_h1", Base::HeadToHead, Some(Period::FirstHalf), Lines::All)]
    #[case("h2h_3_way", Base::ThreeWay, None, Lines::All)]
    #[case("h2h_3_way_p3", Base::ThreeWay, Some(Period::ThirdPeriod), Lines::All)]
    #[case("spreads", Base::Spread, None, Lines::Main)]
    #[case("alternate_spreads_q2", Base::Spread, Some(Period::SecondQuarter), Lines::Alternate)]
    #[case("totals_1st_5_innings", Base::Total, Some(Period::FirstFiveInnings), Lines::Main)]
    #[case(
        "alternate_team_totals_h2",
        Base::TeamTotal,
        Some(Period::SecondHalf),
        Lines::Alternate
    )]
    #[case("btts", Base::BothTeamsToScore, None, Lines::All)]
    #[case("alternate_btts", Base::Other("alternate_btts"), None, Lines::All)]
    #[case("player_points", Base::Prop("player_points"), None, Lines::Main)]
    #[case("player_points_alternate", Base::Prop("player_points"), None, Lines::Alternate)]
    #[case(
        "player_points_q1",
        Base::Prop("player_points"),
        Some(Period::FirstQuarter),
        Lines::Main
    )]
    #[case(
        "player_points_q1_alternate",
        Base::Prop("player_points"),
        Some(Period::FirstQuarter),
        Lines::Alternate
    )]
    #[case(
        "pitcher_strikeouts_alternate",
        Base::Prop("pitcher_strikeouts"),
        None,
        Lines::Alternate
    )]
    #[case(
        "alternate_totals_corners",
        Base::Other("alternate_totals_corners"),
        None,
        Lines::All
    )]
    #[case("first_corner_h1", Base::Other("first_corner_h1"), None, Lines::All)]
    #[case("", Base::Other(""), None, Lines::All)]
    #[case("player_", Base::Other("player_"), None, Lines::All)]
    fn a_market_key_says_what_it_is_about(
        #[case] key: &str,
        #[case] base: Base<'_>,
        #[case] period: Option<Period>,
        #[case] lines: Lines,
    ) {
        let side = Side::Back;
        assert_eq!(
            Rule::of(key),
            Rule {
                base,
                period,
                side,
                lines
            }
        );
    }

    #[test]
    fn lay_prices_have_keys_of_their_own() {
        assert_eq!(
            (Rule::of("h2h_lay").base, Rule::of("h2h_lay").side),
            (Base::HeadToHead, Side::Lay)
        );
        assert_eq!(
            (Rule::of("outrights_lay").base, Rule::of("outrights_lay").side),
            (Base::Outright, Side::Lay)
        );
    }

    #[rstest]
    #[case("h2h", Sport::BASKETBALL, false, MarketKind::Moneyline, Period::FullTime)]
    #[case("h2h", Sport::FOOTBALL, true, MarketKind::ThreeWay, Period::FullTime)]
    #[case("h2h", Sport::FOOTBALL, false, MarketKind::ThreeWay, Period::FullTime)]
    #[case("h2h", Sport::ICE_HOCKEY, false, MarketKind::Moneyline, Period::FullTime)]
    #[case("h2h", Sport::ICE_HOCKEY, true, MarketKind::ThreeWay, Period::Regulation)]
    #[case("h2h", Sport::CRICKET, true, MarketKind::ThreeWay, Period::FullTime)]
    #[case("h2h_3_way", Sport::ICE_HOCKEY, true, MarketKind::ThreeWay, Period::Regulation)]
    #[case("h2h_3_way", Sport::FOOTBALL, true, MarketKind::ThreeWay, Period::FullTime)]
    #[case("h2h_3_way_p1", Sport::ICE_HOCKEY, true, MarketKind::ThreeWay, Period::FirstPeriod)]
    #[case("spreads_q4", Sport::BASKETBALL, false, MarketKind::Spread, Period::FourthQuarter)]
    fn two_way_three_way_and_regulation_are_told_apart(
        #[case] key: &str,
        #[case] sport: Sport,
        #[case] is_drawable: bool,
        #[case] kind: MarketKind,
        #[case] period: Period,
    ) {
        assert_eq!(Rule::of(key).kind(&sport, is_drawable), (kind, period));
    }

    #[test]
    fn a_competition_key_names_its_sport() {
        for (key, sport) in [
            ("soccer_epl", "football"),
            ("americanfootball_nfl", "american_football"),
            ("icehockey_nhl", "ice_hockey"),
            ("aussierules_afl", "aussie_rules"),
            ("rugbyleague_nrl", "rugby_league"),
            ("mma_mixed_martial_arts", "mma"),
            ("golf_masters_tournament_winner", "golf"),
            ("kabaddi_pro", "kabaddi"),
            ("chess", "chess"),
        ] {
            assert_eq!(sport_of(key).key(), sport);
        }
    }

    #[test]
    fn double_chance_names_are_matched_in_any_order() {
        let read = |name| double_chance(name, "Home or Away FC", "Bravo");
        assert_eq!(read("Home or Away FC or Draw"), Some(Outcome::HomeOrDraw));
        assert_eq!(read("Draw or Bravo"), Some(Outcome::DrawOrAway));
        assert_eq!(read("Bravo or Home or Away FC"), Some(Outcome::HomeOrAway));
        assert_eq!(read("Bravo/Draw"), Some(Outcome::DrawOrAway));
        assert_eq!(read("Bravo or Bravo"), None);
        assert_eq!(read("Bravo"), None);
    }
}
