//! `overround devig --method shin --odds 4.20,3.70,1.95`

use super::{CliError, Common, columns, decimal_prices};
use domain::devig::{DevigMethod, devig};
use serde_json::json;

/// The prices of one market at one bookmaker.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// How the overround is taken off: multiplicative, additive, power, shin, odds_ratio, probit, balanced_book, goto or jensen_shannon
    #[arg(long, default_value = "power")]
    method: String,
    /// One decimal price for each outcome, separated by commas
    #[arg(long)]
    odds: String,
    /// How many of the outcomes win: 3 for the first three of a race
    #[arg(long, default_value_t = 1)]
    winners: u32,
}

pub(super) fn run(common: &Common, args: Args) -> Result<(), CliError> {
    let method = DevigMethod::from_code(&args.method).ok_or_else(|| {
        let known: Vec<_> = DevigMethod::ALL.map(DevigMethod::code).to_vec();
        CliError(format!("--method: expected one of {}", known.join(", ")))
    })?;
    let prices = decimal_prices("odds", &args.odds)?;
    let fair = devig(method, &prices, f64::from(args.winners)).map_err(|error| CliError(error.to_string()))?;
    let probabilities: Vec<f64> = fair.probabilities.iter().map(|probability| probability.get()).collect();
    let document = json!({
        "method": method.code(),
        "probabilities": probabilities,
        "overround": fair.overround,
        "parameter": fair.parameter,
    });
    common.print(&document, |_| {
        let mut rows = vec![vec![
            "price".to_owned(),
            "fair probability".to_owned(),
            "fair price".to_owned(),
        ]];
        for (price, probability) in prices.iter().zip(&probabilities) {
            rows.push(vec![
                price.to_string(),
                format!("{:.4} %", probability * 100.0),
                format!("{:.4}", 1.0 / probability),
            ]);
        }
        format!(
            "{}{}, overround {:.3} %, {} {:.6}.",
            columns(&rows),
            method.name(),
            fair.overround * 100.0,
            method.parameter_name(),
            fair.parameter
        )
    })
}
