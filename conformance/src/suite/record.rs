//! What the service itself has on record: the witness that no SDK can colour.

use serde_json::{Value, json};

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

/// Blocks a case whose scene was to leave an elevated token with the SDK and did not.
///
/// Whether scopes travel has cases of its own; here a lack would be blamed on another requirement.
pub(super) fn holds_elevated(stage: &mut Stage, scope: &str) -> Result<(), Halt> {
    if !stage.can("stepup.peek") {
        return Ok(());
    }
    let held = stage.act("stepup.peek", json!({ "scope": scope })).ready()?;
    text(&held, "/token").map(drop).map_err(|_| Halt::Blocked(format!("no token for {scope}")))
}

/// A part of the service's record of a user, by JSON pointer; null when there is none.
pub(super) fn of(stage: &Stage, email: &str, pointer: &str) -> Result<Value, Halt> {
    Ok(at(&stage.user(email)?, pointer))
}
