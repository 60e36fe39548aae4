//! What handlers take from a request, and the one form in which what is wrong with it is answered.

use crate::http::errors::{ApiError, ApiResult};
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts};
use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use store::Cursor;
use utoipa::{IntoParams, ToSchema};

/// Rows on a page when the request does not say.
const USUAL_ROWS: u32 = 100;
/// Rows on a page at most.
const MOST_ROWS: u32 = 500;
/// Letters of a word or text in a query at most.
const MOST_LETTERS: usize = 200;

/// The query of the address.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(ApiError))]
pub struct Query<T>(pub T);

/// The variable parts of the path.
#[derive(Debug, FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(ApiError))]
pub struct Path<T>(pub T);

/// A JSON body.
#[derive(Debug, FromRequest)]
#[from_request(via(axum::Json), rejection(ApiError))]
pub struct Json<T>(pub T);

/// Which part of a list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Rows on the page: 1 to 500, usually 100.
    #[param(minimum = 1, maximum = 500, default = 100)]
    pub limit: Option<u32>,
    /// `meta.next` of the page before.
    pub after: Option<String>,
}

/// What goes with a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Meta {
    /// Send it as `after` for the next page; null on the last.
    pub next: Option<String>,
}

impl Meta {
    /// Leads to the page that starts at a cursor.
    pub fn new(next: Option<Cursor>) -> Self {
        Self {
            next: next.map(|cursor| cursor.to_string()),
        }
    }
}

/// How many rows are wanted.
///
/// # Errors
/// A field error outside 1 to 500.
pub fn read_limit(limit: Option<u32>) -> ApiResult<u32> {
    let limit = limit.unwrap_or(USUAL_ROWS);
    if (1..=MOST_ROWS).contains(&limit) {
        Ok(limit)
    } else {
        Err(ApiError::field(
            "limit",
            format!("use a whole number from 1 to {MOST_ROWS}"),
        ))
    }
}

/// Where a page starts.
///
/// # Errors
/// A field error when it is not a cursor.
pub fn read_after(after: Option<&str>) -> ApiResult<Option<Cursor>> {
    let read = |text: &str| {
        text.parse()
            .map_err(|_| ApiError::field("after", "use `meta.next` of the page before"))
    };
    after.map(read).transpose()
}

/// A value by its code.
///
/// # Errors
/// A field error that names what is expected.
pub fn read_code<T>(
    field: &str,
    code: Option<&str>,
    expected: &str,
    read: impl Fn(&str) -> Option<T>,
) -> ApiResult<Option<T>> {
    let read = |code: &str| read(code).ok_or_else(|| ApiError::field(field, format!("use {expected}")));
    code.map(read).transpose()
}

/// Several values by their codes, with commas between.
///
/// # Errors
/// A field error that names what is expected.
pub fn read_codes<T>(
    field: &str,
    codes: Option<&str>,
    expected: &str,
    read: impl Fn(&str) -> Option<T>,
) -> ApiResult<Vec<T>> {
    let codes = codes.into_iter().flat_map(|codes| codes.split(','));
    let read = |code: &str| read(code.trim()).ok_or_else(|| ApiError::field(field, format!("use {expected}")));
    codes.map(read).collect()
}

/// A word or a text that goes to the database.
///
/// # Errors
/// A field error when it is too long or holds control characters.
pub fn read_text(field: &str, text: Option<String>) -> ApiResult<Option<String>> {
    if text
        .as_deref()
        .is_some_and(|text| text.chars().count() > MOST_LETTERS || text.chars().any(char::is_control))
    {
        return Err(ApiError::field(
            field,
            format!("use at most {MOST_LETTERS} letters on one line"),
        ));
    }
    Ok(text.filter(|text| !text.trim().is_empty()))
}

/// The order of a list by time: true for the latest first.
///
/// # Errors
/// A field error for anything but `asc` and `desc`.
pub fn read_descending(order: Option<&str>) -> ApiResult<bool> {
    let read = |code: &str| ["asc", "desc"].contains(&code).then_some(code == "desc");
    Ok(read_code("order", order, "asc or desc", read)?.unwrap_or(false))
}

/// The range of two times.
///
/// # Errors
/// A field error when it ends before it begins.
pub fn check_range(field: &str, from: Option<DateTime<Utc>>, to: Option<DateTime<Utc>>) -> ApiResult<()> {
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        return Err(ApiError::field(field, "the range ends before it begins"));
    }
    Ok(())
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        unreadable(&rejection.body_text(), "Failed to deserialize query string: ")
    }
}

impl From<PathRejection> for ApiError {
    fn from(_: PathRejection) -> Self {
        Self::bad_request("a part of the address cannot be read: numbers of things are whole numbers")
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        match rejection {
            JsonRejection::JsonDataError(error) => unreadable(
                &error.body_text(),
                "Failed to deserialize the JSON body into the target type: ",
            ),
            JsonRejection::JsonSyntaxError(_) => Self::bad_request("the body is not JSON"),
            JsonRejection::MissingJsonContentType(_) => {
                Self::bad_request("send the body with `Content-Type: application/json`")
            }
            other if other.status() == StatusCode::PAYLOAD_TOO_LARGE => Self::too_large(),
            other => Self::bad_request(other.body_text()),
        }
    }
}

/// The extractors say in a text which field they stumbled over; a person should find it where every other error has it.
fn unreadable(text: &str, prefix: &str) -> ApiError {
    let said = text.strip_prefix(prefix).unwrap_or(text);
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || "_.[]".contains(letter))
    };
    let quoted = said.split('`').nth(1).filter(|_| {
        ["unknown", "missing", "duplicate"]
            .iter()
            .any(|word| said.contains(word))
    });
    match said.split_once(": ") {
        Some((name, detail)) if is_name(name) => ApiError::field(name, detail),
        _ => quoted.map_or_else(|| ApiError::bad_request(said), |name| ApiError::field(name, said)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only read")]
        limit: Option<u32>,
        #[expect(dead_code, reason = "only read")]
        as_of: Option<DateTime<Utc>>,
    }

    fn complaint(query: &str) -> (u16, Option<String>) {
        let uri = format!("http://localhost/?{query}").parse().unwrap();
        let error = ApiError::from(axum::extract::Query::<Sample>::try_from_uri(&uri).unwrap_err());
        (error.status().as_u16(), error.entries()[0].field.clone())
    }

    #[test]
    fn a_bad_query_names_the_field() {
        assert_eq!(complaint("limit=many"), (422, Some("limit".into())));
        assert_eq!(complaint("limit=-1"), (422, Some("limit".into())));
        assert_eq!(complaint("as_of=yesterday"), (422, Some("as_of".into())));
        assert_eq!(complaint("lmit=1"), (422, Some("lmit".into())));
        assert_eq!(complaint("limit=1&limit=2"), (422, Some("limit".into())));
    }

    #[test]
    fn limits_cursors_and_texts_have_bounds() {
        assert_eq!(read_limit(None).unwrap(), USUAL_ROWS);
        assert!(read_limit(Some(0)).is_err() && read_limit(Some(MOST_ROWS + 1)).is_err());
        assert!(read_after(Some("1;drop")).is_err());
        assert_eq!(read_after(Some("5.7")).unwrap(), Some(Cursor { key: 5, id: 7 }));
        assert!(read_text("text", Some("a\0b".into())).is_err());
        assert!(read_text("text", Some("a".repeat(MOST_LETTERS + 1))).is_err());
        assert_eq!(read_text("text", Some("  ".into())).unwrap(), None);
    }
}
