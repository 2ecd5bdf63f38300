//! The first line of a journal file: what its worlds were begun with.

use std::path::Path;

use data_encoding::HEXLOWER;
use mfa_engine::policy::Policy;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::line::{self, Sum};
use super::opening::JournalError;
use crate::clock::Clock;
use crate::world::Beginning;

/// The version of the format; another one is refused, never guessed at.
const VERSION: u32 = 1;
/// What tells a journal file from any other file.
const NAME: &str = "mfa-mock";
/// How every journal file begins.
const MARK: &[u8] = br#"{"seq":0,"journal":"mfa-mock","#;

/// What the worlds of a file were begun with, which must be the same when they go on.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    journal: String,
    version: u32,
    seed: String,
    key: String,
    clock: Clock,
    policy: Policy,
}

impl Header {
    pub(super) fn of(beginning: &Beginning, key: &str) -> Self {
        Self {
            journal: NAME.to_owned(),
            version: VERSION,
            seed: HEXLOWER.encode(&beginning.seed),
            key: key.to_owned(),
            clock: beginning.clock,
            policy: beginning.policy.clone(),
        }
    }

    /// The first line of a file that is begun with this.
    pub(super) fn line(&self) -> (Vec<u8>, Sum) {
        // Our own structs have string keys and finite numbers, so this cannot fail.
        line::seal(line::NOTHING, 0, &serde_json::to_vec(self).unwrap_or_default())
    }

    /// Whether a line without its end is the beginning of a journal file.
    pub(super) fn is_begun(line: &[u8]) -> bool {
        line.starts_with(MARK)
    }

    /// Reads the first line, once its sum is known to be right or wrong.
    pub(super) fn read(path: &Path, line: &[u8], is_whole: bool) -> Result<Self, JournalError> {
        let damaged = || {
            let problem = "the sum does not fit the line".to_owned();
            Err(JournalError::damaged(path, 1, 0, problem))
        };
        let value: Option<Value> = serde_json::from_slice(line).ok();
        let value = value.filter(|value| value.get("journal") == Some(&Value::from(NAME)));
        let Some(mut value) = value else {
            // A place was bent: the other end of the line still says what it was.
            if !is_whole && (Self::is_begun(line) || line::is_shaped(line)) {
                return damaged();
            }
            return Err(JournalError::NoJournal { path: path.to_owned() });
        };
        match value.get("version").and_then(Value::as_u64) {
            Some(found) if found != u64::from(VERSION) && is_whole => {
                return Err(JournalError::OtherVersion { path: path.to_owned(), found });
            }
            _ if !is_whole => return damaged(),
            _ => {}
        }
        if let Some(fields) = value.as_object_mut() {
            // These belong to the line, and were looked at already.
            fields.remove("seq");
            fields.remove("sum");
        }
        // The line is whole, so what cannot be read was written by a build that knows other settings.
        serde_path_to_error::deserialize(value).map_err(|error| {
            let what = format!("`{}`: {}", error.path(), error.inner());
            JournalError::OtherBuild { path: path.to_owned(), what }
        })
    }

    /// The seed of every world's dice.
    pub(super) fn seed(&self) -> Option<[u8; 32]> {
        HEXLOWER.decode(self.seed.as_bytes()).ok()?.try_into().ok()
    }

    /// Whether a service that was started this way may go on with the file.
    ///
    /// A seed that nobody asked for is no obstacle: the file's own is taken.
    pub(super) fn admit(
        &self,
        path: &Path,
        beginning: &Beginning,
        is_seed_given: bool,
        key: &str,
    ) -> Result<(), JournalError> {
        let other = |what: String, mend: &'static str| {
            Err(JournalError::OtherStart { path: path.to_owned(), what, mend })
        };
        if is_seed_given && self.seed() != Some(beginning.seed) {
            let mend = "give the same --seed, or none: then the file's own is taken";
            return other("another seed".to_owned(), mend);
        }
        if self.key != key {
            let what = format!("the signing key `{}`; this build signs with `{key}`", self.key);
            return other(what, "start the build that wrote it");
        }
        if self.clock != beginning.clock {
            let clock = serde_json::to_string(&self.clock).unwrap_or_default();
            let mend = "give the same --hold-clock; a running world's clock is moved through the \
                        control API";
            return other(format!("the clock {clock}"), mend);
        }
        if self.policy != beginning.policy {
            let mend = "give the same --preset and settings; a running world's settings are \
                        changed through the control API";
            return other(difference(&self.policy, &beginning.policy), mend);
        }
        Ok(())
    }
}

/// The first setting in which two policies differ, in words.
fn difference(there: &Policy, here: &Policy) -> String {
    let value = |policy| serde_json::to_value(policy).unwrap_or_default();
    let (mut path, mut there, mut here) = (String::new(), value(there), value(here));
    while let (Value::Object(fields), Value::Object(others)) = (&there, &here) {
        let differs = |(key, field): &(&String, &Value)| others.get(*key) != Some(*field);
        let Some((key, field)) = fields.iter().find(differs) else { break };
        let other = others.get(key).cloned().unwrap_or_default();
        path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        (there, here) = (field.clone(), other);
    }
    format!("the setting `{path}` {there}; it is {here} now")
}
