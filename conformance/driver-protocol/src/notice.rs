//! What a driver says without being asked.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Something the SDK announced, such as `auth.changed`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Name of the event.
    pub ev: String,
    /// Client instance it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inst: Option<String>,
    /// What the SDK handed to its listener, an object.
    #[serde(default = "no_data")]
    pub data: Value,
}

/// One line of the SDK's or the driver's log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Severity.
    pub log: Level,
    /// The text.
    pub msg: String,
}

/// Severity of a [`Log`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For the author of the SDK.
    Debug,
    /// Ordinary progress.
    Info,
    /// Something odd that did not stop the call.
    Warn,
    /// Something that stopped the call.
    Error,
}

/// An event or a log line, for drivers that live in the runner's process.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// See [`Event`].
    Event(Event),
    /// See [`Log`].
    Log(Log),
}

fn no_data() -> Value {
    Value::Object(Map::new())
}
