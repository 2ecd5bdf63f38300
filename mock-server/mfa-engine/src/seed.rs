//! What the control API puts into a world: users, and what they begin with.

use serde::{Deserialize, Serialize};

/// A user to be put into the world by the control API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UserSeed {
    /// The address of the user's e-mail credential; may be empty where one of the next two is given.
    pub email: String,
    /// The number of the user's telephone credential.
    pub phone: Option<SeededPhone>,
    /// The user's id with the app's own issuer of JWTs (`sub`).
    pub external_id: Option<String>,
    /// The user's wallets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wallets: Vec<WalletSeed>,
    /// The user's social accounts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub social_accounts: Vec<SocialSeed>,
    /// The user's passkeys, which an authenticator of the tester holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passkeys: Vec<PasskeySeed>,
    /// A known TOTP secret in base32; absent where a device is asked for: one is drawn.
    pub totp_secret: Option<String>,
    /// Whether the user has a TOTP device, and a confirmed one.
    pub totp: SeededTotp,
    /// Known recovery codes; absent and a device asked for: a set is drawn.
    pub recovery_codes: Option<Vec<String>>,
    /// Whether the acknowledgement of the recovery codes is still to come.
    pub recovery_codes_pending: bool,
}

/// The number of a seeded user, in the API's three parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SeededPhone {
    /// Digits of the country, such as `1`.
    pub phone_country_code: String,
    /// The rest of the number.
    pub phone_number: String,
    /// Letters of the country, such as `US`.
    pub iso_country_code: String,
}

/// A wallet of a seeded user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct WalletSeed {
    /// The address: `0x` and 40 hex digits.
    pub address: String,
    /// The wallet's key, such as `metamask`.
    pub wallet_name: String,
    /// How the wallet is reached (`WalletProviderEnum`); `embeddedWallet` for one of the service.
    pub wallet_provider: String,
    /// Whether it may open a session.
    pub sign_in_enabled: bool,
}

impl Default for WalletSeed {
    fn default() -> Self {
        Self {
            address: String::new(),
            wallet_name: "metamask".to_owned(),
            wallet_provider: "browserExtension".to_owned(),
            sign_in_enabled: true,
        }
    }
}

/// A social account of a seeded user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SocialSeed {
    /// The provider by the API's name, such as `google`.
    pub provider: String,
    /// The provider's own id of the account; absent: the one that the consent page would give.
    pub account_id: Option<String>,
    /// The name that the account shows; absent: the e-mail address.
    pub username: Option<String>,
    /// The address that the provider vouches for.
    pub email: Option<String>,
    /// Whether it may open a session.
    pub sign_in_enabled: bool,
}

impl Default for SocialSeed {
    fn default() -> Self {
        Self {
            provider: "google".to_owned(),
            account_id: None,
            username: None,
            email: None,
            sign_in_enabled: true,
        }
    }
}

/// A passkey of a seeded user: a virtual authenticator of the tester holds the other half.
///
/// An assertion names its user by the handle that the report of the user tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PasskeySeed {
    /// The authenticator's id of it, base64url.
    pub credential_id: String,
    /// The public key on P-256: `SubjectPublicKeyInfo` (RFC 5480), as PEM or as base64 of the DER.
    pub public_key: String,
    /// The signature counter to begin with.
    pub sign_count: u32,
    /// Whether it may be backed up; each assertion must say the same.
    pub backup_eligible: bool,
    /// The name that its owner gave it.
    pub alias: Option<String>,
}

/// The TOTP device of a seeded user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeededTotp {
    /// A confirmed device if a secret is given, otherwise none.
    #[default]
    AsSecret,
    /// None, whatever else is given.
    None,
    /// Registered, never confirmed.
    Pending,
    /// Confirmed: the user is enrolled.
    Enrolled,
}
