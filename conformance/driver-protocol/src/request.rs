//! What the runner says.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{DEADLINE_MS_DEFAULT, MDP};

/// One order of the runner to a driver.
///
/// Fields that this version does not know are ignored on reading: an older driver must survive a
/// newer runner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Protocol version, [`MDP`].
    pub mdp: u64,
    /// Number of this request; the reply carries the same integer.
    pub id: u64,
    /// Name of the op, one of [`crate::OPS`] unless the runner tests for honesty.
    pub op: String,
    /// Client instance the op is for, as `client.new` named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inst: Option<String>,
    /// Arguments of the op, always an object.
    #[serde(default = "no_args")]
    pub args: Value,
    /// Time the runner waits for the reply, in milliseconds.
    #[serde(default = "default_deadline")]
    pub deadline_ms: u64,
    /// Case this request belongs to, for logs only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// Step within the case, for logs only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<u64>,
}

impl Request {
    /// A request without instance, case and step.
    pub fn new(id: u64, op: impl Into<String>, args: Value) -> Self {
        Self {
            mdp: MDP,
            id,
            op: op.into(),
            inst: None,
            args,
            deadline_ms: DEADLINE_MS_DEFAULT,
            case: None,
            step: None,
        }
    }

    /// The same request, addressed to a client instance.
    #[must_use]
    pub fn on(mut self, inst: impl Into<String>) -> Self {
        self.inst = Some(inst.into());
        self
    }
}

fn no_args() -> Value {
    Value::Object(Map::new())
}

fn default_deadline() -> u64 {
    DEADLINE_MS_DEFAULT
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn absent_options_are_not_written() {
        let request = Request::new(7, "device.list", json!({})).on("c1");
        assert_eq!(
            serde_json::to_value(&request).unwrap(),
            json!({
                "mdp": 1, "id": 7, "op": "device.list", "inst": "c1", "args": {},
                "deadline_ms": 10_000
            })
        );
    }

    #[test]
    fn a_bare_request_has_defaults() {
        let request: Request =
            serde_json::from_value(json!({ "mdp": 1, "id": 1, "op": "bye" })).unwrap();
        assert_eq!(request, Request::new(1, "bye", json!({})));
    }
}
