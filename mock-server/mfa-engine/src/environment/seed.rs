//! The identities of a seeded user, read before anything is changed.

use super::is_address;
use crate::credential::{ExternalUser, Identity, PhoneNumber, SocialAccount, Wallet};
use crate::external_auth::SUBJECT_BYTES_MAX;
use crate::refusal::Refusal;
use crate::seed::{SocialSeed, UserSeed, WalletSeed};
use crate::social::{SocialProvider, account_for};
use crate::wallet::EvmAddress;

/// Every identity of a seed, each with whether it may open a session.
///
/// # Errors
/// The first one that is none.
pub(super) fn seeded_identities(seed: &UserSeed) -> Result<Vec<(Identity, bool)>, Refusal> {
    let mut identities = Vec::new();
    let email = seed.email.trim().to_lowercase();
    let has_others = seed.phone.is_some()
        || seed.external_id.is_some()
        || !seed.wallets.is_empty()
        || !seed.social_accounts.is_empty();
    if !email.is_empty() || !has_others {
        if !is_address(&email) {
            let problem = format!("email: {email:?} is not an e-mail address");
            return Err(Refusal::Unseedable(problem));
        }
        identities.push((Identity::email(&email), true));
    }
    if let Some(phone) = &seed.phone {
        let country = &phone.phone_country_code;
        let phone = PhoneNumber::parse(country, &phone.phone_number, &phone.iso_country_code);
        let problem = |flaw| Refusal::Unseedable(format!("phone: {flaw}"));
        identities.push((Identity::PhoneNumber(phone.map_err(problem)?), true));
    }
    if let Some(user_id) = &seed.external_id {
        if user_id.is_empty() || user_id.len() > SUBJECT_BYTES_MAX {
            let problem = format!("externalId: not 1 to {SUBJECT_BYTES_MAX} bytes long");
            return Err(Refusal::Unseedable(problem));
        }
        identities.push((Identity::External(ExternalUser { user_id: user_id.clone() }), true));
    }
    for wallet in &seed.wallets {
        identities.push((Identity::Wallet(seeded_wallet(wallet)?), wallet.sign_in_enabled));
    }
    for account in &seed.social_accounts {
        identities.push((Identity::Social(seeded_account(account)?), account.sign_in_enabled));
    }
    Ok(identities)
}

fn seeded_wallet(seed: &WalletSeed) -> Result<Wallet, Refusal> {
    let address = EvmAddress::parse(&seed.address).ok_or_else(|| {
        let problem = format!("wallets: {:?} is no address of the EVM", seed.address);
        Refusal::Unseedable(problem)
    })?;
    Ok(Wallet {
        address: address.to_string(),
        chain: "EVM".to_owned(),
        wallet_name: seed.wallet_name.clone(),
        wallet_provider: seed.wallet_provider.clone(),
        last_selected_at: None,
    })
}

fn seeded_account(seed: &SocialSeed) -> Result<SocialAccount, Refusal> {
    let unseedable = |problem: String| Refusal::Unseedable(format!("socialAccounts: {problem}"));
    let provider: SocialProvider =
        seed.provider.parse().map_err(|problem| unseedable(format!("{problem}")))?;
    let email = seed.email.as_ref().map(|email| email.trim().to_lowercase());
    if let Some(email) = email.as_ref().filter(|email| !is_address(email)) {
        return Err(unseedable(format!("{email:?} is not an e-mail address")));
    }
    let name = email.as_deref().or(seed.username.as_deref()).or(seed.account_id.as_deref());
    let name = name.filter(|name| !name.trim().is_empty());
    let name = name.ok_or_else(|| unseedable("no email, username or accountId".to_owned()))?;
    let drawn = account_for(provider, name);
    Ok(SocialAccount {
        account_id: seed.account_id.clone().unwrap_or(drawn.account_id),
        username: seed.username.clone().unwrap_or(drawn.username),
        email,
        provider: drawn.provider,
    })
}
