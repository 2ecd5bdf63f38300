//! The journal: every exchange of an environment, bounded, secrets masked unless asked for.

use std::collections::VecDeque;

use bytes::Bytes;
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

mod headers;

pub(crate) use headers::Headers;

/// What stands in a journal where a secret stood.
pub const MASK: &str = "‹masked›";

/// Headers whose value proves something.
const SECRET_HEADERS: &[&str] = &[
    "authorization",
    "cookie",
    "set-cookie",
    "x-dyn-elevated-access-token",
    "x-dynamic-device-registration-token",
    "x-dynamic-device-token-registration",
    "x-mfa-auth-token",
];

/// Keys of JSON bodies whose value proves something.
const SECRET_KEYS: &[&str] = &[
    "code",
    "codeVerifier",
    "elevatedAccessToken",
    "encryptedAccountCredential",
    "encryptedDelegatedShare",
    "exportBundle",
    "jwt",
    "mfaToken",
    "minifiedJwt",
    "rawToken",
    "recoveryCodes",
    "secret",
    "signature",
    "signedMessage",
    "uri",
    "verificationToken",
];

/// One exchange as people and tests read it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    /// Grows by one with every exchange of the environment.
    pub sequence: u64,
    /// The environment's time.
    pub at: Timestamp,
    /// The operation by its `operationId`; none for an unknown path.
    pub operation: Option<&'static str>,
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers, names in lower case, in the order of arrival.
    pub request_headers: Vec<(String, String)>,
    /// The body: JSON as such, other text as a string, nothing as null.
    pub request_body: Value,
    /// The status of the answer.
    pub status: u16,
    /// The body of the answer.
    pub response_body: Value,
    /// Why the service said no.
    pub refusal: Option<Reason>,
    /// What a fault did to the exchange.
    pub fault: Option<String>,
}

/// Why the service said no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The rule, an id of DIFFERENCES.md.
    pub rule: String,
    /// The reason in words.
    pub reason: String,
}

/// One exchange as it is kept: bodies are shared with the exchange itself, nothing is parsed.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) at: Timestamp,
    pub(crate) operation: Option<&'static str>,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) request_headers: Headers,
    pub(crate) request_body: Bytes,
    pub(crate) status: StatusCode,
    pub(crate) response_body: Bytes,
    pub(crate) refusal: Option<Reason>,
    pub(crate) fault: Option<String>,
}

/// A ring of entries, bounded in number and in bytes.
#[derive(Debug)]
pub(crate) struct Journal {
    entries: VecDeque<Entry>,
    next_sequence: u64,
    bytes: usize,
    entries_max: usize,
    bytes_max: usize,
}

impl Journal {
    pub(crate) fn new(entries_max: usize, bytes_max: usize) -> Self {
        Self { entries: VecDeque::new(), next_sequence: 1, bytes: 0, entries_max, bytes_max }
    }

    pub(crate) fn record(&mut self, entry: Entry) {
        self.bytes += entry.weight();
        self.entries.push_back(entry);
        self.next_sequence += 1;
        while self.entries.len() > self.entries_max || self.bytes > self.bytes_max {
            match self.entries.pop_front() {
                Some(oldest) => self.bytes -= oldest.weight(),
                None => break,
            }
        }
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }

    /// The entries after a given sequence number, oldest first.
    pub(crate) fn after(&self, sequence: u64, reveal: bool) -> Vec<Exchange> {
        self.numbered()
            .filter(|(number, _)| *number > sequence)
            .map(|(number, entry)| entry.exchange(number, reveal))
            .collect()
    }

    /// How many entries after a given sequence number concern an operation.
    pub(crate) fn count(&self, operation: &str, after: u64) -> usize {
        let concerns =
            |(number, entry): &(u64, &Entry)| *number > after && entry.operation == Some(operation);
        self.numbered().filter(concerns).count()
    }

    /// The sequence number of the newest entry ever made; 0 before the first.
    pub(crate) fn newest(&self) -> u64 {
        self.next_sequence - 1
    }

    fn numbered(&self) -> impl Iterator<Item = (u64, &Entry)> {
        let kept = u64::try_from(self.entries.len()).unwrap_or(u64::MAX);
        let first = self.next_sequence.saturating_sub(kept);
        self.entries
            .iter()
            .enumerate()
            .map(move |(index, entry)| (first + u64::try_from(index).unwrap_or(u64::MAX), entry))
    }
}

impl Entry {
    /// Roughly how many bytes the entry holds.
    fn weight(&self) -> usize {
        let bodies = self.request_body.len() + self.response_body.len();
        256 + self.path.len() + self.request_headers.len() + bodies
    }

    fn exchange(&self, sequence: u64, reveal: bool) -> Exchange {
        let header = |(name, value): (&str, &[u8])| {
            let is_secret = SECRET_HEADERS.contains(&name) && !value.is_empty();
            let shown = match is_secret && !reveal {
                true => MASK.to_owned(),
                false => String::from_utf8_lossy(value).into_owned(),
            };
            (name.to_owned(), shown)
        };
        Exchange {
            sequence,
            at: self.at,
            operation: self.operation,
            method: self.method.to_string(),
            path: shown_path(&self.path, reveal),
            request_headers: self.request_headers.iter().map(header).collect(),
            request_body: shown_body(&self.request_body, reveal),
            status: self.status.as_u16(),
            response_body: shown_body(&self.response_body, reveal),
            refusal: self.refusal.clone(),
            fault: self.fault.clone(),
        }
    }
}

/// Parameters of a query whose value proves something.
const SECRET_PARAMETERS: &[&str] = &["code"];

fn shown_path(path: &str, reveal: bool) -> String {
    let Some((plain, query)) = path.split_once('?').filter(|_| !reveal) else {
        return path.to_owned();
    };
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if SECRET_PARAMETERS.contains(&name) => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    };
    format!("{plain}?{}", query.split('&').map(pair).collect::<Vec<_>>().join("&"))
}

fn shown_body(body: &Bytes, reveal: bool) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    match serde_json::from_slice(body) {
        Ok(value) if reveal => value,
        Ok(mut value) => {
            mask(&mut value);
            value
        }
        // What is no JSON may hold anything, a password of another service included.
        Err(_) if !reveal => Value::String(format!("{MASK} ({} bytes, not JSON)", body.len())),
        Err(_) => Value::String(String::from_utf8_lossy(body).into_owned()),
    }
}

/// Masks every secret of a JSON body, however deep. An error's `code` is a word, not a secret.
fn mask(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let is_error = fields.contains_key("error");
            for (key, field) in fields {
                let is_error_code = is_error && key == "code";
                if SECRET_KEYS.contains(&key.as_str()) && !field.is_null() && !is_error_code {
                    *field = Value::String(MASK.to_owned());
                } else {
                    mask(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(request: &str, response: &str) -> Entry {
        let mut request_headers = http::HeaderMap::new();
        request_headers.insert("authorization", "Bearer top.secret.jwt".parse().unwrap());
        request_headers.insert("x-mfa-auth-token", "".parse().unwrap());
        Entry {
            at: Timestamp::UNIX_EPOCH,
            operation: Some("authMfaTotpDevice"),
            method: Method::POST,
            path: "/api/v0".to_owned(),
            request_headers: Headers::from(&request_headers),
            request_body: Bytes::copy_from_slice(request.as_bytes()),
            status: StatusCode::OK,
            response_body: Bytes::copy_from_slice(response.as_bytes()),
            refusal: None,
            fault: None,
        }
    }

    #[test]
    fn secrets_are_masked_unless_asked_for() {
        let mut journal = Journal::new(10, 1_000_000);
        journal.record(entry(r#"{"code":"123456"}"#, r#"{"a":[{"jwt":"x.y.z"}],"expiresAt":1}"#));
        journal.record(entry("password=hunter2", r#"{"error":"no","code":"mfa_invalid_code"}"#));
        let masked = serde_json::to_string(&journal.after(0, false)).unwrap();
        for secret in ["123456", "x.y.z", "hunter2", "top.secret"] {
            assert!(!masked.contains(secret), "{secret} in {masked}");
        }
        assert!(masked.contains("mfa_invalid_code"));
        let open = serde_json::to_string(&journal.after(0, true)).unwrap();
        for secret in ["123456", "x.y.z", "hunter2", "top.secret"] {
            assert!(open.contains(secret), "{secret} not in {open}");
        }
    }

    #[test]
    fn the_ring_stays_within_both_bounds() {
        let mut journal = Journal::new(3, 1_000_000);
        (0..10).for_each(|_| journal.record(entry("{}", "{}")));
        let kept: Vec<u64> = journal.after(0, false).iter().map(|kept| kept.sequence).collect();
        assert_eq!(kept, [8, 9, 10]);
        assert_eq!(journal.count("authMfaTotpDevice", 8), 2);
        let mut journal = Journal::new(1_000, 2_000);
        (0..10).for_each(|_| journal.record(entry(&"x".repeat(500), "{}")));
        assert!(journal.entries.len() < 3, "{}", journal.entries.len());
    }
}
