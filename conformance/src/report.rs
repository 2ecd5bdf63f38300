//! Reports: what people and machines read after a run.
//!
//! Reporters see events only, so a recording gives the same report again. Secrets have been
//! replaced by pseudonyms before any of them sees a record. A document is written when the run is
//! over; what people watch is written while it goes on.

mod again;
pub(crate) use again::quoted;
mod annotations;
mod badge;
mod conclusion;
mod document;
mod file;
mod html;
pub mod json;
mod junit;
mod live;
mod markdown;
mod plain;
mod resemblance;
mod tap;
pub mod terminal;

use std::io;

use crate::event::Event;

pub use document::{Documents, Format};
pub use file::ReportFile;
pub use live::{Live, Progress};
pub(crate) use markdown::words as markdown_words;

/// Something that turns events into a report.
pub trait Reporter {
    /// Takes one event in.
    ///
    /// # Errors
    /// The report cannot be written.
    fn on(&mut self, event: &Event) -> io::Result<()>;
}

#[cfg(test)]
pub(crate) mod tests;
