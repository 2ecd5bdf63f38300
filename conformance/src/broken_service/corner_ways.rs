//! Broken for one way in, one kind of token, one place of several, where a rule names them all.

use jiff::{SignedDuration, Timestamp};
use mock_server::bytes::Bytes;
use mock_server::engine::passkey::PasskeyRequest;
use mock_server::engine::policy::Enrollment;
use mock_server::engine::{
    AccountDeed, BusinessRequest, Command, Environment, Format, Identity, Outcome,
    PresentedElevation, Request, SmsCommand, StepUpCredential, TrustedDeviceRequest, User, UserId,
};
use mock_server::http::header::SET_COOKIE;
use mock_server::http::{Request as HttpRequest, Response, StatusCode};
use serde_json::{Value, json};

use super::answers::edit;
use super::decisions::{Decision, asked};
use super::narrow::{caller, set};
use super::people::{any_texted_code, lists_in_place_of};
use super::strict::shut;

/// Whether an answer is that to a sign-in by text.
fn is_texted_sign_in(request: &HttpRequest<Bytes>) -> bool {
    request.uri().path().ends_with("/smsVerifications/signin")
}

/// Sends another code to whatever number is named, and takes it for that of the first one.
pub(super) fn texts_go_elsewhere(
    environment: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    if let Command::Sms(SmsCommand::Retry { phone, .. }) = command {
        let phone = phone.clone();
        *command = Command::Sms(SmsCommand::Start { phone });
        return true;
    }
    any_texted_code(environment, command, now)
}

/// The digits of a user's number without those of the country.
fn national_digits(user: &User) -> Option<&str> {
    user.credentials.iter().find_map(|known| match &known.identity {
        Identity::PhoneNumber(phone) => Some(phone.phone_number.as_str()),
        _ => None,
    })
}

/// Takes whoever has the same digits in another country for the one who signs in.
pub(super) fn countries_do_not_matter(
    environment: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    let Ok(Outcome::Session(grant)) = result else { return false };
    let here = environment.find_user(&grant.user.id.to_string());
    let Some(digits) = here.and_then(national_digits) else { return false };
    let is_another =
        |user: &&User| user.id != grant.user.id && national_digits(user) == Some(digits);
    let Some(other) = environment.users().find(is_another).map(|other: &User| other.id) else {
        return false;
    };
    let other: UserId = other;
    grant.user.id = other;
    grant.claims.user = other;
    true
}

/// Sends another code only to those who have an account.
pub(super) fn retries_know_accounts(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    match command {
        Command::RetryEmailVerification { email, .. } if environment.find_user(email).is_none() => {
            email.insert(0, 'x');
            true
        }
        _ => false,
    }
}

/// Says of a texted sign-in whose device signature is wrong that it was fine.
pub(super) fn texts_need_no_signature(
    request: &HttpRequest<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    let is_signed = request.headers().contains_key("x-dynamic-device-signed-nonce");
    let is_it = is_signed
        && is_texted_sign_in(request)
        && response.status() == StatusCode::UNAUTHORIZED
        && edit(response, |body| {
            *body = json!({ "user": {} });
            true
        });
    if is_it {
        *response.status_mut() = StatusCode::OK;
    }
    is_it
}

pub(super) fn texts_set_no_cookie(
    request: &HttpRequest<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    is_texted_sign_in(request) && response.headers_mut().remove(SET_COOKIE).is_some()
}

pub(super) fn check_leaves_numbers_out(
    _: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    let Ok(Outcome::StepUp { credentials, .. }) = result else { return false };
    let before = credentials.len();
    credentials.retain(|offered| match offered {
        StepUpCredential::Credential(known) => known.identity.format() != Format::PhoneNumber,
        _ => true,
    });
    credentials.len() != before
}

/// Makes a new set for each session but the first one of its user.
pub(super) fn other_sessions_see_another_set(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Command::As(caller, request @ Request::ReadRecoveryCodes) = command else { return false };
    let of_user = || environment.sessions_of(caller.user);
    let here = of_user().find(|session| session.id == caller.session);
    let Some(begun) = here.map(|session| session.created_at) else { return false };
    let is_later = of_user().any(|session| session.created_at < begun);
    if is_later {
        *request = Request::RotateRecoveryCodes;
    }
    is_later
}

pub(super) fn codes_stand_alone_where_owed(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let is_it = matches!(asked(command), Some(Request::AuthenticateRecoveryCode { .. }));
    let is_owed = environment.policy().mfa.enrollment != Enrollment::None;
    let changed = set(environment, |policy| policy.recovery.stands_alone = is_it && is_owed);
    changed && is_it
}

pub(super) fn settings_hide_resharing(
    request: &HttpRequest<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    request.uri().path().ends_with("/settings")
        && edit(response, |body| match body.pointer_mut("/security/mfa/actions") {
            Some(Value::Array(actions)) => {
                let before = actions.len();
                actions.retain(|rule| rule["action"] != "wallet.waas.reshare");
                actions.len() != before
            }
            _ => false,
        })
}

/// Gives those without a second factor tokens that can be used again, whatever their scopes.
pub(super) fn mailed_tokens_are_not_spent(
    environment: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    let Ok(Outcome::Session(grant)) = result else { return false };
    let user = environment.find_user(&grant.user.id.to_string());
    let has_none =
        user.is_some_and(|user| user.active_totp().is_none() && user.passkeys.is_empty());
    match &mut grant.elevated {
        Some(claims) if has_none => std::mem::take(&mut claims.single_use),
        _ => false,
    }
}

/// Registers devices for single-use tokens that are over.
pub(super) fn single_use_does_not_end(
    _: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    let Some(Request::RegisterTotp { proof }) = asked(command) else { return false };
    match &mut proof.elevation {
        Some(PresentedElevation::Genuine(claims))
            if claims.single_use && claims.expires_at <= now =>
        {
            let later = now.checked_add(SignedDuration::from_secs(60));
            claims.expires_at = later.unwrap_or(Timestamp::MAX);
            true
        }
        _ => false,
    }
}

pub(super) fn passkeys_beside_totp_earn_no_token(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let has_totp = caller(environment, command).and_then(User::active_totp).is_some();
    match asked(command) {
        Some(Request::Passkey(PasskeyRequest::Authenticate { wishes, .. })) if has_totp => {
            wishes.mfa_token.take().is_some()
        }
        _ => false,
    }
}

pub(super) fn new_devices_have_no_window(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let is_it = matches!(asked(command), Some(Request::ConfirmTotp { .. }));
    let steps = u8::from(!is_it);
    set(environment, |policy| policy.totp.window_steps = steps) && is_it
}

/// Takes a used code again once three are used.
pub(super) fn older_codes_work_again(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let codes = caller(environment, command).and_then(|user| user.recovery.as_ref());
    let Some((all, left)) = codes.map(|codes| (codes.reveal(true), codes.reveal(false))) else {
        return false;
    };
    match asked(command) {
        Some(Request::AuthenticateRecoveryCode { code, .. })
            if all.len() >= left.len() + 3 && all.contains(code) && !left.contains(code) =>
        {
            left.first().is_some_and(|good| {
                code.clone_from(good);
                true
            })
        }
        _ => false,
    }
}

pub(super) fn all_revoked_devices_stay(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    lists_in_place_of(command, |request| match request {
        TrustedDeviceRequest::RevokeAll { device } => Some(device),
        _ => None,
    })
}

/// Asks about no device any longer once a mail about one was answered.
pub(super) fn one_device_vouches_for_all(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let registers = matches!(
        asked(command),
        Some(Request::TrustedDevice(TrustedDeviceRequest::Register { .. }))
    );
    registers && set(environment, |policy| policy.device_registration.required = false)
}

/// Takes a single-use token of several scopes for another one where a device is registered.
pub(super) fn uses_are_counted_by_scope(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Some(Request::RegisterTotp { proof }) = asked(command) else { return false };
    match &mut proof.elevation {
        Some(PresentedElevation::Genuine(claims))
            if claims.single_use && claims.scopes.iter().count() > 1 =>
        {
            let id = claims.id.to_string();
            let first = if id.starts_with('0') { "1" } else { "0" };
            let other = id.get(1..).and_then(|rest| format!("{first}{rest}").parse().ok());
            other.is_some_and(|other| {
                claims.id = other;
                true
            })
        }
        _ => false,
    }
}

pub(super) fn accounts_keep_their_signers(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    shut(command, |request| match request {
        Request::Business(BusinessRequest::On { deed, .. }) => {
            matches!(deed, AccountDeed::RemoveSigner { .. })
        }
        _ => false,
    })
}
