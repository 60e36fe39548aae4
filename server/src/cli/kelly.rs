//! `overround kelly --simultaneous 0.55@2.0,0.40@2.75`

use super::{CliError, Common, columns};
use domain::kelly::{Limits, Prospect, exclusive, simultaneous};
use domain::{OddsFormat, Probability};
use serde_json::json;

/// The bets: probability@price, separated by commas.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Bets {
    /// Bets of which any may win, independent of each other
    #[arg(long)]
    simultaneous: Option<String>,
    /// Outcomes of one market, of which one wins
    #[arg(long)]
    exclusive: Option<String>,
}

/// What to bet on, and how boldly.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    bets: Bets,
    /// How much of full Kelly, above 0 and at most 1
    #[arg(long, default_value_t = 1.0)]
    fraction: f64,
}

fn prospect(text: &str) -> Result<Prospect, CliError> {
    let wrong = |why: String| CliError(format!("`{text}`: {why}"));
    let (probability, price) = text
        .split_once('@')
        .ok_or_else(|| wrong("expected probability@price, such as 0.55@2.0".to_owned()))?;
    let probability: f64 = probability
        .trim()
        .parse()
        .map_err(|_| wrong("the probability is a number between 0 and 1".to_owned()))?;
    let probability = Probability::new(probability).map_err(|error| wrong(error.to_string()))?;
    let price = OddsFormat::Decimal
        .read(price)
        .map_err(|error| wrong(error.to_string()))?;
    Ok(Prospect::new(probability, price))
}

pub(super) fn run(common: &Common, args: Args) -> Result<(), CliError> {
    let Bets {
        simultaneous: independent,
        exclusive: of_one_market,
    } = args.bets;
    let are_independent = independent.is_some();
    let text = independent.or(of_one_market).unwrap_or_default();
    let bets: Vec<&str> = text.split(',').map(str::trim).collect();
    let prospects: Vec<Prospect> = bets.iter().map(|bet| prospect(bet)).collect::<Result<_, _>>()?;
    let limits = Limits::fraction(args.fraction);
    let sizing = if are_independent {
        simultaneous(&prospects, &limits)
    } else {
        exclusive(&prospects, &limits)
    };
    let sizing = sizing.map_err(|error| CliError(error.to_string()))?;
    let document = json!({ "fractions": sizing.shares });
    common.print(&document, |_| {
        let mut rows = vec![vec!["bet".to_owned(), "share of the bankroll".to_owned()]];
        for (bet, share) in bets.iter().zip(&sizing.shares) {
            rows.push(vec![(*bet).to_owned(), format!("{:.4} %", share * 100.0)]);
        }
        columns(&rows).trim_end().to_owned()
    })
}
