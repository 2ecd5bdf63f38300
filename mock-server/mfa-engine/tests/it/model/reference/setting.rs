//! What the settings come to, read from their bare values.

use mfa_engine::policy::{
    ApiVersion, Enrollment, Method, MethodKind, MfaAction, Policy, ProtectedAction,
};

use super::World;

impl World {
    /// Whether MFA counts as on (rule T20).
    pub(crate) fn mfa_is_on(&self) -> bool {
        let mfa = &self.policy.mfa;
        let is_forced = mfa.enrollment != Enrollment::None;
        mfa.enabled || is_forced || mfa.actions.iter().any(|rule| rule.required)
    }

    fn method(&self, kind: MethodKind) -> Option<&Method> {
        self.policy.mfa.methods.iter().find(|method| method.kind == kind)
    }

    /// Whether a method is a second factor here.
    pub(crate) fn allows(&self, kind: MethodKind) -> bool {
        self.method(kind).is_some_and(|method| method.enabled)
    }

    /// Whether a method brings recovery codes (rule R12).
    pub(crate) fn brings_codes(&self, kind: MethodKind) -> bool {
        self.method(kind).is_some_and(|method| method.allow_backup_codes)
    }

    /// Whether sensitive calls may ask for elevated tokens at all (rule E20).
    pub(crate) fn enforces_step_up(&self) -> bool {
        self.policy.min_api_version >= ApiVersion::V2026_04_01
    }
}

/// The rule of an action, if there is one.
pub(crate) fn rule_of(policy: &Policy, action: MfaAction) -> Option<&ProtectedAction> {
    policy.mfa.actions.iter().find(|rule| rule.action == action)
}
