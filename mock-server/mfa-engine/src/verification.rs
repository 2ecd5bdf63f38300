//! Codes that are sent and typed back: by mail or as a text, good once (rules S1 to S4).

use core::fmt;

use jiff::{SignedDuration, Timestamp};
use rand::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::credential::{EmailAddress, Identity, PhoneNumber};
use crate::id::VerificationId;
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::secret::Secret;

/// How a code travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By mail.
    Email,
    /// As a text to a telephone.
    Sms,
}

impl fmt::Display for Channel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Email => "e-mail",
            Self::Sms => "SMS",
        })
    }
}

/// Who is sent a code: the identity that it proves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// An e-mail address.
    Email(EmailAddress),
    /// A telephone number.
    PhoneNumber(PhoneNumber),
}

impl Recipient {
    /// The recipient of mails to an address, whatever case it is typed in.
    pub fn email(address: &str) -> Self {
        Self::Email(EmailAddress { address: address.to_lowercase() })
    }

    /// How a code reaches them.
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Email(_) => Channel::Email,
            Self::PhoneNumber(_) => Channel::Sms,
        }
    }

    /// The address in lower case, or the number as ITU-T E.164 writes it.
    pub fn name(&self) -> String {
        match self {
            Self::Email(email) => email.address.clone(),
            Self::PhoneNumber(phone) => phone.e164(),
        }
    }

    /// What the right code proves.
    pub fn into_identity(self) -> Identity {
        match self {
            Self::Email(email) => Identity::Email(email),
            Self::PhoneNumber(phone) => Identity::PhoneNumber(Box::new(phone)),
        }
    }

    /// Whether two recipients are one; the country that a number was typed for does not count.
    fn is(&self, other: &Self) -> bool {
        self.channel() == other.channel() && self.name() == other.name()
    }

    /// Whether the code is always the same one (rule S4).
    fn is_test_account(&self) -> bool {
        match self {
            Self::Email(email) => email
                .address
                .rsplit_once('@')
                .is_some_and(|(local, _)| local.ends_with("+dynamic_test")),
            Self::PhoneNumber(phone) => phone.is_us_test_number(),
        }
    }
}

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// A code that proves the recipient's identity.
    VerificationCode,
    /// A token that registers a new device.
    DeviceRegistration,
}

/// A mail or a text that would have been sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Message {
    /// Grows by one with every message of the environment; ask for those after the last one seen.
    pub sequence: u64,
    /// How it travelled.
    pub channel: Channel,
    /// The address, or the number as ITU-T E.164 writes it.
    pub to: String,
    /// What it is about.
    pub kind: MessageKind,
    /// The code or token in it.
    pub code: Secret,
    /// When it was sent.
    pub at: Timestamp,
}

/// The settings of the codes of one channel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CodeTerms<'policy> {
    attempts_max: u8,
    life_seconds: u32,
    /// None while the test account is closed.
    static_code: Option<&'policy str>,
}

impl<'policy> CodeTerms<'policy> {
    /// The terms of a channel; an environment has one code for all its test accounts.
    pub(crate) fn of(channel: Channel, policy: &'policy Policy) -> Self {
        let (attempts_max, life_seconds) = match channel {
            Channel::Email => (policy.email.attempts_max, policy.email.code_life_seconds),
            Channel::Sms => (policy.sms.attempts_max, policy.sms.code_life_seconds),
        };
        let static_code = policy.email.test_account.then_some(policy.email.static_code.as_str());
        Self { attempts_max, life_seconds, static_code }
    }
}

/// One verification that waits for its code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// Its id (`verificationUUID`).
    pub id: VerificationId,
    /// Who was sent the code.
    pub recipient: Recipient,
    /// The code.
    pub code: Secret,
    /// The end of the code.
    pub expires_at: Timestamp,
    /// Wrong codes so far.
    pub attempts: u8,
}

impl Verification {
    /// Opens a verification with a new code.
    pub(crate) fn open(
        recipient: Recipient,
        terms: CodeTerms<'_>,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Self {
        let id = VerificationId::draw(rng);
        let code = code_for(&recipient, terms, rng);
        Self { id, recipient, code, expires_at: end(terms, now), attempts: 0 }
    }

    /// Whether the code was sent to them.
    pub(crate) fn is_for(&self, recipient: &Recipient) -> bool {
        self.recipient.is(recipient)
    }

    /// Replaces the code; the old one is dead and its failures are forgotten.
    pub(crate) fn renew(&mut self, terms: CodeTerms<'_>, now: Timestamp, rng: &mut dyn CryptoRng) {
        self.code = code_for(&self.recipient, terms, rng);
        self.expires_at = end(terms, now);
        self.attempts = 0;
    }

    /// Judges a typed code and counts a wrong one.
    ///
    /// # Errors
    /// The code is wrong or has expired, or too many wrong ones came before.
    pub(crate) fn try_code(
        &mut self,
        offered: &str,
        terms: CodeTerms<'_>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let channel = self.recipient.channel();
        if now >= self.expires_at {
            return Err(Refusal::VerificationClosed { channel });
        }
        if self.attempts >= terms.attempts_max {
            return Err(Refusal::TooManySentCodes { channel });
        }
        if self.code.matches(offered) {
            return Ok(());
        }
        self.attempts = self.attempts.saturating_add(1);
        Err(Refusal::WrongSentCode { channel })
    }
}

fn end(terms: CodeTerms<'_>, now: Timestamp) -> Timestamp {
    let life = SignedDuration::from_secs(terms.life_seconds.into());
    now.checked_add(life).unwrap_or(Timestamp::MAX)
}

/// Six digits by chance, or the static code of a test account (rule S4).
fn code_for(recipient: &Recipient, terms: CodeTerms<'_>, rng: &mut dyn CryptoRng) -> Secret {
    if let Some(code) = terms.static_code
        && recipient.is_test_account()
    {
        return Secret::new(code);
    }
    // Of 2^32 values the first 4 294 000 000 hold each code equally often.
    loop {
        let value = rng.next_u32();
        if value < 4_294_000_000 {
            return Secret::new(format!("{:06}", value % 1_000_000));
        }
    }
}
