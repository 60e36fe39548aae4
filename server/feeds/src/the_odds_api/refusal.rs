//! Answers that are not a success.

use crate::{Refusal, is_web_page};

/// The vendor's error body: `{"message", "error_code", "details_url"}`. The message is not read further than for a word
/// or two and never shown, because it may repeat what was sent.
#[derive(serde::Deserialize)]
struct ErrorBody {
    #[serde(default)]
    error_code: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

/// Words that only pages which keep programs out contain: Akamai, PerimeterX, Cloudflare, and their kind.
const BLOCK_WORDS: [&str; 11] = [
    "access denied",
    "errors.edgesuite.net",
    "akamai",
    "px-captcha",
    "_pxappid",
    "perimeterx",
    "cloudflare",
    "cf-chl",
    "challenge-platform",
    "just a moment",
    "captcha",
];

/// What an answer that is not a success means. 401 alone is ambiguous, so the code in the body decides first.
pub(super) fn refusal(status: u16, body: &[u8]) -> Refusal {
    if is_web_page(body) {
        let start = String::from_utf8_lossy(&body[..body.len().min(16_384)]).to_ascii_lowercase();
        let keeps_out = BLOCK_WORDS.iter().any(|word| start.contains(word));
        if keeps_out || matches!(status, 200..=299 | 401 | 403) {
            return Refusal::Blocked;
        }
        return by_status(status);
    }
    let Some(error) = error_body(body) else {
        return by_status(status);
    };
    if let Some(meaning) = error.error_code.as_deref().and_then(by_code) {
        return meaning;
    }
    // Answers of some versions carry a sentence and no code.
    let message = error.message.unwrap_or_default().to_ascii_lowercase();
    if matches!(status, 401 | 403) && ["quota", "credits"].iter().any(|word| message.contains(word)) {
        return Refusal::OutOfCredits;
    }
    by_status(status)
}

/// The vendor's error, if the body is an object.
fn error_body(body: &[u8]) -> Option<ErrorBody> {
    let is_object = body.trim_ascii_start().first() == Some(&b'{');
    if is_object {
        serde_json::from_slice(body).ok()
    } else {
        None
    }
}

fn by_code(code: &str) -> Option<Refusal> {
    Some(match code {
        "MISSING_KEY" | "INVALID_KEY" | "DEACTIVATED_KEY" => Refusal::BadKey,
        "OUT_OF_USAGE_CREDITS" => Refusal::OutOfCredits,
        "HISTORICAL_UNAVAILABLE_ON_FREE_USAGE_PLAN" => Refusal::NotInPlan,
        "UNKNOWN_SPORT" | "EVENT_NOT_FOUND" => Refusal::NotFound,
        "EXCEEDED_FREQ_LIMIT" => Refusal::TooFast,
        code if code.starts_with("INVALID_") || code.starts_with("MISSING_") => Refusal::BadSetting,
        _ => return None,
    })
}

const fn by_status(status: u16) -> Refusal {
    match status {
        401 => Refusal::BadKey,
        402 => Refusal::OutOfCredits,
        403 => Refusal::Blocked,
        404 | 410 => Refusal::NotFound,
        408 | 425 => Refusal::Unavailable,
        429 => Refusal::TooFast,
        400..=499 => Refusal::BadSetting,
        _ => Refusal::Unavailable,
    }
}

/// The error code of a body that is the vendor's error and nothing else. `Some("")` when it has no code that can be shown.
pub(super) fn error_code(body: &[u8]) -> Option<String> {
    let error = error_body(body)?;
    let code = error.error_code.unwrap_or_default();
    let is_code = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    Some(if is_code { code } else { String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(401, "MISSING_KEY", Refusal::BadKey)]
    #[case(401, "INVALID_KEY", Refusal::BadKey)]
    #[case(401, "DEACTIVATED_KEY", Refusal::BadKey)]
    #[case(401, "OUT_OF_USAGE_CREDITS", Refusal::OutOfCredits)]
    #[case(401, "HISTORICAL_UNAVAILABLE_ON_FREE_USAGE_PLAN", Refusal::NotInPlan)]
    #[case(422, "MISSING_REGION", Refusal::BadSetting)]
    #[case(422, "INVALID_MARKET", Refusal::BadSetting)]
    #[case(404, "UNKNOWN_SPORT", Refusal::NotFound)]
    #[case(404, "EVENT_NOT_FOUND", Refusal::NotFound)]
    #[case(429, "EXCEEDED_FREQ_LIMIT", Refusal::TooFast)]
    #[case(503, "SOMETHING_NEW", Refusal::Unavailable)]
    fn the_code_in_the_body_tells_errors_apart(#[case] status: u16, #[case] code: &str, #[case] expected: Refusal) {
        let body = format!(r#"{{"message":"words","error_code":"{code}","details_url":"https://example.com"}}"#);
        assert_eq!(refusal(status, body.as_bytes()), expected);
    }

    #[rstest]
    #[case(200, "<!DOCTYPE html><html>Welcome</html>", Refusal::Blocked)]
    #[case(403, "\u{feff} <HTML><H1>Access Denied</H1> Reference #18.2", Refusal::Blocked)]
    #[case(503, "<html><title>Just a moment...</title></html>", Refusal::Blocked)]
    #[case(429, "<html><div id=\"px-captcha\"></div></html>", Refusal::Blocked)]
    #[case(502, "<html><h1>502 Bad Gateway</h1></html>", Refusal::Unavailable)]
    #[case(404, "<html><h1>Not Found</h1></html>", Refusal::NotFound)]
    #[case(401, r#"{"message":"Usage quota has been reached."}"#, Refusal::OutOfCredits)]
    #[case(401, "", Refusal::BadKey)]
    #[case(429, "slow down", Refusal::TooFast)]
    #[case(500, "[]", Refusal::Unavailable)]
    #[case(422, "null", Refusal::BadSetting)]
    fn without_a_code_the_page_and_the_status_decide(
        #[case] status: u16,
        #[case] body: &str,
        #[case] expected: Refusal,
    ) {
        assert_eq!(refusal(status, body.as_bytes()), expected);
    }

    #[test]
    fn an_error_code_that_is_not_a_code_is_never_repeated() {
        assert_eq!(
            error_code(br#"{"error_code":"INVALID_KEY"}"#).as_deref(),
            Some("INVALID_KEY")
        );
        assert_eq!(error_code(br#"{"error_code":"secret 123"}"#).as_deref(), Some(""));
        assert_eq!(error_code(b"[]"), None);
    }
}
