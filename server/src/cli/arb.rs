//! `overround arb --odds 3.60,3.70,2.30 --total 100 --step 5`

use super::{CliError, Common, columns, decimal_prices};
use domain::arbitrage::{NetPrice, plan_stakes, round_stakes};
use domain::{Currency, Money};
use serde_json::{Value, json};

/// The prices and what can be staked.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// One decimal price for each outcome, separated by commas
    #[arg(long)]
    odds: String,
    /// At most so much in all
    #[arg(long, default_value = "100", allow_hyphen_values = true)]
    total: String,
    /// Every stake is a multiple of this
    #[arg(long, default_value = "0.01", allow_hyphen_values = true)]
    step: String,
    /// Commission on winnings in percent
    #[arg(long, default_value = "0")]
    commission: String,
}

fn minor(name: &str, text: &str) -> Result<i64, CliError> {
    // Any currency with cents will do: nothing of it is shown.
    let currency: Currency = "EUR".parse().map_err(|_| CliError("no currency".into()))?;
    Money::parse(text, currency)
        .map(|money| money.minor)
        .map_err(|error| CliError(format!("--{name}: {error}")))
}

/// Cents as a JSON number: 290 is 2.9.
fn number(minor: i64) -> Value {
    if minor % 100 == 0 {
        json!(minor / 100)
    } else {
        json!(minor as f64 / 100.0)
    }
}

fn signed(minor: i64) -> String {
    format!(
        "{}{}.{:02}",
        if minor < 0 { "-" } else { "+" },
        minor.unsigned_abs() / 100,
        minor.unsigned_abs() % 100
    )
}

pub(super) fn run(common: &Common, args: Args) -> Result<(), CliError> {
    let commission_bp = u16::try_from(minor("commission", &args.commission)?)
        .ok()
        .filter(|bp| *bp < 10_000)
        .ok_or_else(|| CliError("--commission: expected percent from 0 to below 100".into()))?;
    let prices: Vec<NetPrice> = decimal_prices("odds", &args.odds)?
        .into_iter()
        .map(|price| NetPrice::new(price, commission_bp))
        .collect();
    let (total, step) = (minor("total", &args.total)?, minor("step", &args.step)?);
    let plan = plan_stakes(&prices, total, step).map_err(|error| CliError(error.to_string()))?;
    let naive = round_stakes(&prices, total, step).map_err(|error| CliError(error.to_string()))?;
    let sum: f64 = prices.iter().map(|price| 1.0 / price.as_f64()).sum();
    let document = json!({
        "stakes": plan.stakes.iter().map(|stake| number(*stake)).collect::<Vec<_>>(),
        "staked": number(plan.staked),
        "returns": plan.returns.iter().map(|profit| number(*profit)).collect::<Vec<_>>(),
        "guaranteed": number(plan.guaranteed),
        "profit_before_rounding": 1.0 / sum - 1.0,
        "naive_guaranteed": number(naive.guaranteed),
    });
    common.print(&document, |_| {
        let mut rows = vec![vec![
            "price".to_owned(),
            "stake".to_owned(),
            "profit if it wins".to_owned(),
        ]];
        for ((price, stake), profit) in args.odds.split(',').zip(&plan.stakes).zip(&plan.returns) {
            rows.push(vec![
                price.trim().to_owned(),
                signed(*stake)[1..].to_owned(),
                signed(*profit),
            ]);
        }
        let verdict = if plan.guaranteed > 0 {
            "an arbitrage"
        } else {
            "not an arbitrage at these stakes"
        };
        format!(
            "{}Staked {}, worst case {}: {verdict}. Before rounding {:+.4} %; rounding each stake by itself gives {}.",
            columns(&rows),
            &signed(plan.staked)[1..],
            signed(plan.guaranteed),
            (1.0 / sum - 1.0) * 100.0,
            signed(naive.guaranteed),
        )
    })
}
