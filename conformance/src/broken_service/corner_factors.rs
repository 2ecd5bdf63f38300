//! Broken for one factor, one way in, one scope or one gate among all that a rule holds for.

use jiff::Timestamp;
use mock_server::bytes::Bytes;
use mock_server::engine::passkey::PasskeyRequest;
use mock_server::engine::policy::Enrollment;
use mock_server::engine::{
    BusinessRequest, Command, Digest, Environment, Factor, Format, PresentedDevice,
    PresentedElevation, Proof, Request, Session, SmsRequest, TokenScope, User, WaasRequest,
};
use mock_server::http::{Request as HttpRequest, Response, StatusCode};
use serde_json::json;

use super::answers::edit;
use super::decisions::{asked, conjure};
use super::narrow::{caller, has_begun_a_device, set};
use super::strict::shut;

/// The session of a command, if it has one.
fn session<'world>(environment: &'world Environment, command: &Command) -> Option<&'world Session> {
    let Command::As(caller, _) = command else { return None };
    environment.sessions_of(caller.user).find(|session| session.id == caller.session)
}

/// Whether the session of a command was opened with a credential of this format.
fn was_opened_with(environment: &Environment, command: &Command, format: Format) -> bool {
    let signin = session(environment, command).map(|session| session.signin_credential);
    let mut known = caller(environment, command).into_iter().flat_map(|user| &user.credentials);
    known.any(|known| Some(known.id) == signin && known.identity.format() == format)
}

/// Lets the session go on as it is, with an answer of the same shape.
fn upgrade_nothing(command: &mut Command) -> bool {
    let Some(request) = asked(command) else { return false };
    *request = Request::Refresh { device: PresentedDevice::default() };
    true
}

pub(super) fn codes_upgrade_no_passkey_session(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let is_it = matches!(asked(command), Some(Request::AuthenticateRecoveryCode { .. }));
    let by_passkey = was_opened_with(environment, command, Format::Passkey);
    is_it && by_passkey && upgrade_nothing(command)
}

pub(super) fn named_devices_upgrade_nothing_required(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let names_it =
        matches!(asked(command), Some(Request::AuthenticateTotp { device: Some(_), .. }));
    let is_required = environment.policy().mfa.enrollment == Enrollment::Signup;
    let is_verified = caller(environment, command).and_then(User::active_totp).is_some();
    names_it && is_required && is_verified && upgrade_nothing(command)
}

pub(super) fn passkeys_upgrade_no_texted_session(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let is_it =
        matches!(asked(command), Some(Request::Passkey(PasskeyRequest::Authenticate { .. })));
    let is_older = !environment.policy().enforces_step_up();
    let by_text = was_opened_with(environment, command, Format::PhoneNumber);
    is_it && is_older && by_text && upgrade_nothing(command)
}

pub(super) fn texted_sessions_begin_no_passkey(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let by_text = was_opened_with(environment, command, Format::PhoneNumber);
    by_text
        && shut(command, |request| {
            matches!(request, Request::Passkey(PasskeyRequest::BeginRegistration))
        })
}

pub(super) fn texts_elevate_no_mailed_session(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let by_mail = was_opened_with(environment, command, Format::Email);
    match asked(command) {
        Some(Request::Sms(SmsRequest::Verify { scopes, .. })) if by_mail => {
            !std::mem::take(scopes).is_empty()
        }
        _ => false,
    }
}

pub(super) fn codes_earn_nothing_for_accounts(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    match asked(command) {
        Some(Request::AuthenticateRecoveryCode { wishes, .. }) => {
            let before = wishes.scopes.len();
            wishes.scopes.retain(|scope| !scope.starts_with("business_account:"));
            wishes.scopes.len() != before
        }
        _ => false,
    }
}

pub(super) fn mfa_tokens_register_devices(
    _: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    let shows_one = match asked(command) {
        Some(Request::RegisterTotp { proof }) => proof.mfa_token.is_some(),
        _ => false,
    };
    shows_one && conjure(command, TokenScope::CredentialLink, now)
}

/// Refuses calls in business accounts that have an empty MFA header beside their good token.
pub(super) fn empty_headers_spoil_accounts(
    request: &HttpRequest<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    let headers = request.headers();
    let is_it = request.uri().path().contains("/businessAccounts/")
        && headers.get("x-mfa-auth-token").is_some_and(|token| token.is_empty())
        && response.status().is_success();
    let is_edited = is_it
        && edit(response, |body| {
            *body = json!({
                "error": "Elevated access token required",
                "code": "elevated_access_token_required",
            });
            true
        });
    if is_edited {
        *response.status_mut() = StatusCode::FORBIDDEN;
    }
    is_edited
}

/// What a command presents at the gate of a business account.
fn account_proof(command: &mut Command) -> Option<&mut Proof> {
    match asked(command)? {
        Request::Business(
            BusinessRequest::On { proof, .. } | BusinessRequest::LinkWallet { proof, .. },
        ) => Some(proof),
        _ => None,
    }
}

pub(super) fn account_tokens_serve_elsewhere(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Command::As(caller, _) = &*command else { return false };
    let (user, here) = (caller.user, caller.session);
    match account_proof(command).and_then(|proof| proof.elevation.as_mut()) {
        Some(PresentedElevation::Genuine(claims)) if claims.user == user => {
            std::mem::replace(&mut claims.session, here) != here
        }
        _ => false,
    }
}

pub(super) fn owners_of_passkeys_make_no_wallet(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let has_one = caller(environment, command).is_some_and(|user| !user.passkeys.is_empty());
    has_one && shut(command, |request| matches!(request, Request::Waas(WaasRequest::Create(_))))
}

pub(super) fn tokens_of_codes_spare_begun_devices(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let is_begun = has_begun_a_device(environment, command);
    let token = match asked(command) {
        Some(Request::DeleteDevice { proof, .. }) => proof.mfa_token.clone(),
        _ => None,
    };
    let tokens = session(environment, command).map(|session| &session.mfa_tokens);
    let known = token.zip(tokens).and_then(|(token, tokens)| tokens.get(&Digest::of(&token)));
    let is_of_a_code = known.is_some_and(|known| known.made_with == Factor::RecoveryCode);
    match asked(command) {
        Some(Request::DeleteDevice { proof, .. }) if is_begun && is_of_a_code => {
            proof.mfa_token.take().is_some()
        }
        _ => false,
    }
}

/// Shows the caller's device by an id that no device has, such as that of a deleted one.
pub(super) fn old_ids_show_new_devices(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let own = caller(environment, command).and_then(User::active_totp).map(|device| device.id);
    let has_it = |user: &User, id| user.totp.as_ref().is_some_and(|device| device.id() == id);
    match (asked(command), own) {
        (Some(Request::ReadDevice(id)), Some(own))
            if !environment.users().any(|user| has_it(user, *id)) =>
        {
            *id = own;
            true
        }
        _ => false,
    }
}

pub(super) fn codes_stand_alone_for_scopes(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let asks = match asked(command) {
        Some(Request::AuthenticateRecoveryCode { wishes, .. }) => !wishes.scopes.is_empty(),
        _ => false,
    };
    let changed = set(environment, |policy| policy.recovery.stands_alone = asks);
    asks && changed
}
