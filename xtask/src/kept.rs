//! Reports that the repository keeps: written anew, or held against what a run writes now.

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::workspace;

/// The forms in which a report is kept: for people, and for `mfa-conformance drift` and `compare`.
const FORMS: [&str; 2] = ["md", "json"];

/// One report that is kept, and what a run has written in its place.
pub(crate) struct Kept {
    made: PathBuf,
    kept: PathBuf,
    name: String,
    anew: bool,
}

/// A kept report is not what a run writes, or a file of it is out of reach.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeptError {
    #[error("{path}: {problem}")]
    Unreachable { path: PathBuf, problem: io::Error },
    #[error(
        "{path} is not what a run writes now; the first difference is in line {line}:\n    kept {kept}\n    now  {made}\nlook at it, and keep the new one with `cargo xtask reports`"
    )]
    Differs { path: PathBuf, line: usize, kept: String, made: String },
}

impl Kept {
    /// Compares the report of that name with the one that is kept.
    pub(crate) fn held(name: &str) -> Self {
        Self::of(name, false)
    }

    /// Keeps the report of that name in the place of the old one.
    pub(crate) fn anew(name: &str) -> Self {
        Self::of(name, true)
    }

    fn of(name: &str, anew: bool) -> Self {
        let (made, kept) = (workspace::reports(), workspace::kept_reports());
        Self { made, kept, name: name.to_owned(), anew }
    }

    /// Does it, and says what was done.
    pub(crate) fn settle(&self) -> Result<String, KeptError> {
        for form in FORMS {
            let file = format!("{}.{form}", self.name);
            let (made, kept) = (self.made.join(&file), self.kept.join(&file));
            let at = |path: &PathBuf| {
                let path = path.clone();
                move |problem| KeptError::Unreachable { path, problem }
            };
            let now = fs::read_to_string(&made).map_err(at(&made))?;
            if self.anew {
                fs::create_dir_all(&self.kept).map_err(at(&self.kept))?;
                fs::write(&kept, now).map_err(at(&kept))?;
            } else {
                // A checkout on Windows may have other ends of lines.
                let then = fs::read_to_string(&kept).map_err(at(&kept))?.replace("\r\n", "\n");
                if let Some((line, kept_line, made_line)) = first_difference(&then, &now) {
                    return Err(KeptError::Differs {
                        path: kept,
                        line,
                        kept: kept_line,
                        made: made_line,
                    });
                }
            }
        }
        Ok(match self.anew {
            true => format!("written to {}", self.kept.display()),
            false => "it is".to_owned(),
        })
    }
}

/// Number and both texts of the first line that differs; a line that is not there is empty.
fn first_difference(left: &str, right: &str) -> Option<(usize, String, String)> {
    if left == right {
        return None;
    }
    let (mut lefts, mut rights) = (left.lines(), right.lines());
    let mut number = 0;
    loop {
        number += 1;
        match (lefts.next(), rights.next()) {
            (Some(one), Some(other)) if one == other => {}
            (one, other) => {
                let text = |line: Option<&str>| line.unwrap_or_default().trim().to_owned();
                return Some((number, text(one), text(other)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-{}-{name}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_report_is_kept_and_a_change_of_it_is_found() {
        let folder = folder("kept");
        let kept = |anew| Kept {
            made: folder.join("made"),
            kept: folder.join("kept"),
            name: "mock".to_owned(),
            anew,
        };
        fs::create_dir_all(folder.join("made")).unwrap();
        for form in FORMS {
            fs::write(folder.join("made").join(format!("mock.{form}")), "one\ntwo\n").unwrap();
        }
        assert!(matches!(kept(false).settle(), Err(KeptError::Unreachable { .. })));
        kept(true).settle().unwrap();
        kept(false).settle().unwrap();
        fs::write(folder.join("made").join("mock.json"), "one\nthree\n").unwrap();
        let problem = kept(false).settle().unwrap_err().to_string();
        assert!(problem.contains("line 2") && problem.contains("three"), "{problem}");
        assert!(problem.contains("cargo xtask reports"), "{problem}");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_first_line_that_differs_is_found() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\n").map(|(line, ..)| line), Some(2));
        assert_eq!(first_difference("a\n", "a").map(|(line, ..)| line), Some(2));
    }
}
