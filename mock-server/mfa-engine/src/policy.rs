//! What an environment requires and allows: every setting and every unknown, by name.
//!
//! A field whose doc names a rule `U…` stands for a place where the real service's behaviour
//! is not published; its default is the documented or likeliest one, and it can be changed.

use serde::{Deserialize, Serialize};

use crate::scope::{ScopeSet, TokenScope};

mod elevation;
mod mfa;
mod totp;

pub use elevation::{Elevation, FirstEnrolment, ReauthenticationWithMfa, SpentOn};
pub use mfa::{Enrollment, Method, MethodKind, Mfa, MfaAction, ProtectedAction, TokenBehavior};
pub use totp::{Algorithm, Replay, Totp, UnverifiedDevice};

/// The lowest API version that an environment accepts (rules E20, U35).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ApiVersion {
    /// `2026_01_01`: no call asks for an elevated access token.
    #[serde(rename = "2026_01_01", alias = "2026-01-01")]
    V2026_01_01,
    /// `2026_04_01`: sensitive calls ask for an elevated access token.
    #[serde(rename = "2026_04_01", alias = "2026-04-01")]
    V2026_04_01,
}

/// Everything about an environment that a test may want to change.
///
/// ```
/// use mfa_engine::policy::Policy;
/// assert!(Policy::default().enforces_step_up());
/// assert!(!Policy::legacy().enforces_step_up());
/// Policy::default().check().unwrap();
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Policy {
    /// Step-up is enforced from `2026_04_01` on (rule E20).
    pub min_api_version: ApiVersion,
    /// Second factors: which, for whom, when (rules D1, D2, F1 to F7).
    pub mfa: Mfa,
    /// TOTP devices and their codes.
    pub totp: Totp,
    /// The list, deletion and default of MFA devices.
    pub devices: Devices,
    /// Recovery codes.
    pub recovery: Recovery,
    /// Legacy MFA tokens (`createMfaToken`).
    pub mfa_tokens: MfaTokens,
    /// Elevated access tokens.
    pub elevation: Elevation,
    /// Sessions and their JWTs.
    pub session: Session,
    /// E-mail sign-in.
    pub email: Email,
    /// Origins that browsers may call from; empty means all (rule S8). One `*` stands for any text.
    pub cors_origins: Vec<String>,
    /// Bounds on what a world may hold, so that memory cannot grow without end.
    pub limits: Limits,
}

/// Rules U7, U9, U10, U11 and U15.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Devices {
    /// Whether a device that was never confirmed appears in the list (U7).
    pub list_unverified: bool,
    /// What proves the right to delete a device (U9).
    pub delete_proof: DeleteProof,
    /// Whether the default device may be deleted (U10).
    pub delete_default: DeleteDefault,
    /// Whether the last device may go while MFA is required (U11).
    pub delete_last_while_required: bool,
    /// Whether an MFA token made with a recovery code deletes a device (U15).
    pub recovery_code_deletes: bool,
}

/// What proves the right to delete a device (rules U9, E22).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeleteProof {
    /// An MFA token or an elevated `credential:unlink` token.
    MfaTokenOrElevated,
    /// Only the elevated token, once step-up is enforced ("no fallback").
    ElevatedOnly,
}

/// Whether the default device may be deleted (rules U10, V3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeleteDefault {
    /// Only when it is the only one; otherwise another would lose its rank silently.
    IfOnlyDevice,
    /// Never, as the title of the reference page says.
    Never,
    /// Always.
    Always,
}

/// Rules R1 to R14, U12, U13 and U14.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Recovery {
    /// Codes in a set (R1, U12); 1 to 100.
    pub code_count: u8,
    /// Letters in a code (R6, U12); 4 to 64.
    pub code_length: u8,
    /// Whether a read lists used codes too (U13).
    pub list_used: bool,
    /// Whether a new set asks for a new acknowledgement (U14).
    pub rotation_asks_acknowledgement: bool,
}

/// Rules U25 and U26.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MfaTokens {
    /// Life in seconds, at most 30 days; absent: as long as the session (U25).
    pub life_seconds: Option<u32>,
    /// Random bytes in the opaque token (U26); 16 to 64.
    pub bytes: u8,
}

/// Rules J11, J12, U27, U29, U30 and U31.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Session {
    /// Life of a session's JWT in seconds (U31); at most 30 days (J12).
    pub life_seconds: u32,
    /// Host in `iss`, before the environment id (U29).
    pub issuer_host: String,
    /// Whether a token with `requiresAdditionalAuth` reaches every call (U27).
    pub partial_reaches_everything: bool,
    /// Whether `user:basic` stands beside `requiresAdditionalAuth` (U30).
    pub basic_while_pending: bool,
    /// Status of a refused partial token (U27): 403 or 401.
    pub partial_status: u16,
}

/// Rules S1, S2 and S4.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Email {
    /// Wrong codes that a verification bears before it is closed.
    pub attempts_max: u8,
    /// Life of a mailed code in seconds.
    pub code_life_seconds: u32,
    /// The code of every address that ends in `+dynamic_test` before the `@` (S4).
    pub static_code: String,
}

/// Bounds on what a world may hold. Reaching one is a refusal or drops the oldest, never growth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Limits {
    /// Users of the environment; one more is refused.
    pub users_max: u32,
    /// Live sessions of a user; the oldest gives way.
    pub sessions_per_user_max: u32,
    /// Nonces issued and not yet used; the oldest gives way.
    pub nonces_max: u32,
    /// Pending e-mail verifications; the oldest gives way.
    pub verifications_max: u32,
    /// Mails kept in the inbox; the oldest gives way.
    pub inbox_max: u32,
    /// MFA tokens kept in a session; the oldest gives way.
    pub mfa_tokens_per_session_max: u32,
}

/// A setting lies outside its range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("setting `{field}`: {problem}")]
pub struct PolicyError {
    /// The field's path, as in the JSON.
    pub field: &'static str,
    /// What is wrong, with the allowed range.
    pub problem: String,
}

impl Policy {
    /// The world of the older guides: no call asks for an elevated access token.
    pub fn legacy() -> Self {
        Self { min_api_version: ApiVersion::V2026_01_01, ..Self::default() }
    }

    /// Whether sensitive calls need an elevated access token (rule E20).
    pub fn enforces_step_up(&self) -> bool {
        self.min_api_version >= ApiVersion::V2026_04_01
    }

    /// Checks every range.
    ///
    /// # Errors
    /// The first field that lies outside, with the allowed range.
    pub fn check(&self) -> Result<(), PolicyError> {
        let within = |field, value: u64, low: u64, high: u64| {
            if (low..=high).contains(&value) {
                Ok(())
            } else {
                Err(PolicyError { field, problem: format!("{value} is not in {low}..={high}") })
            }
        };
        within("totp.windowSteps", self.totp.window_steps.into(), 0, 10)?;
        within("totp.secretBytes", self.totp.secret_bytes.into(), 10, 64)?;
        within("totp.failuresMax", self.totp.failures_max.into(), 1, 1_000)?;
        within("totp.failuresWindowSeconds", self.totp.failures_window_seconds.into(), 1, 86_400)?;
        within("totp.rateLimitedStatus", self.totp.rate_limited_status.into(), 400, 499)?;
        within("totp.secondDeviceStatus", self.totp.second_device_status.into(), 400, 499)?;
        within("recovery.codeCount", self.recovery.code_count.into(), 1, 100)?;
        within("recovery.codeLength", self.recovery.code_length.into(), 4, 64)?;
        within("mfaTokens.bytes", self.mfa_tokens.bytes.into(), 16, 64)?;
        within("session.lifeSeconds", self.session.life_seconds.into(), 1, 30 * 86_400)?;
        within("session.partialStatus", self.session.partial_status.into(), 400, 499)?;
        within(
            "elevation.singleUseLifeSeconds",
            self.elevation.single_use_life_seconds.into(),
            1,
            86_400,
        )?;
        within(
            "elevation.timeBoundLifeSeconds",
            self.elevation.time_bound_life_seconds.into(),
            1,
            86_400,
        )?;
        within("elevation.refusedStatus", self.elevation.refused_status.into(), 400, 499)?;
        within("email.attemptsMax", self.email.attempts_max.into(), 1, 255)?;
        within("email.codeLifeSeconds", self.email.code_life_seconds.into(), 1, 86_400)?;
        within("limits.usersMax", self.limits.users_max.into(), 1, 100_000_000)?;
        within(
            "limits.sessionsPerUserMax",
            self.limits.sessions_per_user_max.into(),
            1,
            1_000_000,
        )?;
        within("limits.noncesMax", self.limits.nonces_max.into(), 5, 1_000_000)?;
        within("limits.verificationsMax", self.limits.verifications_max.into(), 1, 1_000_000)?;
        within("limits.inboxMax", self.limits.inbox_max.into(), 1, 1_000_000)?;
        within(
            "limits.mfaTokensPerSessionMax",
            self.limits.mfa_tokens_per_session_max.into(),
            1,
            1_000_000,
        )?;
        if let Some(life) = self.mfa_tokens.life_seconds {
            within("mfaTokens.lifeSeconds", life.into(), 1, 30 * 86_400)?;
        }
        for life in self.mfa.actions.iter().filter_map(|rule| rule.token_expiry_seconds) {
            within("mfa.actions[].tokenExpirySeconds", life.into(), 1, 86_400)?;
        }
        self.check_static_code()
    }

    fn check_static_code(&self) -> Result<(), PolicyError> {
        let static_code = &self.email.static_code;
        if static_code.len() != 6 || !static_code.bytes().all(|byte| byte.is_ascii_digit()) {
            let problem = "a code is six digits".to_owned();
            return Err(PolicyError { field: "email.staticCode", problem });
        }
        Ok(())
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            min_api_version: ApiVersion::V2026_04_01,
            mfa: Mfa::default(),
            totp: Totp::default(),
            devices: Devices::default(),
            recovery: Recovery::default(),
            mfa_tokens: MfaTokens::default(),
            elevation: Elevation::default(),
            session: Session::default(),
            email: Email::default(),
            cors_origins: Vec::new(),
            limits: Limits::default(),
        }
    }
}

impl Default for Devices {
    fn default() -> Self {
        Self {
            list_unverified: true,
            delete_proof: DeleteProof::MfaTokenOrElevated,
            delete_default: DeleteDefault::IfOnlyDevice,
            delete_last_while_required: true,
            recovery_code_deletes: true,
        }
    }
}

impl Default for Recovery {
    fn default() -> Self {
        Self {
            code_count: 10,
            code_length: 10,
            list_used: false,
            rotation_asks_acknowledgement: false,
        }
    }
}

impl Default for MfaTokens {
    fn default() -> Self {
        Self { life_seconds: None, bytes: 32 }
    }
}

impl Default for Session {
    fn default() -> Self {
        Self {
            life_seconds: 2 * 3_600,
            issuer_host: "app.dynamicauth.com".to_owned(),
            partial_reaches_everything: false,
            basic_while_pending: false,
            partial_status: 403,
        }
    }
}

impl Default for Email {
    fn default() -> Self {
        Self { attempts_max: 5, code_life_seconds: 600, static_code: "424242".to_owned() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            users_max: 1_000_000,
            sessions_per_user_max: 1_000,
            nonces_max: 10_000,
            verifications_max: 10_000,
            inbox_max: 1_000,
            mfa_tokens_per_session_max: 100,
        }
    }
}

/// The scopes that are single-use unless a rule of the environment says otherwise (rules K1, U16).
pub(crate) fn single_use_by_default() -> ScopeSet {
    TokenScope::ALL
        .iter()
        .copied()
        .filter(|scope| scope.is_wallet() || *scope == TokenScope::BusinessAccountTransferOwnership)
        .collect()
}
