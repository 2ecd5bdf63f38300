//! One line, one message: reading and writing, and naming the exact mistake.
//!
//! The runner reads with [`read_line`] and [`parse_line`], a driver reads with [`read_line`] and
//! [`parse_request`]; both write with [`encode`].

mod error;

use std::io::{self, BufRead};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{Callback, Event, LINE_BYTES_MAX, Lent, Log, Outcome, PREFIX, Reply, Request};

pub use error::FramingError;

/// What a driver's stdout line turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming {
    /// The answer to a request.
    Reply(Reply),
    /// A wish for the authenticator, while a request is open.
    Callback(Callback),
    /// Something the SDK announced.
    Event(Event),
    /// A log line in the protocol's form.
    Log(Log),
    /// Noise of a build tool or of the SDK, to be kept as log.
    Chatter(String),
}

/// Reads one line of a driver's stdout, on the runner's side.
///
/// A line that starts with [`PREFIX`] or `{` claims to be a message, and its mistakes are errors;
/// all else is [`Incoming::Chatter`], where bytes that are not UTF-8 are replaced. Whoever reads a
/// driver that marks its lines treats the unmarked ones as chatter, see [`is_marked`].
///
/// # Errors
///
/// The first mistake of a protocol line, see [`FramingError`]. Unknown fields are mistakes.
///
/// ```
/// use driver_protocol::framing::{Incoming, parse_line};
///
/// assert_eq!(
///     parse_line(b"Compiling 3 of 8")?,
///     Incoming::Chatter("Compiling 3 of 8".into())
/// );
/// let error = parse_line(br#"@mdp {"id":"7","ok":{}}"#).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     r#"id came back as the string "7"; it must be the integer 7"#
/// );
/// # Ok::<(), driver_protocol::FramingError>(())
/// ```
pub fn parse_line(line: &[u8]) -> Result<Incoming, FramingError> {
    // The mark ends in a blank, which is no end of a line to be trimmed: a mark without a message
    // is a mistake, and not chatter.
    let marked = line.trim_ascii_start().strip_prefix(PREFIX.as_bytes());
    let line = line.trim_ascii();
    let body = match marked {
        Some(body) => body.trim_ascii(),
        None if line.starts_with(b"{") => line,
        None => return Ok(Incoming::Chatter(String::from_utf8_lossy(line).into_owned())),
    };
    parse_message(object(body)?)
}

/// Is the line marked as one of the protocol by [`PREFIX`]?
///
/// A driver that has marked one line marks all of them, so that an SDK may print what it likes.
#[must_use]
pub fn is_marked(line: &[u8]) -> bool {
    line.trim_ascii_start().starts_with(PREFIX.as_bytes())
}

/// Reads one line of the runner, on the driver's side.
///
/// Fields that the driver does not know are ignored.
///
/// # Errors
///
/// The line is too long, not UTF-8, not a JSON object, or lacks `mdp`, `id` or `op`.
pub fn parse_request(line: &[u8]) -> Result<Request, FramingError> {
    let line = line.trim_ascii();
    let body = line.strip_prefix(PREFIX.as_bytes()).unwrap_or(line);
    shaped("request", Value::Object(object(body)?))
}

/// Reads the runner's answer to a callback, on the driver's side.
///
/// # Errors
///
/// The line is too long, not UTF-8, not a JSON object, or not an answer to a callback.
pub fn parse_lent(line: &[u8]) -> Result<Lent, FramingError> {
    let line = line.trim_ascii();
    let body = line.strip_prefix(PREFIX.as_bytes()).unwrap_or(line);
    let mut message = object(body)?;
    let cb = integer(message.get("cb").unwrap_or(&Value::Null))?;
    let result = match message.remove("ok") {
        Some(credential) => Ok(credential),
        None => Err(shaped("err", message.remove("err").unwrap_or_default())?),
    };
    Ok(Lent { cb, result })
}

/// Writes one message as a line without its line feed.
///
/// # Errors
///
/// The message would be longer than [`LINE_BYTES_MAX`], or cannot be written as JSON.
pub fn encode<T: Serialize>(message: &T) -> Result<String, FramingError> {
    let line = serde_json::to_string(message)
        .map_err(|error| FramingError::NotJson { detail: error.to_string() })?;
    match line.len() {
        bytes if bytes > LINE_BYTES_MAX => Err(FramingError::LineTooLong { bytes }),
        _ => Ok(line),
    }
}

/// Reads the next line into the buffer, without its line feed; `false` at the end.
///
/// At most [`LINE_BYTES_MAX`] + 1 bytes are kept, so that a driver that never ends its line cannot
/// exhaust the memory; the rest of the line is skipped, and parsing then says that it is too long.
///
/// # Errors
///
/// Those of the reader.
pub fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    let mut seen = false;
    loop {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() {
            return Ok(seen);
        }
        seen = true;
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let content = end.unwrap_or(chunk.len());
        let room = (LINE_BYTES_MAX + 1).saturating_sub(line.len());
        line.extend(chunk.iter().take(content.min(room)));
        reader.consume(end.map_or(content, |position| position + 1));
        if end.is_some() {
            return Ok(true);
        }
    }
}

fn object(body: &[u8]) -> Result<Map<String, Value>, FramingError> {
    if body.len() > LINE_BYTES_MAX {
        return Err(FramingError::LineTooLong { bytes: body.len() });
    }
    let text = str::from_utf8(body)
        .map_err(|error| FramingError::InvalidUtf8 { offset: error.valid_up_to() })?;
    let value = serde_json::from_str(text)
        .map_err(|error| FramingError::NotJson { detail: error.to_string() })?;
    match value {
        Value::Object(map) => Ok(map),
        other => Err(FramingError::NotAnObject { kind: kind(&other) }),
    }
}

fn parse_message(mut message: Map<String, Value>) -> Result<Incoming, FramingError> {
    if message.contains_key("cb") {
        reject_unknown(&message, "callback", &["cb", "op", "args"])?;
        return shaped("callback", Value::Object(message)).map(Incoming::Callback);
    }
    if message.contains_key("ev") {
        reject_unknown(&message, "event", &["ev", "inst", "data"])?;
        return shaped("event", Value::Object(message)).map(Incoming::Event);
    }
    if message.contains_key("log") {
        reject_unknown(&message, "log", &["log", "msg"])?;
        return shaped("log", Value::Object(message)).map(Incoming::Log);
    }
    let outcomes: Vec<String> =
        message.keys().filter(|key| OUTCOMES.contains(&key.as_str())).cloned().collect();
    let id = match message.remove("id") {
        Some(id) => integer(&id)?,
        None if outcomes.is_empty() => return Err(FramingError::NotAMessage),
        None => return Err(FramingError::IdMissing),
    };
    reject_unknown(&message, "reply", OUTCOMES)?;
    match outcomes.as_slice() {
        [] => return Err(FramingError::NoOutcome { id }),
        [_] => {}
        _ => return Err(FramingError::SeveralOutcomes { id, found: outcomes }),
    }
    if let Some(ok) = message.get("ok").filter(|ok| !ok.is_object()) {
        let detail = format!("it is {}, not an object", kind(ok));
        return Err(FramingError::WrongShape { part: "ok", detail });
    }
    let outcome: Outcome = shaped("reply", Value::Object(message))?;
    Ok(Incoming::Reply(Reply { id, outcome }))
}

fn integer(id: &Value) -> Result<u64, FramingError> {
    match id {
        Value::String(text) => Err(FramingError::IdAsString { text: text.clone() }),
        other => {
            other.as_u64().ok_or_else(|| FramingError::IdNotInteger { found: other.to_string() })
        }
    }
}

fn reject_unknown(
    message: &Map<String, Value>,
    part: &'static str,
    known: &'static [&'static str],
) -> Result<(), FramingError> {
    match message.keys().find(|key| !known.contains(&key.as_str())) {
        Some(field) => Err(FramingError::UnknownField { field: field.clone(), part, known }),
        None => Ok(()),
    }
}

fn shaped<T: DeserializeOwned>(part: &'static str, value: Value) -> Result<T, FramingError> {
    serde_json::from_value(value)
        .map_err(|error| FramingError::WrongShape { part, detail: error.to_string() })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

const OUTCOMES: &[&str] = &["ok", "err", "unsupported", "fault"];

#[cfg(test)]
mod tests;
