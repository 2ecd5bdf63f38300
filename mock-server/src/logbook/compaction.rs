//! Replacing a long file by a short one that holds the worlds as they are.

use std::borrow::Cow;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Error, Write as _};
use std::path::{Path, PathBuf};

use super::change::Change;
use super::header::Header;
use super::line::{self, Sum};
use super::opening::for_owner;
use super::replay::Worlds;
use super::{Entry, Pen};
use crate::snapshot::Snapshot;
use crate::world::{Witness, World};

/// Writes the worlds into a new file and puts it in the old one's place; none if it is not shorter.
///
/// The old file stands until the new one is whole and on the disk, so whatever happens meanwhile
/// one of the two is there.
pub(super) fn compact(
    path: &Path,
    header: &Header,
    worlds: &mut Worlds,
    old: u64,
) -> std::io::Result<Option<Pen>> {
    let beside = beside(path);
    // What an earlier attempt left is worth nothing: it was never put in its place.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let file =
        for_owner(OpenOptions::new().read(true).write(true).create_new(true)).open(&beside)?;
    let written = write(file, header, worlds);
    match written {
        // Half the length is what makes it worth while, lest every start writes everything anew.
        Ok(pen) if pen.end <= old / 2 => {
            std::fs::rename(&beside, path)?;
            sync_folder(path);
            worlds.values_mut().for_each(|world| world.witness = Witness::default());
            Ok(Some(pen))
        }
        Ok(_) => std::fs::remove_file(&beside).map(|()| None),
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

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".compacting");
    name.into()
}

/// Brings a file's name to the disk, where the system has such a notion.
pub(crate) fn sync_folder(path: &Path) {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // A system without it has no harm done; the file itself is on the disk already.
    let _ = File::open(folder.unwrap_or(Path::new("."))).and_then(|folder| folder.sync_all());
}
