//! Nonces for device signatures: issued once, used once, for a day at most (rule W2).

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use jiff::{SignedDuration, Timestamp};
use rand::CryptoRng;
use serde::{Deserialize, Serialize};

/// Nonces that one call may ask for at most, as the API's comment says.
pub const PER_CALL_MAX: u8 = 5;

/// How long a nonce is good; the SDK throws its pool away after the same time.
const LIFE: SignedDuration = SignedDuration::from_hours(24);

/// The nonces that were issued and not yet used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nonces {
    issued: u64,
    open: BTreeMap<u64, Open>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Open {
    nonce: String,
    at: Timestamp,
}

impl Nonces {
    /// Issues one nonce: 48 hex digits, of which the first 16 are its number.
    ///
    /// The number makes both the look-up and the removal of the oldest cheap; the rest is chance.
    pub fn issue(&mut self, max: u32, now: Timestamp, rng: &mut dyn CryptoRng) -> String {
        let mut chance = [0; 16];
        rng.fill_bytes(&mut chance);
        let number = self.issued;
        // Wrapping, because a restored state may hold any number.
        self.issued = self.issued.wrapping_add(1);
        let nonce = format!("{number:016x}{}", HEXLOWER.encode(&chance));
        self.open.insert(number, Open { nonce: nonce.clone(), at: now });
        while self.open.len() > usize::try_from(max).unwrap_or(usize::MAX) {
            self.open.pop_first();
        }
        nonce
    }

    /// Whether a nonce could be used now; it stays as it is.
    pub fn is_open(&self, nonce: &str, now: Timestamp) -> bool {
        let number = nonce.get(..16).and_then(|hex| u64::from_str_radix(hex, 16).ok());
        let open = number.and_then(|number| self.open.get(&number));
        open.is_some_and(|open| open.nonce == nonce && now.duration_since(open.at) < LIFE)
    }

    /// Uses a nonce; false if it was never issued, was used before, or is too old.
    pub fn spend(&mut self, nonce: &str, now: Timestamp) -> bool {
        let number = nonce.get(..16).and_then(|hex| u64::from_str_radix(hex, 16).ok());
        let Some(number) = number else { return false };
        match self.open.get(&number) {
            Some(open) if open.nonce == nonce => {
                let fresh = now.duration_since(open.at) < LIFE;
                self.open.remove(&number);
                fresh
            }
            Some(_) | None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;

    #[test]
    fn a_nonce_is_good_once_and_for_a_day() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let mut nonces = Nonces::default();
        let nonce = nonces.issue(10, at(0), &mut rng);
        let old = nonces.issue(10, at(0), &mut rng);
        assert!(nonces.is_open(&nonce, at(86_399)) && !nonces.is_open(&nonce, at(86_400)));
        assert!(nonces.spend(&nonce, at(1)));
        assert!(!nonces.spend(&nonce, at(1)) && !nonces.is_open(&nonce, at(1)));
        assert!(!nonces.spend(&old, at(86_400)));
        for stranger in ["", "zz", "é0000000000000000", "0000000000000000"] {
            assert!(!nonces.spend(stranger, at(1)));
        }
    }

    #[test]
    fn the_oldest_nonce_gives_way() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut nonces = Nonces::default();
        let first = nonces.issue(2, Timestamp::UNIX_EPOCH, &mut rng);
        let second = nonces.issue(2, Timestamp::UNIX_EPOCH, &mut rng);
        nonces.issue(2, Timestamp::UNIX_EPOCH, &mut rng);
        assert!(!nonces.spend(&first, Timestamp::UNIX_EPOCH));
        assert!(nonces.spend(&second, Timestamp::UNIX_EPOCH));
    }
}
