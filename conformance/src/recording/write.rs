//! Writing a recording while the run goes on.

use std::io::{self, Write};

use super::{Header, KIND, SCHEMA};
use crate::event::Event;
use crate::report::Reporter;

/// Writes each event as one line, at once.
pub struct Recorder<W> {
    out: W,
}

impl<W: Write> Recorder<W> {
    /// A recording into `out`, whose first line is written now.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub fn new(out: W) -> io::Result<Self> {
        let mut recorder = Self { out };
        recorder.line(&Header { recording: KIND.to_owned(), schema: SCHEMA })?;
        Ok(recorder)
    }

    /// One write for the whole line, so that a killed run leaves at most its last line in two.
    fn line(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        self.out.write_all(&line)?;
        self.out.flush()
    }
}

impl<W: Write> Reporter for Recorder<W> {
    fn on(&mut self, event: &Event) -> io::Result<()> {
        self.line(event)
    }
}
