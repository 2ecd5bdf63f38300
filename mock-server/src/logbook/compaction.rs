//! Replacing a long file by a short one that holds the worlds as they are.

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Error, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::change::Change;
use super::header::Header;
use super::line::{self, Sum};
use super::opening::{JournalError, for_owner};
use super::reading::{Piece, Reader};
use super::replay::{Worlds, carry_out};
use super::{Entry, Pen};
use crate::snapshot::Snapshot;
use crate::world::{Beginning, Witness, World};

/// Writes the worlds into a new file and puts it in the old one's place; none if it is not shorter.
///
/// The old file stands until the new one is whole, on the disk, and was read back, so whatever
/// happens meanwhile one of the two is there. A name that leads to a file elsewhere goes on doing
/// so: the file is replaced where it is.
pub(super) fn compact(
    path: &Path,
    header: &Header,
    beginning: &Beginning,
    worlds: &mut Worlds,
    old: u64,
) -> std::io::Result<Option<Pen>> {
    let path = &std::fs::canonicalize(path)?;
    let beside = beside(path);
    // What an earlier attempt left is worth nothing: it was never put in its place.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file =
        for_owner(OpenOptions::new().read(true).write(true).create_new(true)).open(&beside)?;
    // Half the length is what makes it worth while, lest every start writes everything anew.
    let replaced = write(file, header, worlds).and_then(|pen| match pen.end <= old / 2 {
        false => Ok(None),
        true => {
            let unreadable = |problem| Error::other(format!("what was written is not: {problem}"));
            read_back(&beside, &pen, beginning, worlds).map_err(unreadable)?;
            std::fs::rename(&beside, path)?;
            Ok(Some(pen))
        }
    });
    match replaced {
        Ok(Some(pen)) => {
            sync_folder(path);
            worlds.values_mut().for_each(|world| world.witness = Witness::default());
            Ok(Some(pen))
        }
        Ok(None) => std::fs::remove_file(&beside).map(|()| None),
        Err(error) => {
            // The first failure is the one to tell.
            let _ = std::fs::remove_file(&beside);
            Err(error)
        }
    }
}

fn write(file: File, header: &Header, worlds: &Worlds) -> std::io::Result<Pen> {
    // Locked before it has the name under which others look for it.
    file.try_lock().map_err(Error::from)?;
    let mut out = BufWriter::new(&file);
    let (first, mut sum) = header.line();
    out.write_all(&first)?;
    let (mut end, mut seq) = (first.len() as u64, 1);
    for world in worlds.values() {
        let begun = Change::Begin;
        let restored = Change::Restore(Cow::Owned(Snapshot::take(world)));
        for change in [begun, restored] {
            let (text, next) = sealed(sum, seq, world, &change)?;
            out.write_all(&text)?;
            (end, seq, sum) = (end + text.len() as u64, seq + 1, next);
        }
    }
    out.flush()?;
    drop(out);
    file.sync_all()?;
    Ok(Pen { file, seq, sum, end, broken: None })
}

/// A world has decided nothing and thrown no dice when it is begun, nor when it is restored.
fn sealed(
    before: Sum,
    seq: u64,
    world: &World,
    change: &Change<'_>,
) -> std::io::Result<(Vec<u8>, Sum)> {
    let environment = world.environment.id();
    let entry = Entry { environment, n: 0, at: world.clock.now(), was: 0, change };
    Ok(line::seal(before, seq, &serde_json::to_vec(&entry)?))
}

/// Opens the new file as the next start will, and compares its worlds with those that it is of.
///
/// There is no way back from a file that replaced another one and cannot be read.
fn read_back(
    path: &Path,
    pen: &Pen,
    beginning: &Beginning,
    worlds: &Worlds,
) -> Result<(), JournalError> {
    let unusable = |error: Error| JournalError::unusable(path, "read", &error);
    // Where a lock keeps readers away, too, it does not keep away the one who holds it.
    let mut file = &pen.file;
    file.rewind().map_err(unusable)?;
    let mut reader = Reader::new(path, BufReader::with_capacity(1 << 16, file));
    match reader.advance()? {
        Piece::Line { is_whole } => drop(Header::read(path, reader.text(), is_whole)?),
        Piece::Torn | Piece::End => return Err(reader.damage("there is no first line")),
    }
    let mut again = Worlds::new();
    loop {
        match reader.advance()? {
            Piece::End => break,
            Piece::Torn => return Err(reader.damage("the line is not whole")),
            Piece::Line { is_whole } => {
                let record = reader.record(is_whole)?;
                carry_out(&mut again, beginning, record).map_err(|why| reader.foreign(&why))?;
            }
        }
    }
    let state = |world| Snapshot::take(world).to_value();
    let is_same = |id| match (again.get(id), worlds.get(id)) {
        (Some(again), Some(world)) => state(again) == state(world),
        _ => false,
    };
    match again.len() == worlds.len() && worlds.keys().all(is_same) {
        true => file.seek(SeekFrom::Start(pen.end)).map(drop).map_err(unusable),
        false => Err(reader.foreign("it holds other worlds than were written")),
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".compacting");
    name.into()
}

/// Brings a file's name to the disk, where the system has such a notion.
pub(crate) fn sync_folder(path: &Path) {
    // The name that matters is the one in the file's own folder.
    let own = std::fs::canonicalize(path);
    let path = own.as_deref().unwrap_or(path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // A system without it has no harm done; the file itself is on the disk already.
    let _ = File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all());
}
