//! The mistakes a line can have.

use crate::{LINE_BYTES_MAX, nearest};

/// The one thing that is wrong with a line, in words that its author can act on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    /// A line is longer than the protocol allows.
    #[error("line of {bytes} bytes or more; a line has at most {LINE_BYTES_MAX}")]
    LineTooLong {
        /// Bytes seen; the rest of the line may have been skipped.
        bytes: usize,
    },
    /// A line is not UTF-8.
    #[error("invalid UTF-8 at byte {offset} of the line")]
    InvalidUtf8 {
        /// Where it stops being UTF-8, from 0, counted behind the prefix.
        offset: usize,
    },
    /// A line claims to be a message but is no JSON.
    #[error("not JSON: {detail}")]
    NotJson {
        /// What the parser says.
        detail: String,
    },
    /// A line is JSON but no object.
    #[error("the line is {kind}; a message is a JSON object")]
    NotAnObject {
        /// What it is, with its article.
        kind: &'static str,
    },
    /// An object is neither reply nor event nor log.
    #[error(
        "a JSON object without \"id\", \"ev\" and \"log\"; a logger that writes JSON belongs on stderr"
    )]
    NotAMessage,
    /// A reply does not say what it answers.
    #[error("a reply without \"id\"")]
    IdMissing,
    /// A reply carries its id as text.
    #[error("id came back as the string \"{text}\"; it must be {}", wanted(text))]
    IdAsString {
        /// The text.
        text: String,
    },
    /// A reply carries something else as its id.
    #[error("id came back as {found}; it must be an integer")]
    IdNotInteger {
        /// The value, as JSON.
        found: String,
    },
    /// A reply says nothing.
    #[error("reply {id} has none of ok, err, unsupported, fault; it must have exactly one")]
    NoOutcome {
        /// Id of the reply.
        id: u64,
    },
    /// A reply says two things.
    #[error("reply {id} has {}; it must have exactly one", found.join(" and "))]
    SeveralOutcomes {
        /// Id of the reply.
        id: u64,
        /// The kinds it has.
        found: Vec<String>,
    },
    /// A message has a field that the protocol does not know.
    #[error("unknown field \"{field}\" in {part}{}", hint(field, part, known))]
    UnknownField {
        /// The field.
        field: String,
        /// Kind of the message.
        part: &'static str,
        /// Fields the message may have, beside `id`.
        known: &'static [&'static str],
    },
    /// A part of a message has the wrong type or lacks a field.
    #[error("wrong shape of {part}: {detail}")]
    WrongShape {
        /// Which part.
        part: &'static str,
        /// What is wrong with it.
        detail: String,
    },
}

fn wanted(text: &str) -> String {
    match text.parse::<u64>() {
        Ok(id) => format!("the integer {id}"),
        Err(_) => "the integer of the request".into(),
    }
}

fn hint(field: &str, part: &str, known: &[&'static str]) -> String {
    match nearest(field, known.iter().copied()) {
        Some(near) => format!("; did you mean \"{near}\"?"),
        None => format!("; known in {part} are {}", known.join(", ")),
    }
}
