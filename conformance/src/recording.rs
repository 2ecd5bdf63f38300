//! A recording: the events of a run, one a line, the source of every report.
//!
//! The first line says what the file is and in which form; each line after it is one
//! [`Event`](crate::event::Event), written and flushed as it happens, so that a run that is killed
//! loses nothing that was judged.

mod read;
mod write;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use read::{Recording, RecordingError, read};
pub use write::Recorder;

/// Grows when a line changes its meaning or goes away; new fields do not count.
pub const SCHEMA: u32 = 1;

/// What the first line calls the file.
pub const KIND: &str = "mfa-conformance";

/// The first line of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// Always `mfa-conformance`.
    pub recording: String,
    /// Version of the form of all lines.
    pub schema: u32,
}

#[cfg(test)]
mod tests;
