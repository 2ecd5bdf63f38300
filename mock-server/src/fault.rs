//! Faults: what goes wrong, at which call of which operation, and how often.
//!
//! A fault is counted, never random: the same test meets it at the same call each time.

pub(crate) mod edited;
mod effect;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::logbook::Unwritten;
use crate::meeting::{Invitation, Terms};
use effect::BODY_LEVELS_MAX;
pub use effect::{Effect, Order};

/// Faults that one environment holds at most.
pub(crate) const FAULTS_MAX: usize = 1_000;

/// One fault.
///
/// ```
/// use mock_server::{Effect, Fault};
/// // The second and third TOTP authentication from now on meet a 503.
/// let fault = Fault { nth: 2, times: Some(2), ..Fault::on("authMfaTotpDevice", Effect::status(503)) };
/// assert!(fault.check().is_ok());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Fault {
    /// The operation by its `operationId`, or `*` for any.
    pub operation: String,
    /// The first call that meets it, counted from now; 1 is the next one.
    #[serde(default = "one")]
    pub nth: u32,
    /// How many calls meet it; absent: every one from `nth` on.
    #[serde(default = "once")]
    pub times: Option<u32>,
    /// What happens.
    pub effect: Effect,
}

/// The fault cannot be injected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No operation has this name.
    #[error("no operation is called `{0}`; `GET /_mock/v1/` lists them, `*` means any")]
    UnknownOperation(String),
    /// A number is outside its range.
    #[error("{field}: {value} is not in {range}")]
    OutOfRange {
        /// The field.
        field: &'static str,
        /// Its value.
        value: u64,
        /// What is allowed.
        range: &'static str,
    },
    /// The body is nested too deeply to be written down and read back.
    #[error("effect.{0}: more than {BODY_LEVELS_MAX} levels of arrays and objects")]
    TooDeep(&'static str),
    /// Fewer calls meet the fault than its meeting takes, and no other fault shares its place.
    #[error(
        "times: {times} of {calls} calls never meet; let as many meet the fault, or give the \
         meeting a name that other faults have too"
    )]
    NeverMet {
        /// Calls that meet the fault.
        times: u32,
        /// Calls that the meeting takes.
        calls: u32,
    },
    /// Another fault has a meeting of that name on other terms.
    #[error(
        "effect.name: another fault has a meeting `{0}` with other calls, order or milliseconds"
    )]
    OtherTerms(String),
    /// The environment holds as many faults as it may.
    #[error("an environment holds at most 1000 faults; clear some first")]
    TooMany,
    /// The journal file did not take it.
    #[error("{0}")]
    Unwritten(#[from] Unwritten),
}

impl Fault {
    /// A fault that the next call of an operation meets, once.
    pub fn on(operation: &str, effect: Effect) -> Self {
        Self { operation: operation.to_owned(), nth: 1, times: Some(1), effect }
    }

    fn concerns(&self, operation: &str) -> bool {
        self.operation == "*" || self.operation == operation
    }

    /// Checks the operation's name and every range.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn check(&self) -> Result<(), FaultError> {
        if self.operation != "*" && crate::wire::operation_named(&self.operation).is_none() {
            return Err(FaultError::UnknownOperation(self.operation.clone()));
        }
        if self.nth == 0 {
            return Err(FaultError::OutOfRange { field: "nth", value: 0, range: "1.." });
        }
        self.effect.check()?;
        match (&self.effect, self.times) {
            (Effect::Meet { calls, name: None, .. }, Some(times)) if times < *calls => {
                Err(FaultError::NeverMet { times, calls: *calls })
            }
            _ => Ok(()),
        }
    }

    /// The name of its meeting, and what all faults of that name have to agree in.
    fn named_meeting(&self) -> Option<(&str, Terms)> {
        match &self.effect {
            Effect::Meet { calls, order, milliseconds, name: Some(name) } => {
                Some((name, Terms { calls: *calls, order: *order, milliseconds: *milliseconds }))
            }
            _ => None,
        }
    }
}

/// The faults of one environment, with their counters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Faults {
    next_id: u64,
    list: Vec<Injected>,
}

/// A fault that was injected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Injected {
    /// Its number, for removing it.
    pub id: u64,
    /// What was asked for.
    pub fault: Fault,
    /// Calls of its operation since it was injected.
    pub seen: u32,
    /// Calls that met it.
    pub fired: u32,
}

impl Injected {
    fn is_spent(&self) -> bool {
        self.fault.times.is_some_and(|times| self.fired >= times)
    }
}

/// What the faults of an environment make of one call.
#[derive(Debug, Default)]
pub(crate) struct Misfortune {
    pub(crate) meeting: Option<Invitation>,
    pub(crate) delay: Duration,
    pub(crate) instead: Option<Effect>,
    pub(crate) afterwards: Option<Effect>,
}

impl Faults {
    /// Whether a fault could be injected.
    pub(crate) fn admit(&self, fault: &Fault) -> Result<(), FaultError> {
        fault.check()?;
        if self.list.len() >= FAULTS_MAX {
            return Err(FaultError::TooMany);
        }
        let Some((name, terms)) = fault.named_meeting() else { return Ok(()) };
        match self.meetings().any(|(other, known)| other == name && known != terms) {
            true => Err(FaultError::OtherTerms(name.to_owned())),
            false => Ok(()),
        }
    }

    /// The named meetings of all faults that are not over.
    fn meetings(&self) -> impl Iterator<Item = (&str, Terms)> {
        let lasting = self.list.iter().filter(|injected| !injected.is_spent());
        lasting.filter_map(|injected| injected.fault.named_meeting())
    }

    pub(crate) fn inject(&mut self, fault: Fault) -> Result<u64, FaultError> {
        self.admit(&fault)?;
        // Saturating, because a restored state may hold any number.
        self.next_id = self.next_id.saturating_add(1);
        self.list.push(Injected { id: self.next_id, fault, seen: 0, fired: 0 });
        Ok(self.next_id)
    }

    /// Checks every fault, for a state that is restored.
    pub(crate) fn check(&self) -> Result<(), FaultError> {
        if self.list.len() > FAULTS_MAX {
            return Err(FaultError::TooMany);
        }
        self.list.iter().try_for_each(|injected| injected.fault.check())?;
        let mut known = BTreeMap::new();
        for (name, terms) in self.meetings() {
            if *known.entry(name).or_insert(terms) != terms {
                return Err(FaultError::OtherTerms(name.to_owned()));
            }
        }
        Ok(())
    }

    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.list.len();
        self.list.retain(|injected| injected.id != id);
        self.list.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.list.clear();
    }

    pub(crate) fn list(&self) -> &[Injected] {
        &self.list
    }

    /// Whether a call of an operation would be counted.
    pub(crate) fn concern(&self, operation: &str) -> bool {
        self.list.iter().any(|injected| injected.fault.concerns(operation))
    }

    /// Counts a call and says what befalls it. Delays add up; of the rest the first of its
    /// kind wins: one meeting, one answer of its own, one thing that is done to the answer.
    pub(crate) fn befall(&mut self, operation: &str) -> Misfortune {
        let mut misfortune = Misfortune::default();
        for injected in &mut self.list {
            if !injected.fault.concerns(operation) {
                continue;
            }
            injected.seen = injected.seen.saturating_add(1);
            if injected.seen < injected.fault.nth || injected.is_spent() {
                continue;
            }
            injected.fired = injected.fired.saturating_add(1);
            match &injected.fault.effect {
                Effect::Delay { milliseconds } => {
                    misfortune.delay += Duration::from_millis(*milliseconds);
                }
                effect @ (Effect::Status { .. } | Effect::DropBefore) => {
                    misfortune.instead.get_or_insert_with(|| effect.clone());
                }
                effect @ (Effect::DropAfter
                | Effect::Truncate { .. }
                | Effect::Edit { .. }
                | Effect::Replace { .. }) => {
                    misfortune.afterwards.get_or_insert_with(|| effect.clone());
                }
                Effect::Meet { calls, order, milliseconds, name } => {
                    let (calls, order, milliseconds) = (*calls, *order, *milliseconds);
                    misfortune.meeting.get_or_insert_with(|| Invitation {
                        fault: injected.id,
                        name: name.clone(),
                        terms: Terms { calls, order, milliseconds },
                    });
                }
            }
        }
        misfortune
    }
}

fn one() -> u32 {
    1
}

#[expect(clippy::unnecessary_wraps, reason = "serde wants the field's own type")]
fn once() -> Option<u32> {
    Some(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_meets_the_nth_call_so_many_times() {
        let mut faults = Faults::default();
        let fault =
            Fault { nth: 2, times: Some(2), ..Fault::on("authMfaTotpDevice", Effect::status(503)) };
        faults.inject(fault).unwrap();
        let mut befalls = |operation| faults.befall(operation).instead.is_some();
        let met: Vec<bool> = (0..5).map(|_| befalls("authMfaTotpDevice")).collect();
        assert_eq!(met, [false, true, true, false, false]);
        assert!(!befalls("getNonce"));
    }

    #[test]
    fn a_bad_fault_is_refused() {
        let on = |effect| Fault::on("getNonce", effect);
        assert!(Fault::on("getNonsense", Effect::DropAfter).check().is_err());
        assert!(on(Effect::status(200)).check().is_err());
        assert!(on(Effect::Delay { milliseconds: 60_001 }).check().is_err());
        assert!(Fault { nth: 0, ..on(Effect::DropBefore) }.check().is_err());
        assert!(Fault::on("*", Effect::DropBefore).check().is_ok());
    }

    #[test]
    fn a_meeting_that_could_never_be_is_refused() {
        let meet = |calls, milliseconds, name: Option<&str>| Effect::Meet {
            calls,
            order: Order::FirstCome,
            milliseconds,
            name: name.map(str::to_owned),
        };
        let twice = |effect| Fault { times: Some(2), ..Fault::on("*", effect) };
        let long = "x".repeat(65);
        for (calls, milliseconds, name) in [
            (1, 5, None),
            (17, 5, None),
            (2, 0, None),
            (2, 60_001, None),
            (2, 5, Some("")),
            (2, 5, Some(long.as_str())),
        ] {
            let refused = twice(meet(calls, milliseconds, name)).check();
            assert!(matches!(refused, Err(FaultError::OutOfRange { .. })), "{refused:?}");
        }
        assert_eq!(twice(meet(2, 1, None)).check(), Ok(()));
        assert_eq!(twice(meet(16, 60_000, Some(&long[1..]))).check(), Ok(()));
        let once = Fault::on("*", meet(2, 5, None));
        assert_eq!(once.check(), Err(FaultError::NeverMet { times: 1, calls: 2 }));
        assert_eq!(Fault { times: None, ..once }.check(), Ok(()));
    }

    #[test]
    fn meetings_of_one_name_are_on_the_same_terms() {
        let meet = |milliseconds, name: &str| {
            let (calls, order, name) = (2, Order::LastCome, Some(name.to_owned()));
            Fault::on("getNonce", Effect::Meet { calls, order, milliseconds, name })
        };
        let mut faults = Faults::default();
        faults.inject(meet(5, "a")).unwrap();
        faults.inject(meet(5, "a")).unwrap();
        faults.inject(meet(6, "b")).unwrap();
        let other = FaultError::OtherTerms("a".to_owned());
        assert_eq!(faults.inject(meet(6, "a")), Err(other.clone()));
        assert_eq!(faults.check(), Ok(()));
        let restored = |fired| {
            let mut faults = faults.clone();
            faults.list.push(Injected { id: 9, fault: meet(6, "a"), seen: 0, fired });
            faults.check()
        };
        // One that is over stands in nobody's way.
        assert_eq!([restored(0), restored(1)], [Err(other), Ok(())]);
        faults.befall("getNonce");
        assert!(faults.inject(meet(6, "a")).is_ok());
    }
}
