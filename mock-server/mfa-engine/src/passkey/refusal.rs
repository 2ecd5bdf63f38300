//! Why a passkey is refused, each with the step of WebAuthn Level 3 that asks for it.

use super::attestation::AttestationFlaw;
use super::authenticator_data::AuthenticatorDataFlaw;

/// Why a passkey call is refused. `Display` is the reason, for the journal and for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyRefusal {
    /// A new passkey was not taken.
    #[error("registration refused: {0}")]
    Registration(Flaw),
    /// A passkey did not pass as second factor.
    #[error("authentication refused: {0}")]
    Authentication(Flaw),
    /// A passkey opened no session.
    #[error("sign-in refused: {0}")]
    SignIn(Flaw),
    /// The settings have passkeys neither as second factor nor for sign-in.
    #[error("passkeys are neither a second factor nor a sign-in method in this environment")]
    Disabled,
    /// The settings do not let passkeys open sessions.
    #[error("passkeys open no session in this environment")]
    SignInDisabled,
    /// `relatedOriginRpId` names a relying party id that the settings do not.
    #[error("relatedOriginRpId is none of the environment's relying party ids")]
    ForeignRpId,
    /// The user holds as many passkeys as they may.
    #[error("the user holds {max} passkeys, as many as they may")]
    TooMany {
        /// The bound, `passkey.maxPerUser`.
        max: u16,
    },
    /// No passkey of that id to rename.
    #[error("the user has no passkey of that id to rename")]
    NoneToRename,
    /// No passkey of that id to delete.
    #[error("the user has no passkey of that id to delete")]
    NoneToDelete,
    /// The passkey is the user's last way to sign in.
    #[error("the passkey is the user's last way to sign in")]
    LastCredential,
    /// MFA is required, and the passkey is the user's last verified method.
    #[error("MFA is required, and the passkey is the user's last verified method")]
    LastMethod,
}

/// What is wrong with a registration or an assertion.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    // Client data.
    /// `clientDataJSON` is no JSON object of its shape.
    #[error("clientDataJSON is malformed")]
    ClientData,
    /// `type` is that of another ceremony.
    #[error("the client data are of another type of ceremony")]
    Type,
    /// The challenge was never issued here, was used, or has given way to newer ones.
    #[error("the challenge was not issued here, or was used before")]
    UnknownChallenge,
    /// The challenge is too old.
    #[error("the challenge has expired")]
    ExpiredChallenge,
    /// The challenge was issued in another session.
    #[error("the challenge was issued in another session")]
    ForeignChallenge,
    /// The challenge was issued for another kind of ceremony.
    #[error("the challenge was issued for another purpose")]
    MisusedChallenge,
    /// The origin is none of the allowed ones.
    #[error("the origin {origin:?} is none of passkey.allowedOrigins")]
    Origin {
        /// The origin, cut to a length for reading.
        origin: String,
    },
    /// The ceremony ran in a frame of another site.
    #[error("the ceremony ran in a frame of another site (passkey.crossOrigin)")]
    CrossOrigin,
    /// The site around the frame is none of the allowed ones.
    #[error("the top origin {origin:?} is none of passkey.allowedOrigins")]
    TopOrigin {
        /// The origin, cut to a length for reading.
        origin: String,
    },

    // Authenticator data.
    /// The attestation object is malformed.
    #[error("the attestation object is malformed: {0}")]
    AttestationObject(AttestationFlaw),
    /// The authenticator data is malformed.
    #[error("the authenticator data is malformed: {0}")]
    AuthenticatorData(AuthenticatorDataFlaw),
    /// The authenticator acted for another relying party.
    #[error("the authenticator acted for another relying party than {rp_id:?}")]
    RpId {
        /// The relying party id that was asked for.
        rp_id: String,
    },
    /// UP is not set.
    #[error("the user was not present (UP)")]
    UserNotPresent,
    /// UV is not set although the settings require it.
    #[error("the user was not verified (UV), which passkey.userVerification requires")]
    UserNotVerified,
    /// BS is set without BE.
    #[error("the credential is backed up (BS) without being eligible for it (BE)")]
    BackupState,

    // Registration.
    /// The registration brings no credential (AT is not set).
    #[error("the authenticator data brings no credential (AT)")]
    NoCredential,
    /// `rawId` is not the attested credential's id.
    #[error("rawId is not the id of the attested credential")]
    CredentialId,
    /// `id` is not the one that the registration began with.
    #[error("id is not the one that the registration began with")]
    RegistrationId,
    /// The key's algorithm is none of the offered ones.
    #[error("the key's algorithm is none of passkey.algorithms")]
    Algorithm,
    /// The attestation format is none of those that are taken.
    #[error("the attestation format is none of passkey.attestationFormats")]
    AttestationFormat,
    /// The attestation statement does not prove what its format promises.
    #[error("the attestation statement does not verify")]
    AttestationStatement,
    /// The credential's id is longer than 1023 bytes.
    #[error("the credential id is longer than 1023 bytes")]
    LongCredentialId,
    /// The credential is registered already, to this user or to another.
    #[error("the credential is registered already")]
    KnownCredential,

    // Assertion.
    /// No user has a passkey of that id.
    #[error("no user has a passkey of that id")]
    UnknownCredential,
    /// The passkey is another user's.
    #[error("the passkey is another user's")]
    ForeignCredential,
    /// The passkey may not open a session.
    #[error("the passkey is not enabled for sign-in")]
    CredentialNotForSignIn,
    /// A sign-in has no user handle.
    #[error("the user handle is missing")]
    NoUserHandle,
    /// The user handle is another user's.
    #[error("the user handle is not that of the passkey's user")]
    UserHandle,
    /// BE differs from what it was at registration.
    #[error("the backup eligibility (BE) is not what it was at registration")]
    BackupEligibility,
    /// The signature is wrong.
    #[error("the signature does not verify")]
    Signature,
    /// The signature counter did not grow.
    #[error("the signature counter did not grow: {received} after {known}")]
    Counter {
        /// What was kept.
        known: u32,
        /// What came.
        received: u32,
    },
}

impl PasskeyRefusal {
    /// The rule behind the refusal, an id of DIFFERENCES.md or a step of WebAuthn Level 3.
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::Registration(flaw) => flaw.registration_step(),
            Self::Authentication(flaw) | Self::SignIn(flaw) => flaw.assertion_step(),
            Self::Disabled => "T20",
            Self::SignInDisabled => "P2",
            Self::ForeignRpId => "P6",
            Self::TooMany { .. } => "P7",
            Self::NoneToRename | Self::NoneToDelete | Self::LastCredential => "P9",
            Self::LastMethod => "U11",
        }
    }
}

impl Flaw {
    /// The step of section 7.1 that refuses a registration for this.
    const fn registration_step(&self) -> &'static str {
        match self {
            Self::ClientData => "WebAuthn 7.1 step 6",
            Self::Type => "WebAuthn 7.1 step 7",
            Self::UnknownChallenge
            | Self::ExpiredChallenge
            | Self::ForeignChallenge
            | Self::MisusedChallenge => "WebAuthn 7.1 step 8",
            Self::RegistrationId => "P4",
            Self::Origin { .. } => "WebAuthn 7.1 step 9",
            Self::CrossOrigin => "WebAuthn 7.1 step 10",
            Self::TopOrigin { .. } => "WebAuthn 7.1 step 11",
            Self::AttestationObject(_) | Self::NoCredential | Self::CredentialId => {
                "WebAuthn 7.1 step 13"
            }
            Self::RpId { .. } => "WebAuthn 7.1 step 14",
            Self::UserNotPresent => "WebAuthn 7.1 step 15",
            Self::UserNotVerified => "WebAuthn 7.1 step 16",
            Self::BackupState => "WebAuthn 7.1 step 17",
            Self::Algorithm => "WebAuthn 7.1 step 20",
            Self::AttestationFormat => "WebAuthn 7.1 step 21",
            Self::AttestationStatement => "WebAuthn 7.1 step 22",
            Self::LongCredentialId => "WebAuthn 7.1 step 25",
            Self::KnownCredential => "WebAuthn 7.1 step 26",
            // What only an assertion can have.
            Self::AuthenticatorData(_)
            | Self::UnknownCredential
            | Self::ForeignCredential
            | Self::CredentialNotForSignIn
            | Self::NoUserHandle
            | Self::UserHandle
            | Self::BackupEligibility
            | Self::Signature
            | Self::Counter { .. } => "WebAuthn 7.1",
        }
    }

    /// The step of section 7.2 that refuses an assertion for this.
    const fn assertion_step(&self) -> &'static str {
        match self {
            Self::ForeignCredential => "WebAuthn 7.2 step 5",
            Self::UnknownCredential | Self::NoUserHandle | Self::UserHandle => {
                "WebAuthn 7.2 step 6"
            }
            Self::CredentialNotForSignIn => "P2",
            Self::AuthenticatorData(_) => "WebAuthn 7.2 step 7",
            Self::ClientData => "WebAuthn 7.2 step 9",
            Self::Type => "WebAuthn 7.2 step 10",
            Self::UnknownChallenge
            | Self::ExpiredChallenge
            | Self::ForeignChallenge
            | Self::MisusedChallenge => "WebAuthn 7.2 step 11",
            Self::Origin { .. } => "WebAuthn 7.2 step 12",
            Self::CrossOrigin => "WebAuthn 7.2 step 13",
            Self::TopOrigin { .. } => "WebAuthn 7.2 step 14",
            Self::RpId { .. } => "WebAuthn 7.2 step 15",
            Self::UserNotPresent => "WebAuthn 7.2 step 16",
            Self::UserNotVerified => "WebAuthn 7.2 step 17",
            Self::BackupState => "WebAuthn 7.2 step 18",
            Self::BackupEligibility => "WebAuthn 7.2 step 19",
            Self::Signature => "WebAuthn 7.2 step 21",
            Self::Counter { .. } => "WebAuthn 7.2 step 22",
            // What only a registration can have.
            Self::AttestationObject(_)
            | Self::NoCredential
            | Self::CredentialId
            | Self::RegistrationId
            | Self::Algorithm
            | Self::AttestationFormat
            | Self::AttestationStatement
            | Self::LongCredentialId
            | Self::KnownCredential => "WebAuthn 7.2",
        }
    }
}
