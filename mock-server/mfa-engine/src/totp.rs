//! A TOTP device: its secret, its states, and the ledger of spent time steps.
//!
//! ```text
//!            register                confirm or authenticate (right code)
//!  (none) ─────────────► Pending ─────────────────────────────────────────► Active
//!                          │ wrong code: stays            spend(step > last_step): last_step := step
//!                          │ register again: replaced     spend(step ≤ last_step): refused as replay
//!                          ▼                              delete ──► (none)
//!                        Pending (new id, new secret)
//! ```
//!
//! Absent on purpose: a clock. Every check takes the time as an argument (RFC 6238 section 4.2).

use core::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::id::DeviceId;
use crate::moment::Moment;
use crate::policy::{self, Replay};
use crate::refusal::Refusal;

mod keyed;
mod secret;

pub use secret::TotpSecret;

/// Seconds of a time step (rule T1; RFC 6238 section 4.1 calls it X).
pub const PERIOD_SECONDS: u64 = 30;
/// Digits of a code (rule T1).
pub const DIGITS: usize = 6;

/// A code as typed. A text that is not six digits is no error of shape: the API takes any text,
/// and such a one is simply wrong.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Six decimal digits.
    Digits([u8; DIGITS]),
    /// Anything else, which matches no time step.
    Other,
}

impl From<&str> for Code {
    fn from(text: &str) -> Self {
        match <[u8; DIGITS]>::try_from(text.as_bytes()) {
            Ok(digits) if digits.iter().all(u8::is_ascii_digit) => Self::Digits(digits),
            Ok(_) | Err(_) => Self::Other,
        }
    }
}

impl Code {
    /// The digits as text; nothing for a text that was not six digits.
    pub fn digits(&self) -> Option<&str> {
        match self {
            Self::Digits(digits) => core::str::from_utf8(digits).ok(),
            Self::Other => None,
        }
    }

    /// The number that the digits write; nothing for anything but digits.
    fn number(&self) -> Option<u32> {
        let Self::Digits(digits) = self else { return None };
        let number = |number: u32, digit: &u8| number * 10 + u32::from(digit.wrapping_sub(b'0'));
        digits.iter().all(u8::is_ascii_digit).then(|| digits.iter().fold(0, number))
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("‹code›")
    }
}

/// The Unix time in whole seconds; a time before 1970 counts as its first second.
pub fn seconds(at: Timestamp) -> u64 {
    u64::try_from(at.as_second()).unwrap_or(0)
}

/// The number of the time step of that time (RFC 6238 section 4.2 calls it T).
pub fn step_at(at: Timestamp) -> u64 {
    seconds(at) / PERIOD_SECONDS
}

/// A device that was registered and not yet confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    /// Its id.
    pub id: DeviceId,
    /// Its secret.
    pub secret: TotpSecret,
    /// When it was registered.
    pub created_at: Moment,
}

/// A confirmed device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Active {
    /// Its id.
    pub id: DeviceId,
    /// Its secret.
    pub secret: TotpSecret,
    /// When it was registered.
    pub created_at: Moment,
    /// When its first code was accepted.
    pub verified_at: Moment,
    /// The latest time step that was accepted; none for a seeded device.
    #[serde(deserialize_with = "crate::written::option")]
    pub last_step: Option<u64>,
    /// Whether it is the default device.
    pub default: bool,
}

/// A user's TOTP device, in one of its two states.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum TotpDevice {
    /// Registered, waiting for its first code.
    Pending(Pending),
    /// Confirmed.
    Active(Active),
}

impl TotpDevice {
    /// The device's id in either state.
    pub fn id(&self) -> DeviceId {
        match self {
            Self::Pending(pending) => pending.id,
            Self::Active(active) => active.id,
        }
    }

    /// The device's secret in either state.
    pub fn secret(&self) -> &TotpSecret {
        match self {
            Self::Pending(pending) => &pending.secret,
            Self::Active(active) => &active.secret,
        }
    }

    /// Whether the device was confirmed.
    pub fn is_verified(&self) -> bool {
        matches!(self, Self::Active(_))
    }
}

impl Pending {
    /// Confirms the device with its first code, which spends that code's time step.
    ///
    /// # Errors
    /// The code is wrong.
    pub fn confirm(
        mut self,
        code: &Code,
        settings: &policy::Totp,
        now: Timestamp,
    ) -> Result<Active, Refusal> {
        self.secret.prepare(settings);
        let Some(step) = self.secret.step_of(code, settings, now) else {
            return Err(Refusal::WrongTotpCode);
        };
        let Self { id, secret, created_at } = self;
        Ok(Active {
            id,
            secret,
            created_at,
            verified_at: now.into(),
            last_step: Some(step),
            default: true,
        })
    }
}

impl Active {
    /// Accepts a code and spends its time step.
    ///
    /// # Errors
    /// The code is wrong, or its step was spent before (RFC 6238 section 5.2).
    pub fn spend(
        &mut self,
        code: &Code,
        settings: &policy::Totp,
        now: Timestamp,
    ) -> Result<u64, Refusal> {
        self.secret.prepare(settings);
        let step = self.secret.step_of(code, settings, now).ok_or(Refusal::WrongTotpCode)?;
        if settings.replay == Replay::Refuse && self.last_step.is_some_and(|last| step <= last) {
            return Err(Refusal::ReplayedTotpCode);
        }
        self.last_step = self.last_step.max(Some(step));
        Ok(step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn device() -> Active {
        Active {
            id: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
            secret: TotpSecret::parse("gezd gnbv gy3t-qojq gezd gnbv gy3t qojq").unwrap(),
            created_at: at(0).into(),
            verified_at: at(0).into(),
            last_step: None,
            default: true,
        }
    }

    #[test]
    fn a_step_is_spent_once_and_older_steps_with_it() {
        let settings = policy::Totp::default();
        let mut device = device();
        let earlier: Code = device.secret.code_at(&settings, at(30)).as_str().into();
        let current: Code = device.secret.code_at(&settings, at(60)).as_str().into();
        assert_eq!(device.spend(&current, &settings, at(60)), Ok(2));
        assert_eq!(device.spend(&current, &settings, at(60)), Err(Refusal::ReplayedTotpCode));
        assert_eq!(device.spend(&earlier, &settings, at(60)), Err(Refusal::ReplayedTotpCode));
        let next: Code = device.secret.code_at(&settings, at(90)).as_str().into();
        assert_eq!(device.spend(&next, &settings, at(60)), Ok(3));
    }

    #[test]
    fn the_window_reaches_one_step_and_not_two() {
        let settings = policy::Totp::default();
        let code: Code = device().secret.code_at(&settings, at(3_000)).as_str().into();
        for (moment, accepted) in [(2_969, false), (2_970, true), (3_059, true), (3_060, false)] {
            let result = device().spend(&code, &settings, at(moment));
            assert_eq!(result.is_ok(), accepted, "at {moment}");
        }
    }

    #[test]
    fn a_code_is_six_digits_and_nothing_else() {
        for text in ["", "12345", "1234567", "12345a", "１２３４５６", " 123456", "+12345"] {
            assert_eq!(Code::from(text), Code::Other, "{text:?}");
        }
        assert_eq!(Code::from("012345").digits(), Some("012345"));
        assert_eq!(Code::from("012345").number(), Some(12_345));
        // No request brings this; a journal that somebody has edited may.
        assert_eq!(Code::Digits(*b"0:0000").number(), None);
    }
}
