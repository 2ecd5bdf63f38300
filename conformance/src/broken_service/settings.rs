//! Broken by a setting that nobody would choose.

use mock_server::engine::policy::{
    Algorithm, ApiVersion, Enrollment, MfaAction, Policy, ProtectedAction, ReauthenticationWithMfa,
    Replay, UnverifiedDevice,
};
use mock_server::engine::{ScopeSet, TokenScope};

pub(super) fn replay_allowed(policy: &mut Policy) {
    policy.totp.replay = Replay::Allow;
}

pub(super) fn window_of_five(policy: &mut Policy) {
    policy.totp.window_steps = 5;
}

pub(super) fn no_window(policy: &mut Policy) {
    policy.totp.window_steps = 0;
}

pub(super) fn second_device_is_409(policy: &mut Policy) {
    policy.totp.second_device_status = 409;
}

pub(super) fn keep_unverified_device(policy: &mut Policy) {
    policy.totp.unverified_device = UnverifiedDevice::Keep;
}

pub(super) fn never_rate_limited(policy: &mut Policy) {
    policy.totp.failures_max = 1_000;
}

pub(super) fn elevated_lives_an_hour(policy: &mut Policy) {
    policy.elevation.single_use_life_seconds = 3_600;
    policy.elevation.time_bound_life_seconds = 3_600;
}

pub(super) fn nothing_is_single_use(policy: &mut Policy) {
    policy.elevation.single_use_scopes = ScopeSet::default();
}

pub(super) fn reauthentication_despite_mfa(policy: &mut Policy) {
    policy.elevation.reauthentication_with_mfa = ReauthenticationWithMfa::Grant;
}

pub(super) fn basic_while_pending(policy: &mut Policy) {
    policy.session.basic_while_pending = true;
}

pub(super) fn never_challenges(policy: &mut Policy) {
    policy.mfa.enabled = false;
    // Without any rule MFA would count as off, and nobody could even enrol.
    if policy.mfa.actions.is_empty() {
        policy.mfa.actions.push(ProtectedAction {
            action: MfaAction::WalletWaasExport,
            required: true,
            token_behavior: None,
            token_expiry_seconds: None,
        });
    }
}

pub(super) fn asks_everybody(policy: &mut Policy) {
    policy.mfa.enrollment = Enrollment::Signup;
}

pub(super) fn partial_reaches_everything(policy: &mut Policy) {
    policy.session.partial_reaches_everything = true;
}

pub(super) fn other_algorithm(policy: &mut Policy) {
    policy.totp.algorithm = Algorithm::Sha256;
}

pub(super) fn authentication_confirms_nothing(policy: &mut Policy) {
    policy.totp.authentication_confirms = false;
}

pub(super) fn required_asks_nobody(policy: &mut Policy) {
    policy.mfa.enrollment = Enrollment::None;
}

pub(super) fn step_up_for_everybody(policy: &mut Policy) {
    policy.min_api_version = ApiVersion::V2026_04_01;
}

pub(super) fn elevation_refused_with_401(policy: &mut Policy) {
    policy.elevation.refused_status = 401;
}

pub(super) fn actions_open_to_all(policy: &mut Policy) {
    policy.mfa.actions.clear();
}

pub(super) fn one_action_protects_all(policy: &mut Policy) {
    if policy.mfa.actions.is_empty() {
        return;
    }
    for action in MfaAction::ALL.iter().copied() {
        if policy.mfa.rule(action).is_none() {
            let (token_behavior, token_expiry_seconds) = (None, None);
            let rule =
                ProtectedAction { action, required: true, token_behavior, token_expiry_seconds };
            policy.mfa.actions.push(rule);
        }
    }
}

pub(super) fn actions_without_terms(policy: &mut Policy) {
    for rule in &mut policy.mfa.actions {
        (rule.token_behavior, rule.token_expiry_seconds) = (None, None);
    }
}

pub(super) fn export_needs_nothing(policy: &mut Policy) {
    policy.elevation.required_scopes = without(policy, TokenScope::WalletExport);
}

fn without(policy: &Policy, scope: TokenScope) -> ScopeSet {
    policy.elevation.required_scopes.iter().filter(|other| *other != scope).collect()
}

pub(super) fn transfer_among_others(policy: &mut Policy) {
    policy.elevation.alone_scopes = ScopeSet::default();
}

pub(super) fn nine_codes(policy: &mut Policy) {
    policy.recovery.code_count = 9;
}

pub(super) fn used_codes_are_shown(policy: &mut Policy) {
    policy.recovery.list_used = true;
}

pub(super) fn recovery_stands_alone(policy: &mut Policy) {
    policy.recovery.stands_alone = true;
}

pub(super) fn wallets_never_wait(policy: &mut Policy) {
    policy.recovery.pending_blocks_wallets = false;
}

pub(super) fn never_limits(policy: &mut Policy) {
    policy.rate_limits.enabled = false;
}

pub(super) fn trusts_every_device(policy: &mut Policy) {
    policy.device_registration.required = false;
}

pub(super) fn no_test_account(policy: &mut Policy) {
    policy.email.test_account = false;
}

pub(super) fn unlinking_ends_nothing(policy: &mut Policy) {
    policy.linking.unlink_ends_sessions = false;
}

pub(super) fn mailed_codes_can_be_guessed(policy: &mut Policy) {
    policy.email.attempts_max = u8::MAX;
}

pub(super) fn mailed_codes_live_a_day(policy: &mut Policy) {
    policy.email.code_life_seconds = 86_400;
}

pub(super) fn every_origin_reads(policy: &mut Policy) {
    policy.cors_origins.clear();
}

pub(super) fn short_secrets(policy: &mut Policy) {
    policy.totp.secret_bytes = 10;
}

pub(super) fn passkeys_are_two_factors(policy: &mut Policy) {
    policy.passkey.sign_in_passes_mfa = true;
}

pub(super) fn revoked_devices_go_on(policy: &mut Policy) {
    policy.device_registration.revocation_ends_sessions = false;
}

pub(super) fn mails_register_any_device(policy: &mut Policy) {
    policy.device_registration.token_bound_to_device = false;
}
