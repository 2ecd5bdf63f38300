//! Reading a recording, with the line of every mistake.

use serde::de::DeserializeOwned;

use super::{Header, KIND, SCHEMA};
use crate::event::Event;
use crate::finished::{FinishedRun, Gathering};

/// A recording that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The events, in the order in which they happened.
    pub events: Vec<Event>,
    /// Whether the last line was cut off in the middle.
    pub is_cut: bool,
}

/// A file that is no recording, or one that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The first line is not the header of a recording.
    #[error("{file}:1: this is no recording of a run: {problem}")]
    Header {
        /// The file.
        file: String,
        /// What is wrong with the line.
        problem: String,
    },
    /// The recording has a form that this version does not read.
    #[error("{file}:1: the recording has schema {found}; this version reads schema {SCHEMA}")]
    Schema {
        /// The file.
        file: String,
        /// The schema of its first line.
        found: u32,
    },
    /// A line is no event.
    #[error("{file}:{line}: {problem}")]
    Line {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
}

/// Reads the text of a recording.
///
/// A last line without its line feed is what a killed run leaves; it is dropped, not an error.
///
/// # Errors
/// The first line that is not what it should be.
pub fn read(file: &str, text: &str) -> Result<Recording, RecordingError> {
    let (whole, cut) = match text.rfind('\n') {
        Some(end) => text.split_at(end + 1),
        None => ("", text),
    };
    let mut lines = whole.lines().enumerate();
    let (_, first) = lines.next().unwrap_or((0, cut));
    let header: Header = parse(first)
        .map_err(|problem| RecordingError::Header { file: file.to_owned(), problem })?;
    if header.recording != KIND {
        let problem = format!("`recording` is \"{}\"", header.recording);
        return Err(RecordingError::Header { file: file.to_owned(), problem });
    }
    if header.schema != SCHEMA {
        return Err(RecordingError::Schema { file: file.to_owned(), found: header.schema });
    }
    let mut events = Vec::new();
    for (index, line) in lines {
        let wrong =
            |problem| RecordingError::Line { file: file.to_owned(), line: index + 1, problem };
        if matches!(events.last(), Some(Event::RunEnded(_))) {
            return Err(wrong("nothing may follow the end of the run".to_owned()));
        }
        events.push(parse(line).map_err(wrong)?);
    }
    Ok(Recording { events, is_cut: !cut.is_empty() })
}

impl Recording {
    /// The same events with an end, which a killed run never told.
    #[must_use]
    pub fn ended(mut self) -> Vec<Event> {
        if !matches!(self.events.last(), Some(Event::RunEnded(_))) {
            let summary = gather(&self.events).summary;
            self.events.push(Event::RunEnded(summary));
        }
        self.events
    }

    /// The run that was recorded.
    #[must_use]
    pub fn finished(&self) -> FinishedRun {
        gather(&self.events)
    }
}

fn gather(events: &[Event]) -> FinishedRun {
    let mut gathering = Gathering::default();
    let finished = events.iter().find_map(|event| gathering.on(event));
    finished.unwrap_or_else(|| gathering.cut_short())
}

/// Reads one line, and names the field that is wrong.
fn parse<T: DeserializeOwned>(line: &str) -> Result<T, String> {
    let mut reader = serde_json::Deserializer::from_str(line);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let problem = on_one_line(&error.inner().to_string());
        if path == "." { problem } else { format!("{path}: {problem}") }
    })?;
    reader.end().map_err(|error| on_one_line(&error.to_string()))?;
    Ok(value)
}

/// The place within the text is left as a column, because the line is the file's and not 1.
fn on_one_line(problem: &str) -> String {
    problem.replace(" at line 1 column ", " at column ")
}
