//! The settings between which a history changes.

use mfa_engine::TokenScope;
use mfa_engine::policy::{
    CounterRule, DeleteDefault, DeleteProof, EmailCounts, Enrollment, FirstEnrolment, Method,
    MethodKind, MfaAction, Policy, ProtectedAction, ReauthenticationWithMfa, Replay, SameAddress,
    SpentOn, TokenBehavior, UnverifiedDevice,
};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

/// A set of settings by name, so that a story can say it in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Rules {
    /// A fresh environment: session MFA on, nobody forced to enrol, step-up enforced.
    Fresh,
    /// The older guides: no elevated tokens; and no user has more than two credentials.
    Legacy,
    /// Everybody must enrol at sign-up, another mailed code is a second factor, and passkeys are
    /// that and nothing else.
    Required,
    /// Everybody must enrol at sign-up, without elevated tokens; the last method stays,
    /// and no texts are sent.
    LegacyRequired,
    /// MFA off altogether: passkeys only sign in.
    Off,
    /// MFA on through protected actions only, two scopes and MFA tokens with terms of their own,
    /// an elevated token asked for by nothing but an export; passkeys are no second factor.
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
            Self::Fresh => {}
            Self::Legacy => policy.linking.credentials_max = 2,
            Self::Required => {
                policy.mfa.enrollment = Enrollment::Signup;
                policy.mfa.methods.push(by_mail());
                policy.passkey.sign_in = false;
            }
            Self::LegacyRequired => {
                policy.mfa.enrollment = Enrollment::Signup;
                policy.sms.enabled = false;
                policy.passkey.max_per_user = 1;
                policy.devices.delete_last_while_required = false;
            }
            Self::Off => policy.mfa.enabled = false,
            Self::Actions => {
                policy.mfa.enabled = false;
                policy.mfa.actions = actions();
                policy.mfa.methods.retain(|method| method.kind != MethodKind::Passkey);
                policy.mfa.methods.push(by_mail());
                policy.email_factor.counts = EmailCounts::Never;
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

fn by_mail() -> Method {
    Method { kind: MethodKind::Email, enabled: true, allow_backup_codes: true }
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
    policy.recovery.stands_alone = true;
    policy.recovery.rotation_asks_acknowledgement = true;
    policy.elevation.spent_on = SpentOn::Success;
    policy.elevation.bound_to_session = false;
    policy.elevation.reauthentication_with_mfa = ReauthenticationWithMfa::Grant;
    policy.session.partial_reaches_everything = true;
    policy.session.basic_while_pending = true;
    policy.mfa.methods.push(by_mail());
    policy.email_factor.same_address = SameAddress::Allow;
    policy.passkey.counter = CounterRule::Ignore;
    policy.passkey.sign_in_passes_mfa = true;
    policy.linking.unlink_ends_sessions = false;
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
    policy.recovery.reading_needs_factor = true;
    policy.devices.further_needs_factor = true;
    policy.elevation.spent_on = SpentOn::Success;
    policy.elevation.reauthentication_with_mfa = ReauthenticationWithMfa::WithoutToken;
    policy.elevation.first_enrolment = FirstEnrolment::NeedsToken;
    policy.session.life_seconds = 900;
    policy.email.attempts_max = 2;
    policy.email.code_life_seconds = 60;
    policy.sms.attempts_max = 2;
    policy.sms.code_life_seconds = 90;
    policy.passkey.challenge_life_seconds = 60;
    policy.passkey.challenge_survives_refusal = false;
    policy.passkey.max_per_user = 2;
    policy.limits.passkey_challenges_max = 3;
    policy.linking.credentials_max = 3;
    policy.limits.users_max = 3;
    let also = [TokenScope::CredentialUpdate, TokenScope::UserDelete];
    let required = policy.elevation.required_scopes.iter().chain(also).collect();
    policy.elevation.required_scopes = required;
}
