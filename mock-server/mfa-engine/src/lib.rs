//! What Dynamic's MFA service decides, as a function of command, time and chance.
//!
//! [`Environment::apply`] is the only door: a [`Command`] goes in, with the time and the dice, and
//! an [`Outcome`] or a [`Refusal`] comes out. Absent on purpose: HTTP, JSON bodies, signing,
//! a clock and a source of chance. Whoever embeds the engine brings them along.
//!
//! ```
//! use jiff::Timestamp;
//! use mfa_engine::{Command, Environment, Outcome, policy::Policy};
//! use rand::{SeedableRng, rngs::ChaCha8Rng};
//!
//! let id = "00000000-0000-4000-8000-000000000000".parse().unwrap();
//! let mut world = Environment::new(id, Policy::default());
//! let mut dice = ChaCha8Rng::seed_from_u64(7);
//! let command = Command::StartEmailVerification { email: "alice@example.com".into() };
//! let outcome = world.apply(command, Timestamp::UNIX_EPOCH, &mut dice).unwrap();
//! assert!(matches!(outcome, Outcome::EmailVerification(_)));
//! assert_eq!(world.messages(Some("alice@example.com"), 0).count(), 1);
//! ```

mod admin;
pub mod api_token;
mod command;
mod credential;
mod elevated;
mod environment;
mod event;
mod external_auth;
mod gate;
mod id;
mod key;
mod linking;
mod mfa_token;
mod moment;
pub mod nonce;
mod outcome;
pub mod passkey;
pub mod policy;
mod rare;
mod rate;
mod recovery;
mod refusal;
mod scope;
mod secret;
mod seed;
mod session;
mod sms;
mod social;
mod stand_in;
mod throttle;
pub mod totp;
mod trusted_device;
mod user;
mod verification;
mod wallet;
mod webhook;
mod written;

pub use admin::{
    AdminOutcome, AdminRefusal, AdminRequest, Administrator, SessionRecord, UserChange, UserColumn,
    UserFilter, UserQuery, UserRecord,
};
pub use command::{Caller, Command, Intervention, Proof, Request, Wishes};
pub use credential::{
    Credential, EmailAddress, ExternalUser, Format, Identity, IdentityKey, MalformedPhoneNumber,
    PasskeyCredential, PhoneNumber, SocialAccount, Wallet,
};
pub use elevated::{ElevatedClaims, PresentedElevation, Terms};
pub use environment::{Environment, is_address};
pub use event::{Event, EventData, EventName, EventSession, EventUser};
pub use external_auth::{
    Assertion, ExternalAuthCommand, ExternalAuthRefusal, ExternalAuthRequest, PresentedAssertion,
};
pub use gate::{Certainty, GATES, Gate, GateRefusal};
pub use id::{
    ApiTokenId, BusinessAccountId, CredentialId, DeviceId, DeviceRegistrationId, EnvironmentId,
    EventId, KeyShareId, MalformedId, MemberId, MessageId, SessionId, ShareSetId, SignerId,
    TokenId, UserId, VerificationId, WalletId, WebhookId,
};
pub use key::{KeyNumber, KeyRing, KeyState, NoSuchKey};
pub use linking::{
    FieldConflict, LinkingRefusal, LinkingRequest, MergeConflicts, MergeOffer, Resolution,
};
pub use mfa_token::{Digest, Factor, MfaToken, MfaTokenRequest};
pub use moment::Moment;
pub use outcome::{
    DeviceView, EmailVerification, Grant, Next, Outcome, SessionClaims, StepUpCredential, UserView,
};
pub use rare::{Empty, Rare};
pub use rate::{CallKind, TooFast};
pub use recovery::RecoveryCodes;
pub use refusal::{ElevationFlaw, Refusal};
pub use scope::{ScopeSet, SessionScope, TokenScope, UnknownScope};
pub use secret::Secret;
pub use seed::{PasskeySeed, SeededPhone, SeededTotp, SocialSeed, UserSeed, WalletSeed};
pub use session::{Client, Session};
pub use sms::{SmsCommand, SmsRefusal, SmsRequest, SmsVerification};
pub use social::{
    Consent, ConsentPage, Decision, ProviderAnswer, SocialCommand, SocialOutcome, SocialProvider,
    SocialRefusal, SocialRequest, UnknownProvider,
};
pub use stand_in::{
    AccountDeed, BackedUp, BackupLocation, BusinessAccount, BusinessOutcome, BusinessRefusal,
    BusinessRequest, Delegation, EmbeddedWallet, KeyShare, Member, MemberRole, NewAccount,
    NewKeyShare, NewWallet, Room, Scheme, Signer, SignerKind, Someone, WaasChain, WaasOutcome,
    WaasRefusal, WaasRequest, WalletDeed,
};
pub use throttle::Failures;
pub use trusted_device::{
    DeviceMark, DeviceProof, PendingDevice, PresentedDevice, SessionDevice, TrustedDevice,
    TrustedDeviceOutcome, TrustedDeviceRefusal, TrustedDeviceRequest, TrustedDeviceView,
    TrustedDevices,
};
pub use user::{Acknowledgement, Profile, ProfileUpdate, User};
pub use verification::{Channel, Message, MessageKind, Recipient, Verification};
pub use wallet::{
    EvmAddress, MessageFlaw, SignatureFlaw, SignedMessage, WalletCommand, WalletProof,
    WalletRefusal, WalletRequest,
};
pub use webhook::{Webhook, WebhookPlan, WebhookRequest};
