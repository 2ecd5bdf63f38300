//! Reports: what people and machines read after a run.
//!
//! Reporters see events only, so a recorded stream gives the same report again. Secrets have
//! been replaced by pseudonyms before any of them sees a record.

mod conclusion;
pub mod json;
pub mod junit;
pub mod terminal;

use std::io;

use crate::event::Event;

/// Something that turns events into a report.
pub trait Reporter {
    /// Takes one event in.
    ///
    /// # Errors
    /// The report cannot be written.
    fn on(&mut self, event: &Event) -> io::Result<()>;
}

#[cfg(test)]
mod tests;
