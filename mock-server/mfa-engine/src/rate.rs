//! How often an address and an environment may call: counters of the running minute.
//!
//! Fixed windows: a minute begins when the environment's clock shows a whole one, and then all
//! counters are gone. The published limits are "so many per minute" and say nothing of a bucket
//! that fills; a window is what a test can foresee, and it bounds the state by itself.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::policy::RateLimits;

/// Addresses that are told apart within a minute; all others share one counter. It is the
/// published limit of the environment, so that only settings beyond it can reach this.
const ADDRESSES_MAX: usize = 10_000;

const WINDOW_SECONDS: i64 = 60;

/// What a call counts as, beside being a call (rule K7).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// A call for nonces.
    Nonce,
    /// A call that tells of a connected wallet.
    Connect,
    /// A sign-in.
    SignIn,
    /// A call that sends a code.
    OneTimeCode,
    /// A call that registers or uses a second factor.
    Mfa,
    /// Any other.
    Other,
}

/// A caller is too fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{limit}: more than {max} calls in this minute; wait {retry_after_seconds} s")]
pub struct TooFast {
    /// The setting that was reached.
    pub limit: &'static str,
    /// Its number.
    pub max: u32,
    /// Seconds until the minute ends, rounded up.
    pub retry_after_seconds: u64,
}

/// The counters of the running minute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rates {
    minute: i64,
    calls: u32,
    by_address: BTreeMap<String, Counts>,
}

/// The calls of one address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Counts {
    calls: u32,
    nonces: u32,
    connects: u32,
    sign_ins: u32,
    one_time_codes: u32,
    mfa: u32,
}

impl Rates {
    /// Counts a call and judges it. One that is refused counts too: who goes on calling is not
    /// let in any sooner.
    ///
    /// # Errors
    /// The first limit that is exceeded: the environment's, the address's, the kind's.
    pub(crate) fn count(
        &mut self,
        limits: &RateLimits,
        caller: Option<IpAddr>,
        kind: CallKind,
        now: Timestamp,
    ) -> Result<(), TooFast> {
        let minute = now.as_second().div_euclid(WINDOW_SECONDS);
        if minute != self.minute {
            *self = Self { minute, ..Self::default() };
        }
        let left = (minute + 1) * WINDOW_SECONDS - now.as_second();
        let retry_after_seconds = u64::try_from(left).unwrap_or(0).max(1);
        self.calls = self.calls.saturating_add(1);
        let in_all = (self.calls, "rateLimits.environment", limits.environment);
        let counts = self.counts_of(caller);
        let (count, limit, max) = match kind {
            CallKind::Nonce => (&mut counts.nonces, "rateLimits.nonces", limits.nonces),
            CallKind::Connect => (&mut counts.connects, "rateLimits.connects", limits.connects),
            CallKind::SignIn => (&mut counts.sign_ins, "rateLimits.signIns", limits.sign_ins),
            CallKind::OneTimeCode => {
                (&mut counts.one_time_codes, "rateLimits.oneTimeCodes", limits.one_time_codes)
            }
            CallKind::Mfa => (&mut counts.mfa, "rateLimits.mfa", limits.mfa),
            CallKind::Other => (&mut 0, "rateLimits.calls", limits.calls),
        };
        *count = count.saturating_add(1);
        let of_kind = (*count, limit, max);
        counts.calls = counts.calls.saturating_add(1);
        let of_address = (counts.calls, "rateLimits.calls", limits.calls);
        let exceeded = |(count, _, max): &(u32, &str, u32)| count > max;
        match [in_all, of_address, of_kind].into_iter().find(exceeded) {
            Some((_, limit, max)) => Err(TooFast { limit, max, retry_after_seconds }),
            None => Ok(()),
        }
    }

    fn counts_of(&mut self, caller: Option<IpAddr>) -> &mut Counts {
        let name = caller.map_or_else(|| "in-process".to_owned(), |address| address.to_string());
        let is_full = self.by_address.len() >= ADDRESSES_MAX;
        let name = match is_full && !self.by_address.contains_key(&name) {
            true => "others".to_owned(),
            false => name,
        };
        self.by_address.entry(name).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn address(number: u32) -> Option<IpAddr> {
        Some(IpAddr::V4(std::net::Ipv4Addr::from(number)))
    }

    #[test]
    fn each_kind_has_its_own_number_and_ends_with_the_minute() {
        let limits = RateLimits::default();
        for (kind, max) in [
            (CallKind::Nonce, 10),
            (CallKind::Connect, 10),
            (CallKind::SignIn, 10),
            (CallKind::OneTimeCode, 3),
            (CallKind::Mfa, 10),
            (CallKind::Other, 100),
        ] {
            let mut rates = Rates::default();
            for _ in 0..max {
                assert_eq!(rates.count(&limits, address(1), kind, at(119)), Ok(()), "{kind:?}");
            }
            let refused = rates.count(&limits, address(1), kind, at(119)).unwrap_err();
            assert_eq!((refused.max, refused.retry_after_seconds), (max, 1), "{kind:?}");
            assert_eq!(rates.count(&limits, address(2), kind, at(119)), Ok(()), "{kind:?}");
            assert_eq!(rates.count(&limits, None, kind, at(119)), Ok(()), "{kind:?}");
            assert_eq!(rates.count(&limits, address(1), kind, at(120)), Ok(()), "{kind:?}");
        }
    }

    #[test]
    fn the_environment_has_a_number_too() {
        let limits = RateLimits { environment: 5, ..RateLimits::default() };
        let mut rates = Rates::default();
        for number in 0..5 {
            assert_eq!(rates.count(&limits, address(number), CallKind::Other, at(0)), Ok(()));
        }
        let refused = rates.count(&limits, address(9), CallKind::Other, at(0)).unwrap_err();
        assert_eq!((refused.limit, refused.max), ("rateLimits.environment", 5));
        assert_eq!(refused.retry_after_seconds, 60);
    }

    #[test]
    fn the_counters_are_bounded() {
        let limits = RateLimits { environment: 1_000_000, ..RateLimits::default() };
        let mut rates = Rates::default();
        for number in 0..10_100 {
            assert_eq!(rates.count(&limits, address(number), CallKind::Other, at(0)), Ok(()));
        }
        assert_eq!(rates.by_address.len(), ADDRESSES_MAX + 1);
        // The hundred that came last share one counter, which is now used up.
        assert!(rates.count(&limits, address(20_000), CallKind::Other, at(0)).is_err());
        assert!(rates.count(&limits, address(1), CallKind::Other, at(0)).is_ok());
    }
}
