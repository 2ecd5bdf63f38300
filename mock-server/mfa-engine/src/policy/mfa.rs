//! Second factors: which methods, for whom, and at which moment.

use serde::{Deserialize, Serialize};

use super::range::{PolicyError, within};

/// `security.mfa` of the project settings (rules D1, F1 to F7), in the API's own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Mfa {
    /// Session MFA: a challenge at every new session (F1).
    pub enabled: bool,
    /// When enrolment is forced (F2, F6).
    pub enrollment: Enrollment,
    /// Methods and their switches.
    pub methods: Vec<Method>,
    /// Actions that ask for a second factor (F4).
    pub actions: Vec<ProtectedAction>,
}

/// When enrolment is forced (`MfaEnrollment`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enrollment {
    /// Never: only users who enrolled are asked.
    None,
    /// At the first sign-in: everybody must enrol.
    Signup,
    /// At the first protected action.
    Action,
}

/// A kind of second factor (`MFADeviceType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodKind {
    /// A code from an authenticator app.
    Totp,
    /// A WebAuthn credential.
    Passkey,
    /// A code sent by mail.
    Email,
}

/// The switch of one method (`MFASettingsMethods`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Method {
    /// Which method.
    #[serde(rename = "type")]
    pub kind: MethodKind,
    /// Whether users may enrol and use it.
    pub enabled: bool,
    /// Whether enrolling it brings recovery codes (R12).
    #[serde(default)]
    pub allow_backup_codes: bool,
}

/// An action that settings can protect (`MFAAction`; rule K9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum MfaAction {
    /// Any signature.
    #[serde(rename = "wallet.waas.sign")]
    WalletWaasSign,
    /// Revealing a private key.
    #[serde(rename = "wallet.waas.export")]
    WalletWaasExport,
    /// Approving or revoking a delegation.
    #[serde(rename = "wallet.waas.reshare")]
    WalletWaasReshare,
    /// Delegating a wallet, or claiming a pregenerated one.
    #[serde(rename = "wallet.waas.refresh")]
    WalletWaasRefresh,
    /// Changing the profile.
    #[serde(rename = "user.update")]
    UserUpdate,
}

impl MfaAction {
    /// Every action, in the order of the API's enum.
    pub const ALL: &'static [Self] = &[
        Self::WalletWaasSign,
        Self::WalletWaasExport,
        Self::WalletWaasReshare,
        Self::WalletWaasRefresh,
        Self::UserUpdate,
    ];
}

/// The rule of one action (`MFASettingsActions`; rule K1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProtectedAction {
    /// Which action.
    pub action: MfaAction,
    /// Whether it asks for a second factor.
    pub required: bool,
    /// Whether its token is spent by one use; absent: by the kind of scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_behavior: Option<TokenBehavior>,
    /// Life of its token in seconds, at most a day; absent: by the behaviour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_expiry_seconds: Option<u32>,
}

/// How an elevated access token ends (rule K1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenBehavior {
    /// Spent by one use.
    SingleUse,
    /// Valid until it expires.
    TimeBound,
}

impl Mfa {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        let mut lives = self.actions.iter().filter_map(|rule| rule.token_expiry_seconds);
        lives.try_for_each(|life| within("mfa.actions[].tokenExpirySeconds", life, 1, 86_400))
    }

    /// Whether MFA counts as on in this environment (rule T20).
    pub fn is_on(&self) -> bool {
        self.enabled
            || self.enrollment != Enrollment::None
            || self.actions.iter().any(|rule| rule.required)
    }

    /// Whether users may enrol and use a method.
    pub fn allows(&self, kind: MethodKind) -> bool {
        self.methods.iter().any(|method| method.kind == kind && method.enabled)
    }

    /// Whether enrolling a method brings recovery codes that must be acknowledged (rule R12).
    pub fn brings_recovery_codes(&self, kind: MethodKind) -> bool {
        self.methods.iter().any(|method| method.kind == kind && method.allow_backup_codes)
    }

    /// Whether the settings protect an action (rules D2, F4).
    pub fn protects(&self, action: MfaAction) -> bool {
        self.rule(action).is_some_and(|rule| rule.required)
    }

    /// The rule of an action, if the environment has one.
    pub fn rule(&self, action: MfaAction) -> Option<&ProtectedAction> {
        self.actions.iter().find(|rule| rule.action == action)
    }
}

impl Default for Mfa {
    fn default() -> Self {
        Self {
            enabled: true,
            enrollment: Enrollment::None,
            methods: vec![
                Method { kind: MethodKind::Totp, enabled: true, allow_backup_codes: true },
                Method { kind: MethodKind::Passkey, enabled: true, allow_backup_codes: false },
            ],
            actions: Vec::new(),
        }
    }
}
