//! Calculators: from a price in every format to an each-way bet. Nothing is asked of the server but the page itself.

use crate::AppError;
use crate::calculators::island::CalculatorDesk;
use crate::calculators::{CALCULATORS, Calculator};
use crate::parts::{Heading, shown};
use crate::reader::Reader;
use domain::OddsFormat;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::params::ParamsMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// All calculators, with the one open that the address names, and in it what the address says.
#[component]
pub fn CalculatorsPage() -> impl IntoView {
    let key = use_params_map().with_untracked(|params| params.get_str("key").map(str::to_owned));
    let open = match key {
        Some(key) => Calculator::find(&key),
        None => CALCULATORS.first().copied(),
    };
    let query = use_query_map().get_untracked();
    view! {
        <Heading title="Calculators" />
        {shown(|_| async move { open.ok_or(AppError::NotFound) }, move |open| desk(open, &query))}
    }
}

fn desk(open: &'static Calculator, query: &ParamsMap) -> AnyView {
    let format = Reader::current().odds_format();
    let fields = open
        .fields()
        .filter_map(|field| Some((field.name.to_owned(), field.cut(query.get_str(field.name)?))));
    let written_in = query.get_str("format").and_then(OddsFormat::from_code);
    let written_in = written_in.map(|format| ("format".to_owned(), format.code().to_owned()));
    let sent: Vec<(String, String)> = fields.chain(written_in).collect();
    // Another name for another address: the browser then wakes new calculators instead of folding numbers into the old ones.
    let mut hasher = DefaultHasher::new();
    (open.key, format, &sent).hash(&mut hasher);
    let mark = format!("{:016x}", hasher.finish());
    let name = format!("desk-{mark}");
    view! {
        <div id=name>
            <CalculatorDesk open=open.key.to_owned() format sent mark />
        </div>
    }
    .into_any()
}
