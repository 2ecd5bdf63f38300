//! Whom Node trusts besides those it always trusts: one file, which somebody may need already.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// The variable that names the file.
pub(super) const VARIABLE: &str = "NODE_EXTRA_CA_CERTS";

/// The file for a command: our CA, and what was there before, in a file beside our CA.
///
/// That file is named after what it holds, so it is written once, and commands that run at the
/// same time may share it.
///
/// # Errors
/// The file of both cannot be written.
pub(super) fn file(ours: &Path, before: Option<&OsStr>) -> std::io::Result<PathBuf> {
    let before = before.filter(|before| !before.is_empty()).map(Path::new);
    // What cannot be read is nothing to Node either, beyond a warning.
    let Some(others) = before.and_then(|before| std::fs::read(before).ok()) else {
        return Ok(ours.to_owned());
    };
    let mine = std::fs::read(ours)?;
    if let Some(before) = before
        && others.windows(mine.len()).any(|part| part == mine)
    {
        return Ok(before.to_owned());
    }
    let both = [&mine[..], b"\n", &others[..]].concat();
    let digest: String =
        Sha256::digest(&both).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let path = ours.with_file_name(format!("node-{digest}.pem"));
    if !path.exists() {
        let beside = path.with_extension(std::process::id().to_string());
        let mut file: File =
            OpenOptions::new().write(true).create(true).truncate(true).open(&beside)?;
        file.write_all(&both)?;
        std::fs::rename(&beside, &path)?;
    }
    Ok(path)
}
