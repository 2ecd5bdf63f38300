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
