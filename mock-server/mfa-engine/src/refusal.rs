//! Everything that can be refused, with the reason and the rule behind it.
//!
//! A refusal is part of the contract, not an error: the service says no. Which status and
//! which body that becomes is not decided here.

use crate::admin::AdminRefusal;
use crate::credential::Format;
use crate::external_auth::ExternalAuthRefusal;
use crate::gate::GateRefusal;
use crate::linking::LinkingRefusal;
use crate::passkey::PasskeyRefusal;
use crate::scope::{TokenScope, UnknownScope};
use crate::sms::SmsRefusal;
use crate::social::SocialRefusal;
use crate::stand_in::{BusinessRefusal, WaasRefusal};
use crate::trusted_device::TrustedDeviceRefusal;
use crate::verification::Channel;
use crate::wallet::WalletRefusal;

/// Why the service says no. `Display` is the reason, for the journal and for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    // Who is asking.
    /// The bearer token names another environment.
    #[error("the token belongs to another environment")]
    ForeignEnvironment,
    /// The bearer token is past its `exp`.
    #[error("the session's token has expired")]
    TokenExpired,
    /// The session was logged out, revoked, or never opened here.
    #[error("the session is not live: it was logged out or revoked, or never opened here")]
    SessionEnded,
    /// The bearer token was signed with a key that is retired, or was never used here.
    #[error("the token was signed with a key that is retired, or was never used here")]
    RetiredKey,
    /// The session still owes a second factor.
    #[error("the session still owes a second factor (its scope has requiresAdditionalAuth)")]
    MfaPending,

    // Nonces of the device signature.
    /// The nonce was never issued, was used before, or is too old.
    #[error("the device signature names a nonce that was not issued here, or was used before")]
    StaleNonce,

    // Codes that are sent and typed back.
    /// No such verification, or it was used, closed or replaced, or its code has expired.
    #[error("no open {channel} verification of that id: unknown, used, closed or expired")]
    VerificationClosed {
        /// The channel that the call is about.
        channel: Channel,
    },
    /// The code is not the one that was sent.
    #[error("wrong {channel} code")]
    WrongSentCode {
        /// How it was sent.
        channel: Channel,
    },
    /// The verification has seen too many wrong codes.
    #[error("too many wrong {channel} codes for this verification")]
    TooManySentCodes {
        /// How they were sent.
        channel: Channel,
    },
    /// No text is sent.
    #[error("{0}")]
    Sms(#[from] SmsRefusal),
    /// A JWT of the app's own issuer is not taken.
    #[error("{0}")]
    ExternalAuth(#[from] ExternalAuthRefusal),
    /// The identity belongs to another user.
    #[error("another user has this {format}")]
    CredentialTaken {
        /// What kind of identity.
        format: Format,
    },

    // TOTP and recovery codes.
    /// MFA is off in this environment, or this method is.
    #[error("MFA is not enabled for this environment")]
    MfaDisabled,
    /// The user has a verified TOTP device already.
    #[error("the user has a verified TOTP device already; delete it first")]
    SecondTotpDevice,
    /// The user has no TOTP device to confirm or to authenticate with.
    #[error("the user has no such TOTP device")]
    NoSuchTotpDevice,
    /// The device was never confirmed, and this environment wants that first.
    #[error("the TOTP device was never confirmed")]
    TotpDeviceUnverified,
    /// The code matches no time step of the window.
    #[error("the code matches no time step of the window")]
    WrongTotpCode,
    /// The code's time step was accepted before.
    #[error("the code's time step was spent before")]
    ReplayedTotpCode,
    /// Too many wrong codes in a short time.
    #[error("too many wrong codes; wait {retry_after_seconds} s")]
    TooManyMfaFailures {
        /// Seconds until the next attempt is let in, rounded up.
        retry_after_seconds: u64,
    },
    /// No unused recovery code of the user is equal to this one.
    #[error("no unused recovery code matches")]
    WrongRecoveryCode,
    /// Recovery codes are the user's only method, and the settings want another one beside them.
    #[error("the user has no verified method beside the recovery codes")]
    RecoveryCodesAlone,
    /// New recovery codes wait for their acknowledgement.
    #[error("the user has not acknowledged the recovery codes, so onboarding is incomplete")]
    OnboardingIncomplete,
    /// The address opened the session, so it cannot be the session's second factor.
    #[error("the address opened this session, so it is no second factor of it")]
    SameFactor,
    /// The user has no recovery codes to replace.
    #[error("the user has no recovery codes and no verified method")]
    NoRecoveryCodes,

    // Devices.
    /// No device of that id.
    #[error("the user has no MFA device of that id")]
    NoSuchDevice,
    /// Neither an MFA token nor an elevated token came along.
    #[error("the call needs an MFA token")]
    MfaTokenMissing,
    /// The MFA token is unknown, spent, expired, or of another session.
    #[error("the MFA token is unknown, spent, expired, or of another session")]
    MfaTokenUnusable,
    /// The default device may not be deleted.
    #[error("the default device cannot be deleted")]
    DefaultDevice,
    /// MFA is required, and this is the last device.
    #[error("MFA is required, and this is the user's last device")]
    LastDevice,

    /// Something about passkeys.
    #[error(transparent)]
    Passkey(#[from] PasskeyRefusal),

    // Step-up.
    /// The call needs an elevated access token and none came along.
    #[error("the call needs an elevated access token with {scope}")]
    ElevationMissing {
        /// The scope that the call needs.
        scope: TokenScope,
    },
    /// The elevated access token cannot be used here.
    #[error("the elevated access token cannot be used for {scope}: {flaw}")]
    ElevationUnusable {
        /// The scope that the call needs.
        scope: TokenScope,
        /// What is wrong with the token.
        flaw: ElevationFlaw,
    },
    /// A requested scope is none that the API knows.
    #[error("{0}")]
    UnknownScope(#[from] UnknownScope),
    /// The user has MFA, so re-authentication cannot elevate.
    #[error("the user has a second factor, so re-authentication cannot elevate")]
    ReauthenticationNotEnough,
    /// A scope is not granted, or a protected action asks for more than a proof.
    #[error("{0}")]
    Gate(#[from] GateRefusal),

    // Behind the wallet and business gates.
    /// A call on an embedded wallet.
    #[error("{0}")]
    Waas(#[from] WaasRefusal),
    /// A call on a business account.
    #[error("{0}")]
    Business(#[from] BusinessRefusal),

    // Trusted devices.
    /// The device is not trusted, or cannot be.
    #[error(transparent)]
    TrustedDevice(#[from] TrustedDeviceRefusal),

    // Credentials other than e-mail addresses.
    /// The credential may be proven, but opens no session.
    #[error("the credential is not enabled for sign-in")]
    SignInDisabled,
    /// Something about a wallet.
    #[error(transparent)]
    Wallet(#[from] WalletRefusal),
    /// Something about a social account.
    #[error(transparent)]
    Social(#[from] SocialRefusal),
    /// Something about linking, unlinking or merging.
    #[error(transparent)]
    Linking(#[from] LinkingRefusal),
    // Administrators.
    /// What an administrator is refused.
    #[error("{0}")]
    Admin(#[from] AdminRefusal),

    // Bounds and seeds.
    /// The environment holds as many users as it may.
    #[error("the environment holds {max} users, as many as it may")]
    TooManyUsers {
        /// The bound, `limits.usersMax`.
        max: u32,
    },
    /// No user of that id or address.
    #[error("no user of that id or e-mail address")]
    NoSuchUser,
    /// A seed or a setting is outside its range.
    #[error("{0}")]
    Unseedable(String),
}

/// What is wrong with an elevated access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ElevationFlaw {
    /// Its signature is not this service's, or it is no JWT at all.
    #[error("forged")]
    Forged,
    /// It is past its `exp`.
    #[error("expired")]
    Expired,
    /// It does not name the scope.
    #[error("lacks the scope")]
    LacksScope,
    /// It was issued to another user.
    #[error("of another user")]
    ForeignUser,
    /// It was issued in another session.
    #[error("of another session")]
    ForeignSession,
    /// The session that asked for it has ended.
    #[error("of a session that has ended")]
    EndedSession,
    /// It was issued in another environment.
    #[error("of another environment")]
    ForeignEnvironment,
    /// It is single-use and was used.
    #[error("spent")]
    Spent,
    /// It was signed with a key that is retired, or was never used here.
    #[error("signed with a retired key")]
    RetiredKey,
}

impl Refusal {
    /// The rule behind the refusal, an id of DIFFERENCES.md or a section of a standard.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::ForeignEnvironment | Self::TokenExpired | Self::SessionEnded => "J15",
            Self::RetiredKey => "J2",
            Self::MfaPending => "U27",
            Self::StaleNonce => "W2",
            Self::VerificationClosed { .. }
            | Self::WrongSentCode { .. }
            | Self::TooManySentCodes { .. }
            | Self::CredentialTaken { .. } => "S2",
            Self::Sms(_) => "S3",
            Self::ExternalAuth(_) => "E24",
            Self::MfaDisabled => "T20",
            Self::SecondTotpDevice => "T14",
            Self::NoSuchTotpDevice => "T18",
            Self::TotpDeviceUnverified => "U8",
            Self::WrongTotpCode => "T16",
            Self::ReplayedTotpCode => "U2",
            Self::TooManyMfaFailures { .. } => "T17",
            Self::WrongRecoveryCode | Self::RecoveryCodesAlone => "R8",
            Self::OnboardingIncomplete => "R13",
            Self::SameFactor => "D6",
            Self::NoRecoveryCodes => "R3",
            Self::NoSuchDevice => "V1",
            Self::MfaTokenMissing => "M9",
            Self::MfaTokenUnusable => "M5",
            Self::DefaultDevice => "U10",
            Self::LastDevice => "U11",
            Self::Passkey(refusal) => refusal.rule(),
            Self::ElevationMissing { .. } => "E21",
            Self::ElevationUnusable { .. } => "U18",
            Self::UnknownScope(_) => "E11",
            Self::ReauthenticationNotEnough => "E2",
            Self::TrustedDevice(refusal) => refusal.rule(),
            Self::Gate(refusal) => refusal.rule(),
            Self::Waas(_) | Self::Business(_) => "stand-in",
            Self::SignInDisabled => "wire signInEnabled",
            Self::Wallet(refusal) => refusal.rule(),
            Self::Social(refusal) => refusal.rule(),
            Self::Linking(refusal) => refusal.rule(),
            Self::Admin(refusal) => refusal.rule(),
            Self::TooManyUsers { .. } => "S9",
            Self::NoSuchUser | Self::Unseedable(_) => "control",
        }
    }
}
