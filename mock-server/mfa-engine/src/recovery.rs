//! Recovery codes: a set of ten, each works once (rules R1 to R9, U12).

use rand::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::policy;
use crate::secret::Secret;

/// One set of codes; making a new set kills the old one (rule R3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecoveryCodes(Vec<RecoveryCode>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecoveryCode {
    code: Secret,
    used: bool,
}

impl RecoveryCodes {
    /// Draws a new set: `code_count` codes of `code_length` upper-case letters.
    pub fn draw(settings: &policy::Recovery, rng: &mut dyn CryptoRng) -> Self {
        let mut draw_code = || {
            let mut letters = String::with_capacity(settings.code_length.into());
            while letters.len() < settings.code_length.into() {
                let mut byte = [0];
                rng.fill_bytes(&mut byte);
                // 234 = 9 * 26: bytes above it would make the first letters likelier.
                if let [value @ 0..234] = byte {
                    letters.push(char::from(b'A' + value % 26));
                }
            }
            RecoveryCode { code: Secret::new(letters), used: false }
        };
        Self((0..settings.code_count).map(|_| draw_code()).collect())
    }

    /// A set of given codes, for a seed.
    pub fn of(codes: &[String]) -> Self {
        let code = |text: &String| RecoveryCode { code: Secret::new(tidy(text)), used: false };
        Self(codes.iter().map(code).collect())
    }

    /// Spends the code that equals the offered text, trimmed and in any case.
    ///
    /// Every code of the set is compared, so that the time taken does not tell which one matched.
    pub fn spend(&mut self, offered: &str) -> bool {
        let offered = tidy(offered);
        let mut found = None;
        for (index, code) in self.0.iter().enumerate() {
            if code.code.matches(&offered) && !code.used {
                found = Some(index);
            }
        }
        match found.and_then(|index| self.0.get_mut(index)) {
            Some(code) => {
                code.used = true;
                true
            }
            None => false,
        }
    }

    /// How many codes are unused (rule R4).
    pub fn unused_count(&self) -> usize {
        self.0.iter().filter(|code| !code.used).count()
    }

    /// The codes, for the answer that shows them; used ones only if asked for (rule U13).
    pub fn reveal(&self, with_used: bool) -> Vec<String> {
        let shown = |code: &&RecoveryCode| with_used || !code.used;
        self.0.iter().filter(shown).map(|code| code.code.reveal().to_owned()).collect()
    }
}

fn tidy(text: &str) -> String {
    text.trim().to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;

    #[test]
    fn each_code_works_once_in_any_case() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut codes = RecoveryCodes::draw(&policy::Recovery::default(), &mut rng);
        let all = codes.reveal(false);
        assert_eq!(all.len(), 10);
        assert!(all.iter().all(|code| code.len() == 10));
        let first = all.first().unwrap();
        assert!(codes.spend(&format!("  {} ", first.to_lowercase())));
        assert!(!codes.spend(first));
        assert_eq!(codes.unused_count(), 9);
        assert!(!codes.spend("AAAAAAAAAA"));
        assert_eq!(codes.reveal(true).len(), 10);
    }
}
