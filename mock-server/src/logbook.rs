//! The journal file: every change of every world, written down before it is answered.
//!
//! The engine decides the same again when it is given the same commands, times and dice, so a
//! list of what was asked is the whole database. A change is one line of JSON:
//!
//! ```text
//! {"seq":3,"environment":"…","n":1,"at":"…","was":123,"change":{…},"sum":"0f3a…"}
//!   │                          │    │        │          │             │
//!   │                          │    │        │          │             of this line and the sum before
//!   │                          │    │        │          what was asked, not what came of it
//!   │                          │    │        what the world had decided so far (`world::Witness`)
//!   │                          │    the world's time
//!   │                          the stream of dice
//!   one more than in the line before
//! ```
//!
//! | what | where |
//! |---|---|
//! | what can be written down | [`change`] |
//! | a line and its sum | [`line`] |
//! | the first line: what a file was begun with | [`header`] |
//! | opening, locking, reading, shortening a file | [`opening`], [`reading`], [`compaction`] |
//! | carrying out what was read | [`replay`] |
//! | waiting for the disk | [`commit`] |
//!
//! A record reaches the operating system before its change happens, so a process that is killed
//! loses nothing that it answered. Whether it also survives a loss of power is what
//! [`JournalSync`] is about.

mod change;
mod commit;
mod compaction;
mod header;
mod line;
mod opening;
mod reading;
mod replay;

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::PoisonError;

use jiff::Timestamp;
use mfa_engine::EnvironmentId;
use serde::Serialize;

pub(crate) use change::Change;
use commit::Committer;
use line::Sum;
pub use opening::{JournalError, JournalReport};
pub(crate) use opening::{Opened, open};
#[cfg(feature = "tls")]
pub(crate) use {compaction::sync_folder, opening::for_owner};

use crate::sync::{Mutex, MutexGuard};
use crate::world::World;

/// Where changes are kept, and how surely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalFile {
    /// The file; made if there is none, with access for its owner only, since it holds secrets.
    pub path: PathBuf,
    /// When a change counts as kept.
    pub sync: JournalSync,
    /// A longer file is replaced at the start by one that holds the worlds as they are.
    pub compact_above_bytes: u64,
}

/// When a change counts as kept. A killed process loses nothing that it answered in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JournalSync {
    /// On the disk before it is answered: a loss of power loses nothing that was answered.
    Always,
    /// On the disk within a tenth of a second: that much a loss of power may take.
    #[default]
    Batch,
    /// On the disk when the operating system likes: a loss of power may take half a minute.
    Never,
}

impl JournalFile {
    /// The file of a path, with the defaults of `mfa-mock --journal`.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), sync: JournalSync::default(), compact_above_bytes: 64 << 20 }
    }
}

/// A change was not made, because the journal file did not take it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unwritten(String);

/// A place in the file: whatever stands before it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark(u64);

/// The open file.
pub(crate) struct Logbook {
    path: PathBuf,
    pen: Mutex<Pen>,
    committer: Committer,
}

/// What writing the next line needs.
struct Pen {
    file: File,
    seq: u64,
    sum: Sum,
    /// Where the last whole line ends.
    end: u64,
    /// Set when the end of the file is no longer known.
    broken: Option<String>,
}

/// A record but for its number and its sum, which only the one who holds the pen knows.
#[derive(Serialize)]
struct Entry<'change> {
    environment: EnvironmentId,
    n: u64,
    at: Timestamp,
    was: u32,
    change: &'change Change<'change>,
}

impl Logbook {
    /// Writes down what is about to happen to a world.
    ///
    /// # Errors
    /// The file did not take it: then the file is as it was, and the change must not happen.
    pub(crate) fn append(
        &self,
        world: &World,
        at: Timestamp,
        change: &Change<'_>,
    ) -> Result<Mark, Unwritten> {
        let entry = Entry {
            environment: world.environment.id(),
            n: world.dice.commands,
            at,
            was: world.witness.0,
            change,
        };
        // Outside the lock, because this is the slow half.
        let body = serde_json::to_vec(&entry)
            .map_err(|error| Unwritten(format!("the change cannot be written down: {error}")))?;
        let mut pen = self.pen();
        let (line, sum) = line::seal(pen.sum, pen.seq, &body);
        pen.write(&line).map_err(|problem| {
            Unwritten(format!("the journal file {}: {problem}", self.path.display()))
        })?;
        pen.seq += 1;
        pen.sum = sum;
        let mark = Mark(pen.end);
        drop(pen);
        self.committer.written(mark);
        Ok(mark)
    }

    /// Waits until everything before a mark is on the disk, if that was asked for.
    ///
    /// # Errors
    /// The disk failed. What is on it is not known any more, so nothing is answered from now on.
    pub(crate) fn settle(&self, mark: Mark) -> Result<(), Unwritten> {
        self.committer.settle(mark).map_err(|problem| self.lost(&problem))
    }

    /// Whether [`Self::settle`] waits for the disk.
    #[cfg(feature = "standalone")]
    pub(crate) fn makes_wait(&self) -> bool {
        self.committer.makes_wait()
    }

    /// Why nothing can be answered any more, if that is so.
    ///
    /// # Errors
    /// The disk failed at some time since the start.
    pub(crate) fn is_sound(&self) -> Result<(), Unwritten> {
        self.committer.is_sound().map_err(|problem| self.lost(&problem))
    }

    fn lost(&self, problem: &str) -> Unwritten {
        Unwritten(format!(
            "the journal file {} did not reach its disk: {problem}; restart once the disk is well",
            self.path.display()
        ))
    }

    fn pen(&self) -> MutexGuard<'_, Pen> {
        self.pen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pen {
    /// Writes a line whole, or leaves the file as it was.
    fn write(&mut self, line: &[u8]) -> Result<(), String> {
        if let Some(problem) = &self.broken {
            return Err(problem.clone());
        }
        let Err(error) = self.file.write_all(line) else {
            self.end += line.len() as u64;
            return Ok(());
        };
        // A part of the line may stand there; the next one must not be written behind it.
        let shortened = self.file.set_len(self.end);
        if let Err(second) = shortened.and_then(|()| self.file.seek(SeekFrom::Start(self.end))) {
            let problem = format!(
                "{error}, and the unfinished line could not be taken back ({second}); restart"
            );
            self.broken = Some(problem.clone());
            return Err(problem);
        }
        Err(format!("{error}; nothing was changed"))
    }
}

#[cfg(test)]
mod tests;
