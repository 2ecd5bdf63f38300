//! Counting calls, where they are limited.

use std::net::IpAddr;

use jiff::Timestamp;

use super::Environment;
use crate::rate::{CallKind, TooFast};

impl Environment {
    /// Counts a call before anything is made of it, where calls are limited (rules K7, U34).
    ///
    /// A door of its own, because calls count that never become a command: those that are refused
    /// for their shape, and those that no state can change. `caller` is none for all callers that
    /// came over no network.
    ///
    /// # Errors
    /// The caller, or all callers together, were too fast; only counters have changed.
    pub fn count_call(
        &mut self,
        caller: Option<IpAddr>,
        kind: CallKind,
        now: Timestamp,
    ) -> Result<(), TooFast> {
        match self.policy.rate_limits.enabled {
            true => self.rates.count(&self.policy.rate_limits, caller, kind, now),
            false => Ok(()),
        }
    }
}
