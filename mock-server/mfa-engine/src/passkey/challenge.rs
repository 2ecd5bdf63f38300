//! Challenges: issued for one purpose, good once, for a few minutes.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rand::CryptoRng;
use serde::{Deserialize, Serialize};

use super::octets::Octets;
use super::refusal::Flaw;
use crate::id::{CredentialId, SessionId};

/// Random bytes of a challenge; WebAuthn section 13.4.3 asks for 16.
const CHANCE_BYTES: usize = 24;

/// The challenges that were issued and not yet used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenges {
    issued: u64,
    open: BTreeMap<u64, Challenge>,
}

/// One open challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    text: String,
    /// When it was issued.
    pub at: Timestamp,
    /// What it is for.
    pub purpose: Purpose,
    /// The relying party id of the options that it stood in.
    pub rp_id: String,
}

/// What a challenge is for, and in whose session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Purpose {
    /// Registering a passkey.
    Registration {
        /// The session that asked.
        session: SessionId,
        /// The id that the passkey will have.
        passkey: CredentialId,
    },
    /// Passing the second factor.
    Authentication {
        /// The session that asked.
        session: SessionId,
    },
    /// Opening a session; nobody is known yet.
    SignIn,
}

/// What a ceremony wants a challenge for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Registration(SessionId),
    Authentication(SessionId),
    SignIn,
}

impl Challenges {
    /// Issues a challenge: 24 random bytes, and its number.
    ///
    /// The number makes both the look-up and the removal of the oldest cheap.
    pub(crate) fn issue(
        &mut self,
        purpose: Purpose,
        rp_id: &str,
        max: u32,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Octets {
        let number = self.issued;
        // Wrapping, because a restored state may hold any number.
        self.issued = self.issued.wrapping_add(1);
        let mut chance = [0; CHANCE_BYTES];
        rng.fill_bytes(&mut chance);
        let challenge = Octets::new([chance.as_slice(), &number.to_be_bytes()].concat());
        let text = challenge.to_string();
        let open = Challenge { text, at: now, purpose, rp_id: rp_id.to_owned() };
        self.open.insert(number, open);
        while self.open.len() > usize::try_from(max).unwrap_or(usize::MAX) {
            self.open.pop_first();
        }
        challenge
    }

    /// Finds the open challenge of that text, if it is good for what is wanted.
    ///
    /// # Errors
    /// It is unknown, for another purpose, of another session, or too old.
    pub(crate) fn judge(
        &self,
        text: &str,
        wanted: Wanted,
        life: SignedDuration,
        now: Timestamp,
    ) -> Result<&Challenge, Flaw> {
        let known = number(text).and_then(|number| self.open.get(&number));
        let challenge = known.filter(|open| open.text == text).ok_or(Flaw::UnknownChallenge)?;
        let (session, asking) = match (challenge.purpose, wanted) {
            (Purpose::Registration { session, .. }, Wanted::Registration(asking))
            | (Purpose::Authentication { session }, Wanted::Authentication(asking)) => {
                (Some(session), Some(asking))
            }
            (Purpose::SignIn, Wanted::SignIn) => (None, None),
            _ => return Err(Flaw::MisusedChallenge),
        };
        if session != asking {
            return Err(Flaw::ForeignChallenge);
        }
        match now.duration_since(challenge.at) < life {
            true => Ok(challenge),
            false => Err(Flaw::ExpiredChallenge),
        }
    }

    /// Uses a challenge up.
    pub(crate) fn spend(&mut self, text: &str) {
        if let Some(number) = number(text)
            && self.open.get(&number).is_some_and(|open| open.text == text)
        {
            self.open.remove(&number);
        }
    }
}

/// The number in a challenge's text.
fn number(text: &str) -> Option<u64> {
    let octets = Octets::parse(text)?;
    let tail = octets.as_slice().get(CHANCE_BYTES..)?;
    tail.try_into().ok().map(u64::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;

    const LIFE: SignedDuration = SignedDuration::from_secs(300);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_challenge_is_good_for_one_thing_in_one_session_for_its_life() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let (here, there) = (SessionId::draw(&mut rng), SessionId::draw(&mut rng));
        let mut challenges = Challenges::default();
        let purpose = Purpose::Authentication { session: here };
        let text = challenges.issue(purpose, "localhost", 10, at(0), &mut rng).to_string();
        let judge = |challenges: &Challenges, text: &str, wanted, seconds| {
            challenges.judge(text, wanted, LIFE, at(seconds)).map(|known| known.purpose)
        };
        let own = Wanted::Authentication(here);
        assert_eq!(judge(&challenges, &text, own, 299), Ok(purpose));
        assert_eq!(judge(&challenges, &text, own, 300), Err(Flaw::ExpiredChallenge));
        let foreign = Wanted::Authentication(there);
        assert_eq!(judge(&challenges, &text, foreign, 0), Err(Flaw::ForeignChallenge));
        for misuse in [Wanted::Registration(here), Wanted::SignIn] {
            assert_eq!(judge(&challenges, &text, misuse, 0), Err(Flaw::MisusedChallenge));
        }
        let bent = format!("A{}", &text[1..]);
        for stranger in ["", "AA", "é", &text[1..], bent.as_str()] {
            assert_eq!(judge(&challenges, stranger, own, 0), Err(Flaw::UnknownChallenge));
            challenges.spend(stranger);
        }
        assert_eq!(judge(&challenges, &text, own, 0), Ok(purpose));
        challenges.spend(&text);
        assert_eq!(judge(&challenges, &text, own, 0), Err(Flaw::UnknownChallenge));
    }

    #[test]
    fn the_oldest_challenge_gives_way() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut challenges = Challenges::default();
        let mut issue = || challenges.issue(Purpose::SignIn, "a", 2, at(0), &mut rng).to_string();
        let issued = [issue(), issue(), issue()];
        let is_open =
            issued.map(|text| challenges.judge(&text, Wanted::SignIn, LIFE, at(0)).is_ok());
        assert_eq!(is_open, [false, true, true]);
    }
}
