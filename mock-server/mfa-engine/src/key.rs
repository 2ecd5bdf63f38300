//! The ring of signing keys: which one signs, which ones still verify, which are retired.
//!
//! The engine knows keys by number only. What a number stands for, and every signature, is the
//! business of whoever embeds it.

use core::fmt;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::admin::AdminRefusal;

/// The number of a signing key, 1 to [`KeyNumber::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct KeyNumber(u8);

/// The number is none of a signing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a signing key has a number from 1 to 3")]
pub struct NoSuchKey;

impl KeyNumber {
    /// The key that signs in a new environment.
    pub const FIRST: Self = Self(1);
    /// How many keys there are: as many as are published.
    pub const MAX: u8 = 3;

    /// Every number, in the order of use.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=Self::MAX).map(Self)
    }

    /// Its place in a list of all keys, from zero.
    pub const fn index(self) -> usize {
        self.0 as usize - 1
    }
}

impl TryFrom<u8> for KeyNumber {
    type Error = NoSuchKey;
    fn try_from(number: u8) -> Result<Self, NoSuchKey> {
        (1..=Self::MAX).contains(&number).then_some(Self(number)).ok_or(NoSuchKey)
    }
}

impl From<KeyNumber> for u8 {
    fn from(key: KeyNumber) -> Self {
        key.0
    }
}

impl fmt::Display for KeyNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What a key of the ring is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Signs new tokens, and verifies.
    Signing,
    /// Signs no longer; its tokens are still good.
    Verifying,
    /// Its tokens are refused.
    Retired,
}

/// The keys of one environment (rule J2).
///
/// ```
/// use mfa_engine::{KeyNumber, KeyRing, KeyState};
/// let mut ring = KeyRing::default();
/// let second = ring.rotate().unwrap();
/// assert_eq!(ring.signing(), second);
/// assert!(ring.is_active(KeyNumber::FIRST), "both verify while they overlap");
/// ring.retire(KeyNumber::FIRST).unwrap();
/// assert_eq!(ring.state(KeyNumber::FIRST), Some(KeyState::Retired));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRing {
    signing: KeyNumber,
    verifying: BTreeSet<KeyNumber>,
    retired: BTreeSet<KeyNumber>,
}

impl Default for KeyRing {
    fn default() -> Self {
        let none = BTreeSet::new();
        Self { signing: KeyNumber::FIRST, verifying: none.clone(), retired: none }
    }
}

impl KeyRing {
    /// The key that signs.
    pub const fn signing(&self) -> KeyNumber {
        self.signing
    }

    /// Whether tokens of this key are good.
    pub fn is_active(&self, key: KeyNumber) -> bool {
        matches!(self.state(key), Some(KeyState::Signing | KeyState::Verifying))
    }

    /// What a key is good for; none if it was never used here.
    pub fn state(&self, key: KeyNumber) -> Option<KeyState> {
        if key == self.signing {
            return Some(KeyState::Signing);
        }
        if self.retired.contains(&key) {
            return Some(KeyState::Retired);
        }
        self.verifying.contains(&key).then_some(KeyState::Verifying)
    }

    /// Every key that was ever used here, with its state, in the order of use.
    pub fn list(&self) -> impl Iterator<Item = (KeyNumber, KeyState)> {
        KeyNumber::all().filter_map(|key| Some((key, self.state(key)?)))
    }

    /// Lets the next key sign; the old one still verifies.
    ///
    /// # Errors
    /// Every key was used. A retired key is not used again, else its old tokens would come back
    /// to life.
    pub fn rotate(&mut self) -> Result<KeyNumber, AdminRefusal> {
        let next = KeyNumber::all().find(|key| self.state(*key).is_none());
        let next = next.ok_or(AdminRefusal::NoFurtherKey)?;
        self.verifying.insert(self.signing);
        self.signing = next;
        Ok(next)
    }

    /// Refuses the tokens of a key from now on.
    ///
    /// # Errors
    /// The key signs, so another one must take its place first; or it was never used here.
    pub fn retire(&mut self, key: KeyNumber) -> Result<(), AdminRefusal> {
        match self.state(key) {
            Some(KeyState::Signing) => Err(AdminRefusal::KeyInUse),
            None => Err(AdminRefusal::NoSuchKey),
            Some(KeyState::Verifying | KeyState::Retired) => {
                self.verifying.remove(&key);
                self.retired.insert(key);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_overlap_and_never_come_back() {
        let mut ring = KeyRing::default();
        let [first, second, third] = [1, 2, 3].map(|number| KeyNumber::try_from(number).unwrap());
        assert_eq!(ring.retire(first), Err(AdminRefusal::KeyInUse));
        assert_eq!(ring.retire(second), Err(AdminRefusal::NoSuchKey));
        assert_eq!(ring.rotate(), Ok(second));
        assert!(ring.is_active(first) && ring.is_active(second) && !ring.is_active(third));
        ring.retire(first).unwrap();
        ring.retire(first).unwrap();
        assert_eq!(ring.rotate(), Ok(third));
        assert_eq!(ring.rotate(), Err(AdminRefusal::NoFurtherKey));
        let states: Vec<_> = ring.list().map(|(_, state)| state).collect();
        assert_eq!(states, [KeyState::Retired, KeyState::Verifying, KeyState::Signing]);
    }

    #[test]
    fn a_ring_is_read_back_as_it_was() {
        let mut ring = KeyRing::default();
        ring.rotate().unwrap();
        ring.retire(KeyNumber::FIRST).unwrap();
        let text = serde_json::to_string(&ring).unwrap();
        assert_eq!(text, r#"{"signing":2,"verifying":[],"retired":[1]}"#);
        assert_eq!(serde_json::from_str::<KeyRing>(&text).unwrap(), ring);
        for number in [0, 4, 255] {
            let damaged = text.replace(":2", &format!(":{number}"));
            assert!(serde_json::from_str::<KeyRing>(&damaged).is_err(), "{number}");
        }
    }
}
