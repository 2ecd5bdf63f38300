//! Accounts with the provider that this service stands in for.

use data_encoding::HEXLOWER;
use sha2::Digest as _;

use super::SocialProvider;
use crate::credential::SocialAccount;
use crate::environment::is_address;

/// The account of a typed name or address; the same text is the same account.
pub(crate) fn account_for(provider: SocialProvider, name: &str) -> SocialAccount {
    let name = name.trim();
    let folded = name.to_lowercase();
    let digest = sha2::Sha256::digest(format!("{provider}:{folded}").as_bytes());
    let email = is_address(&folded).then(|| folded.clone());
    SocialAccount {
        provider: provider.as_str().to_owned(),
        account_id: HEXLOWER.encode(digest.get(..10).unwrap_or_default()),
        username: email.clone().unwrap_or_else(|| name.to_owned()),
        email,
    }
}

/// Whether a known account is the one that somebody means by a name, an address or an id.
pub(crate) fn is_meant(account: &SocialAccount, name: &str) -> bool {
    let name = name.trim().to_lowercase();
    let is = |text: &str| text.to_lowercase() == name;
    is(&account.account_id) || is(&account.username) || account.email.as_deref().is_some_and(is)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_is_the_same_account() {
        let google = |name: &str| account_for(SocialProvider::Google, name);
        let alice = google("alice@example.com");
        assert_eq!(alice, google(" ALICE@example.com "));
        assert_eq!(alice.email.as_deref(), Some("alice@example.com"));
        assert_eq!(alice.account_id.len(), 20);
        let other = account_for(SocialProvider::Github, "alice@example.com");
        assert_ne!(alice.account_id, other.account_id);
        let named = google("Alice");
        assert_eq!((named.username.as_str(), named.email.as_deref()), ("Alice", None));
        assert!(is_meant(&named, "aLICE") && is_meant(&alice, &alice.account_id));
        assert!(!is_meant(&named, "bob"));
    }
}
