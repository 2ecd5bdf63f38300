//! A report file that is either whole or not there.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::process;

/// A file that gets its name only when everything is in it.
///
/// It is made before the run, so that a path that cannot be written is an error of the command
/// line and not of its end; a report of an earlier run under that name is taken away then, so that
/// nobody takes it for this one's.
#[derive(Debug)]
pub struct ReportFile {
    path: PathBuf,
    draft: PathBuf,
}

impl ReportFile {
    /// Prepares `path`.
    ///
    /// # Errors
    /// The folder is missing or cannot be written, or `path` is no regular file; with the path.
    pub fn prepare(path: &Path) -> io::Result<Self> {
        Self::try_prepare(path).map_err(|error| named(path, &error))
    }

    /// Gives a file new content, or leaves the old one as it was.
    ///
    /// # Errors
    /// The folder or the file cannot be written; with the path.
    pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
        let draft = Self::draft_of(path).map_err(|error| named(path, &error))?;
        Self { path: path.to_owned(), draft }.publish(content)
    }

    fn draft_of(path: &Path) -> io::Result<PathBuf> {
        let name = path.file_name().ok_or_else(|| io::Error::other("this names no file"))?;
        let draft = format!(".{}.{}.draft", name.to_string_lossy(), process::id());
        Ok(path.with_file_name(draft))
    }

    fn try_prepare(path: &Path) -> io::Result<Self> {
        if path.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let draft = Self::draft_of(path)?;
        // A pipe, a device or a link such as /dev/stdout is written where it is: to take it away
        // and put a file in its place would break it for everybody else.
        if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
            OpenOptions::new().write(true).open(path)?;
            return Ok(Self { path: path.to_owned(), draft: path.to_owned() });
        }
        let file = Self { path: path.to_owned(), draft };
        File::create(&file.draft)?;
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(file),
        }
    }

    /// Writes everything and gives the file its name.
    ///
    /// # Errors
    /// The disk is full, or the folder went away in the meantime; with the path.
    pub fn publish(&self, content: &[u8]) -> io::Result<()> {
        let write = || {
            fs::write(&self.draft, content)?;
            if self.draft == self.path { Ok(()) } else { fs::rename(&self.draft, &self.path) }
        };
        write().map_err(|error| named(&self.path, &error))
    }
}

impl Drop for ReportFile {
    fn drop(&mut self) {
        if self.draft != self.path {
            // After publishing there is no draft any more; else it is worth nothing.
            let _ = fs::remove_file(&self.draft);
        }
    }
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("mfa-conformance-{}-{name}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn an_old_report_is_gone_before_and_the_new_one_whole_after() {
        let folder = folder("publish");
        let path = folder.join("report.json");
        fs::write(&path, "last week").unwrap();
        let file = ReportFile::prepare(&path).unwrap();
        assert!(!path.exists());
        file.publish(b"this week").unwrap();
        drop(file);
        assert_eq!(fs::read_to_string(&path).unwrap(), "this week");
        assert_eq!(names(&folder), ["report.json"]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_is_never_published_leaves_nothing() {
        let folder = folder("drop");
        drop(ReportFile::prepare(&folder.join("report.json")).unwrap());
        assert_eq!(names(&folder), Vec::<String>::new());
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link() {
        let folder = folder("link");
        let (target, link) = (folder.join("target.json"), folder.join("report.json"));
        fs::write(&target, "last week").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        ReportFile::prepare(&link).unwrap().publish(b"this week").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&target).unwrap(), "this week");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_file_is_replaced_or_left() {
        let folder = folder("replace");
        let path = folder.join("known.toml");
        ReportFile::replace(&path, b"one").unwrap();
        ReportFile::replace(&path, b"two").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(names(&folder), ["known.toml"]);
        assert!(ReportFile::replace(&folder.join("missing/known.toml"), b"x").is_err());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_path_that_cannot_be_written_is_named_at_once() {
        let folder = folder("wrong");
        for path in [folder.join("missing/report.json"), folder.clone()] {
            let error = ReportFile::prepare(&path).unwrap_err().to_string();
            assert!(error.starts_with(&path.display().to_string()), "{error}");
        }
        fs::remove_dir_all(folder).unwrap();
    }
}
