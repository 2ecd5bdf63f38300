//! What a fault does to a call, as people write it down.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::FaultError;

/// Levels of arrays and objects that a body may have. Readers of JSON stop at 128, and a body lies
/// inside other things in a journal file and in a snapshot, which must be readable again.
pub(super) const BODY_LEVELS_MAX: usize = 64;
/// The longest delay, and the longest wait for others, in milliseconds.
const MILLISECONDS_MAX: u64 = 60_000;
/// How many calls can meet: enough for every race that a test of one person's account could want.
const MEETING: RangeInclusive<u32> = 2..=16;
/// The longest name of a meeting, in bytes.
const NAME_BYTES_MAX: usize = 64;

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
    /// Holds the call, undecided, until others stand beside it; then decides one after the other.
    ///
    /// A race whose order is known: each call is decided and stands in the journal before the next
    /// one is looked at. Calls that too few joined in time, and calls whose fault is removed while
    /// they wait, go on alone in the same order, and the journal says so; who hangs up leaves. What
    /// other faults do to the call, they do in its turn. A carrier that takes one call at a time,
    /// such as wiremock, holds nothing and answers 502.
    ///
    /// ```
    /// use mock_server::{Effect, Fault, Order};
    /// // Of the next two TOTP authentications the one that comes second is decided first.
    /// let meet =
    ///     Effect::Meet { calls: 2, order: Order::LastCome, milliseconds: 2_000, name: None };
    /// let both = Fault { times: Some(2), ..Fault::on("authMfaTotpDevice", meet) };
    /// assert!(both.check().is_ok());
    /// ```
    Meet {
        /// How many calls: 2 to 16.
        calls: u32,
        /// Which of them is decided first.
        order: Order,
        /// How long a call waits for the others, 1 to 60 000; real time, whatever a held clock says.
        milliseconds: u64,
        /// Faults that bear one name, of 1 to 64 bytes, have one place to meet; a fault without a
        /// name has its own. Faults of one name agree in calls, order and milliseconds.
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
    },
}

/// The order in which calls that have met are decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// As they came.
    FirstCome,
    /// The one that came last begins.
    LastCome,
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
    Meet {
        calls: u32,
        order: Order,
        milliseconds: u64,
        #[serde(default)]
        name: Option<String>,
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
            Told::Meet { calls, order, milliseconds, name } => {
                Self::Meet { calls, order, milliseconds, name }
            }
        }
    }
}
impl Effect {
    /// A status with the service's own body.
    pub const fn status(status: u16) -> Self {
        Self::Status { status, code: None, body: None }
    }

    /// Checks every range.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub(super) fn check(&self) -> Result<(), FaultError> {
        let beyond = |field, value, range| Err(FaultError::OutOfRange { field, value, range });
        match self {
            Self::Status { status, .. } if !(400..=599).contains(status) => {
                beyond("effect.status", (*status).into(), "400..=599")
            }
            Self::Status { body: Some(body), .. } | Self::Replace { body }
                if !has_levels(body, BODY_LEVELS_MAX) =>
            {
                Err(FaultError::TooDeep("body"))
            }
            Self::Edit { merge } if !has_levels(merge, BODY_LEVELS_MAX) => {
                Err(FaultError::TooDeep("merge"))
            }
            Self::Delay { milliseconds } if *milliseconds > MILLISECONDS_MAX => {
                beyond("effect.milliseconds", *milliseconds, "0..=60000")
            }
            Self::Meet { calls, .. } if !MEETING.contains(calls) => {
                beyond("effect.calls", (*calls).into(), "2..=16")
            }
            Self::Meet { milliseconds, .. } if !(1..=MILLISECONDS_MAX).contains(milliseconds) => {
                beyond("effect.milliseconds", *milliseconds, "1..=60000")
            }
            Self::Meet { name: Some(name), .. } if !(1..=NAME_BYTES_MAX).contains(&name.len()) => {
                let bytes = u64::try_from(name.len()).unwrap_or(u64::MAX);
                beyond("bytes of effect.name", bytes, "1..=64")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_not_nested_without_bound() {
        type Wrap = fn(serde_json::Value) -> serde_json::Value;
        type Holding = fn(serde_json::Value) -> Effect;
        let nested = |levels, begin: Wrap, holding: Holding| {
            let body = (0..levels).fold(serde_json::json!(1), |inner, _| begin(inner));
            holding(body).check()
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
