//! Everything that can be asked, already parsed.
//!
//! A value here has the right shape: a `Code` is six digits, a [`Caller`] has had its token's
//! signature checked. Whether the caller's session still lives, whether a scope suffices, whether
//! a code is right: all that is decided by the engine.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::admin::{AdminRequest, Administrator};
use crate::elevated::PresentedElevation;
use crate::external_auth::{ExternalAuthCommand, ExternalAuthRequest};
use crate::id::{DeviceId, EnvironmentId, SessionId, UserId, VerificationId};
use crate::key::KeyNumber;
use crate::linking::LinkingRequest;
use crate::mfa_token::MfaTokenRequest;
use crate::passkey::{PasskeyCommand, PasskeyRequest};
use crate::policy::Policy;
use crate::scope::TokenScope;
use crate::seed::UserSeed;
use crate::session::Client;
use crate::sms::{SmsCommand, SmsRequest};
use crate::social::{SocialCommand, SocialRequest};
use crate::stand_in::{AccountDeed, BusinessRequest, WaasRequest};
use crate::totp::Code;
use crate::trusted_device::{PresentedDevice, TrustedDeviceRequest};
use crate::user::ProfileUpdate;
use crate::wallet::{WalletCommand, WalletRequest};

/// The claims of a bearer token whose signature is genuine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caller {
    /// `sub`
    pub user: UserId,
    /// `sid`
    pub session: SessionId,
    /// `environment_id`
    pub environment: EnvironmentId,
    /// `exp`
    pub expires_at: Timestamp,
    /// The key of the genuine signature.
    pub key: KeyNumber,
}

/// What a call presents beside the bearer token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// `x-mfa-auth-token`; an empty header counts as absent (rule K3).
    pub mfa_token: Option<String>,
    /// `x-dyn-elevated-access-token`
    pub elevation: Option<PresentedElevation>,
}

/// What a second-factor call asks for on success.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wishes {
    /// `createMfaToken`
    pub mfa_token: Option<MfaTokenRequest>,
    /// `requestedScopes`, as sent: an unknown one is refused by the engine.
    pub scopes: Vec<String>,
}

/// A command from the SDK's side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// `GET nonce`, `GET nonces?count=`
    IssueNonces {
        /// How many; the engine caps it at [`crate::nonce::PER_CALL_MAX`].
        count: u8,
    },
    /// `POST emailVerifications/create`
    StartEmailVerification {
        /// The address, checked for its shape.
        email: String,
    },
    /// `POST emailVerifications/retry`
    RetryEmailVerification {
        /// Which verification.
        verification: VerificationId,
        /// Its address again.
        email: String,
    },
    /// `POST emailVerifications/signin`
    SignInWithEmail {
        /// Which verification.
        verification: VerificationId,
        /// The typed code.
        code: String,
        /// Who is signing in.
        client: Client,
        /// The device that signs in.
        device: PresentedDevice,
        /// `allowNewMFALinking`
        allow_new_mfa_linking: bool,
    },
    /// `POST smsVerifications/{create,retry,signin}`
    Sms(SmsCommand),
    /// `POST externalAuth/signin`
    ExternalAuth(ExternalAuthCommand),
    /// Signing in with a passkey.
    Passkey(PasskeyCommand),
    /// A wallet of somebody who is signed out.
    Wallet(WalletCommand),
    /// A social sign-in, from its start to the session.
    Social(SocialCommand),
    /// A command on behalf of a signed-in user.
    As(Caller, Request),
    /// A command of an administrator, who is no user.
    Admin(Administrator, AdminRequest),
}

impl Command {
    /// Whether this can only look: it changes no state and throws no dice, granted or refused.
    ///
    /// Whoever keeps a log of commands may leave these out. A command that is not listed here
    /// counts as a change, so forgetting one costs room and nothing else.
    pub const fn changes_nothing(&self) -> bool {
        match self {
            Self::As(_, request) => request.changes_nothing(),
            Self::Admin(_, request) => request.permission().only_reads(),
            _ => false,
        }
    }
}

/// What a signed-in user asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Request {
    /// `POST emailVerifications/verify`: proves an address again, or links a new one.
    VerifyEmail {
        /// Which verification.
        verification: VerificationId,
        /// The typed code.
        code: String,
        /// The device that asks.
        device: PresentedDevice,
        /// `requestedScopes`
        scopes: Vec<String>,
        /// Needed only to link a new address.
        proof: Proof,
    },
    /// `POST smsVerifications/verify`
    Sms(SmsRequest),
    /// `POST externalAuth/verify`
    ExternalAuth(ExternalAuthRequest),
    /// `POST refresh`
    Refresh {
        /// The device that asks.
        device: PresentedDevice,
    },
    /// `POST revoke`
    Revoke,
    /// `GET session`
    CheckSession,
    /// `GET users`
    ReadUser,
    /// `PUT users`
    UpdateUser {
        /// The changed fields.
        update: Box<ProfileUpdate>,
        /// A new address, which must be verified first.
        email: Option<String>,
        /// `mfaBackupCodeAcknowledgement: "complete"`
        acknowledge_recovery_codes: bool,
        /// Needed where `user:update` is gated.
        proof: Proof,
    },
    /// `DELETE users`
    DeleteUser {
        /// Needed where `user:delete` is gated.
        proof: Proof,
    },
    /// `GET users/mfa`
    ListDevices,
    /// `GET users/mfa/{id}`
    ReadDevice(DeviceId),
    /// `PUT users/mfa/{id}`
    UpdateDevice {
        /// Which device.
        device: DeviceId,
        /// `default`; the JavaScript SDK sends no body, which means true.
        default: bool,
    },
    /// `DELETE users/mfa/{id}`
    DeleteDevice {
        /// Which device.
        device: DeviceId,
        /// What proves the right to do it.
        proof: Proof,
    },
    /// `GET users/mfa/methods`
    ListMethods {
        /// Leave out what was never confirmed; the API's default is true.
        verified_only: bool,
    },
    /// `GET users/mfa/register/totp`
    RegisterTotp {
        /// What proves the right to do it.
        proof: Proof,
    },
    /// `POST users/mfa/register/totp`
    ConfirmTotp {
        /// The first code.
        code: Code,
    },
    /// `POST users/mfa/auth/totp`
    AuthenticateTotp {
        /// The typed code.
        code: Code,
        /// Which device; absent: the only one (rule T12).
        device: Option<DeviceId>,
        /// What else is asked for.
        wishes: Wishes,
    },
    /// `GET users/mfa/recovery`
    ReadRecoveryCodes,
    /// `POST users/mfa/recovery`
    RotateRecoveryCodes,
    /// `POST users/mfa/auth/recovery`
    AuthenticateRecoveryCode {
        /// The typed code.
        code: String,
        /// What else is asked for.
        wishes: Wishes,
    },
    /// `POST users/mfa/auth/email`
    AuthenticateEmail {
        /// A verification of one of the user's own addresses.
        verification: VerificationId,
        /// The typed code.
        code: String,
        /// What else is asked for.
        wishes: Wishes,
    },
    /// Passkeys of the user.
    Passkey(PasskeyRequest),
    /// `POST stepUp/check`
    CheckStepUp {
        /// The scope in question.
        scope: TokenScope,
    },
    /// About trusted devices.
    TrustedDevice(TrustedDeviceRequest),
    /// Embedded wallets.
    Waas(WaasRequest),
    /// Business accounts.
    Business(BusinessRequest),
    /// A wallet of the user's, or one that is to be.
    Wallet(WalletRequest),
    /// A social account of the user's, or one that is to be.
    Social(SocialRequest),
    /// The credentials of the account.
    Linking(LinkingRequest),
}

impl Request {
    /// Whether this can only look. Listing trusted devices spends the nonce that it is asked with.
    const fn changes_nothing(&self) -> bool {
        matches!(
            self,
            Self::CheckSession
                | Self::ReadUser
                | Self::ListDevices
                | Self::ReadDevice(_)
                | Self::ListMethods { .. }
                | Self::CheckStepUp { .. }
                | Self::Passkey(PasskeyRequest::List)
                | Self::Waas(WaasRequest::FindByAddress(_))
                | Self::Business(
                    BusinessRequest::List | BusinessRequest::On { deed: AccountDeed::Read, .. }
                )
        )
    }

    /// Whether a session that still owes a second factor may ask this (rules J11, U27).
    ///
    /// Such a session must reach whatever finishes the second factor, and what lets the user
    /// leave; everything else waits.
    pub const fn is_open_to_partial_sessions(&self) -> bool {
        match self {
            Self::Passkey(request) => request.is_open_to_partial_sessions(),
            Self::VerifyEmail { .. }
            | Self::Sms(_)
            | Self::ExternalAuth(_)
            | Self::Refresh { .. }
            | Self::Revoke
            | Self::CheckSession
            | Self::ReadUser
            | Self::UpdateUser { .. }
            | Self::ListDevices
            | Self::ReadDevice(_)
            | Self::ListMethods { .. }
            | Self::RegisterTotp { .. }
            | Self::ConfirmTotp { .. }
            | Self::AuthenticateTotp { .. }
            | Self::AuthenticateRecoveryCode { .. }
            | Self::AuthenticateEmail { .. }
            | Self::CheckStepUp { .. }
            | Self::Wallet(WalletRequest::Verify(_))
            | Self::Social(SocialRequest::Verify { .. }) => true,
            Self::DeleteUser { .. }
            | Self::UpdateDevice { .. }
            | Self::DeleteDevice { .. }
            | Self::ReadRecoveryCodes
            | Self::RotateRecoveryCodes
            | Self::Waas(_)
            | Self::Business(_)
            | Self::Wallet(_)
            | Self::Linking(_) => false,
            Self::TrustedDevice(request) => request.is_open_to_partial_sessions(),
        }
    }

    /// Whether a session may ask this whose device is not trusted yet (rule J9).
    ///
    /// Such a session must reach what registers the device, what passes a second factor on the
    /// way, and what lets the user leave. What it can read is its own; what it could change, a
    /// thief of the first factor could change too. A request that is not named here waits.
    pub const fn is_open_to_unregistered_devices(&self) -> bool {
        matches!(
            self,
            Self::TrustedDevice(TrustedDeviceRequest::Register { .. })
                | Self::Refresh { .. }
                | Self::Revoke
                | Self::CheckSession
                | Self::ReadUser
                | Self::ListDevices
                | Self::ReadDevice(_)
                | Self::ListMethods { .. }
                | Self::AuthenticateTotp { .. }
                | Self::AuthenticateRecoveryCode { .. }
                | Self::AuthenticateEmail { .. }
                | Self::Passkey(
                    PasskeyRequest::BeginAuthentication { .. }
                        | PasskeyRequest::Authenticate { .. }
                        | PasskeyRequest::List
                )
                | Self::CheckStepUp { .. }
        )
    }
}

/// A command from the tester's side: what no SDK can ask.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Intervention {
    /// Replaces every setting.
    SetPolicy(Box<Policy>),
    /// Puts a user into the world.
    CreateUser(Box<UserSeed>),
    /// Removes a user, with all sessions.
    RemoveUser(UserId),
    /// Ends every session of a user.
    RevokeSessions(UserId),
}
