//! Templates of drivers: the protocol spoken completely, and one marked place for each op.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;

/// A language that has a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Template {
    /// Node.js 20 or newer, without a package
    Js,
    /// Python 3.8 or newer, without a package
    Python,
    /// Rust, with serde_json
    Rust,
    /// Any other language: the rules on one page, and a conversation to hold against
    Generic,
}

impl Template {
    /// Its files: name and content.
    #[must_use]
    pub fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Js => &[("driver.mjs", include_str!("../templates/js/driver.mjs"))],
            Self::Python => &[("driver.py", include_str!("../templates/python/driver.py"))],
            Self::Rust => &[
                ("Cargo.toml", include_str!("../templates/rust/Cargo.toml.txt")),
                ("src/main.rs", include_str!("../templates/rust/main.rs")),
                ("src/protocol.rs", include_str!("../templates/rust/protocol.rs")),
            ],
            Self::Generic => &[
                ("README.md", include_str!("../templates/generic/README.md")),
                ("conversation.jsonl", include_str!("../templates/generic/conversation.jsonl")),
            ],
        }
    }

    /// The command that starts it, from the folder it was written to.
    #[must_use]
    pub fn command(self) -> &'static str {
        match self {
            Self::Js => "node driver.mjs",
            Self::Python => "python3 driver.py",
            Self::Rust => "cargo run -q",
            Self::Generic => "./driver",
        }
    }

    /// Writes its files below a folder, and says which.
    ///
    /// Nothing is written when any of them is there already.
    ///
    /// # Errors
    /// A file is there already or cannot be written; its path is named.
    pub fn write(self, folder: &Path) -> Result<Vec<PathBuf>, String> {
        let paths: Vec<PathBuf> = self.files().iter().map(|(name, _)| folder.join(name)).collect();
        // A link that leads nowhere is there, too.
        if let Some(there) = paths.iter().find(|path| path.symlink_metadata().is_ok()) {
            return Err(format!(
                "{} is there already, and nothing is overwritten",
                there.display()
            ));
        }
        for (path, (_, content)) in paths.iter().zip(self.files()) {
            create(path, content).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        Ok(paths)
    }
}

fn create(path: &Path, content: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(content.as_bytes())
}
