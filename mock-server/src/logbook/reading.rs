//! Reading a journal file line by line, and telling an unfinished end from damage.
//!
//! A line is written with one call, so a process or a machine that dies while it writes leaves a
//! part of the last line and nothing behind it: that was never answered, and is dropped with a
//! warning. Everything else that does not fit was done to the file by something else, and only a
//! person can know what was lost; so it stops the start.

use std::io::BufRead;
use std::path::Path;

use jiff::Timestamp;
use mfa_engine::EnvironmentId;
use serde::Deserialize;

use super::change::Change;
use super::line::{self, Sum};
use super::opening::JournalError;

/// One line of a journal file but the first.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    pub(super) seq: u64,
    pub(super) environment: EnvironmentId,
    pub(super) n: u64,
    pub(super) at: Timestamp,
    pub(super) was: u32,
    pub(super) change: Change<'static>,
    #[serde(rename = "sum")]
    _sum: serde::de::IgnoredAny,
}

/// Where reading has come to.
pub(super) struct Reader<'path, R> {
    path: &'path Path,
    from: R,
    text: Vec<u8>,
    /// Lines read so far; the one in `text` is this one.
    line: u64,
    /// Where the line in `text` begins.
    begin: u64,
    /// Where the next line begins.
    end: u64,
    sum: Sum,
    /// Whether the line that was read is the last one and lacks its break.
    is_open: bool,
}

/// What comes next in a file.
pub(super) enum Piece {
    /// A whole line, its sum right or wrong; its text is in the reader.
    Line {
        /// Whether the sum fits.
        is_whole: bool,
    },
    /// A part of a line, and then the end of the file.
    Torn,
    /// The end of the file.
    End,
}

impl<'path, R: BufRead> Reader<'path, R> {
    pub(super) fn new(path: &'path Path, from: R) -> Self {
        let sum = line::NOTHING;
        Self { path, from, text: Vec::new(), line: 0, begin: 0, end: 0, sum, is_open: false }
    }

    /// Reads up to the next line break.
    pub(super) fn advance(&mut self) -> Result<Piece, JournalError> {
        self.text.clear();
        let read = self.from.read_until(b'\n', &mut self.text);
        let read = read.map_err(|error| JournalError::unusable(self.path, "read", &error))?;
        if read == 0 {
            return Ok(Piece::End);
        }
        self.line += 1;
        self.begin = self.end;
        let has_break = self.text.pop_if(|last| *last == b'\n').is_some();
        let sum = line::check(self.sum, &self.text);
        if !has_break && sum.is_none() {
            // A whole line whose break became another byte was not torn, it was bent.
            let without_last = self.text.split_last().map_or(&[][..], |(_, rest)| rest);
            return match line::check(self.sum, without_last) {
                Some(_) => Err(self.damage("the line break is another byte")),
                None => Ok(Piece::Torn),
            };
        }
        self.is_open = !has_break;
        self.end += read as u64;
        self.sum = sum.unwrap_or(self.sum);
        Ok(Piece::Line { is_whole: sum.is_some() })
    }

    /// The record in the line that was read.
    pub(super) fn record(&self, is_whole: bool) -> Result<Record, JournalError> {
        let expected = self.line - 1;
        if !is_whole {
            // The number says whether a line is missing or this one is bent; either way it ends here.
            let found = self.number();
            return Err(self.damage(&match found {
                Some(found) if found != expected => format!(
                    "record {expected} should stand here, and record {found} does: lines are \
                     missing or out of order"
                ),
                _ => "the sum does not fit the line and what stands before it".to_owned(),
            }));
        }
        let record: Record = serde_json::from_slice(&self.text).map_err(|error| {
            self.foreign(&format!("it holds what this build does not know ({error})"))
        })?;
        match record.seq == expected {
            true => Ok(record),
            false => Err(self.damage(&format!("record {expected} calls itself {}", record.seq))),
        }
    }

    /// What is known of the line without believing it: its number, if it begins with one.
    pub(super) fn number(&self) -> Option<u64> {
        let digits = self.text.strip_prefix(br#"{"seq":"#)?;
        let end = digits.iter().position(|byte| *byte == b',')?;
        std::str::from_utf8(digits.get(..end)?).ok()?.parse().ok()
    }

    pub(super) fn text(&self) -> &[u8] {
        &self.text
    }

    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Where the last whole line ends.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// Whether the last whole line still wants its break.
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    pub(super) fn sum(&self) -> Sum {
        self.sum
    }

    /// Where the line that was read begins.
    pub(super) fn begin(&self) -> u64 {
        self.begin
    }

    pub(super) fn damage(&self, problem: &str) -> JournalError {
        JournalError::damaged(self.path, self.line, self.begin, problem.to_owned())
    }

    pub(super) fn foreign(&self, problem: &str) -> JournalError {
        JournalError::OtherRules {
            path: self.path.to_owned(),
            line: self.line,
            offset: self.begin,
            problem: problem.to_owned(),
        }
    }
}
