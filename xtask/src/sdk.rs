//! The npm packages of the JavaScript folders, installed once per lock file.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::tool::{self, ToolError};
use crate::workspace;

/// What decides which packages npm installs.
const DECIDING_FILES: [&str; 3] = ["package-lock.json", "package.json", ".npmrc"];
/// Remembers for which of those files the installed packages are.
const STAMP: &str = "node_modules/.stamp";

/// The packages cannot be installed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InstallError {
    /// Node.js or npm is not usable.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// A file cannot be read or written.
    #[error("{path}: {problem}")]
    File { path: PathBuf, problem: io::Error },
    /// npm could not be started.
    #[error("`npm ci` could not be started: {0}")]
    NotStarted(io::Error),
    /// npm failed.
    #[error("`npm ci` failed in {folder}; its own words stand above")]
    Failed { folder: PathBuf },
}

/// Returns the folder of the JavaScript driver.
pub(crate) fn driver_folder() -> PathBuf {
    workspace::root().join("conformance/drivers/js")
}

/// Returns the folder of the clients that the service is held against.
pub(crate) fn clients_folder() -> PathBuf {
    workspace::root().join("mock-server/clients")
}

/// Returns the folder of the programs that the service is measured beside.
pub(crate) fn peers_folder() -> PathBuf {
    workspace::root().join("benches/peers")
}

/// Installs the packages of the driver; see [`install`].
pub(crate) fn install_driver() -> Result<String, InstallError> {
    install(&driver_folder())
}

/// Installs the packages of the clients; see [`install`].
pub(crate) fn install_clients() -> Result<String, InstallError> {
    install(&clients_folder())
}

/// Installs the programs that the service is measured beside; see [`install`].
pub(crate) fn install_peers() -> Result<String, InstallError> {
    install(&peers_folder())
}

/// Installs a folder's packages unless they are there for the present lock file.
///
/// Returns a sentence for the banner. Node.js is checked in any case, because later steps call it.
fn install(folder: &Path) -> Result<String, InstallError> {
    let node = tool::require_node()?;
    let wanted = fingerprint(folder)?;
    let stamp = folder.join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(format!("up to date (Node.js {node})"));
    }
    let status = tool::npm()
        .args(["ci", "--no-audit", "--no-fund"])
        .current_dir(folder)
        .status()
        .map_err(InstallError::NotStarted)?;
    if !status.success() {
        return Err(InstallError::Failed { folder: folder.to_path_buf() });
    }
    // The stamp comes last: an interrupted installation is done again.
    fs::write(&stamp, &wanted).map_err(|problem| InstallError::File { path: stamp, problem })?;
    Ok(format!("installed (Node.js {node})"))
}

/// Returns one hash over the files that decide what is installed.
fn fingerprint(folder: &Path) -> Result<String, InstallError> {
    let mut hash = Sha256::new();
    for name in DECIDING_FILES {
        let path = folder.join(name);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            // npm needs no .npmrc, and the hash of an empty one says the same.
            Err(problem) if name == ".npmrc" && problem.kind() == io::ErrorKind::NotFound => vec![],
            Err(problem) => return Err(InstallError::File { path, problem }),
        };
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(&bytes);
    }
    let mut text = String::new();
    for byte in hash.finalize() {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(name: &str, files: &[(&str, &str)]) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for (file, text) in files {
            fs::write(folder.join(file), text).unwrap();
        }
        folder
    }

    #[test]
    fn the_fingerprint_follows_the_lock_file() {
        let files = [("package-lock.json", "{}"), ("package.json", "{}")];
        let folder = folder_with("follows", &files);
        let first = fingerprint(&folder).unwrap();
        assert_eq!(fingerprint(&folder).unwrap(), first, "the same files, the same hash");
        fs::write(folder.join("package-lock.json"), "{ }").unwrap();
        assert_ne!(fingerprint(&folder).unwrap(), first);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn no_lock_file_names_a_host_or_asks_for_money() {
        for folder in [driver_folder(), clients_folder(), peers_folder()] {
            for name in DECIDING_FILES {
                let path = folder.join(name);
                let text = fs::read_to_string(&path).unwrap();
                for word in ["://", "\"resolved\"", "\"funding\""] {
                    assert!(!text.contains(word), "{} contains {word}", path.display());
                }
            }
        }
    }

    #[test]
    fn a_missing_lock_file_is_an_error_that_names_it() {
        let folder = folder_with("missing", &[("package.json", "{}")]);
        let error = fingerprint(&folder).unwrap_err().to_string();
        assert!(error.contains("package-lock.json"), "{error}");
        fs::remove_dir_all(folder).unwrap();
    }
}
