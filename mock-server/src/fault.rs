//! Faults: what goes wrong, at which call of which operation, and how often.
//!
//! A fault is counted, never random: the same test meets it at the same call each time.

pub(crate) mod edited;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::logbook::Unwritten;

/// Faults that one environment holds at most.
pub(crate) const FAULTS_MAX: usize = 1_000;
/// Levels of arrays and objects that a body may have. Readers of JSON stop at 128, and a body lies
/// inside other things in a journal file and in a snapshot, which must be readable again.
const BODY_LEVELS_MAX: usize = 64;
/// The longest delay, in milliseconds.
const DELAY_MILLISECONDS_MAX: u64 = 60_000;

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

/// What a fault does to a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", from = "Told")]
pub enum Effect {
    /// Answers with a status, and changes nothing.
    Status {
        /// 400 to 599.
        status: u16,
        /// Top-level `code` beside the service's own `error` text.
        #[serde(skip_serializing_if = "Option::is_none")]
        code: Option<String>,
        /// A body instead of the service's own; at most 64 levels of arrays and objects.
        #[serde(skip_serializing_if = "Option::is_none")]
        body: Option<serde_json::Value>,
    },
    /// Answers as ever, but later.
    Delay {
        /// Up to 60 000.
        milliseconds: u64,
    },
    /// Closes the connection before anything has changed.
    DropBefore,
    /// Makes the change, then closes the connection: the lost answer.
    DropAfter,
    /// Makes the change, then sends only that many bytes of the body.
    Truncate {
        /// Bytes that arrive.
        bytes: usize,
    },
    /// Makes the change, then answers with the service's own body, edited; status and headers stay.
    ///
    /// What an application makes of an answer that is whole and odd: a field that is missing, a
    /// token that nobody can read. An answer without a JSON body arrives as it is.
    Edit {
        /// The changes (JSON merge patch, RFC 7396): null takes a field away. At most 64 levels.
        merge: serde_json::Value,
    },
    /// Makes the change, then answers with this body; status and headers stay.
    ///
    /// An answer without a body, such as a 204, arrives without one.
    Replace {
        /// The body; at most 64 levels of arrays and objects.
        body: serde_json::Value,
    },
}

/// An effect as people write it down.
///
/// Every variant has braces, because serde looks for stray fields only between braces.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Told {
    Status {
        status: u16,
        #[serde(default)]
        code: Option<String>,
        #[serde(default)]
        body: Option<serde_json::Value>,
    },
    Delay {
        milliseconds: u64,
    },
    DropBefore {},
    DropAfter {},
    Truncate {
        bytes: usize,
    },
    Edit {
        merge: serde_json::Value,
    },
    Replace {
        body: serde_json::Value,
    },
}

impl From<Told> for Effect {
    fn from(told: Told) -> Self {
        match told {
            Told::Status { status, code, body } => Self::Status { status, code, body },
            Told::Delay { milliseconds } => Self::Delay { milliseconds },
            Told::DropBefore {} => Self::DropBefore,
            Told::DropAfter {} => Self::DropAfter,
            Told::Truncate { bytes } => Self::Truncate { bytes },
            Told::Edit { merge } => Self::Edit { merge },
            Told::Replace { body } => Self::Replace { body },
        }
    }
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
    /// The environment holds as many faults as it may.
    #[error("an environment holds at most 1000 faults; clear some first")]
    TooMany,
    /// The journal file did not take it.
    #[error("{0}")]
    Unwritten(#[from] Unwritten),
}

impl Effect {
    /// A status with the service's own body.
    pub const fn status(status: u16) -> Self {
        Self::Status { status, code: None, body: None }
    }
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
        match &self.effect {
            Effect::Status { status, .. } if !(400..=599).contains(status) => {
                let value = (*status).into();
                Err(FaultError::OutOfRange { field: "effect.status", value, range: "400..=599" })
            }
            Effect::Status { body: Some(body), .. } | Effect::Replace { body }
                if !has_levels(body, BODY_LEVELS_MAX) =>
            {
                Err(FaultError::TooDeep("body"))
            }
            Effect::Edit { merge } if !has_levels(merge, BODY_LEVELS_MAX) => {
                Err(FaultError::TooDeep("merge"))
            }
            Effect::Delay { milliseconds } if *milliseconds > DELAY_MILLISECONDS_MAX => {
                let (field, range) = ("effect.milliseconds", "0..=60000");
                Err(FaultError::OutOfRange { field, value: *milliseconds, range })
            }
            _ => Ok(()),
        }
    }
}

/// Whether a value has no more levels of arrays and objects than that; looks no deeper.
fn has_levels(value: &serde_json::Value, levels: usize) -> bool {
    let below = |inner| levels.checked_sub(1).is_some_and(|levels| has_levels(inner, levels));
    match value {
        serde_json::Value::Array(items) => levels > 0 && items.iter().all(below),
        serde_json::Value::Object(fields) => levels > 0 && fields.values().all(below),
        _ => true,
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

/// What the faults of an environment make of one call.
#[derive(Debug, Default)]
pub(crate) struct Misfortune {
    pub(crate) delay: Duration,
    pub(crate) instead: Option<Effect>,
    pub(crate) afterwards: Option<Effect>,
}

impl Faults {
    /// Whether a fault could be injected.
    pub(crate) fn admit(&self, fault: &Fault) -> Result<(), FaultError> {
        fault.check()?;
        match self.list.len() >= FAULTS_MAX {
            true => Err(FaultError::TooMany),
            false => Ok(()),
        }
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
        self.list.iter().try_for_each(|injected| injected.fault.check())
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

    /// Counts a call and says what befalls it. Delays add up; of the rest the first wins.
    pub(crate) fn befall(&mut self, operation: &str) -> Misfortune {
        let mut misfortune = Misfortune::default();
        for injected in &mut self.list {
            let fault = &injected.fault;
            if !fault.concerns(operation) {
                continue;
            }
            injected.seen = injected.seen.saturating_add(1);
            let is_spent = fault.times.is_some_and(|times| injected.fired >= times);
            if injected.seen < fault.nth || is_spent {
                continue;
            }
            injected.fired = injected.fired.saturating_add(1);
            match &fault.effect {
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
    fn a_body_is_not_nested_without_bound() {
        type Wrap = fn(serde_json::Value) -> serde_json::Value;
        type Holding = fn(serde_json::Value) -> Effect;
        let nested = |levels, begin: Wrap, holding: Holding| {
            let body = (0..levels).fold(serde_json::json!(1), |inner, _| begin(inner));
            Fault::on("getNonce", holding(body)).check()
        };
        let holding: [(&str, Holding); 3] = [
            ("body", |body| Effect::Status { status: 503, code: None, body: Some(body) }),
            ("body", |body| Effect::Replace { body }),
            ("merge", |merge| Effect::Edit { merge }),
        ];
        let wraps: [Wrap; 2] =
            [|inner| serde_json::json!([1, inner]), |inner| serde_json::json!({ "a": inner })];
        for (wrap, (field, effect)) in
            wraps.into_iter().flat_map(|wrap| holding.map(|it| (wrap, it)))
        {
            assert_eq!(nested(0, wrap, effect), Ok(()));
            assert_eq!(nested(BODY_LEVELS_MAX, wrap, effect), Ok(()));
            let refused = nested(BODY_LEVELS_MAX + 1, wrap, effect);
            assert_eq!(refused, Err(FaultError::TooDeep(field)));
        }
    }
}
