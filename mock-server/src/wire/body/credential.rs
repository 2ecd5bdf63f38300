//! Proven identities in answers and in tokens.

use data_encoding::HEXLOWER;
use mfa_engine::{Credential, EmbeddedWallet, Format, Identity, UserView};
use serde::Serialize;
use sha2::Digest as _;

use super::user::date;
use super::waas::WalletProperties;

/// `JwtVerifiedCredential`; which fields are there depends on `format`.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) struct VerifiedCredential<'user> {
    id: String,
    format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'user str>,
    public_identifier: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'user str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chain: Option<&'user str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wallet_name: Option<&'user str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wallet_provider: Option<&'user str>,
    #[serde(rename = "lastSelectedAt", skip_serializing_if = "Option::is_none")]
    last_selected_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wallet_properties: Option<WalletProperties>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oauth_provider: Option<&'user str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oauth_username: Option<&'user str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oauth_display_name: Option<&'user str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oauth_account_id: Option<&'user str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oauth_emails: Option<Vec<&'user str>>,
    #[serde(rename = "phoneNumber", skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'user str>,
    #[serde(rename = "phoneCountryCode", skip_serializing_if = "Option::is_none")]
    phone_country_code: Option<&'user str>,
    #[serde(rename = "isoCountryCode", skip_serializing_if = "Option::is_none")]
    iso_country_code: Option<&'user str>,
    #[serde(rename = "signInEnabled")]
    sign_in_enabled: bool,
    #[serde(rename = "verifiedAt")]
    verified_at: String,
}

impl<'user> VerifiedCredential<'user> {
    /// What a user has proven, and the embedded wallets, which the API shows in the same list.
    pub(crate) fn all_of(user: &'user UserView) -> Vec<Self> {
        Self::all(&user.credentials, &user.wallets)
    }

    /// The same of any user.
    pub(super) fn all(
        credentials: &'user [Credential],
        wallets: &'user [EmbeddedWallet],
    ) -> Vec<Self> {
        let proven = credentials.iter().map(Self::of);
        proven.chain(wallets.iter().map(Self::of_wallet)).collect()
    }

    /// An embedded wallet; it opens no session.
    fn of_wallet(wallet: &'user EmbeddedWallet) -> Self {
        Self {
            id: wallet.id.to_string(),
            format: Format::Blockchain.as_str(),
            email: None,
            public_identifier: wallet.address.clone(),
            address: Some(&wallet.address),
            chain: Some(wallet.chain.credential_name()),
            wallet_name: Some("dynamicwaas"),
            wallet_provider: Some("embeddedWallet"),
            wallet_properties: Some(WalletProperties::of(wallet)),
            last_selected_at: None,
            oauth_provider: None,
            oauth_username: None,
            oauth_display_name: None,
            oauth_account_id: None,
            oauth_emails: None,
            phone_number: None,
            phone_country_code: None,
            iso_country_code: None,
            sign_in_enabled: false,
            verified_at: date(wallet.created_at),
        }
    }

    pub(super) fn of(credential: &'user Credential) -> Self {
        let plain = Self {
            id: credential.id.to_string(),
            format: credential.identity.format().as_str(),
            email: None,
            public_identifier: credential.identity.public_identifier(),
            address: None,
            chain: None,
            wallet_name: None,
            wallet_provider: None,
            wallet_properties: None,
            last_selected_at: None,
            oauth_provider: None,
            oauth_username: None,
            oauth_display_name: None,
            oauth_account_id: None,
            oauth_emails: None,
            phone_number: None,
            phone_country_code: None,
            iso_country_code: None,
            sign_in_enabled: credential.sign_in_enabled,
            verified_at: date(credential.verified_at.into()),
        };
        match &credential.identity {
            Identity::Email(email) => Self { email: Some(&email.address), ..plain },
            Identity::PhoneNumber(phone) => Self {
                phone_number: Some(&phone.phone_number),
                phone_country_code: Some(&phone.phone_country_code),
                iso_country_code: Some(&phone.iso_country_code),
                ..plain
            },
            Identity::Wallet(wallet) => Self {
                address: Some(&wallet.address),
                chain: Some(chain_of(&wallet.chain)),
                wallet_name: Some(&wallet.wallet_name),
                wallet_provider: Some(&wallet.wallet_provider),
                last_selected_at: wallet.last_selected_at.map(date),
                ..plain
            },
            Identity::Social(account) => Self {
                oauth_provider: Some(&account.provider),
                oauth_username: Some(&account.username),
                oauth_display_name: Some(&account.username),
                oauth_account_id: Some(&account.account_id),
                oauth_emails: account.email.as_deref().map(|email| vec![email]),
                ..plain
            },
            Identity::External(_) | Identity::Passkey(_) => plain,
        }
    }
}

/// The name of a chain in credentials, where it is another one than in requests.
fn chain_of(chain: &str) -> &str {
    match chain {
        "EVM" => "eip155",
        other => other,
    }
}

/// `JwtVerifiedCredentialHashes`: a digest of the credentials of each format. How the real
/// service makes them is not published.
#[derive(Serialize)]
pub(crate) struct Hashes {
    #[serde(skip_serializing_if = "Option::is_none")]
    blockchain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oauth: Option<String>,
    #[serde(rename = "phoneNumber", skip_serializing_if = "Option::is_none")]
    phone_number: Option<String>,
    #[serde(rename = "externalUser", skip_serializing_if = "Option::is_none")]
    external_user: Option<String>,
}

impl Hashes {
    pub(crate) fn of(credentials: &[Credential]) -> Self {
        let digest = |format: Format| {
            let of_format = credentials.iter().filter(|known| known.identity.format() == format);
            let names: Vec<_> = of_format.map(|known| known.identity.public_identifier()).collect();
            let hash = || HEXLOWER.encode(&sha2::Sha256::digest(names.join(",").as_bytes()));
            (!names.is_empty()).then(hash)
        };
        Self {
            blockchain: digest(Format::Blockchain),
            email: digest(Format::Email),
            oauth: digest(Format::Oauth),
            phone_number: digest(Format::PhoneNumber),
            external_user: digest(Format::ExternalUser),
        }
    }
}
