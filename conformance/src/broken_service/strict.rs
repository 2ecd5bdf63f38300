//! Broken by refusing what one counter-case of the suite shows to be allowed.

use jiff::Timestamp;
use mock_server::bytes::Bytes;
use mock_server::engine::passkey::PasskeyRequest;
use mock_server::engine::policy::Policy;
use mock_server::engine::totp::{Code, TotpDevice};
use mock_server::engine::{
    AccountDeed, BusinessRequest, Command, Environment, LinkingRequest, Request, SmsCommand,
    TokenScope, TrustedDeviceRequest, WaasRequest,
};
use mock_server::http::header::ACCESS_CONTROL_ALLOW_ORIGIN;
use mock_server::http::{Request as HttpRequest, Response};

use super::decisions::{asked, presented, wishes};

/// Refuses a request, if it is of that kind, by asking for what nobody has.
pub(super) fn shut(command: &mut Command, is_it: impl FnOnce(&Request) -> bool) -> bool {
    let Ok(nobodys) = "00000000-0000-4000-8000-00000000dead".parse() else { return false };
    match asked(command) {
        Some(request) if is_it(request) => {
            *request = Request::ReadDevice(nobodys);
            true
        }
        _ => false,
    }
}

pub(super) fn wallets_stay_shut(_: &mut Environment, command: &mut Command, _: Timestamp) -> bool {
    shut(command, |request| matches!(request, Request::Waas(WaasRequest::Create(_))))
}

pub(super) fn complete_sessions_are_held_back(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    shut(command, |request| matches!(request, Request::DeleteUser { .. }))
}

pub(super) fn owners_add_nobody(_: &mut Environment, command: &mut Command, _: Timestamp) -> bool {
    shut(command, |request| match request {
        Request::Business(BusinessRequest::On { deed, .. }) => {
            matches!(deed, AccountDeed::AddMember { .. })
        }
        _ => false,
    })
}

pub(super) fn passed_factors_enrol_nothing(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    shut(command, |request| matches!(request, Request::Passkey(PasskeyRequest::BeginRegistration)))
}

pub(super) fn free_addresses_are_refused(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    shut(command, |request| match request {
        Request::VerifyEmail { scopes, proof, .. } => {
            scopes.is_empty() && proof.elevation.is_some()
        }
        _ => false,
    })
}

pub(super) fn wallet_proof(command: &mut Command) -> Option<&mut mock_server::engine::Proof> {
    match asked(command)? {
        Request::Waas(WaasRequest::On { proof, .. }) => Some(proof),
        _ => None,
    }
}

pub(super) fn good_tokens_perform_nothing(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    wallet_proof(command).is_some_and(|proof| proof.mfa_token.take().is_some())
}

pub(super) fn good_scopes_export_nothing(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    wallet_proof(command).is_some_and(|proof| proof.elevation.take().is_some())
}

pub(super) fn unlinking_takes_no_token(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let unlinks = matches!(asked(command), Some(Request::Linking(LinkingRequest::Unlink { .. })));
    unlinks && presented(command).is_some_and(|proof| proof.elevation.take().is_some())
}

pub(super) fn transfers_are_never_granted(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let transfer = TokenScope::BusinessAccountTransferOwnership.as_str();
    let is_it = |scopes: &mut Vec<String>| {
        let alone = scopes.len() == 1 && scopes.iter().any(|scope| scope == transfer);
        alone && !std::mem::take(scopes).is_empty()
    };
    match wishes(command) {
        Some(wishes) => is_it(&mut wishes.scopes),
        None => match asked(command) {
            Some(Request::VerifyEmail { scopes, .. }) => is_it(scopes),
            _ => false,
        },
    }
}

pub(super) fn answered_mails_register_nothing(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    match asked(command) {
        Some(Request::TrustedDevice(TrustedDeviceRequest::Register { token, .. })) => {
            !std::mem::take(token).is_empty()
        }
        _ => false,
    }
}

pub(super) fn no_texted_sign_in(_: &mut Environment, command: &mut Command, _: Timestamp) -> bool {
    match command {
        Command::Sms(SmsCommand::SignIn { code, .. }) => !std::mem::take(code).is_empty(),
        _ => false,
    }
}

pub(super) fn own_call_confirms_nothing(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Command::As(caller, request @ Request::ConfirmTotp { .. }) = command else { return false };
    let user = environment.find_user(&caller.user.to_string());
    match user.and_then(|user| user.totp.as_ref()).map(TotpDevice::id) {
        Some(id) => {
            *request = Request::ReadDevice(id);
            true
        }
        None => false,
    }
}

pub(super) fn one_code_in_a_lifetime(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Command::As(caller, Request::AuthenticateTotp { code, .. }) = command else { return false };
    let user = environment.find_user(&caller.user.to_string());
    let had_one =
        user.and_then(|user| user.active_totp()).is_some_and(|device| device.last_step.is_some());
    if had_one {
        *code = Code::from("");
    }
    had_one
}

pub(super) fn locks_at_the_first_failure(policy: &mut Policy) {
    policy.totp.failures_max = 1;
}

pub(super) fn limits_too_early(policy: &mut Policy) {
    policy.rate_limits.nonces = policy.rate_limits.nonces.min(2);
}

pub(super) fn no_origin_reads(_: &HttpRequest<Bytes>, response: &mut Response<Bytes>) -> bool {
    response.headers_mut().remove(ACCESS_CONTROL_ALLOW_ORIGIN).is_some()
}
