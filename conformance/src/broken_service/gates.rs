//! Broken where proofs are earned and shown: tokens, scopes, bearers.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::{SignedDuration, Timestamp};
use mock_server::engine::totp::{Code, TotpDevice};
use mock_server::engine::{
    Assertion, Command, Environment, ExternalAuthRequest, LinkingRequest, Outcome,
    PresentedAssertion, Proof, Refusal, Request, TokenScope, WaasRequest,
};

use super::decisions::{Decision, asked, conjure, wishes};

/// Answers yes, with nothing in it, to what was refused.
pub(super) fn agree(result: &mut Decision, refused: impl FnOnce(&Refusal) -> bool) -> bool {
    let is_refused = result.as_ref().is_err_and(refused);
    if is_refused {
        *result = Ok(Outcome::Done);
    }
    is_refused
}

pub(super) fn totp_ignores_scopes(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    match asked(command) {
        Some(Request::AuthenticateTotp { wishes, .. }) => {
            !std::mem::take(&mut wishes.scopes).is_empty()
        }
        _ => false,
    }
}

pub(super) fn mail_elevates_nobody(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    match asked(command) {
        Some(Request::VerifyEmail { scopes, .. }) => !std::mem::take(scopes).is_empty(),
        _ => false,
    }
}

pub(super) fn elevated_deletes_nothing(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    match asked(command) {
        Some(Request::DeleteDevice { proof, .. }) => proof.elevation.take().is_some(),
        _ => false,
    }
}

pub(super) fn mfa_tokens_delete_nothing(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    match asked(command) {
        Some(Request::DeleteDevice { proof, .. }) => proof.mfa_token.take().is_some(),
        _ => false,
    }
}

pub(super) fn wider_than_asked(_: &mut Environment, command: &mut Command, _: Timestamp) -> bool {
    let extra = TokenScope::CredentialUnlink.as_str();
    match wishes(command) {
        Some(wishes)
            if !wishes.scopes.is_empty() && !wishes.scopes.iter().any(|it| it == extra) =>
        {
            wishes.scopes.push(extra.to_owned());
            true
        }
        _ => false,
    }
}

pub(super) fn unknown_scopes_are_passed_over(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Some(wishes) = wishes(command) else { return false };
    let before = wishes.scopes.len();
    wishes.scopes.retain(|name| TokenScope::ALL.iter().any(|scope| scope.as_str() == name));
    wishes.scopes.len() != before
}

pub(super) fn creating_needs_elevation(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    match asked(command) {
        Some(request @ Request::Waas(WaasRequest::Create(_))) => {
            *request = Request::Waas(WaasRequest::DeleteAll { proof: Proof::default() });
            true
        }
        _ => false,
    }
}

pub(super) fn unlinking_needs_nothing(
    _: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    let unlinks = matches!(asked(command), Some(Request::Linking(LinkingRequest::Unlink { .. })));
    unlinks && conjure(command, TokenScope::CredentialUnlink, now)
}

pub(super) fn linking_needs_nothing(
    _: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    let proves_address = matches!(asked(command), Some(Request::VerifyEmail { .. }));
    proves_address && conjure(command, TokenScope::CredentialLink, now)
}

pub(super) fn assertion(command: &mut Command) -> Option<&mut Assertion> {
    match asked(command)? {
        Request::ExternalAuth(ExternalAuthRequest::Verify {
            assertion: PresentedAssertion::Genuine(assertion),
            ..
        }) => Some(assertion),
        _ => None,
    }
}

/// Gives every assertion an id that was never seen before.
pub(super) fn assertions_serve_again(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let Some(id) = assertion(command).and_then(|it| it.token_id.as_mut()) else { return false };
    *id = format!("{id}-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    true
}

pub(super) fn assertions_elevate_nobody(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    assertion(command).is_some_and(|assertion| assertion.token_id.take().is_some())
}

pub(super) fn assertions_need_no_id(
    _: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    match assertion(command) {
        Some(assertion) if assertion.token_id.is_none() => {
            assertion.token_id = Some(now.to_string());
            true
        }
        _ => false,
    }
}

pub(super) fn device_id_is_demanded(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Ok(nobodys) = "00000000-0000-4000-8000-00000000dead".parse() else { return false };
    match asked(command) {
        Some(Request::AuthenticateTotp { device: device @ None, .. }) => {
            *device = Some(nobodys);
            true
        }
        _ => false,
    }
}

pub(super) fn any_device_id_will_do(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Command::As(caller, Request::AuthenticateTotp { device, .. }) = command else {
        return false;
    };
    let user = environment.find_user(&caller.user.to_string());
    let own = user.and_then(|user| user.totp.as_ref()).map(TotpDevice::id);
    let is_foreign = device.is_some() && *device != own;
    if is_foreign {
        *device = None;
    }
    is_foreign
}

pub(super) fn one_device_in_a_lifetime(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Command::As(caller, request @ Request::RegisterTotp { .. }) = command else { return false };
    let user = environment.find_user(&caller.user.to_string());
    // Who has recovery codes and no device has had one.
    let had_one = user.is_some_and(|user| user.totp.is_none() && user.recovery.is_some());
    let Ok(nobodys) = "00000000-0000-4000-8000-00000000dead".parse() else { return false };
    if had_one {
        *request = Request::ReadDevice(nobodys);
    }
    had_one
}

pub(super) fn devices_cannot_be_read(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Ok(nobodys) = "00000000-0000-4000-8000-00000000dead".parse() else { return false };
    match asked(command) {
        Some(Request::ReadDevice(device)) if *device != nobodys => {
            *device = nobodys;
            true
        }
        _ => false,
    }
}

pub(super) fn check_says_never(_: &mut Environment, result: &mut Decision, _: Timestamp) -> bool {
    answer_check(result, false)
}

pub(super) fn check_says_always(_: &mut Environment, result: &mut Decision, _: Timestamp) -> bool {
    answer_check(result, true)
}

fn answer_check(result: &mut Decision, answer: bool) -> bool {
    match result {
        Ok(Outcome::StepUp { required, .. }) if *required != answer => {
            *required = answer;
            true
        }
        _ => false,
    }
}

pub(super) fn tokens_of_anybody(_: &mut Environment, result: &mut Decision, _: Timestamp) -> bool {
    agree(result, |refusal| matches!(refusal, Refusal::MfaTokenUnusable))
}

pub(super) fn hides_that_it_is_single_use(
    _: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    match result {
        Ok(Outcome::Session(grant)) => {
            grant.elevated.as_mut().is_some_and(|elevated| std::mem::take(&mut elevated.single_use))
        }
        _ => false,
    }
}

/// Counts time steps from a minute and a half later than the standard.
pub(super) fn counts_from_another_epoch(
    environment: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    let Command::As(caller, Request::AuthenticateTotp { code, .. }) = command else { return false };
    let user = environment.find_user(&caller.user.to_string());
    let Some(device) = user.and_then(|user| user.totp.as_ref()) else { return false };
    let shown = Code::from(environment.totp_code(device.secret(), now).as_str());
    let late = now + SignedDuration::from_secs(90);
    let wanted = Code::from(environment.totp_code(device.secret(), late).as_str());
    let is_right = *code == shown;
    if *code == wanted {
        *code = shown;
    } else if is_right {
        *code = wanted;
    }
    is_right
}
