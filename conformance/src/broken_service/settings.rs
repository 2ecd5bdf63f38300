//! Broken by a setting that nobody would choose.

use mock_server::engine::ScopeSet;
use mock_server::engine::policy::{
    Enrollment, MfaAction, Policy, ProtectedAction, ReauthenticationWithMfa, Replay,
    UnverifiedDevice,
};

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
