//! Broken in one place among several of the same kind, and honest in the others.

use jiff::Timestamp;
use mock_server::bytes::Bytes;
use mock_server::engine::passkey::PasskeyRequest;
use mock_server::engine::policy::{MfaAction, Policy, ReauthenticationWithMfa, Replay};
use mock_server::engine::totp::TotpDevice;
use mock_server::engine::{
    Acknowledgement, Command, Environment, PresentedElevation, Request, SmsRequest, TokenScope,
    User, WaasRequest, WalletDeed,
};
use mock_server::http::{Method, Request as HttpRequest, Response};
use serde_json::json;

use super::answers::edit;
use super::decisions::{asked, conjure, presented, wishes};
use super::gates::assertion;
use super::strict::wallet_proof;

/// The caller of a command, if it has one.
pub(super) fn caller<'world>(
    environment: &'world Environment,
    command: &Command,
) -> Option<&'world User> {
    match command {
        Command::As(caller, _) => environment.find_user(&caller.user.to_string()),
        _ => None,
    }
}

/// Whether the caller has begun a device and not confirmed it.
pub(super) fn has_begun_a_device(environment: &Environment, command: &Command) -> bool {
    let totp = caller(environment, command).and_then(|user| user.totp.as_ref());
    matches!(totp, Some(TotpDevice::Pending(_)))
}

/// Changes the settings from now on.
pub(super) fn set(environment: &mut Environment, edit: impl FnOnce(&mut Policy)) -> bool {
    let mut policy = Policy::clone(environment.policy());
    edit(&mut policy);
    policy != **environment.policy() && environment.set_policy(policy).is_ok()
}

pub(super) fn recovery_forgets_the_mfa_token(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    match asked(command) {
        Some(Request::AuthenticateRecoveryCode { wishes, .. }) => wishes.mfa_token.take().is_some(),
        _ => false,
    }
}

pub(super) fn recovery_grants_the_first_scope(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    match asked(command) {
        Some(Request::AuthenticateRecoveryCode { wishes, .. }) => {
            let is_cut = wishes.scopes.len() > 1;
            wishes.scopes.truncate(1);
            is_cut
        }
        _ => false,
    }
}

pub(super) fn passkey_tokens_serve_once(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let is_it =
        matches!(asked(command), Some(Request::Passkey(PasskeyRequest::Authenticate { .. })));
    let token = wishes(command).and_then(|wishes| wishes.mfa_token.as_mut());
    is_it && token.is_some_and(|token| !std::mem::replace(&mut token.single_use, true))
}

pub(super) fn passkey_tokens_delete_no_passkey(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    match asked(command) {
        Some(Request::Passkey(PasskeyRequest::Delete { proof, .. })) => {
            proof.mfa_token.take().is_some()
        }
        _ => false,
    }
}

pub(super) fn first_factors_pass_over_scopes(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let scopes = match asked(command) {
        Some(
            Request::VerifyEmail { scopes, .. } | Request::Sms(SmsRequest::Verify { scopes, .. }),
        ) => scopes,
        _ => return false,
    };
    let before = scopes.len();
    scopes.retain(|name| TokenScope::ALL.iter().any(|scope| scope.as_str() == name));
    scopes.len() != before
}

pub(super) fn deleting_scopes_export(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let exports = matches!(
        asked(command),
        Some(Request::Waas(WaasRequest::On { deed: WalletDeed::Export, .. }))
    );
    match wallet_proof(command).and_then(|proof| proof.elevation.as_mut()) {
        Some(PresentedElevation::Genuine(claims))
            if exports && claims.scopes.contains(TokenScope::WalletDelete) =>
        {
            claims.scopes = claims.scopes.iter().chain([TokenScope::WalletExport]).collect();
            true
        }
        _ => false,
    }
}

pub(super) fn wallet_tokens_serve_elsewhere(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Command::As(caller, _) = &*command else { return false };
    let (user, here) = (caller.user, caller.session);
    match wallet_proof(command).and_then(|proof| proof.elevation.as_mut()) {
        Some(PresentedElevation::Genuine(claims)) if claims.user == user => {
            std::mem::replace(&mut claims.session, here) != here
        }
        _ => false,
    }
}

/// Takes the id of an assertion for another one in each session.
pub(super) fn assertions_serve_each_session(
    _: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let Command::As(caller, _) = &*command else { return false };
    let session = caller.session;
    let Some(id) = assertion(command).and_then(|it| it.token_id.as_mut()) else { return false };
    *id = format!("{id}-{session}");
    true
}

pub(super) fn long_expiries_are_cut(policy: &mut Policy) {
    let longest = policy.elevation.time_bound_life_seconds;
    for rule in &mut policy.mfa.actions {
        rule.token_expiry_seconds = rule.token_expiry_seconds.map(|life| life.min(longest));
    }
}

pub(super) fn passed_sessions_link_freely(
    environment: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    let Command::As(caller, Request::VerifyEmail { scopes, .. }) = &*command else { return false };
    let has_passed = environment
        .sessions_of(caller.user)
        .any(|session| session.id == caller.session && session.mfa_at.is_some());
    scopes.is_empty() && has_passed && conjure(command, TokenScope::CredentialLink, now)
}

pub(super) fn spare_passkeys_go_freely(
    environment: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    let is_spare = caller(environment, command).is_some_and(|user| user.passkeys.len() > 1);
    let is_it = matches!(asked(command), Some(Request::Passkey(PasskeyRequest::Delete { .. })));
    let shows_none = presented(command).is_some_and(|proof| proof.mfa_token.is_none());
    is_spare && is_it && shows_none && conjure(command, TokenScope::CredentialUnlink, now)
}

pub(super) fn further_passkeys_need_nothing(
    environment: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    let has_one = caller(environment, command).is_some_and(|user| !user.passkeys.is_empty());
    let is_it = matches!(asked(command), Some(Request::Passkey(PasskeyRequest::Register { .. })));
    has_one && is_it && conjure(command, TokenScope::CredentialLink, now)
}

pub(super) fn begun_devices_go_freely(
    environment: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    let is_begun = has_begun_a_device(environment, command);
    let is_it = matches!(asked(command), Some(Request::DeleteDevice { .. }));
    is_begun && is_it && conjure(command, TokenScope::CredentialUnlink, now)
}

pub(super) fn begun_devices_bind(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let is_begun = has_begun_a_device(environment, command);
    match asked(command) {
        Some(Request::VerifyEmail { scopes, .. }) if is_begun => !std::mem::take(scopes).is_empty(),
        _ => false,
    }
}

pub(super) fn passkeys_do_not_bind(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let has_them_alone = caller(environment, command)
        .is_some_and(|user| user.totp.is_none() && !user.passkeys.is_empty());
    let earns = match asked(command) {
        Some(Request::VerifyEmail { scopes, .. }) => !scopes.is_empty(),
        _ => false,
    };
    has_them_alone
        && earns
        && set(environment, |policy| {
            policy.elevation.reauthentication_with_mfa = ReauthenticationWithMfa::Grant;
        })
}

pub(super) fn one_wallet_action_is_open(policy: &mut Policy) {
    policy.mfa.actions.retain(|rule| rule.action != MfaAction::WalletWaasRefresh);
}

pub(super) fn profiles_need_nothing(policy: &mut Policy) {
    policy.mfa.actions.retain(|rule| rule.action != MfaAction::UserUpdate);
}

/// Lets wallets wait when they are made, and at no later call.
pub(super) fn only_new_wallets_wait(
    environment: &mut Environment,
    command: &mut Command,
    _: Timestamp,
) -> bool {
    let is_later = matches!(asked(command), Some(Request::Waas(WaasRequest::On { .. })));
    let owes = caller(environment, command)
        .is_some_and(|user| user.acknowledgement == Acknowledgement::Pending);
    let changed = set(environment, |policy| policy.recovery.pending_blocks_wallets = !is_later);
    changed && is_later && owes
}

/// Takes a code again at the moment at which it confirmed its device.
pub(super) fn confirming_codes_serve_again(
    environment: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    let Command::As(_, Request::AuthenticateTotp { code, .. }) = &*command else { return false };
    let device = caller(environment, command).and_then(User::active_totp);
    let is_it = device.is_some_and(|device| {
        let step = device.secret.step_of(code, &environment.policy().totp, now);
        device.verified_at == now.into() && step.is_some() && step == device.last_step
    });
    is_it && set(environment, |policy| policy.totp.replay = Replay::Allow)
}

pub(super) fn confirmation_hides_what_is_wrong(
    request: &HttpRequest<Bytes>,
    response: &mut Response<Bytes>,
) -> bool {
    let confirms = request.method() == Method::POST
        && request.uri().path().ends_with("/users/mfa/register/totp");
    confirms
        && edit(response, |body| match body.pointer_mut("/code") {
            Some(code) if code == "mfa_invalid_code" => {
                *code = json!("mfa_invalid_request");
                true
            }
            _ => false,
        })
}
