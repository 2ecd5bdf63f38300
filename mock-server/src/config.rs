//! The configuration file: what the flags can say, the settings, and the users of the first day.

mod document;
mod meaning;

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use crate::UserSeed;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::flags::{Preset, When};
pub(crate) use document::{Document, Problem};
pub(crate) use meaning::Planned;

/// A configuration file, its shape checked. `mfa-mock schema` describes it for editors.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Config {
    /// Where an editor finds the schema; nothing else.
    #[serde(rename = "$schema")]
    _schema: Option<String>,
    pub(crate) host: Option<IpAddr>,
    pub(crate) port: Option<u16>,
    pub(crate) preset: Option<Preset>,
    pub(crate) environment: Option<String>,
    pub(crate) strict_environments: Option<bool>,
    pub(crate) seed: Option<u64>,
    pub(crate) hold_clock: Option<String>,
    pub(crate) journal_entries: Option<usize>,
    pub(crate) control_token: Option<String>,
    pub(crate) control_origins: Vec<String>,
    pub(crate) quiet: Option<bool>,
    pub(crate) journal: Option<Journal>,
    pub(crate) tls: Option<Tls>,
    /// Settings of every environment, over those of the preset.
    pub(crate) settings: Map<String, Value>,
    /// Environments that are there from the first day.
    pub(crate) environments: Vec<World>,
}

/// The journal file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Journal {
    /// Relative to the configuration file.
    pub(crate) file: PathBuf,
    pub(crate) sync: Option<When>,
    pub(crate) compact_above: Option<u64>,
}

/// https; the table alone asks for it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(crate) struct Tls {
    /// The folder of the CA, relative to the configuration file.
    pub(crate) dir: Option<PathBuf>,
    /// What else the certificate is for.
    pub(crate) names: Vec<String>,
    /// A certificate of one's own, relative to the configuration file.
    pub(crate) cert: Option<PathBuf>,
    /// Its key.
    pub(crate) key: Option<PathBuf>,
}

/// An environment that is there from the first day.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct World {
    pub(crate) id: String,
    /// Over the settings of every environment.
    #[serde(default)]
    pub(crate) settings: Map<String, Value>,
    #[serde(default)]
    pub(crate) users: Vec<UserSeed>,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong and where, in words for people.
    pub(crate) fn read(path: &Path) -> Result<(Self, Document), String> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let document = Document::parse(path, text).map_err(|problem| problem.to_string())?;
        let config = document.typed().map_err(|problem| problem.to_string())?;
        Ok((config, document))
    }
}
