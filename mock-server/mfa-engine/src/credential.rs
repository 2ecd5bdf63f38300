//! Proven ways to sign in: what was proven, when, and whether it opens a session.

use core::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::CredentialId;
use crate::moment::Moment;
use crate::passkey::Octets;

mod key;
mod phone;

use crate::wallet::EMBEDDED;
pub use key::IdentityKey;
pub use phone::{MalformedPhoneNumber, PhoneNumber};

/// One proven identity of a user (`JwtVerifiedCredential`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// Its id.
    pub id: CredentialId,
    /// What was proven.
    pub identity: Identity,
    /// When it was proven.
    pub verified_at: Moment,
    /// Whether it may open a session.
    pub sign_in_enabled: bool,
}

/// What can be proven about a person: one variant for each first factor.
///
/// The large ones are boxed, so that an address, which nearly everybody has, stays small.
///
/// ```
/// use mfa_engine::Identity;
/// let alice = Identity::email("Alice@Example.com");
/// assert_eq!(alice.key(), Identity::email("alice@example.com").key());
/// assert_ne!(alice.key(), Identity::email("alice@example.org").key());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// A code that was mailed came back.
    Email(EmailAddress),
    /// A code that was sent to a telephone came back.
    PhoneNumber(Box<PhoneNumber>),
    /// A message was signed with the key of an external wallet.
    Wallet(Box<Wallet>),
    /// A provider of social sign-in vouched for the account.
    Social(Box<SocialAccount>),
    /// The environment's own issuer vouched for the user.
    External(ExternalUser),
    /// An authenticator signed a challenge; the key is with the user's passkeys.
    Passkey(PasskeyCredential),
}

/// An e-mail address, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmailAddress {
    /// The address.
    pub address: String,
}

/// An external wallet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wallet {
    /// The address as the wallet writes it.
    pub address: String,
    /// The chain by the API's name, such as `EVM`.
    pub chain: String,
    /// The wallet's key, such as `metamask`.
    pub wallet_name: String,
    /// How the wallet is reached (`WalletProviderEnum`).
    pub wallet_provider: String,
    /// When the user last made it the one to work with (`lastSelectedAt`).
    #[serde(deserialize_with = "crate::written::option")]
    pub last_selected_at: Option<Timestamp>,
}

/// An account with a provider of social sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SocialAccount {
    /// The provider by the API's name, such as `google`.
    pub provider: String,
    /// The provider's own id of the account.
    pub account_id: String,
    /// The name that the account shows.
    pub username: String,
    /// The address that the provider vouches for.
    #[serde(deserialize_with = "crate::written::option")]
    pub email: Option<String>,
}

/// A user of the environment's own issuer of JWTs (rule E23).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalUser {
    /// `sub` of the assertion.
    pub user_id: String,
}

/// A passkey, by the authenticator's id of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasskeyCredential {
    /// The credential id.
    pub credential_id: Octets,
}

/// A kind of credential (`JwtVerifiedCredentialFormatEnum`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// `blockchain`
    Blockchain,
    /// `email`
    Email,
    /// `oauth`
    Oauth,
    /// `passkey`
    Passkey,
    /// `phoneNumber`
    PhoneNumber,
    /// `externalUser`
    ExternalUser,
    /// `totp`
    Totp,
}

impl Format {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Blockchain => "blockchain",
            Self::Email => "email",
            Self::Oauth => "oauth",
            Self::Passkey => "passkey",
            Self::PhoneNumber => "phoneNumber",
            Self::ExternalUser => "externalUser",
            Self::Totp => "totp",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Identity {
    /// The identity of an e-mail address, in lower case.
    pub fn email(address: &str) -> Self {
        Self::Email(EmailAddress { address: address.to_lowercase() })
    }

    /// What no two users share.
    pub fn key(&self) -> IdentityKey {
        match self {
            Self::Email(email) => IdentityKey::of(&["email", &email.address]),
            Self::PhoneNumber(phone) => IdentityKey::of_e164(&phone.e164()),
            // Addresses of EVM differ in their checksum's case only; others are told apart by case.
            Self::Wallet(wallet) if wallet.chain == "EVM" => {
                IdentityKey::of_evm_address(&wallet.address)
            }
            Self::Wallet(wallet) => IdentityKey::of(&["wallet", &wallet.chain, &wallet.address]),
            Self::Social(account) => {
                IdentityKey::of(&["social", &account.provider, &account.account_id])
            }
            Self::External(user) => IdentityKey::of(&["external", &user.user_id]),
            Self::Passkey(passkey) => {
                IdentityKey::of(&["passkey", &passkey.credential_id.to_string()])
            }
        }
    }

    /// The kind of credential by the API's name.
    pub const fn format(&self) -> Format {
        match self {
            Self::Email(_) => Format::Email,
            Self::PhoneNumber(_) => Format::PhoneNumber,
            Self::Wallet(_) => Format::Blockchain,
            Self::Social(_) => Format::Oauth,
            Self::External(_) => Format::ExternalUser,
            Self::Passkey(_) => Format::Passkey,
        }
    }

    /// The address, if the identity is one.
    pub fn address(&self) -> Option<&str> {
        match self {
            Self::Email(email) => Some(&email.address),
            _ => None,
        }
    }

    /// The name by which a person knows the identity (`public_identifier`).
    pub fn public_identifier(&self) -> String {
        match self {
            Self::Email(email) => email.address.clone(),
            Self::PhoneNumber(phone) => phone.e164(),
            Self::Wallet(wallet) => wallet.address.clone(),
            Self::Social(account) => account.username.clone(),
            Self::External(user) => user.user_id.clone(),
            Self::Passkey(passkey) => passkey.credential_id.to_string(),
        }
    }
}

impl Credential {
    /// Whether it is a wallet that the service itself made (rule U22).
    pub fn is_embedded_wallet(&self) -> bool {
        matches!(&self.identity, Identity::Wallet(wallet) if wallet.wallet_provider == EMBEDDED)
    }

    /// The address, if the credential is one.
    pub fn email(&self) -> Option<&str> {
        self.identity.address()
    }
}
