//! What an environment requires and allows: every setting and every unknown, by name.
//!
//! A field whose doc names a rule `U…` stands for a place where the real service's behaviour
//! is not published; its default is the documented or likeliest one, and it can be changed.

use serde::{Deserialize, Serialize};

mod admin;
mod auth;
mod device_registration;
mod devices;
mod elevation;
mod email;
mod email_factor;
mod external_auth;
mod limits;
mod linking;
mod mfa;
mod mfa_tokens;
mod passkey;
mod range;
mod rate_limits;
mod recovery;
mod session;
mod sms;
mod social;
mod stand_ins;
mod totp;
mod wallets;
mod webhooks;

pub use admin::Admin;
pub use auth::{Auth, AuthStorage};
pub use device_registration::{DeviceRegistration, SilentFirst, UsersWithoutEmail, WithoutProof};
pub use devices::{DeleteDefault, DeleteProof, Devices};
pub use elevation::{Elevation, FirstEnrolment, ReauthenticationWithMfa, SpentOn};
pub use email::Email;
pub use email_factor::{EmailCounts, EmailFactor, SameAddress};
pub use external_auth::{ExternalAuth, Jwk, Jwks, UnknownScopes, VerifyingKey};
pub use limits::Limits;
pub use linking::{Linking, MergeWithMfa, Taken, TakenSocial};
pub use mfa::{Enrollment, Method, MethodKind, Mfa, MfaAction, ProtectedAction, TokenBehavior};
pub use mfa_tokens::MfaTokens;
pub use passkey::{
    AttestationFormat, CounterRule, Passkey, PasskeyAlgorithm, ResidentKey, UserVerification,
};
pub use range::PolicyError;
pub use rate_limits::{RateLimitBody, RateLimits};
pub use recovery::Recovery;
pub use session::Session;
pub use sms::{Sms, SmsCountry};
pub use social::{KnownEmail, Social};
pub use stand_ins::StandIns;
pub use totp::{Algorithm, Replay, Totp, UnverifiedDevice};
pub use wallets::{MessageCheck, Wallets};
pub use webhooks::Webhooks;

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
    /// Passkeys.
    pub passkey: Passkey,
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
    /// How the session's token travels: as a bearer, or in a cookie (rule J16).
    pub auth: Auth,
    /// Trusted devices (rules V9, J9, J10).
    pub device_registration: DeviceRegistration,
    /// E-mail sign-in.
    pub email: Email,
    /// Sign-in by text.
    pub sms: Sms,
    /// E-mail as a second factor.
    pub email_factor: EmailFactor,
    /// The app's own issuer of JWTs.
    pub external_auth: ExternalAuth,
    /// External wallets.
    pub wallets: Wallets,
    /// Social sign-in.
    pub social: Social,
    /// Linking, unlinking and merging.
    pub linking: Linking,
    /// The API of administrators.
    pub admin: Admin,
    /// Webhooks, and which events there are.
    pub webhooks: Webhooks,
    /// Origins that browsers may call from; empty means all (rule S8). One `*` stands for any text.
    pub cors_origins: Vec<String>,
    /// How often may be called (rules K7, U34); off by default.
    pub rate_limits: RateLimits,
    /// The stand-ins behind the wallet and business gates.
    pub stand_ins: StandIns,
    /// Bounds on what a world may hold, so that memory cannot grow without end.
    pub limits: Limits,
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
        self.mfa.check()?;
        self.totp.check()?;
        self.passkey.check()?;
        self.recovery.check()?;
        self.mfa_tokens.check()?;
        self.elevation.check()?;
        self.session.check()?;
        self.auth.check()?;
        self.device_registration.check()?;
        self.email.check()?;
        self.rate_limits.check()?;
        self.sms.check()?;
        self.external_auth.check()?;
        self.stand_ins.check()?;
        self.social.check()?;
        self.linking.check()?;
        self.admin.check()?;
        self.webhooks.check()?;
        self.limits.check()
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            min_api_version: ApiVersion::V2026_04_01,
            mfa: Mfa::default(),
            totp: Totp::default(),
            passkey: Passkey::default(),
            devices: Devices::default(),
            recovery: Recovery::default(),
            mfa_tokens: MfaTokens::default(),
            elevation: Elevation::default(),
            session: Session::default(),
            auth: Auth::default(),
            device_registration: DeviceRegistration::default(),
            email: Email::default(),
            sms: Sms::default(),
            email_factor: EmailFactor::default(),
            external_auth: ExternalAuth::default(),
            wallets: Wallets::default(),
            social: Social::default(),
            linking: Linking::default(),
            admin: Admin::default(),
            webhooks: Webhooks::default(),
            cors_origins: Vec::new(),
            rate_limits: RateLimits::default(),
            stand_ins: StandIns::default(),
            limits: Limits::default(),
        }
    }
}
