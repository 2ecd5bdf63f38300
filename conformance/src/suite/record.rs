//! What the service itself has on record: the witness that no SDK can colour.

use serde_json::Value;

use crate::stage::{Halt, Stage};

/// The user's only MFA device with its secret; null when there is none.
pub(super) fn device(stage: &Stage, email: &str) -> Result<Value, Halt> {
    Ok(at(&stage.user(email)?, "/devices/0"))
}

/// The value at a JSON pointer, null when there is none.
pub(super) fn at(value: &Value, pointer: &str) -> Value {
    value.pointer(pointer).cloned().unwrap_or_default()
}

/// The text at a JSON pointer; a record without it blocks the case.
pub(super) fn text(value: &Value, pointer: &str) -> Result<String, Halt> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.map(str::to_owned).ok_or_else(|| Halt::Blocked(format!("the record has no {pointer}")))
}
