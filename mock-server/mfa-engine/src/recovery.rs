//! Recovery codes: a set of ten, each works once (rules R1 to R9, U12).

use rand::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::policy;
use crate::rare::Rare;
use crate::refusal::Refusal;
use crate::secret::Secret;

/// Codes that a set may have, as `recovery.codeCount` may say.
const COUNT_MAX: usize = 100;

/// One set of codes; making a new set kills the old one (rule R3).
///
/// A world may hold a million users, so a set is one text and not ten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecoveryCodes {
    /// The codes, one after the other; each a line of its own where their lengths differ.
    codes: Secret,
    /// How long each of them is; 0 where their lengths differ.
    length: u8,
    /// Positions of the used ones, in the order of their use.
    used: Rare<Vec<u8>>,
    /// Whether it was drawn before its user held a verified method.
    is_premature: bool,
}

impl RecoveryCodes {
    /// Draws a new set: `code_count` codes of `code_length` upper-case letters.
    pub fn draw(settings: &policy::Recovery, rng: &mut dyn CryptoRng) -> Self {
        let (count, length) = (usize::from(settings.code_count), settings.code_length);
        let letters = count * usize::from(length);
        let mut codes = String::with_capacity(letters);
        while codes.len() < letters {
            let mut byte = [0];
            rng.fill_bytes(&mut byte);
            // 234 = 9 * 26: bytes above it would make the first letters likelier.
            if let [value @ 0..234] = byte {
                codes.push(char::from(b'A' + value % 26));
            }
        }
        Self { codes: Secret::new(codes), length, used: Rare::default(), is_premature: false }
    }

    /// The same set, marked as one for which its user has no verified method yet.
    pub fn before_any_method(self) -> Self {
        Self { is_premature: true, ..self }
    }

    /// Whether it was drawn before its user held a verified method: whoever reads it then has
    /// proven one factor only.
    pub const fn is_premature(&self) -> bool {
        self.is_premature
    }

    /// A set of given codes, for a seed.
    ///
    /// # Errors
    /// There are more than 100, or one of them is not 1 to 64 visible ASCII characters.
    pub fn of(codes: &[String]) -> Result<Self, Refusal> {
        let problem = |problem: String| Refusal::Unseedable(format!("recoveryCodes: {problem}"));
        if codes.len() > COUNT_MAX {
            return Err(problem(format!("{} codes, more than {COUNT_MAX}", codes.len())));
        }
        let codes: Vec<String> = codes.iter().map(|text| tidy(text)).collect();
        let is_code = |code: &&String| {
            (1..=64).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_graphic())
        };
        match codes.iter().position(|code| !is_code(&code)) {
            None => {
                let length = common_length(&codes);
                let between = if length == 0 { "\n" } else { "" };
                let codes = Secret::new(codes.join(between));
                Ok(Self { codes, length, used: Rare::default(), is_premature: false })
            }
            Some(at) => Err(problem(format!("[{at}] is not 1 to 64 visible characters"))),
        }
    }

    /// Spends the code that equals the offered text, trimmed and in any case.
    ///
    /// Every code of the set is compared, so that the time taken does not tell which one matched.
    pub fn spend(&mut self, offered: &str) -> bool {
        let offered = Secret::new(tidy(offered));
        let mut found = None;
        for (position, code) in self.all() {
            if offered.matches(code) && !self.used.contains(&position) {
                found = Some(position);
            }
        }
        self.used.extend(found);
        found.is_some()
    }

    /// How many codes are unused (rule R4).
    pub fn unused_count(&self) -> usize {
        self.all().count().saturating_sub(self.used.len())
    }

    /// The codes, for the answer that shows them; used ones only if asked for (rule U13).
    pub fn reveal(&self, with_used: bool) -> Vec<String> {
        let shown = |position: &u8| with_used || !self.used.contains(position);
        self.all()
            .filter(|(position, _)| shown(position))
            .map(|(_, code)| code.to_owned())
            .collect()
    }

    /// The codes with their positions; a set has at most a hundred.
    fn all(&self) -> impl Iterator<Item = (u8, &str)> {
        let (mut rest, length) = (self.codes.reveal(), usize::from(self.length));
        let codes = core::iter::from_fn(move || {
            let parted = match length {
                0 => rest.split_once('\n'),
                length => rest.split_at_checked(length),
            };
            let (code, after) = parted.unwrap_or((rest, ""));
            rest = after;
            (!code.is_empty()).then_some(code)
        });
        (0..=u8::MAX).zip(codes)
    }
}

/// The length that all codes share; 0 where they share none.
fn common_length(codes: &[String]) -> u8 {
    let first = codes.first().map_or(0, String::len);
    let is_shared = codes.iter().all(|code| code.len() == first);
    u8::try_from(first).ok().filter(|_| is_shared).unwrap_or(0)
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

    #[test]
    fn codes_of_any_lengths_stay_apart() {
        for given in [&["ABC", "DEF", "GHI"][..], &["A", "BCD", "EF"], &["A"], &[]] {
            let given: Vec<String> = given.iter().map(|&code| code.to_owned()).collect();
            let mut codes = RecoveryCodes::of(&given).unwrap();
            assert_eq!(codes.reveal(false), given);
            let written = serde_json::to_string(&codes).unwrap();
            assert_eq!(serde_json::from_str::<RecoveryCodes>(&written).unwrap(), codes);
            assert!(!codes.spend("ABCDEF") && !codes.spend("BC") && !codes.spend(""));
            assert_eq!(given.iter().filter(|code| codes.spend(code)).count(), given.len());
            assert_eq!(codes.unused_count(), 0);
        }
    }
}
