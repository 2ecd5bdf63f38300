//! Broken by saying something else than was decided.

use mock_server::bytes::Bytes;
use mock_server::http::{Request, Response};
use serde_json::{Value, json};

/// Edits a JSON body in place.
pub(super) fn edit(response: &mut Response<Bytes>, edit: impl FnOnce(&mut Value) -> bool) -> bool {
    let Ok(mut body) = serde_json::from_slice::<Value>(response.body()) else { return false };
    let changed = edit(&mut body);
    if changed {
        *response.body_mut() = Bytes::from(body.to_string());
    }
    changed
}

pub(super) fn wrong_kid(request: &Request<Bytes>, response: &mut Response<Bytes>) -> bool {
    if !request.uri().path().contains("/.well-known/jwks") {
        return false;
    }
    edit(response, |body| match body.pointer_mut("/keys/0/kid") {
        Some(kid) => {
            *kid = json!("another-key");
            true
        }
        None => false,
    })
}

pub(super) fn nested_error(_: &Request<Bytes>, response: &mut Response<Bytes>) -> bool {
    if !response.status().is_client_error() {
        return false;
    }
    edit(response, |body| match body.get("error").cloned() {
        Some(Value::String(message)) => {
            let code = body.get("code").cloned().unwrap_or(Value::Null);
            *body = json!({ "error": { "message": message, "code": code } });
            true
        }
        _ => false,
    })
}
