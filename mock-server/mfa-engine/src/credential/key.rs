//! What makes two identities the same.

use core::fmt;

use data_encoding::HEXLOWER;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

use super::Identity;

/// Bytes of a digest that are kept.
const LENGTH: usize = 16;

/// What makes two identities the same: no two users of an environment share one.
///
/// It is the first half of a SHA-256 digest of the kind and the name, written in hexadecimal. The
/// name itself stands in its user's [`Credential`](super::Credential) already, and a world may hold
/// a million of them; two names with one digest would have to be looked for among 2^64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdentityKey([u8; LENGTH]);

impl IdentityKey {
    /// The key of what those parts name together.
    pub(super) fn of(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            // With its length before it, no part can run over into the next one.
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        let mut key = [0; LENGTH];
        for (byte, of_digest) in key.iter_mut().zip(hash.finalize()) {
            *byte = of_digest;
        }
        Self(key)
    }

    /// The key of a wallet of the Ethereum family, whatever the case of its address.
    pub fn of_evm_address(address: &str) -> Self {
        Self::of(&["wallet", "EVM", &address.to_ascii_lowercase()])
    }

    /// The key of an e-mail address.
    pub fn of_email(address: &str) -> Self {
        Identity::email(address).key()
    }

    /// The key of a telephone number as ITU-T E.164 writes it.
    pub fn of_e164(number: &str) -> Self {
        Self::of(&["phone", number])
    }
}

impl fmt::Display for IdentityKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for IdentityKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "IdentityKey({self})")
    }
}

impl Serialize for IdentityKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for IdentityKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = HEXLOWER.decode(text.as_bytes()).ok().and_then(|raw| raw.try_into().ok());
        bytes
            .map(Self)
            .ok_or_else(|| D::Error::custom("an identity's key is 32 hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::{EmailAddress, ExternalUser, SocialAccount};

    #[test]
    fn kinds_and_parts_do_not_run_into_each_other() {
        let social = |provider: &str, account_id: &str| {
            let (provider, account_id) = (provider.to_owned(), account_id.to_owned());
            let username = String::new();
            let account = SocialAccount { provider, account_id, username, email: None };
            Identity::Social(Box::new(account)).key()
        };
        let external = |user_id: &str| Identity::External(ExternalUser { user_id: user_id.into() });
        let named = |address: &str| Identity::Email(EmailAddress { address: address.into() });
        assert_ne!(social("google", ":7"), social("google:", "7"));
        assert_ne!(external("a@example.com").key(), named("a@example.com").key());
        assert_eq!(IdentityKey::of_evm_address("0xAB"), IdentityKey::of_evm_address("0xab"));
    }

    #[test]
    fn a_key_is_read_as_it_is_written_and_nothing_else_is_read() {
        let key = IdentityKey::of_email("alice@example.com");
        let written = serde_json::to_string(&key).unwrap();
        assert_eq!(written.len(), 2 + 2 * LENGTH);
        assert_eq!(serde_json::from_str::<IdentityKey>(&written).unwrap(), key);
        for wrong in ["\"\"", "\"alice@example.com\"", "\"00\"", "7", &written.to_uppercase()] {
            assert!(serde_json::from_str::<IdentityKey>(wrong).is_err(), "{wrong}");
        }
    }
}
