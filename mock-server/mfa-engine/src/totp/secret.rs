//! The secret that a device and the service share.

use core::fmt;

use data_encoding::BASE32_NOPAD;
use jiff::Timestamp;
use rand::CryptoRng;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use subtle::ConstantTimeEq as _;

use super::keyed::Keyed;
use super::{Code, PERIOD_SECONDS, seconds, step_at};
use crate::policy::{self, Algorithm};
use crate::refusal::Refusal;

mod key;

use key::Key;

/// The shared secret of a device; written as base32 without padding (RFC 4648 section 6).
///
/// `Debug` does not show it, and two of them compare in constant time.
#[derive(Clone)]
pub struct TotpSecret {
    key: Key,
    /// What the latest check has made of the bytes, so that the next one need not. It follows from
    /// them and is no part of the state: it is neither written nor compared.
    keyed: Option<Keyed>,
}

impl TotpSecret {
    /// Draws a new secret of that many bytes.
    pub fn draw(bytes: u8, rng: &mut dyn CryptoRng) -> Self {
        let mut raw = vec![0; usize::from(bytes)];
        rng.fill_bytes(&mut raw);
        Self::of(raw)
    }

    fn of(bytes: Vec<u8>) -> Self {
        Self { key: bytes.into(), keyed: None }
    }

    /// Reads a secret that a person typed: lower case, spaces, dashes and missing padding are
    /// forgiven. Padding that is there must be right, or something was lost on the way.
    ///
    /// # Errors
    /// The text is not base32, or has no bytes at all.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let padded: String = text
            .chars()
            .filter(|letter| !matches!(letter, ' ' | '-'))
            .map(|letter| letter.to_ascii_uppercase())
            .collect();
        let tidy = padded.trim_end_matches('=');
        let wrong = |problem: &str| Err(Refusal::Unseedable(format!("a TOTP secret {problem}")));
        // RFC 4648 section 6: padding fills the last eight letters, and only those.
        let padding = padded.len() - tidy.len();
        if padding > 0 && (padding >= 8 || !padded.len().is_multiple_of(8)) {
            return wrong("is base32: its padding does not fit its length");
        }
        match BASE32_NOPAD.decode(tidy.as_bytes()) {
            Ok(raw) if !raw.is_empty() => Ok(Self::of(raw)),
            Ok(_) => wrong("has at least one byte"),
            Err(error) => wrong(&format!("is base32: {error}")),
        }
    }

    /// The base32 text, for the one answer that hands it out and for the control API.
    pub fn reveal(&self) -> String {
        BASE32_NOPAD.encode(self.key.bytes())
    }

    /// The code that an authenticator app shows at that time.
    ///
    /// Made by `totp-rs` and not by what checks codes here, so that the two watch each other.
    pub fn code_at(&self, settings: &policy::Totp, at: Timestamp) -> String {
        let algorithm = match settings.algorithm {
            Algorithm::Sha1 => totp_rs::Algorithm::SHA1,
            Algorithm::Sha256 => totp_rs::Algorithm::SHA256,
            Algorithm::Sha512 => totp_rs::Algorithm::SHA512,
        };
        // `build_noncompliant` because a seed may carry a short secret such as the ten bytes of
        // JBSWY3DPEHPK3PXP; secrets of our own making have the length that the policy says.
        let generator = totp_rs::Builder::new()
            .with_algorithm(algorithm)
            .with_secret(self.key.bytes().to_vec())
            .with_step_duration(PERIOD_SECONDS)
            .build_noncompliant();
        generator.generate(seconds(at)).to_string()
    }

    /// The time step that a code belongs to, within the window around that time.
    ///
    /// The current step stands above its neighbours, should a code be that of two steps.
    pub fn step_of(&self, code: &Code, settings: &policy::Totp, at: Timestamp) -> Option<u64> {
        let (code, window) = (code.number()?, settings.window_steps.into());
        match &self.keyed {
            Some(keyed) if keyed.algorithm() == settings.algorithm => {
                keyed.find(code, step_at(at), window)
            }
            Some(_) | None => {
                Keyed::new(self.key.bytes(), settings.algorithm).find(code, step_at(at), window)
            }
        }
    }

    /// Hashes the key beforehand, so that checks under these settings need not.
    pub(super) fn prepare(&mut self, settings: &policy::Totp) {
        let fits = |keyed: &Keyed| keyed.algorithm() == settings.algorithm;
        if !self.keyed.as_ref().is_some_and(fits) {
            self.keyed = Some(Keyed::new(self.key.bytes(), settings.algorithm));
        }
    }
}

impl fmt::Debug for TotpSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TotpSecret(‹secret›)")
    }
}

impl PartialEq for TotpSecret {
    fn eq(&self, other: &Self) -> bool {
        self.key.bytes().ct_eq(other.key.bytes()).into()
    }
}

impl Eq for TotpSecret {}

impl Serialize for TotpSecret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.reveal())
    }
}

impl<'de> Deserialize<'de> for TotpSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // The error says nothing of the text, which may be most of a secret.
        let damaged = |_| D::Error::custom("a TOTP secret is base32 without padding");
        BASE32_NOPAD.decode(text.as_bytes()).map(Self::of).map_err(damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_outside_base32_is_refused() {
        for text in ["", "====", "01890", "ABC1", "é"] {
            assert!(TotpSecret::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn what_is_kept_of_a_secret_is_neither_written_nor_compared_nor_shown() {
        let fresh = TotpSecret::parse("JBSWY3DPEHPK3PXP").unwrap();
        let mut used = fresh.clone();
        used.prepare(&policy::Totp::default());
        assert!(used.keyed.is_some() && fresh.keyed.is_none());
        assert_eq!(used, fresh);
        assert_ne!(used, TotpSecret::parse("JBSWY3DPEHPK3PXQ").unwrap());
        assert_eq!(serde_json::to_string(&used).unwrap(), r#""JBSWY3DPEHPK3PXP""#);
        assert_eq!(serde_json::from_str::<TotpSecret>(r#""JBSWY3DPEHPK3PXP""#).unwrap(), used);
        assert_eq!(format!("{used:?}"), "TotpSecret(‹secret›)");
        let damaged = serde_json::from_str::<TotpSecret>(r#""jbswy3dp""#).unwrap_err().to_string();
        assert!(!damaged.contains("jbsw"), "{damaged}");
    }

    #[test]
    fn another_algorithm_is_not_served_by_what_was_kept_for_the_first() {
        let mut secret = TotpSecret::parse("JBSWY3DPEHPK3PXP").unwrap();
        let at = Timestamp::from_second(1_790_000_010).unwrap();
        for algorithm in [Algorithm::Sha1, Algorithm::Sha256, Algorithm::Sha512, Algorithm::Sha1] {
            let settings = policy::Totp { algorithm, ..policy::Totp::default() };
            let code = Code::from(secret.code_at(&settings, at).as_str());
            assert_eq!(secret.step_of(&code, &settings, at), Some(step_at(at)), "not prepared");
            secret.prepare(&settings);
            assert_eq!(secret.step_of(&code, &settings, at), Some(step_at(at)), "prepared");
        }
    }
}
