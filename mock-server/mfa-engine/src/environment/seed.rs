//! A seeded user, read before anything is changed.

use std::collections::BTreeSet;

use data_encoding::{BASE64, BASE64URL_NOPAD};
use jiff::Timestamp;

use super::{Environment, is_address};
use crate::credential::{
    ExternalUser, Identity, PasskeyCredential, PhoneNumber, SocialAccount, Wallet,
};
use crate::external_auth::SUBJECT_BYTES_MAX;
use crate::id::{CredentialId, UserId};
use crate::linking::LinkingRefusal;
use crate::passkey::{Octets, Passkey, PasskeyRefusal, PublicKey};
use crate::recovery::RecoveryCodes;
use crate::refusal::Refusal;
use crate::seed::{PasskeySeed, SeededTotp, SocialSeed, UserSeed, WalletSeed};
use crate::social::{SocialProvider, account_for};
use crate::totp::TotpSecret;
use crate::wallet::EvmAddress;

/// Bytes of a credential id (WebAuthn section 4).
const CREDENTIAL_ID_BYTES: core::ops::RangeInclusive<usize> = 1..=1_023;

/// A seed that was read, and fits into the world.
pub(super) struct Seeded {
    /// The identity that stands for the user, and whether it may open a session.
    pub(super) first: (Identity, bool),
    /// All others that are no passkeys.
    pub(super) others: Vec<(Identity, bool)>,
    pub(super) passkeys: Vec<SeededPasskey>,
    /// Whether there is a TOTP device, and whether it is confirmed.
    pub(super) totp: Option<bool>,
    pub(super) secret: Option<TotpSecret>,
    pub(super) recovery: Option<RecoveryCodes>,
}

impl Environment {
    /// Reads a seed.
    ///
    /// # Errors
    /// Something in it is malformed, taken, or too much.
    pub(super) fn read_seed(&self, seed: &UserSeed) -> Result<Seeded, Refusal> {
        let identities = seeded_identities(seed)?;
        let passkeys: Vec<_> =
            seed.passkeys.iter().map(seeded_passkey).collect::<Result<_, _>>()?;
        let keys: Vec<Identity> = passkeys.iter().map(SeededPasskey::identity).collect();
        let mut distinct = BTreeSet::new();
        for identity in identities.iter().map(|(identity, _)| identity).chain(&keys) {
            if self.owner_of(&identity.key()).is_some() || !distinct.insert(identity.key()) {
                return Err(Refusal::CredentialTaken { format: identity.format() });
            }
        }
        let max = self.policy.linking.credentials_max;
        if distinct.len() > usize::from(max) {
            return Err(LinkingRefusal::TooManyCredentials { max }.into());
        }
        let max = self.policy.passkey.max_per_user;
        if passkeys.len() > usize::from(max) {
            return Err(PasskeyRefusal::TooMany { max }.into());
        }
        let mut others = identities;
        if others.is_empty() {
            let problem = "a user has an address, a number or another identity".to_owned();
            return Err(Refusal::Unseedable(problem));
        }
        let first = others.remove(0);
        let secret = seed.totp_secret.as_deref().map(TotpSecret::parse).transpose()?;
        let totp = match (seed.totp, &secret) {
            (SeededTotp::None, _) | (SeededTotp::AsSecret, None) => None,
            (SeededTotp::Pending, _) => Some(false),
            (SeededTotp::Enrolled, _) | (SeededTotp::AsSecret, Some(_)) => Some(true),
        };
        let recovery = seed.recovery_codes.as_deref().map(RecoveryCodes::of).transpose()?;
        Ok(Seeded { first, others, passkeys, totp, secret, recovery })
    }
}

/// Every identity of a seed, each with whether it may open a session.
///
/// # Errors
/// The first one that is none.
fn seeded_identities(seed: &UserSeed) -> Result<Vec<(Identity, bool)>, Refusal> {
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
        identities.push((Identity::PhoneNumber(Box::new(phone.map_err(problem)?)), true));
    }
    if let Some(user_id) = &seed.external_id {
        if user_id.is_empty() || user_id.len() > SUBJECT_BYTES_MAX {
            let problem = format!("externalId: not 1 to {SUBJECT_BYTES_MAX} bytes long");
            return Err(Refusal::Unseedable(problem));
        }
        identities.push((Identity::External(ExternalUser { user_id: user_id.clone() }), true));
    }
    for wallet in &seed.wallets {
        identities
            .push((Identity::Wallet(Box::new(seeded_wallet(wallet)?)), wallet.sign_in_enabled));
    }
    for account in &seed.social_accounts {
        identities
            .push((Identity::Social(Box::new(seeded_account(account)?)), account.sign_in_enabled));
    }
    Ok(identities)
}

/// A passkey of a seed, read.
pub(super) struct SeededPasskey {
    credential_id: Octets,
    public_key: PublicKey,
    sign_count: u32,
    backup_eligible: bool,
    alias: Option<String>,
}

fn seeded_passkey(seed: &PasskeySeed) -> Result<SeededPasskey, Refusal> {
    let unseedable = |problem: String| Refusal::Unseedable(format!("passkeys: {problem}"));
    let credential_id = Octets::parse(&seed.credential_id)
        .filter(|id| CREDENTIAL_ID_BYTES.contains(&id.as_slice().len()))
        .ok_or_else(|| unseedable("credentialId: not 1 to 1023 bytes of base64url".to_owned()))?;
    let body = seed.public_key.lines().filter(|line| !line.starts_with("-----"));
    let base64: String = body.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect();
    let der =
        BASE64.decode(base64.as_bytes()).or_else(|_| BASE64URL_NOPAD.decode(base64.as_bytes()));
    let der = der.map_err(|_| unseedable("publicKey: neither PEM nor base64".to_owned()))?;
    let public_key =
        PublicKey::from_spki(&der).map_err(|flaw| unseedable(format!("publicKey: {flaw}")))?;
    Ok(SeededPasskey {
        credential_id,
        public_key,
        sign_count: seed.sign_count,
        backup_eligible: seed.backup_eligible,
        alias: seed.alias.clone(),
    })
}

impl SeededPasskey {
    pub(super) fn identity(&self) -> Identity {
        Identity::Passkey(PasskeyCredential { credential_id: self.credential_id.clone() })
    }

    /// What is kept of it, as if it had been registered from that origin.
    pub(super) fn into_passkey(
        self,
        id: CredentialId,
        made_for: UserId,
        origin: String,
        now: Timestamp,
    ) -> Passkey {
        Passkey {
            id,
            made_for,
            credential_id: self.credential_id,
            public_key: self.public_key,
            sign_count: self.sign_count,
            backup_eligible: self.backup_eligible,
            backed_up: false,
            aaguid: Octets::new([0; 16]),
            transports: Vec::new(),
            alias: self.alias,
            origin,
            user_agent: None,
            created_at: now,
            updated_at: None,
            last_used_at: None,
        }
    }
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
