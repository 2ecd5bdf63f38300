//! Frozen sets: the rows that a version of the API demands, as they were on a day.
//!
//! A suite that grows must not turn a release red that was green yesterday. Whoever names a set is
//! judged by its rows, with the levels that they had; a row that came later is played and shown,
//! and counts for nothing.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Level, Requirement, Requirements};
use crate::suggestion;

/// The sets of `requirements/sets/`, by version, as `build.rs` found them.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/set_files.rs"));

/// A frozen set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Set {
    /// The version of the API, a day.
    pub api: Date,
    /// The day on which the set was frozen.
    pub frozen: Date,
    /// The rows, by id.
    pub rows: BTreeMap<String, Frozen>,
    /// Rows of that version that are not in the set, each with the reason.
    #[serde(default)]
    pub not_scored: BTreeMap<String, String>,
}

/// A row as it was when its set was frozen; in a file `LEVEL HASH`, one line a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Frozen {
    /// How binding it was.
    pub level: Level,
    /// A short hash of its text, so that it cannot come to demand something else.
    pub text: String,
}

impl From<Frozen> for String {
    fn from(frozen: Frozen) -> Self {
        format!("{} {}", frozen.level.word(), frozen.text)
    }
}

impl TryFrom<String> for Frozen {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let read = text.split_once(' ').and_then(|(word, hash)| {
            let level = Level::ALL.into_iter().find(|level| level.word() == word)?;
            Some(Self { level, text: hash.to_owned() })
        });
        read.ok_or_else(|| format!("\"{text}\" is no level with a hash, such as MUST 0a1b2c3d"))
    }
}

/// A set cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// There is no such set.
    #[error("unknown set \"{name}\"{hint}; there are {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// The nearest known name, as text.
        hint: String,
        /// Every known name.
        known: String,
    },
    /// A file is not TOML of the expected form.
    #[error("requirements/sets/{name}.toml: {problem}")]
    Malformed {
        /// The set.
        name: String,
        /// What is wrong, with line and column.
        problem: Box<toml::de::Error>,
    },
}

/// The names of all sets, oldest first.
#[must_use]
pub fn names() -> Vec<&'static str> {
    FILES.iter().map(|(name, _)| *name).collect()
}

/// The set of that name.
///
/// # Errors
/// There is none, or its file does not parse.
pub fn named(name: &str) -> Result<Set, SetError> {
    let file = FILES.iter().find(|(known, _)| *known == name);
    let Some((_, text)) = file else {
        let hint = suggestion::hint(name, names());
        return Err(SetError::Unknown { name: name.to_owned(), hint, known: names().join(", ") });
    };
    let malformed = |problem| SetError::Malformed { name: name.to_owned(), problem };
    toml::from_str(text).map_err(|problem| malformed(Box::new(problem)))
}

impl Set {
    /// The rows that this version of the API demands, as they are today.
    #[must_use]
    pub fn freeze(api: Date, today: Date, requirements: &Requirements) -> Self {
        let demanded = requirements.iter().filter(|row| row.is_demanded_by(api));
        let (mut rows, mut not_scored) = (BTreeMap::new(), BTreeMap::new());
        for row in demanded {
            match &row.excluded {
                Some(why) => {
                    not_scored.insert(row.id.clone(), why.clone());
                }
                None => {
                    rows.insert(row.id.clone(), Frozen { level: row.level, text: digest(row) });
                }
            }
        }
        Self { api, frozen: today, rows, not_scored }
    }

    /// The set as a file.
    ///
    /// # Errors
    /// Never for a set of ours; what serialising reports is handed on.
    pub fn write(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// The rows with the levels of this set; those that it does not have count for nothing.
    #[must_use]
    pub fn judge(&self, requirements: &Requirements) -> Requirements {
        let mut judged = requirements.clone();
        for row in judged.0.values_mut() {
            row.level = self.rows.get(&row.id).map_or(Level::May, |frozen| frozen.level);
        }
        judged
    }

    /// What the rows of today say otherwise than the set, in words; it should be nothing.
    #[must_use]
    pub fn thaw(&self, requirements: &Requirements) -> Vec<String> {
        let differs = |(id, frozen): (&String, &Frozen)| match requirements.find(id) {
            None => Some(format!("{id} is gone")),
            Some(row) if digest(row) != frozen.text => Some(format!("{id} has another text")),
            Some(_) => None,
        };
        self.rows.iter().filter_map(differs).collect()
    }
}

impl Requirement {
    /// Whether a version of the API demands this.
    #[must_use]
    pub fn is_demanded_by(&self, api: Date) -> bool {
        self.since.is_none_or(|since| since <= api) && self.until.is_none_or(|until| api <= until)
    }
}

/// Eight digits of a hash of what a row demands, without regard to where its lines break.
fn digest(row: &Requirement) -> String {
    let words: Vec<&str> = row.text.split_whitespace().collect();
    let hash = Sha256::digest(words.join(" "));
    hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Date = Date::constant(2026, 4, 1);

    fn rows(text: &str) -> Requirements {
        let row = |id: &str, rest: &str| {
            format!(
                "[[requirement]]\nid = '{id}'\ntitle = 't'\nlevel = 'MUST'\nbasis = 'documented'\n\
                 side = 'sdk'\n{rest}\n"
            )
        };
        let all = [
            row("MFA-A-001", &format!("text = '{text}'")),
            row("MFA-A-002", "text = 'y.'\nsince = '2026-04-02'"),
            row("MFA-A-003", "text = 'z.'\nuntil = '2026-03-31'"),
            row("MFA-A-004", "text = 'q.'\nexcluded = 'needs a phone'"),
        ];
        Requirements::from_files(&[("a.toml", &all.concat())]).unwrap()
    }

    #[test]
    fn a_set_holds_what_its_version_demands() {
        let set = Set::freeze(DAY, DAY, &rows("x."));
        assert_eq!(set.rows.keys().collect::<Vec<_>>(), ["MFA-A-001"]);
        assert_eq!(set.not_scored["MFA-A-004"], "needs a phone");
        let read: Set = toml::from_str(&set.write().unwrap()).unwrap();
        assert_eq!(read, set);
    }

    #[test]
    fn rows_outside_the_set_count_for_nothing_and_inside_as_they_did() {
        let mut set = Set::freeze(DAY, DAY, &rows("x."));
        set.rows.get_mut("MFA-A-001").unwrap().level = Level::Should;
        let judged = set.judge(&rows("x."));
        assert_eq!(judged.level("MFA-A-001"), Level::Should);
        assert_eq!(judged.level("MFA-A-002"), Level::May);
    }

    #[test]
    fn a_row_that_changes_or_goes_is_noticed() {
        let set = Set::freeze(DAY, DAY, &rows("x."));
        assert!(set.thaw(&rows(" x.")).is_empty(), "blanks demand nothing");
        assert_eq!(set.thaw(&rows("x, and more.")), ["MFA-A-001 has another text"]);
        assert_eq!(set.thaw(&Requirements::default()), ["MFA-A-001 is gone"]);
    }

    #[test]
    fn the_frozen_sets_still_say_what_the_rows_say() {
        let rows = Requirements::load().unwrap();
        for name in names() {
            let set = named(name).unwrap();
            assert_eq!(set.api.to_string(), name);
            let changed = set.thaw(&rows);
            let advice = "write a new row, or freeze a new set";
            assert!(changed.is_empty(), "set {name}: {}; {advice}", changed.join(", "));
        }
        assert!(!names().is_empty());
        let error = named("2026-04-10").unwrap_err().to_string();
        assert!(error.contains("did you mean \"2026-04-01\"?"), "{error}");
    }
}
