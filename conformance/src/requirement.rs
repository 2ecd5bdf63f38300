//! Requirements: what an SDK owes, how binding that is, and who says so.
//!
//! The rows live in `requirements/*.toml`, compiled in. Their format is strict: an unknown key
//! is an error, so a misspelt `level` cannot quietly become an unscored row.

use std::collections::BTreeMap;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::case::Guide;

mod backing;
pub mod set;

pub use backing::Backing;

/// The row files of `requirements/`, by name, as `build.rs` found them.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/requirement_files.rs"));

/// How binding a requirement is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
    clap::ValueEnum,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Level {
    /// A documented or standard fact that the other side depends on.
    Must,
    /// Documented advice, or behaviour only observed.
    Should,
    /// Our inference; never counts against anybody.
    May,
}

impl Level {
    /// Every level, the most binding first.
    pub const ALL: [Self; 3] = [Self::Must, Self::Should, Self::May];

    /// The word of the reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
        }
    }
}

/// Where a requirement comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// Stated by the vendor's documentation.
    Documented,
    /// Stated by a standard, such as RFC 6238.
    Standard,
    /// Seen in a client that the vendor publishes.
    Client,
    /// Seen on the wire of the real service.
    Observed,
    /// Our conclusion.
    Inferred,
}

impl Basis {
    /// The most binding level that this basis can carry.
    #[must_use]
    pub fn strongest(self) -> Level {
        match self {
            Self::Documented | Self::Standard => Level::Must,
            Self::Client | Self::Observed => Level::Should,
            Self::Inferred => Level::May,
        }
    }
}

/// Who has to hold up the requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The SDK under test.
    Sdk,
    /// The service it talks to.
    Server,
    /// Both together.
    Both,
}

/// One row of `requirements/*.toml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// `MFA-<AREA>-<NNN>`, stable for ever.
    pub id: String,
    /// A few words for tables.
    pub title: String,
    /// The requirement in our own words.
    pub text: String,
    /// How binding it is; bounded by the basis.
    pub level: Level,
    /// Where it comes from.
    pub basis: Basis,
    /// The rule of the semantics that it restates, such as `T14`.
    pub rule: Option<String>,
    /// The page that says so; needed for documented and standard facts.
    pub source: Option<String>,
    /// Who has to hold it up.
    pub side: Side,
    /// The guides that a reader would look in.
    #[serde(default)]
    pub guides: Vec<Guide>,
    /// The first version of the API that demands it; absent: every version does.
    pub since: Option<Date>,
    /// The last version of the API that demands it; absent: every later one does.
    pub until: Option<Date>,
    /// Why no case decides it; a row is either excluded or has a case.
    pub excluded: Option<String>,
}

/// The rows cannot be used as written.
#[derive(Debug, thiserror::Error)]
pub enum RequirementError {
    /// A file is not TOML of the expected form.
    #[error("requirements/{file}: {problem}")]
    Malformed {
        /// The file's name.
        file: String,
        /// What is wrong, with line and column.
        problem: Box<toml::de::Error>,
    },
    /// Two rows share an id.
    #[error("requirements/{file}: {id} is defined twice")]
    Twice {
        /// The file of the second row.
        file: String,
        /// The shared id.
        id: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    requirement: Vec<Requirement>,
}

/// All rows, by id.
#[derive(Clone, Debug, Default)]
pub struct Requirements(BTreeMap<String, Requirement>);

impl Requirements {
    /// The rows that were compiled in.
    ///
    /// # Errors
    /// The first file that does not parse, or the first id defined twice.
    pub fn load() -> Result<Self, RequirementError> {
        Self::from_files(FILES)
    }

    /// Rows from `(file name, text)` pairs.
    ///
    /// # Errors
    /// As [`Requirements::load`].
    pub fn from_files(files: &[(&str, &str)]) -> Result<Self, RequirementError> {
        let mut rows = BTreeMap::new();
        for (name, text) in files {
            let file: File = toml::from_str(text).map_err(|problem| {
                RequirementError::Malformed { file: (*name).to_owned(), problem: Box::new(problem) }
            })?;
            for row in file.requirement {
                let id = row.id.clone();
                if rows.insert(id.clone(), row).is_some() {
                    return Err(RequirementError::Twice { file: (*name).to_owned(), id });
                }
            }
        }
        Ok(Self(rows))
    }

    /// The row of that id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Requirement> {
        self.0.get(id)
    }

    /// How binding a row is; an unknown one binds fully, so that it cannot hide a failure.
    #[must_use]
    pub fn level(&self, id: &str) -> Level {
        self.find(id).map_or(Level::Must, |row| row.level)
    }

    /// Whether a service owes it; an unknown row is owed by everybody, so that it cannot hide.
    #[must_use]
    pub fn is_owed_by_services(&self, id: &str) -> bool {
        self.find(id).is_none_or(|row| row.side != Side::Sdk)
    }

    /// Whether an SDK owes it, alone or with the service; an unknown row is owed by everybody.
    #[must_use]
    pub fn is_owed_by_sdks(&self, id: &str) -> bool {
        self.find(id).is_none_or(|row| row.side != Side::Server)
    }

    /// Every row, in the order of the ids.
    pub fn iter(&self) -> impl Iterator<Item = &Requirement> {
        self.0.values()
    }

    /// Every id, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREAS: [&str; 14] = [
        "TOTP", "PK", "REC", "DEV", "TOK", "STEP", "JWT", "SES", "ACC", "ACT", "ERR", "NET", "SEC",
        "CLK",
    ];

    #[test]
    fn every_row_keeps_the_rules_of_the_house() {
        let rows = Requirements::load().unwrap();
        for row in rows.iter() {
            let id = &row.id;
            let area = id.strip_prefix("MFA-").and_then(|rest| rest.split('-').next());
            assert!(area.is_some_and(|area| AREAS.contains(&area)), "{id}: unknown area");
            assert!(
                row.level >= row.basis.strongest(),
                "{id}: {:?} cannot be {:?}",
                row.basis,
                row.level
            );
            let named = matches!(row.basis, Basis::Documented | Basis::Standard);
            let source = row.source.as_deref().unwrap_or_default();
            assert!(
                !named || source.starts_with("https://"),
                "{id}: {:?} needs a source",
                row.basis
            );
            assert!(
                row.title.len() <= 80 && !row.title.is_empty(),
                "{id}: a title is 1 to 80 long"
            );
            assert!(row.text.ends_with('.'), "{id}: the text is a sentence");
        }
    }

    const ROW: &str = "[[requirement]]\nid = 'MFA-TOTP-001'\ntitle = 't'\ntext = 'x.'\nlevel = 'MUST'\nbasis = 'documented'\nside = 'sdk'\n";

    #[test]
    fn an_unknown_key_is_an_error_with_its_line() {
        let text = format!("{ROW}levle = 'MAY'\n");
        let error = Requirements::from_files(&[("a.toml", &text)]).unwrap_err().to_string();
        assert!(error.contains("a.toml") && error.contains("levle"), "{error}");
        assert!(error.contains("line 8"), "{error}");
    }

    #[test]
    fn an_id_is_defined_once() {
        let error = Requirements::from_files(&[("a.toml", ROW), ("b.toml", ROW)]).unwrap_err();
        assert_eq!(error.to_string(), "requirements/b.toml: MFA-TOTP-001 is defined twice");
    }

    #[test]
    fn an_unknown_row_binds_fully() {
        assert_eq!(Requirements::default().level("MFA-NONE-001"), Level::Must);
    }
}
