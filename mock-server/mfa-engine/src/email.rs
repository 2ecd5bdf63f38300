//! E-mail verifications: a code is mailed, typed, and good once (rules S1, S2, S4).

use jiff::{SignedDuration, Timestamp};
use rand::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::id::VerificationId;
use crate::policy;
use crate::refusal::Refusal;
use crate::secret::Secret;

/// A mail that would have been sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Mail {
    /// Grows by one with every mail of the environment; ask for those after the last one seen.
    pub sequence: u64,
    /// The address.
    pub to: String,
    /// The code in it.
    pub code: Secret,
    /// When it was sent.
    pub at: Timestamp,
}

/// One verification that waits for its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// Its id (`verificationUUID`).
    pub id: VerificationId,
    /// The address, in lower case.
    pub email: String,
    /// The code.
    pub code: Secret,
    /// The end of the code.
    pub expires_at: Timestamp,
    /// Wrong codes so far.
    pub attempts: u8,
}

impl Verification {
    /// Opens a verification with a new code.
    pub fn open(
        email: String,
        settings: &policy::Email,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Self {
        let id = VerificationId::draw(rng);
        let code = code_for(&email, settings, rng);
        Self { id, email, code, expires_at: end(settings, now), attempts: 0 }
    }

    /// Replaces the code; the old one is dead and its failures are forgotten.
    pub fn renew(&mut self, settings: &policy::Email, now: Timestamp, rng: &mut dyn CryptoRng) {
        self.code = code_for(&self.email, settings, rng);
        self.expires_at = end(settings, now);
        self.attempts = 0;
    }

    /// Judges a typed code and counts a wrong one.
    ///
    /// # Errors
    /// The code is wrong or has expired, or too many wrong ones came before.
    pub fn try_code(
        &mut self,
        offered: &str,
        settings: &policy::Email,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        if now >= self.expires_at {
            return Err(Refusal::VerificationClosed);
        }
        if self.attempts >= settings.attempts_max {
            return Err(Refusal::TooManyEmailAttempts);
        }
        if self.code.matches(offered) {
            return Ok(());
        }
        self.attempts = self.attempts.saturating_add(1);
        Err(Refusal::WrongEmailCode)
    }
}

fn end(settings: &policy::Email, now: Timestamp) -> Timestamp {
    let life = SignedDuration::from_secs(settings.code_life_seconds.into());
    now.checked_add(life).unwrap_or(Timestamp::MAX)
}

/// Six digits by chance, or the static code of a test address (rule S4).
fn code_for(email: &str, settings: &policy::Email, rng: &mut dyn CryptoRng) -> Secret {
    let is_test_account =
        email.rsplit_once('@').is_some_and(|(local, _)| local.ends_with("+dynamic_test"));
    if is_test_account && settings.test_account {
        return Secret::new(settings.static_code.clone());
    }
    // Of 2^32 values the first 4 294 000 000 hold each code equally often.
    loop {
        let value = rng.next_u32();
        if value < 4_294_000_000 {
            return Secret::new(format!("{:06}", value % 1_000_000));
        }
    }
}
