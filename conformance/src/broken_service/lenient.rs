//! Broken by letting through what one refusal of the suite asks about.

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use mock_server::bytes::Bytes;
use mock_server::engine::passkey::{Flaw, PasskeyRefusal, PasskeyRequest};
use mock_server::engine::policy::Policy;
use mock_server::engine::totp::TotpDevice;
use mock_server::engine::{
    AdminRequest, Command, Environment, Outcome, Refusal, Request, TokenScope,
};
use mock_server::http::header::AUTHORIZATION;
use mock_server::http::{Request as HttpRequest, Response, StatusCode};
use serde_json::Value;

use super::decisions::{Decision, asked, conjure, edit_claims, presented};
use super::factors::used_codes_work;
use super::gates::agree;

/// Turns a 401 into a success, if the request is of that kind.
pub(super) fn overlook(response: &mut Response<Bytes>, is_it: bool) -> bool {
    let is_overlooked = is_it && response.status() == StatusCode::UNAUTHORIZED;
    if is_overlooked {
        *response.status_mut() = StatusCode::OK;
    }
    is_overlooked
}

pub(super) fn bearer(request: &HttpRequest<Bytes>) -> Option<&str> {
    request.headers().get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

/// Takes whatever this service has signed for the token of a session.
pub(super) fn elevated_tokens_open_sessions(
    request: &HttpRequest<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    let payload = bearer(request).and_then(|token| token.split('.').nth(1));
    let payload = payload.and_then(|text| BASE64URL_NOPAD.decode(text.as_bytes()).ok());
    let claims = payload.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let is_elevated = claims.is_some_and(|claims| {
        claims.get("scope").is_some() && claims.get("last_verified_credential_id").is_none()
    });
    overlook(response, is_elevated)
}

pub(super) fn users_are_read_without_a_token(
    request: &HttpRequest<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    let is_it = bearer(request).is_none() && request.uri().path().ends_with("/users");
    overlook(response, is_it)
}

pub(super) fn device_signatures_do_not_matter(
    request: &HttpRequest<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    let is_signed = request.headers().contains_key("x-dynamic-device-signed-nonce");
    overlook(response, is_signed && request.uri().path().ends_with("/refresh"))
}

pub(super) fn nonces_serve_again(_: &mut Environment, result: &mut Decision, _: Timestamp) -> bool {
    agree(result, |refusal| matches!(refusal, Refusal::StaleNonce))
}

pub(super) fn challenges_serve_again(
    _: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    let is_used = |refusal: &Refusal| {
        let used = PasskeyRefusal::Authentication(Flaw::UnknownChallenge);
        matches!(refusal, Refusal::Passkey(refusal) if *refusal == used)
    };
    agree(result, is_used)
}

pub(super) fn any_token_deletes(
    _: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    let is_deletion = matches!(asked(command), Some(Request::DeleteDevice { .. }));
    let shows_one = presented(command).is_some_and(|proof| proof.mfa_token.is_some());
    is_deletion && shows_one && conjure(command, TokenScope::CredentialUnlink, now)
}

/// Answers for another user's device with one that the caller may see.
pub(super) fn anothers_devices_are_told(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Command::As(caller, Request::ReadDevice(asked)) = command else { return false };
    let device_of = |user: &mock_server::engine::User| user.totp.as_ref().map(TotpDevice::id);
    let is_anothers =
        environment.users().any(|user| user.id != caller.user && device_of(user) == Some(*asked));
    let own = environment.find_user(&caller.user.to_string()).and_then(device_of);
    match own {
        Some(own) if is_anothers => {
            *asked = own;
            true
        }
        _ => false,
    }
}

pub(super) fn removals_spend_nothing(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let is_removal = matches!(
        asked(command),
        Some(Request::DeleteDevice { .. } | Request::Passkey(PasskeyRequest::Delete { .. }))
    );
    is_removal && edit_claims(command, |claims| claims.single_use = false)
}

pub(super) fn passkeys_cost_no_token(
    _: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    let is_it = matches!(asked(command), Some(Request::Passkey(PasskeyRequest::Delete { .. })));
    let shows_one = presented(command).is_some_and(|proof| proof.mfa_token.is_some());
    is_it && shows_one && conjure(command, TokenScope::CredentialUnlink, now)
}

pub(super) fn step_ups_use_no_code_up(
    environment: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    let steps_up = match asked(command) {
        Some(Request::AuthenticateRecoveryCode { wishes, .. }) => !wishes.scopes.is_empty(),
        _ => false,
    };
    steps_up && used_codes_work(environment, command, now)
}

pub(super) fn reset_leaves_passkeys(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Command::Admin(_, request) = command else { return false };
    let AdminRequest::ResetMfa(user) = *request else { return false };
    let known = environment.find_user(&user.to_string());
    let has_passkeys_alone =
        known.is_some_and(|user| user.totp.is_none() && !user.passkeys.is_empty());
    if has_passkeys_alone {
        *request = AdminRequest::ReadUser(user);
    }
    has_passkeys_alone
}

pub(super) fn mixed_requests_are_time_bound(
    _: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    let Ok(Outcome::Session(grant)) = result else { return false };
    grant.elevated.as_mut().is_some_and(|elevated| {
        elevated.scopes.len() > 1 && std::mem::take(&mut elevated.single_use)
    })
}

pub(super) fn devices_share_an_id(
    _: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    let Ok(shared) = "00000000-0000-4000-8000-00000000beef".parse() else { return false };
    match result {
        Ok(Outcome::TotpRegistered { id, .. }) => {
            *id = shared;
            true
        }
        _ => false,
    }
}

/// A refresh lets everybody off, from then on.
pub(super) fn refresh_forgives(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let refreshes = matches!(asked(command), Some(Request::Refresh { .. }));
    let mut policy = Policy::clone(environment.policy());
    let asks = std::mem::take(&mut policy.mfa.enabled);
    refreshes && asks && environment.set_policy(policy).is_ok()
}

pub(super) fn codes_outlive_their_step(policy: &mut Policy) {
    policy.totp.window_steps = policy.totp.window_steps.max(1);
}

/// Takes every origin for a listed one that begins like one.
pub(super) fn listed_origins_are_beginnings(policy: &mut Policy) {
    for origin in policy.cors_origins.iter_mut().filter(|origin| !origin.contains('*')) {
        origin.push('*');
    }
}
