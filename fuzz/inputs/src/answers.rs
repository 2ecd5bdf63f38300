//! What holds of every answer, whatever was asked.

use std::collections::BTreeSet;

use mock_server::bytes::Bytes;
use mock_server::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE, ORIGIN, VARY,
};
use mock_server::http::{Request, Response};
use serde_json::{Map, Value, json};

use crate::spelling::find;

/// It has a status and is JSON, which is yielded, or a page for people, or empty.
pub(crate) fn can_be_read(response: &Response<Bytes>) -> Option<Value> {
    let (status, body) = (response.status().as_u16(), response.body());
    assert!((200..=599).contains(&status), "{status}");
    if body.is_empty() {
        return None;
    }
    let kind = response.headers()[CONTENT_TYPE].as_bytes();
    if kind == b"text/html; charset=utf-8" {
        return Some(Value::from(std::str::from_utf8(body).expect("a page is a text")));
    }
    assert!(kind.starts_with(b"application/json"));
    Some(serde_json::from_slice(body).expect("a body is JSON"))
}

/// An SDK and a browser can read it: status, JSON, and who may see it.
pub(crate) fn are_whole(request: &Request<Bytes>, response: &Response<Bytes>) {
    let (status, headers) = (response.status().as_u16(), response.headers());
    match can_be_read(response) {
        Some(body) => assert!(status < 400 || is_error(status, &body), "{status} {body}"),
        None => assert!(status < 400, "a refusal says why: {status}"),
    }
    assert!(status != 204 || response.body().is_empty());
    assert!(headers.get_all(VARY).iter().any(|value| value == "Origin"));
    // The scene allows every origin, and whoever names one is let in by that very name.
    let allowed = headers.get(ACCESS_CONTROL_ALLOW_ORIGIN);
    assert_eq!(allowed, request.headers().get(ORIGIN));
    assert_eq!(headers.contains_key(ACCESS_CONTROL_ALLOW_CREDENTIALS), allowed.is_some());
}

/// The error that SDKs read, or the gateway's own to a caller that is too fast.
fn is_error(status: u16, body: &Value) -> bool {
    let is_coded = body.get("code").is_none_or(Value::is_string);
    let gateway = json!({ "message": "Rate limit exceeded", "code": 429 });
    body.is_string() || body["error"].is_string() && is_coded || status == 429 && *body == gateway
}

/// It tells nobody what belongs to somebody else.
pub(crate) fn tell_nothing_of(secrets: &[String], response: &Response<Bytes>) {
    for secret in secrets {
        let is_told = |text: &[u8]| find(text, secret.as_bytes()).is_some();
        assert!(!is_told(response.body()), "it tells {secret}");
        assert!(!response.headers().values().any(|value| is_told(value.as_bytes())));
    }
}

/// A refusal leaves the world as it was, but for counters.
pub(crate) fn changed_nothing(before: &Value, after: &Value) {
    let mut changes = Vec::new();
    compare(&mut Vec::new(), before, after, &mut changes);
    assert!(changes.is_empty(), "a refusal changed more than counters: {changes:#?}");
}

/// What a refusal may move: the commands so far, wrong codes, calls where they are limited, and
/// that something which works once came along and passed its own checks.
fn is_counter(path: &[&str]) -> bool {
    match path {
        ["commands"] => true,
        ["environment", inside @ ..] => matches!(
            inside,
            ["users", _, "failures" | "spent", ..]
                | ["verifications", _, "attempts"]
                | ["sessions", _, "mfa_tokens", _, "spent", ..]
                | ["nonces" | "challenges", "open", ..]
                | ["rates", ..]
        ),
        _ => false,
    }
}

fn compare<'world>(
    path: &mut Vec<&'world str>,
    before: &'world Value,
    after: &'world Value,
    changes: &mut Vec<String>,
) {
    if before == after || is_counter(path) {
        return;
    }
    let (Value::Object(before), Value::Object(after)) = (before, after) else {
        return changes.push(format!("{}: {before} became {after}", path.join("/")));
    };
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let side = |fields: &'world Map<String, Value>| fields.get(key).unwrap_or(&Value::Null);
        path.push(key);
        compare(path, side(before), side(after), changes);
        path.pop();
    }
}
