//! Broken where people are concerned: their codes, their accounts, their trusted devices.

use jiff::Timestamp;
use mock_server::engine::{
    AdminRequest, BusinessRefusal, Command, Environment, LinkingRefusal, Outcome, PresentedDevice,
    Refusal, Request, SmsCommand, TrustedDeviceRequest, UserId,
};

use super::decisions::{Decision, asked};
use super::gates::agree;

/// What was typed at a sign-in by mail or by text.
fn typed(command: &mut Command) -> Option<&mut String> {
    match command {
        Command::SignInWithEmail { code, .. } | Command::Sms(SmsCommand::SignIn { code, .. }) => {
            Some(code)
        }
        _ => None,
    }
}

/// Takes the code of any message for that of another: right as long as two were sent.
fn take_any_code(environment: &Environment, command: &mut Command, sign: char) -> bool {
    let Some(typed) = typed(command) else { return false };
    let sent: Vec<(String, String)> = environment
        .messages(None, 0)
        .filter(|message| message.to.contains(sign))
        .map(|message| (message.to.clone(), message.code.reveal().to_owned()))
        .collect();
    let others = sent.iter().find(|(_, code)| code != typed);
    match others {
        Some((_, other)) if sent.iter().any(|(_, code)| code == typed) => {
            typed.clone_from(other);
            true
        }
        _ => false,
    }
}

pub(super) fn any_mailed_code(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    take_any_code(environment, command, '@')
}

pub(super) fn any_texted_code(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    take_any_code(environment, command, '+')
}

pub(super) fn mailed_codes_work_again(
    _: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    agree(result, |refusal| matches!(refusal, Refusal::VerificationClosed { .. }))
}

pub(super) fn tells_who_has_an_account(
    environment: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    let Ok(Outcome::EmailVerification(opened)) = &*result else { return false };
    let is_unknown = environment.find_user(&opened.email).is_none();
    if is_unknown {
        *result = Err(Refusal::NoSuchUser);
    }
    is_unknown
}

pub(super) fn taken_addresses_are_linked(
    _: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    agree(result, |refusal| matches!(refusal, Refusal::CredentialTaken { .. }))
}

pub(super) fn last_credentials_go(
    _: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    agree(result, |refusal| matches!(refusal, Refusal::Linking(LinkingRefusal::LastCredential)))
}

/// Reads the user whom an administrator's call was about, in the place of doing it.
fn only_read(command: &mut Command, about: fn(&AdminRequest) -> Option<UserId>) -> bool {
    let Command::Admin(_, request) = command else { return false };
    let Some(user) = about(request) else { return false };
    *request = AdminRequest::ReadUser(user);
    true
}

pub(super) fn reset_leaves_the_device(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    only_read(command, |request| match request {
        AdminRequest::ResetMfa(user) => Some(*user),
        _ => None,
    })
}

pub(super) fn revocation_leaves_sessions(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    only_read(command, |request| match request {
        AdminRequest::RevokeSessionsOf(user) => Some(*user),
        _ => None,
    })
}

/// Lists devices in place of a revocation that says which device asks for it.
pub(super) fn lists_in_place_of(
    command: &mut Command,
    revoked_by: impl FnOnce(&mut TrustedDeviceRequest) -> Option<&mut PresentedDevice>,
) -> bool {
    let Some(Request::TrustedDevice(request)) = asked(command) else { return false };
    let Some(device) = revoked_by(request).map(std::mem::take) else { return false };
    *request = TrustedDeviceRequest::List { device };
    true
}

pub(super) fn revoked_devices_stay(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    lists_in_place_of(command, |request| match request {
        TrustedDeviceRequest::Revoke { device, .. } => Some(device),
        _ => None,
    })
}

pub(super) fn case_matters(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Command::As(caller, Request::AuthenticateRecoveryCode { code, .. }) = command else {
        return false;
    };
    let user = environment.find_user(&caller.user.to_string());
    let Some(codes) = user.and_then(|user| user.recovery.as_ref()) else { return false };
    let is_other_case = !codes.reveal(true).contains(code);
    if is_other_case {
        "not as it was written".clone_into(code);
    }
    is_other_case
}

pub(super) fn any_recovery_code(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Command::As(caller, Request::AuthenticateRecoveryCode { code, .. }) = command else {
        return false;
    };
    let user = environment.find_user(&caller.user.to_string());
    let Some(codes) = user.and_then(|user| user.recovery.as_ref()) else { return false };
    match codes.reveal(false).pop() {
        Some(good) if !codes.reveal(true).contains(code) => {
            *code = good;
            true
        }
        _ => false,
    }
}

pub(super) fn exhausted_sets_stay(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Command::As(caller, request @ Request::RotateRecoveryCodes) = command else { return false };
    let user = environment.find_user(&caller.user.to_string());
    let codes = user.and_then(|user| user.recovery.as_ref());
    let is_exhausted = codes.is_some_and(|codes| codes.unused_count() == 0);
    if is_exhausted {
        *request = Request::ReadRecoveryCodes;
    }
    is_exhausted
}

pub(super) fn roles_do_not_matter(
    _: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    let too_low = |refusal: &Refusal| {
        matches!(refusal, Refusal::Business(BusinessRefusal::RoleTooLow { .. }))
    };
    agree(result, too_low)
}

pub(super) fn deletion_leaves_the_user(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    match asked(command) {
        Some(request @ Request::DeleteUser { .. }) => {
            *request = Request::Revoke;
            true
        }
        _ => false,
    }
}
