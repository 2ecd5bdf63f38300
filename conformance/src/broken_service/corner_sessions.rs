//! Broken in one corner of sessions, accounts and environments: for one way of signing in, one
//! call, one role.

use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};
use mock_server::bytes::Bytes;
use mock_server::engine::policy::Enrollment;
use mock_server::engine::{
    BusinessRefusal, Command, CredentialId, Environment, Format, Grant, MemberRole, Outcome,
    ProfileUpdate, Refusal, Request, SessionScope, TrustedDeviceRequest, UserId,
};
use mock_server::http::{Method, Request as HttpRequest, Response, StatusCode};
use serde_json::Value;

use super::decisions::{Decision, asked};
use super::gates::agree;
use super::lenient::{bearer, overlook};
use super::narrow::set;

/// What is granted to a session.
fn granted(result: &mut Decision) -> Option<&mut Grant> {
    match result {
        Ok(Outcome::Session(grant)) => Some(grant),
        _ => None,
    }
}

/// Of which format a user's credential is.
fn format(environment: &Environment, user: UserId, credential: CredentialId) -> Option<Format> {
    let user = environment.find_user(&user.to_string())?;
    let known = user.credentials.iter().find(|known| known.id == credential)?;
    Some(known.identity.format())
}

/// Says of a session that it owes nothing.
fn forgive(grant: &mut Grant) -> bool {
    let owes = grant.claims.scopes.contains(&SessionScope::RequiresAdditionalAuth);
    if owes {
        grant.claims.scopes = vec![SessionScope::Basic];
        grant.user.scopes = vec![SessionScope::Basic];
    }
    owes
}

/// Forgives in answers to a change of the profile, which alone name a next view.
pub(super) fn changed_profiles_owe_nothing(
    _: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    granted(result).is_some_and(|grant| grant.next.is_some() && forgive(grant))
}

/// Forgives when a session that a text opened is refreshed.
pub(super) fn texted_sessions_are_forgiven(
    environment: &mut Environment,
    result: &mut Decision,
    now: Timestamp,
) -> bool {
    let Some(grant) = granted(result) else { return false };
    let user = grant.claims.user;
    let is_old = environment
        .sessions_of(user)
        .any(|session| session.id == grant.claims.session && session.created_at < now);
    let is_refreshed = grant.next.is_none() && grant.user.last_visit == now;
    let by_text = format(environment, user, grant.claims.signin_credential);
    is_old && is_refreshed && by_text == Some(Format::PhoneNumber) && forgive(grant)
}

/// Lets sessions list their user's trusted devices, whatever they owe.
pub(super) fn owing_sessions_list_devices(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let is_it =
        matches!(asked(command), Some(Request::TrustedDevice(TrustedDeviceRequest::List { .. })));
    let changed = set(environment, |policy| policy.session.partial_reaches_everything = is_it);
    changed && is_it
}

/// Keeps the list of trusted devices from sessions that owe nothing, as if they did.
pub(super) fn passed_sessions_list_no_devices(
    request: &HttpRequest<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    let lists = request.method() == Method::GET
        && request.uri().path().ends_with("/deviceRegistrations")
        && response.status() == StatusCode::OK;
    if lists {
        *response.status_mut() = StatusCode::FORBIDDEN;
        *response.body_mut() = Bytes::from_static(br#"{"error":"Access Forbidden"}"#);
    }
    lists
}

/// Lets tokens of those live longer whom the app's own issuer has named.
pub(super) fn sessions_of_the_app_live_longer(
    environment: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    let Some(grant) = granted(result) else { return false };
    let claims = &mut grant.claims;
    let is_it =
        format(environment, claims.user, claims.signin_credential) == Some(Format::ExternalUser);
    if is_it {
        claims.expires_at += SignedDuration::from_hours(31 * 24);
    }
    is_it
}

/// Passes over an acknowledgement that comes with a change of the profile.
pub(super) fn acknowledgements_come_alone(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    match asked(command) {
        Some(Request::UpdateUser { update, acknowledge_recovery_codes, .. })
            if **update != ProfileUpdate::default() =>
        {
            std::mem::take(acknowledge_recovery_codes)
        }
        _ => false,
    }
}

/// Asks a user for a factor whose recovery codes are all that is left of one.
pub(super) fn left_codes_are_a_method(
    environment: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    let Some(grant) = granted(result) else { return false };
    let policy = environment.policy();
    let has_codes_alone = environment
        .find_user(&grant.claims.user.to_string())
        .is_some_and(|user| user.recovery.is_some() && !user.has_verified_method(&policy.mfa));
    let is_it = has_codes_alone && policy.mfa.enrollment == Enrollment::None;
    if is_it {
        grant.claims.scopes = vec![SessionScope::RequiresAdditionalAuth];
        grant.user.scopes = vec![SessionScope::RequiresAdditionalAuth];
    }
    is_it
}

/// Names the credential of the sign-in although a number was proven since.
pub(super) fn proven_numbers_are_not_named(
    environment: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    let Some(grant) = granted(result) else { return false };
    let claims = &mut grant.claims;
    let last = format(environment, claims.user, claims.last_credential);
    let is_it =
        last == Some(Format::PhoneNumber) && claims.last_credential != claims.signin_credential;
    if is_it {
        claims.last_credential = claims.signin_credential;
        grant.user.last_credential = claims.signin_credential;
    }
    is_it
}

/// Agrees when an admin gives away what is the owner's.
pub(super) fn admins_give_accounts_away(
    _: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    let is_the_owners = |refusal: &Refusal| {
        matches!(
            refusal,
            Refusal::Business(BusinessRefusal::RoleTooLow { needed: MemberRole::Owner })
        )
    };
    agree(result, is_the_owners)
}

/// Takes a token of another environment where step-up is asked about.
pub(super) fn foreign_tokens_ask_for_step_up(
    request: &HttpRequest<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    let path = request.uri().path();
    let payload = bearer(request).and_then(|token| token.split('.').nth(1));
    let payload = payload.and_then(|text| BASE64URL_NOPAD.decode(text.as_bytes()).ok());
    let claims = payload.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let is_foreign = claims.is_some_and(|claims| {
        let home = claims.get("environment_id").and_then(Value::as_str);
        home.is_some_and(|home| !path.contains(home))
    });
    overlook(response, is_foreign && path.ends_with("/stepUp/check"))
}

/// Does somebody's bidding who logs out of a session whose time is over: it gives them a nonce.
pub(super) fn late_logouts_are_taken(
    _: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    match command {
        Command::As(caller, Request::Revoke) if caller.expires_at <= now => {
            *command = Command::IssueNonces { count: 1 };
            true
        }
        _ => false,
    }
}
