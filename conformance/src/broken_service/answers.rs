//! Broken by saying something else than was decided.

use data_encoding::BASE64URL_NOPAD;
use mock_server::bytes::Bytes;
use mock_server::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue,
    RETRY_AFTER, SET_COOKIE,
};
use mock_server::http::{Method, Request, Response, StatusCode};
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

pub(super) fn refusals_without_words(_: &Request<Bytes>, response: &mut Response<Bytes>) -> bool {
    response.status().is_client_error()
        && edit(response, |body| {
            body.as_object_mut().is_some_and(|body| body.remove("error").is_some())
        })
}

/// Takes a header's value and gives another one, or none.
fn rewrite(
    response: &mut Response<Bytes>,
    name: HeaderName,
    rewrite: impl FnOnce(&str) -> String,
) -> bool {
    let Some(before) = response.headers().get(&name).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let after = rewrite(before);
    let changed = after != before;
    if let (true, Ok(after)) = (changed, HeaderValue::from_str(&after)) {
        response.headers_mut().insert(name, after);
    }
    changed
}

pub(super) fn json_as_text(_: &Request<Bytes>, response: &mut Response<Bytes>) -> bool {
    rewrite(response, CONTENT_TYPE, |kind| kind.replace("application/json", "text/plain"))
}

pub(super) fn limits_without_words(_: &Request<Bytes>, response: &mut Response<Bytes>) -> bool {
    let is_limit = response.status() == 429 && !response.body().is_empty();
    if is_limit {
        *response.body_mut() = Bytes::new();
    }
    is_limit
}

pub(super) fn locks_longer_than_it_says(
    _: &Request<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    rewrite(response, RETRY_AFTER, |_| "1".to_owned())
}

pub(super) fn cookies_for_scripts(_: &Request<Bytes>, response: &mut Response<Bytes>) -> bool {
    rewrite(response, SET_COOKIE, |cookie| cookie.replace("; HttpOnly", ""))
}

pub(super) fn preflight_forgets_the_proofs(
    _: &Request<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    rewrite(response, ACCESS_CONTROL_ALLOW_HEADERS, |names| {
        let kept = names.split(',').filter(|name| !name.contains("x-mfa-auth-token"));
        kept.collect::<Vec<_>>().join(",")
    })
}

pub(super) fn stale_key_set(request: &Request<Bytes>, response: &mut Response<Bytes>) -> bool {
    request.uri().path().contains("/.well-known/jwks")
        && edit(response, |body| match body.get_mut("keys").and_then(Value::as_array_mut) {
            Some(keys) if keys.len() > 1 => {
                keys.truncate(1);
                true
            }
            _ => false,
        })
}

/// Lets a token in that says of itself that it is not signed.
pub(super) fn unsigned_tokens_serve(
    request: &Request<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    let bearer = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let head = bearer.and_then(|bearer| bearer.strip_prefix("Bearer ")?.split('.').next());
    let head = head.and_then(|head| BASE64URL_NOPAD.decode(head.as_bytes()).ok());
    let head = head.and_then(|head| serde_json::from_slice::<Value>(&head).ok());
    let is_unsigned = head.is_some_and(|head| head.get("alg").is_some_and(|alg| alg == "none"));
    let is_refused = response.status() == 401;
    if is_unsigned && is_refused {
        *response.status_mut() = StatusCode::OK;
    }
    is_unsigned && is_refused
}

pub(super) fn tells_of_no_events(request: &Request<Bytes>, response: &mut Response<Bytes>) -> bool {
    let is_list = request.uri().path().ends_with("/events") && !response.body().is_empty();
    if is_list {
        *response.body_mut() = Bytes::from_static(b"{\"count\":0,\"data\":[]}");
    }
    is_list
}

/// Opens the calls for an app's own servers to end users.
pub(super) fn end_users_administrate(
    request: &Request<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    let path = request.uri().path();
    let is_for_servers = path.contains("/environments/");
    let is_refused = response.status() == 403 || response.status() == 401;
    if is_for_servers && is_refused {
        *response.status_mut() = StatusCode::OK;
    }
    is_for_servers && is_refused
}

/// Takes a member out of the answer of one call.
fn omit(response: &mut Response<Bytes>, name: &str) -> bool {
    edit(response, |body| body.as_object_mut().is_some_and(|body| body.remove(name).is_some()))
}

fn registers_totp(request: &Request<Bytes>) -> bool {
    request.method() == Method::GET && request.uri().path().ends_with("/users/mfa/register/totp")
}

pub(super) fn registration_without_id(
    request: &Request<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    registers_totp(request) && omit(response, "id")
}

pub(super) fn uri_of_another_secret(
    request: &Request<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    registers_totp(request)
        && edit(response, |body| match body.get_mut("uri") {
            Some(uri) => {
                *uri = json!("otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ");
                true
            }
            None => false,
        })
}

pub(super) fn devices_forget_when_they_were_verified(
    request: &Request<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    request.uri().path().ends_with("/users/mfa")
        && edit(response, |body| {
            let devices = body.get_mut("devices").and_then(Value::as_array_mut);
            let devices = devices.into_iter().flatten().filter_map(Value::as_object_mut);
            devices.filter_map(|device| device.remove("verifiedAt")).count() > 0
        })
}

pub(super) fn one_token_for_all(_: &Request<Bytes>, response: &mut Response<Bytes>) -> bool {
    edit(response, |body| match (body.get("jwt").cloned(), body.get_mut("minifiedJwt")) {
        (Some(long), Some(short)) => {
            *short = long;
            true
        }
        _ => false,
    })
}

pub(super) fn no_device_is_the_default(
    request: &Request<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    request.uri().path().ends_with("/users/mfa")
        && edit(response, |body| {
            let devices = body.get_mut("devices").and_then(Value::as_array_mut);
            let defaults = devices.into_iter().flatten().filter_map(|it| it.get_mut("default"));
            defaults.filter_map(|it| (*it == true).then(|| *it = json!(false))).count() > 0
        })
}

pub(super) fn actions_ask_nobody(request: &Request<Bytes>, response: &mut Response<Bytes>) -> bool {
    request.uri().path().ends_with("/settings")
        && edit(response, |body| match body.pointer_mut("/security/mfa/actions") {
            Some(Value::Array(actions)) => !std::mem::take(actions).is_empty(),
            _ => false,
        })
}
