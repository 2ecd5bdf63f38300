//! Opening a journal file: alone, undamaged, and begun the same way.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::commit::Committer;
use super::header::Header;
use super::reading::{Piece, Reader};
use super::replay::{Worlds, carry_out};
use super::{JournalFile, Logbook, Pen, compaction, line};
use crate::sync::Mutex;
use crate::world::Beginning;

/// A journal file cannot be used. Nothing in it was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// The operating system says no.
    #[error("the journal file {path} cannot be {what}: {problem}", path = path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What was tried.
        what: &'static str,
        /// What the system says.
        problem: String,
    },
    /// Another process has it.
    #[error(
        "the journal file {path} is in use by another process; stop that one, or name another file",
        path = path.display()
    )]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It is something else.
    #[error(
        "{path} is no journal file of mfa-mock, and is left alone; name another file",
        path = path.display()
    )]
    NoJournal {
        /// The file.
        path: PathBuf,
    },
    /// It was written in another format.
    #[error(
        "the journal file {path} is of format version {found}, which this build does not read; \
         start the build that wrote it, or name a new file",
        path = path.display()
    )]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: u64,
    },
    /// It was written by a build whose settings are others.
    #[error(
        "the journal file {path} was begun by a build with other settings ({what}); start that \
         build, or name a new file",
        path = path.display()
    )]
    OtherBuild {
        /// The file.
        path: PathBuf,
        /// The first setting that is not known, or missing.
        what: String,
    },
    /// The service is started otherwise than the file was begun.
    #[error(
        "the journal file {path} was begun with {what}; {mend}, or name a new file",
        path = path.display()
    )]
    OtherStart {
        /// The file.
        path: PathBuf,
        /// What is different.
        what: String,
        /// What can be done about it.
        mend: &'static str,
    },
    /// It is undamaged, but this build makes something else of it.
    #[error(
        "the journal file {path} is undamaged, but line {line} (byte {offset}) cannot be carried \
         out as it was: {problem}; start the build that wrote it, or name a new file",
        path = path.display()
    )]
    OtherRules {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// Where it begins, in bytes from 0.
        offset: u64,
        /// What does not fit.
        problem: String,
    },
    /// Something changed it.
    #[error(
        "the journal file {path} is damaged at line {line} (byte {offset}): {problem}; put a copy \
         of it back, or cut it there (`head -c {offset}`) and lose what follows",
        path = path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// Where it begins, in bytes from 0.
        offset: u64,
        /// What is wrong with it.
        problem: String,
    },
    /// A hook edits decisions in ways that no file could repeat.
    #[error("a hook edits decisions, and a journal file could not repeat that; use one of the two")]
    Hooked,
}

impl JournalError {
    pub(super) fn damaged(path: &Path, line: u64, offset: u64, problem: String) -> Self {
        Self::Damaged { path: path.to_owned(), line, offset, problem }
    }

    pub(super) fn unusable(path: &Path, what: &'static str, error: &std::io::Error) -> Self {
        Self::Unusable { path: path.to_owned(), what, problem: error.to_string() }
    }
}

/// What came of reading a journal file at the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JournalReport {
    /// Changes that were carried out again.
    pub records: u64,
    /// Environments that exist after that.
    pub environments: usize,
    /// An unfinished end that was dropped, in words.
    pub torn: Option<String>,
    /// Bytes before and after the file was replaced by a shorter one.
    pub compacted: Option<(u64, u64)>,
    /// Why it was not replaced, although it is long.
    pub compaction_failed: Option<String>,
}

/// An open journal file and the worlds in it.
pub(crate) struct Opened {
    pub(crate) logbook: Logbook,
    pub(crate) worlds: Worlds,
    pub(crate) seed: [u8; 32],
    pub(crate) report: JournalReport,
}

/// Opens a file, makes it if there is none, and carries out what stands in it.
pub(crate) fn open(
    options: &JournalFile,
    beginning: &Beginning,
    is_seed_given: bool,
    key: &str,
) -> Result<Opened, JournalError> {
    let path = &options.path;
    let unusable = |what| move |error: std::io::Error| JournalError::unusable(path, what, &error);
    let mut file = locked(path)?;
    let mut beginning = beginning.clone();
    let (mut worlds, mut report) = (Worlds::new(), JournalReport::default());
    let (mut end, mut seq, mut sum) = (0, 0, line::NOTHING);
    if file.metadata().map_err(unusable("opened"))?.len() > 0 {
        let mut reader = Reader::new(path, BufReader::with_capacity(1 << 16, &file));
        report.torn = match reader.advance()? {
            Piece::Line { is_whole } => {
                let header = Header::read(path, reader.text(), is_whole)?;
                header.admit(path, &beginning, is_seed_given, key)?;
                let malformed = || "seed: not 64 hex digits".to_owned();
                beginning.seed =
                    header.seed().ok_or_else(|| JournalError::damaged(path, 1, 0, malformed()))?;
                read_records(&mut reader, &mut worlds, &beginning)?
            }
            // Whoever began the file died over its first line, before anybody was answered.
            Piece::Torn if Header::is_begun(reader.text()) => Some(torn(&reader)),
            Piece::Torn | Piece::End => {
                return Err(JournalError::NoJournal { path: path.clone() });
            }
        };
        (end, seq, sum) = (reader.end(), reader.line(), reader.sum());
        if report.torn.is_some() {
            seq -= 1;
            file.set_len(end).map_err(unusable("shortened"))?;
            file.seek(SeekFrom::Start(end)).map_err(unusable("shortened"))?;
        } else if reader.is_open() {
            // The last line is whole but for its break, which is written now.
            file.write_all(b"\n").map_err(unusable("written"))?;
            end += 1;
        }
        report.records = seq.saturating_sub(1);
    }
    let header = Header::of(&beginning, key);
    if seq == 0 {
        let first = header.line();
        let written = file.write_all(&first.0).and_then(|()| file.sync_all());
        if let Err(error) = written {
            // The first failure is the one to tell.
            let _ = file.set_len(0);
            return Err(unusable("written")(error));
        }
        (end, seq, sum) = (first.0.len() as u64, 1, first.1);
        compaction::sync_folder(path);
    }
    report.environments = worlds.len();
    let mut pen = Pen { file, seq, sum, end, broken: None };
    if end > options.compact_above_bytes {
        match compaction::compact(path, &header, &beginning, &mut worlds, end) {
            Ok(Some(shorter)) => {
                report.compacted = Some((end, shorter.end));
                pen = shorter;
            }
            Ok(None) => {}
            Err(error) => report.compaction_failed = Some(error.to_string()),
        }
    }
    let copy = pen.file.try_clone().map_err(unusable("opened"))?;
    let committer = Committer::new(copy, pen.end, options.sync).map_err(unusable("opened"))?;
    let logbook = Logbook { path: path.clone(), pen: Mutex::new(pen), committer };
    Ok(Opened { logbook, worlds, seed: beginning.seed, report })
}

/// Carries out every record; yields what is said of an unfinished end.
fn read_records<R: std::io::BufRead>(
    reader: &mut Reader<'_, R>,
    worlds: &mut Worlds,
    beginning: &Beginning,
) -> Result<Option<String>, JournalError> {
    loop {
        match reader.advance()? {
            Piece::End => return Ok(None),
            Piece::Torn => return Ok(Some(torn(reader))),
            Piece::Line { is_whole } => {
                let record = reader.record(is_whole)?;
                carry_out(worlds, beginning, record).map_err(|problem| reader.foreign(&problem))?;
            }
        }
    }
}

/// What is said of an unfinished end.
fn torn<R: std::io::BufRead>(reader: &Reader<'_, R>) -> String {
    let number = match reader.number() {
        Some(number) => format!("record {number}"),
        None => "record".to_owned(),
    };
    format!(
        "dropped the last {} bytes, from byte {} (line {}) on: the unfinished {number}, which was \
         never answered",
        reader.text().len(),
        reader.begin(),
        reader.line(),
    )
}

/// Opens a file for nobody else, with access for its owner only.
fn locked(path: &Path) -> Result<File, JournalError> {
    let unusable = |what| move |error: std::io::Error| JournalError::unusable(path, what, &error);
    if path.exists() && !path.is_file() {
        return Err(JournalError::NoJournal { path: path.to_owned() });
    }
    loop {
        let file =
            for_owner(OpenOptions::new().read(true).write(true).create(true).truncate(false))
                .open(path)
                .map_err(unusable("opened"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(JournalError::InUse { path: path.to_owned() });
            }
            Err(TryLockError::Error(error)) => return Err(unusable("locked")(error)),
        }
        // Whoever had the lock before may have put another file in its place meanwhile.
        if is_at(&file, path) {
            close_to_others(&file).map_err(unusable("closed to other users"))?;
            return Ok(file);
        }
    }
}

#[cfg(unix)]
pub(crate) fn for_owner(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(0o600)
}

#[cfg(not(unix))]
pub(crate) fn for_owner(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
fn close_to_others(file: &File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut permissions = file.metadata()?.permissions();
    if permissions.mode() & 0o077 == 0 {
        return Ok(());
    }
    permissions.set_mode(0o600);
    file.set_permissions(permissions)
}

#[cfg(not(unix))]
fn close_to_others(_: &File) -> std::io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    match (file.metadata(), path.metadata()) {
        (Ok(open), Ok(there)) => (open.dev(), open.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}
