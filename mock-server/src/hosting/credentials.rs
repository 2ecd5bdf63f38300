//! Credentials as a tester sees them.

use mfa_engine::{Credential, Identity};
use serde::Serialize;

/// A wallet as a tester sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WalletReport {
    /// The id of its credential.
    pub id: String,
    /// The address, with its checksum.
    pub address: String,
    /// How the wallet is reached (`WalletProviderEnum`).
    pub wallet_provider: String,
    /// Whether it may open a session.
    pub sign_in_enabled: bool,
}

/// A social account as a tester sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SocialReport {
    /// The id of its credential.
    pub id: String,
    /// The provider by the API's name.
    pub provider: String,
    /// The provider's own id of the account.
    pub account_id: String,
    /// The name that the account shows.
    pub username: String,
    /// The address that the provider vouches for.
    pub email: Option<String>,
    /// Whether it may open a session.
    pub sign_in_enabled: bool,
}

pub(super) fn wallet_report(credential: &Credential) -> Option<WalletReport> {
    let Identity::Wallet(wallet) = &credential.identity else { return None };
    Some(WalletReport {
        id: credential.id.to_string(),
        address: wallet.address.clone(),
        wallet_provider: wallet.wallet_provider.clone(),
        sign_in_enabled: credential.sign_in_enabled,
    })
}

pub(super) fn social_report(credential: &Credential) -> Option<SocialReport> {
    let Identity::Social(account) = &credential.identity else { return None };
    Some(SocialReport {
        id: credential.id.to_string(),
        provider: account.provider.clone(),
        account_id: account.account_id.clone(),
        username: account.username.clone(),
        email: account.email.clone(),
        sign_in_enabled: credential.sign_in_enabled,
    })
}
