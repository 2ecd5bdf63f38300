//! Answers and values in a few words, for findings and traces.

use driver_protocol::SdkError;
use serde_json::Value;

use super::step::Reply;

/// Longest text kept while a case plays, in characters.
///
/// Reports show far less; they cut after secrets were replaced, because half a secret is still
/// most of one.
const KEPT_CHARS_MAX: usize = 20_000;

/// JSON on one line.
pub(crate) fn brief(value: &Value) -> String {
    shorten(&value.to_string(), KEPT_CHARS_MAX)
}

/// A text of at most `most` characters.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((cut, _)) => format!("{}…", text.get(..cut).unwrap_or_default()),
    }
}

/// An SDK's error as the words an expectation file may match: `err.http=400`.
pub(crate) fn describe_error(error: &SdkError) -> String {
    let mut words = vec![format!("err.origin={}", error.origin)];
    words.extend(error.class.as_ref().map(|class| format!("err.class={class}")));
    words.extend(error.code.as_ref().map(|code| format!("err.code={code}")));
    words.extend(error.http.map(|http| format!("err.http={http}")));
    words.push(format!("\"{}\"", shorten(&error.message, 120)));
    words.join(" ")
}

pub(super) fn describe(reply: &Reply) -> String {
    match reply {
        Reply::Ok(value) => format!("ok {}", brief(value)),
        Reply::Err(error) => describe_error(error),
        Reply::Halted(halt) => halt.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use driver_protocol::ErrorOrigin;
    use serde_json::json;

    #[test]
    fn a_text_is_cut_between_characters_and_only_when_it_is_too_long() {
        assert_eq!(shorten("grün", 4), "grün");
        assert_eq!(shorten("grün", 3), "grü…");
        assert_eq!(shorten("grün", 0), "…");
        assert_eq!(shorten("", 0), "");
    }

    #[test]
    fn values_are_kept_longer_than_reports_show_them() {
        let long = "x".repeat(KEPT_CHARS_MAX);
        let kept = brief(&json!(long));
        assert_eq!(kept.chars().count(), KEPT_CHARS_MAX + 1);
        assert!(kept.starts_with("\"x") && kept.ends_with("x…"));
        assert_eq!(brief(&json!({ "a": [1, null] })), r#"{"a":[1,null]}"#);
    }

    #[test]
    fn an_error_is_told_by_what_is_known_of_it() {
        let bare = SdkError {
            origin: ErrorOrigin::Timeout,
            class: None,
            code: None,
            http: None,
            message: "m".repeat(121),
            retryable: true,
        };
        let cut = "m".repeat(120);
        assert_eq!(describe_error(&bare), format!("err.origin=timeout \"{cut}…\""));
        let full = SdkError {
            origin: ErrorOrigin::Server,
            class: Some("APIError".to_owned()),
            code: Some("gone".to_owned()),
            http: Some(404),
            message: "no".to_owned(),
            retryable: false,
        };
        let words = "err.origin=server err.class=APIError err.code=gone err.http=404 \"no\"";
        assert_eq!(describe_error(&full), words);
        assert_eq!(describe(&Reply::Err(full)), words);
        assert_eq!(describe(&Reply::Ok(json!(7))), "ok 7");
    }
}
