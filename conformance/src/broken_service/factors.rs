//! Broken where passkeys and recovery codes are concerned.

use jiff::Timestamp;
use mock_server::bytes::Bytes;
use mock_server::engine::passkey::PasskeyRequest;
use mock_server::engine::policy::{CounterRule, Policy};
use mock_server::engine::{Command, Environment, Request, TokenScope};
use mock_server::http::{Method, Request as HttpRequest, Response};
use serde_json::{Value, json};

use super::answers::edit;
use super::decisions::{asked, conjure};

fn passkey(command: &mut Command) -> Option<&mut PasskeyRequest> {
    match asked(command)? {
        Request::Passkey(request) => Some(request),
        _ => None,
    }
}

/// Whether a request is that call.
fn is(request: &HttpRequest<Bytes>, method: &Method, end: &str) -> bool {
    request.method() == method && request.uri().path().ends_with(end)
}

/// Writes a value into a place of the body that holds another one.
fn put(response: &mut Response<Bytes>, place: &str, value: &Value) -> bool {
    edit(response, |body| match body.pointer_mut(place) {
        Some(found) if found != value => {
            *found = value.clone();
            true
        }
        _ => false,
    })
}

pub(super) fn any_origin(policy: &mut Policy) {
    policy.passkey.allowed_origins.push("http://*.example.org".to_owned());
}

pub(super) fn counter_ignored(policy: &mut Policy) {
    policy.passkey.counter = CounterRule::Ignore;
}

pub(super) fn no_passkey_sign_in(policy: &mut Policy) {
    policy.passkey.sign_in = false;
}

pub(super) fn without_recovery_codes(policy: &mut Policy) {
    policy.mfa.methods.iter_mut().for_each(|method| method.allow_backup_codes = false);
}

pub(super) fn register_passkey_needs_nothing(
    _: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    let is_registration = matches!(passkey(command), Some(PasskeyRequest::Register { .. }));
    is_registration && conjure(command, TokenScope::CredentialLink, now)
}

pub(super) fn delete_passkey_does_nothing(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Some(request @ PasskeyRequest::Delete { .. }) = passkey(command) else { return false };
    *request = PasskeyRequest::List;
    true
}

pub(super) fn passkey_ignores_scopes(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Some(PasskeyRequest::Authenticate { wishes, .. }) = passkey(command) else { return false };
    !std::mem::take(&mut wishes.scopes).is_empty()
}

pub(super) fn passkey_forgets_the_mfa_token(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Some(PasskeyRequest::Authenticate { wishes, .. }) = passkey(command) else { return false };
    wishes.mfa_token.take().is_some()
}

pub(super) fn one_challenge_for_all(
    request: &HttpRequest<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    is(request, &Method::GET, "/users/passkeys/authenticate")
        && put(response, "/challenge", &json!("AAAAAAAAAAAAAAAAAAAAAA"))
}

pub(super) fn registered_passkeys_vanish(
    request: &HttpRequest<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    is(request, &Method::GET, "/users/passkeys") && put(response, "/passkeys", &json!([]))
}

pub(super) fn passkeys_are_no_methods(
    request: &HttpRequest<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    is(request, &Method::GET, "/users/mfa/methods") && put(response, "/passkeys", &json!([]))
}

const OWED: &str = "requiresAdditionalAuth";

/// Answers with the token that was shown, which still owes its factor, and a user who owes it.
fn gives_back(request: &HttpRequest<Bytes>, response: &mut Response<Bytes>) -> bool {
    let shown = request.headers().get("authorization").and_then(|shown| shown.to_str().ok());
    let shown = shown.and_then(|shown| shown.strip_prefix("Bearer "));
    put(response, "/user/scope", &json!(OWED))
        && shown.is_some_and(|bearer| put(response, "/minifiedJwt", &json!(bearer)))
}

pub(super) fn registering_passes_nothing(
    request: &HttpRequest<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    is(request, &Method::POST, "/users/passkeys/register") && gives_back(request, response)
}

pub(super) fn passkey_passes_nothing(
    request: &HttpRequest<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    is(request, &Method::POST, "/users/mfa/auth/passkey") && gives_back(request, response)
}

pub(super) fn recovery_passes_nothing(
    request: &HttpRequest<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    is(request, &Method::POST, "/users/mfa/auth/recovery") && gives_back(request, response)
}

pub(super) fn count_stands_still(
    request: &HttpRequest<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    is(request, &Method::GET, "/users/mfa/recovery") && put(response, "/count", &json!(10))
}

pub(super) fn reading_makes_a_new_set(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Some(request @ Request::ReadRecoveryCodes) = asked(command) else { return false };
    *request = Request::RotateRecoveryCodes;
    true
}

pub(super) fn rotation_keeps_the_set(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Some(request @ Request::RotateRecoveryCodes) = asked(command) else { return false };
    *request = Request::ReadRecoveryCodes;
    true
}

pub(super) fn used_codes_work(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Command::As(caller, Request::AuthenticateRecoveryCode { code, .. }) = command else {
        return false;
    };
    let user = environment.find_user(&caller.user.to_string());
    let Some(codes) = user.and_then(|user| user.recovery.as_ref()) else { return false };
    let unused = codes.reveal(false);
    let is_used = !unused.contains(code) && codes.reveal(true).contains(code);
    match unused.into_iter().next() {
        Some(other) if is_used => {
            *code = other;
            true
        }
        _ => false,
    }
}

pub(super) fn recovery_ignores_scopes(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Some(Request::AuthenticateRecoveryCode { wishes, .. }) = asked(command) else {
        return false;
    };
    !std::mem::take(&mut wishes.scopes).is_empty()
}

pub(super) fn acknowledgement_is_forgotten(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    match asked(command) {
        Some(Request::UpdateUser { acknowledge_recovery_codes, .. }) => {
            std::mem::take(acknowledge_recovery_codes)
        }
        _ => false,
    }
}
