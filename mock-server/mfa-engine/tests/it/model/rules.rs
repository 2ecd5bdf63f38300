//! The settings between which a history changes.

use mfa_engine::TokenScope;
use mfa_engine::policy::{
    DeleteDefault, DeleteProof, Enrollment, FirstEnrolment, MfaAction, Policy, ProtectedAction,
    ReauthenticationWithMfa, Replay, SpentOn, TokenBehavior, UnverifiedDevice,
};
use proptest::prelude::*;

/// A set of settings by name, so that a story can say it in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rules {
    /// A fresh environment: session MFA on, nobody forced to enrol, step-up enforced.
    Fresh,
    /// The older guides: no elevated tokens.
    Legacy,
    /// Everybody must enrol at sign-up.
    Required,
    /// The same without elevated tokens.
    LegacyRequired,
    /// MFA off altogether.
    Off,
    /// MFA on through protected actions only, two scopes and MFA tokens with terms of their own,
    /// an elevated token asked for by nothing but an export.
    Actions,
    /// Every switch to the forgiving side.
    Lenient,
    /// Every switch to the strict side.
    Strict,
}

impl Rules {
    pub(crate) fn any() -> impl Strategy<Value = Self> {
        prop_oneof![
            4 => Just(Self::Fresh),
            3 => Just(Self::Legacy),
            3 => Just(Self::Required),
            2 => Just(Self::LegacyRequired),
            1 => Just(Self::Off),
            3 => Just(Self::Actions),
            4 => Just(Self::Lenient),
            4 => Just(Self::Strict),
        ]
    }

    pub(crate) fn policy(self) -> Policy {
        let mut policy = match self {
            Self::Legacy | Self::LegacyRequired => Policy::legacy(),
            _ => Policy::default(),
        };
        match self {
            Self::Fresh | Self::Legacy => {}
            Self::Required | Self::LegacyRequired => policy.mfa.enrollment = Enrollment::Signup,
            Self::Off => policy.mfa.enabled = false,
            Self::Actions => {
                policy.mfa.enabled = false;
                policy.mfa.actions = actions();
                policy.devices.recovery_code_deletes = false;
                policy.mfa_tokens.life_seconds = Some(100);
                policy.elevation.reauthentication_with_mfa = ReauthenticationWithMfa::WithoutToken;
                policy.elevation.required_scopes = [TokenScope::WalletExport].into_iter().collect();
            }
            Self::Lenient => loosen(&mut policy),
            Self::Strict => tighten(&mut policy),
        }
        policy
    }
}

fn actions() -> Vec<ProtectedAction> {
    vec![
        ProtectedAction {
            action: MfaAction::WalletWaasSign,
            required: true,
            token_behavior: Some(TokenBehavior::TimeBound),
            token_expiry_seconds: Some(42),
        },
        ProtectedAction {
            action: MfaAction::UserUpdate,
            required: false,
            token_behavior: Some(TokenBehavior::SingleUse),
            token_expiry_seconds: Some(900),
        },
    ]
}

fn loosen(policy: &mut Policy) {
    policy.totp.window_steps = 2;
    policy.totp.replay = Replay::Allow;
    policy.totp.unverified_device = UnverifiedDevice::Keep;
    policy.devices.delete_default = DeleteDefault::Always;
    policy.recovery.list_used = true;
    policy.recovery.rotation_asks_acknowledgement = true;
    policy.elevation.spent_on = SpentOn::Success;
    policy.elevation.bound_to_session = false;
    policy.elevation.reauthentication_with_mfa = ReauthenticationWithMfa::Grant;
    policy.session.partial_reaches_everything = true;
    policy.session.basic_while_pending = true;
}

fn tighten(policy: &mut Policy) {
    policy.mfa.enrollment = Enrollment::Signup;
    policy.totp.window_steps = 0;
    policy.totp.failures_max = 2;
    policy.totp.authentication_confirms = false;
    policy.devices.list_unverified = false;
    policy.devices.delete_proof = DeleteProof::ElevatedOnly;
    policy.devices.delete_last_while_required = false;
    policy.recovery.code_count = 2;
    policy.elevation.spent_on = SpentOn::Success;
    policy.elevation.reauthentication_with_mfa = ReauthenticationWithMfa::WithoutToken;
    policy.elevation.first_enrolment = FirstEnrolment::NeedsToken;
    policy.session.life_seconds = 900;
    policy.email.attempts_max = 2;
    policy.email.code_life_seconds = 60;
    policy.limits.users_max = 3;
}
