//! Everything that can be granted.

use jiff::Timestamp;

use crate::admin::AdminOutcome;
use crate::credential::Credential;
use crate::elevated::ElevatedClaims;
use crate::id::{
    CredentialId, DeviceId, DeviceRegistrationId, EnvironmentId, SessionId, UserId, VerificationId,
};
use crate::key::KeyNumber;
use crate::passkey::{Passkey, PasskeyOutcome};
use crate::rare::Rare;
use crate::scope::SessionScope;
use crate::secret::Secret;
use crate::session::Client;
use crate::sms::SmsVerification;
use crate::social::SocialOutcome;
use crate::stand_in::{BusinessOutcome, EmbeddedWallet, WaasOutcome};
use crate::totp::TotpSecret;
use crate::trusted_device::TrustedDeviceOutcome;
use crate::user::{Acknowledgement, Profile};

/// The answer to a command, before it has any shape on a wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to say.
    Done,
    /// Fresh nonces.
    Nonces(Vec<String>),
    /// A code was mailed.
    EmailVerification(EmailVerification),
    /// A code was sent as a text.
    SmsVerification(SmsVerification),
    /// An elevated token and nothing else: the session's own tokens stay as they are.
    Elevated(Box<Grant>),
    /// A session was opened, changed or confirmed.
    Session(Box<Grant>),
    /// The user was read, in that environment.
    User(Box<UserView>, EnvironmentId),
    /// A step of a social sign-in.
    Social(Box<SocialOutcome>),
    /// MFA devices.
    Devices(Vec<DeviceView>),
    /// One MFA device.
    Device(DeviceView),
    /// Something about passkeys.
    Passkey(PasskeyOutcome),
    /// Second factors of the user.
    Methods {
        /// MFA devices.
        devices: Vec<DeviceView>,
        /// Passkeys, where they are a second factor.
        passkeys: Vec<Passkey>,
        /// Whether any of the user's factors is confirmed.
        has_verified: bool,
    },
    /// A TOTP device was registered.
    TotpRegistered {
        /// Its id.
        id: DeviceId,
        /// Its secret.
        secret: TotpSecret,
        /// Who it is for, for the label of the otpauth URI.
        account: String,
    },
    /// The user's recovery codes.
    RecoveryCodes {
        /// How many are unused.
        count: usize,
        /// The codes themselves.
        codes: Vec<String>,
    },
    /// Whether a scope needs an elevated token now.
    StepUp {
        /// Whether it does.
        required: bool,
        /// What the user can prove themself with; empty when not required.
        credentials: Vec<StepUpCredential>,
        /// The one to offer first.
        default: Option<String>,
    },
    /// About trusted devices.
    TrustedDevice(TrustedDeviceOutcome),
    /// Something about embedded wallets.
    Waas(WaasOutcome),
    /// Something about business accounts, in that environment.
    Business(BusinessOutcome, EnvironmentId),
    /// What an administrator asked for.
    Admin(AdminOutcome),
}

impl UserView {
    /// The first e-mail address.
    pub fn email(&self) -> Option<&str> {
        self.credentials.iter().find_map(Credential::email)
    }
}

/// An open e-mail verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmailVerification {
    /// Its id.
    pub id: VerificationId,
    /// The address.
    pub email: String,
}

/// What every verify-style answer carries (`VerifyResponse`, rule W6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The user.
    pub user: UserView,
    /// The claims of the session's JWTs.
    pub claims: SessionClaims,
    /// A legacy MFA token, if one was asked for.
    pub mfa_token: Option<Secret>,
    /// The claims of an elevated access token, if scopes were asked for.
    pub elevated: Option<ElevatedClaims>,
    /// A cookie by which the device will be known, in cookie mode.
    pub device_cookie: Option<Secret>,
    /// Only for the calls that answer with `UpdateSelfResponse`.
    pub next: Option<Next>,
}

/// Which view an app shows next (`NextViewEnum`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// `done`
    Done,
    /// `verify-email`, with the verification that was opened.
    VerifyEmail(EmailVerification),
}

/// The claims of a session's JWTs (rules J4, J5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionClaims {
    /// `sub`
    pub user: UserId,
    /// `sid`
    pub session: SessionId,
    /// `environment_id`
    pub environment: EnvironmentId,
    /// `iat`
    pub issued_at: Timestamp,
    /// `exp`
    pub expires_at: Timestamp,
    /// `scope`
    pub scopes: Vec<SessionScope>,
    /// `signin_credential_id`
    pub signin_credential: CredentialId,
    /// `last_verified_credential_id`
    pub last_credential: CredentialId,
    /// `aud`, `session_public_key`, `sdkVersion`
    pub client: Client,
    /// `deviceRegistrationId`
    pub device_registration: Option<DeviceRegistrationId>,
    /// Host of `iss`.
    pub issuer_host: String,
    /// The key that signs them (`kid`).
    pub key: KeyNumber,
}

/// A user as the API shows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserView {
    /// The id.
    pub id: UserId,
    /// What they told about themself.
    pub profile: Rare<Profile>,
    /// Proven ways to sign in.
    pub credentials: Vec<Credential>,
    /// State of the recovery-code acknowledgement.
    pub acknowledgement: Acknowledgement,
    /// First sign-in.
    pub first_visit: Timestamp,
    /// Latest sign-in.
    pub last_visit: Timestamp,
    /// Whether this is the first session.
    pub new_user: bool,
    /// The session in which they are shown.
    pub session: SessionId,
    /// Its latest credential.
    pub last_credential: CredentialId,
    /// Its scopes.
    pub scopes: Vec<SessionScope>,
    /// Embedded wallets, which are shown among the credentials and open no session.
    pub wallets: Vec<EmbeddedWallet>,
}

/// An MFA device as the API shows it (rule V2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceView {
    /// The id.
    pub id: DeviceId,
    /// Whether it was confirmed.
    pub verified: bool,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was confirmed.
    pub verified_at: Option<Timestamp>,
    /// Whether it is the default device.
    pub default: bool,
}

/// One way for the user to prove themself (rule E17).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepUpCredential {
    /// A TOTP device.
    Totp {
        /// Its id.
        id: DeviceId,
    },
    /// An address to which a code of the second factor can be mailed.
    EmailFactor(Credential),
    /// A passkey as second factor.
    Passkey {
        /// Its id.
        id: CredentialId,
        /// Its name.
        alias: Option<String>,
    },
    /// Something that can be proven again.
    Credential(Credential),
}
