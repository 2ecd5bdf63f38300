//! The CA on the disk: made once, by whoever comes first, and never replaced by itself.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};

use super::{Authority, Name, TlsError, pem, untimely};
use crate::logbook::{for_owner, sync_folder};

const CERTIFICATE: &str = "ca.pem";
const KEY: &str = "ca-key.pem";
/// Held while a CA is made; it stays, empty, since removing it would let two hold "it" at once.
const LOCK: &str = ".lock";
/// How long before its end one is told that a CA must be made anew.
const WARNING: SignedDuration = SignedDuration::from_hours(24 * 30);

/// A CA that is kept in a folder.
#[derive(Debug)]
pub struct Kept {
    /// The CA.
    pub authority: Authority,
    /// The file that clients must trust.
    pub certificate: PathBuf,
    /// Whether it was made just now, so that nobody can trust it yet.
    pub was_made: bool,
    /// What its owner should mend, in words for people.
    pub warnings: Vec<String>,
}

/// Where a user's CA is kept, unless another folder is named; nothing if there is no home.
///
/// `$XDG_DATA_HOME/mfa-mock` where that is set; otherwise, by the custom of the system,
/// `~/Library/Application Support/mfa-mock` (macOS), `%LOCALAPPDATA%\mfa-mock` (Windows), or
/// `~/.local/share/mfa-mock` (XDG Base Directory Specification).
pub fn default_folder() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|it| it.is_absolute());
    let system = || match () {
        () if cfg!(target_os = "macos") => Some(set("HOME")?.join("Library/Application Support")),
        () if cfg!(windows) => set("LOCALAPPDATA"),
        () => Some(set("HOME")?.join(".local/share")),
    };
    Some(set("XDG_DATA_HOME").or_else(system)?.join("mfa-mock"))
}

impl Authority {
    /// The CA of a folder; made there if there is none, for its owner only.
    ///
    /// A new one may vouch for the given names besides those of this machine and of local
    /// networks. Processes that start at once agree on one.
    ///
    /// # Errors
    /// The folder cannot be used, or what is in it is damaged, halved, mismatching or expired;
    /// nothing is replaced then.
    pub fn in_folder(folder: &Path, names: &[Name], now: Timestamp) -> Result<Kept, TlsError> {
        if let Whole::Both = whole(folder)? {
            return read(folder, now);
        }
        let trying = |deed: &'static str, path: &Path| {
            let path = path.to_owned();
            move |error: std::io::Error| TlsError::File { deed, path, problem: error.to_string() }
        };
        for_owner_alone().recursive(true).create(folder).map_err(trying("make", folder))?;
        let lock = folder.join(LOCK);
        let mut options = OpenOptions::new();
        let open = for_owner(options.write(true).create(true).truncate(false)).open(&lock);
        let held = open.map_err(trying("make", &lock))?;
        held.lock().map_err(trying("lock", &lock))?;
        // Somebody else may have made it meanwhile.
        match whole(folder)? {
            Whole::Both => return read(folder, now),
            Whole::Neither => {}
            Whole::Only(there, absent) => {
                let problem = format!("is there without {absent}, which belongs to it");
                return Err(TlsError::Authority { path: folder.join(there), problem });
            }
        }
        let authority = Self::new(names, now)?;
        // Whoever sees the certificate may take it that the key is there too.
        for (name, text) in [(KEY, authority.key_pem()), (CERTIFICATE, authority.certificate_pem())]
        {
            let path = folder.join(name);
            write(&path, &text, name == KEY).map_err(trying("write", &path))?;
        }
        let certificate = folder.join(CERTIFICATE);
        Ok(Kept { authority, certificate, was_made: true, warnings: Vec::new() })
    }

    /// The CA of a folder, if there is one; nothing is written.
    ///
    /// # Errors
    /// As for [`Authority::in_folder`].
    pub fn kept_in(folder: &Path, now: Timestamp) -> Result<Option<Kept>, TlsError> {
        match whole(folder)? {
            Whole::Both => read(folder, now).map(Some),
            // One half may be one that is being made.
            Whole::Neither | Whole::Only(KEY, _) => Ok(None),
            Whole::Only(there, absent) => Err(TlsError::Authority {
                path: folder.join(there),
                problem: format!("is there without {absent}, which belongs to it"),
            }),
        }
    }
}

/// Which of the two files are there.
enum Whole {
    Both,
    Neither,
    Only(&'static str, &'static str),
}

fn whole(folder: &Path) -> Result<Whole, TlsError> {
    let is_there = |name: &str| {
        let path = folder.join(name);
        path.try_exists().map_err(|error| TlsError::File {
            deed: "look for",
            problem: error.to_string(),
            path,
        })
    };
    // In the order opposite to that of writing, so that no half is seen that is none.
    Ok(match (is_there(CERTIFICATE)?, is_there(KEY)?) {
        (true, true) => Whole::Both,
        (false, false) => Whole::Neither,
        (true, false) => Whole::Only(CERTIFICATE, KEY),
        (false, true) => Whole::Only(KEY, CERTIFICATE),
    })
}

fn read(folder: &Path, now: Timestamp) -> Result<Kept, TlsError> {
    let (path, key) = (folder.join(CERTIFICATE), folder.join(KEY));
    // Whatever is wrong with a file of the CA is mended in one way.
    let of_authority = |error: TlsError| match error {
        TlsError::Damaged { path, problem } => TlsError::Authority { path, problem },
        other => other,
    };
    let unusable =
        |problem: &str| TlsError::Authority { path: path.clone(), problem: problem.to_owned() };
    let mut found = pem::certificates(&path).map_err(of_authority)?;
    let (Some(certificate), true) = (found.pop(), found.is_empty()) else {
        return Err(unusable("holds more than one certificate"));
    };
    if let Some(problem) = untimely(&certificate, now) {
        return Err(unusable(problem));
    }
    let secret = pem::key(&key).map_err(of_authority)?;
    let ends_soon =
        now.checked_add(WARNING).is_ok_and(|later| untimely(&certificate, later).is_some());
    let authority = Authority::kept(certificate, &secret, now).ok_or_else(|| {
        unusable(&format!("is not the CA that {KEY} beside it is the key of, or none of mfa-mock"))
    })?;
    let mut warnings = Vec::new();
    if is_open_to_others(&key) {
        warnings.push(format!("others can read {0}: chmod 600 {0}", key.display()));
    }
    if ends_soon {
        warnings.push(format!(
            "the CA {} ends within 30 days; remove it and {KEY} beside it to have a new one made, \
             which clients must be told to trust",
            path.display()
        ));
    }
    Ok(Kept { authority, certificate: path, was_made: false, warnings })
}

/// Writes a file that is there whole or not at all.
fn write(path: &Path, text: &str, is_secret: bool) -> std::io::Result<()> {
    let beside = path.with_extension("new");
    // Left behind by a process that was killed; nobody else writes while this one holds the lock.
    match std::fs::remove_file(&beside) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    if is_secret {
        for_owner(&mut options);
    }
    let mut file: File = options.open(&beside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    sync_folder(path);
    Ok(())
}

#[cfg(unix)]
fn for_owner_alone() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[cfg(not(unix))]
fn for_owner_alone() -> DirBuilder {
    DirBuilder::new()
}

#[cfg(unix)]
fn is_open_to_others(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|about| about.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_open_to_others(_: &Path) -> bool {
    false
}
