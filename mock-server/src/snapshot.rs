//! A whole environment as JSON, and back: users, sessions, spent tokens, clock, dice, faults.
//!
//! Complete by construction: the engine's state serialises every field it has, and a field that
//! this version does not know, or misses, is an error, never dropped or made up. The journal stays out: it is what
//! happened, not what is.

use data_encoding::HEXLOWER;
use mfa_engine::Environment;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Clock;
use crate::fault::Faults;
use crate::logbook::Unwritten;
use crate::world::{Dice, Witness, World};

/// The version of the format; another one is refused, never guessed at.
const VERSION: u32 = 1;

/// An environment at rest.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Snapshot {
    version: u32,
    clock: Clock,
    seed: String,
    commands: u64,
    faults: Faults,
    environment: Environment,
}

/// The snapshot cannot be restored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// It is not a snapshot of this version.
    #[error("not a snapshot of version {VERSION}: {0}")]
    Malformed(String),
    /// It is of another environment, whose tokens this one must not honour.
    #[error("the snapshot is of environment {found}; this is {here}")]
    ForeignEnvironment {
        /// The environment of the snapshot.
        found: String,
        /// The environment that was to be restored.
        here: String,
    },
    /// The journal file did not take it.
    #[error("{0}")]
    Unwritten(#[from] Unwritten),
}

impl Snapshot {
    pub(crate) fn take(world: &World) -> Self {
        Self {
            version: VERSION,
            clock: world.clock,
            seed: HEXLOWER.encode(&world.dice.seed),
            commands: world.dice.commands,
            faults: world.faults.clone(),
            environment: world.environment.clone(),
        }
    }

    pub(crate) fn to_value(&self) -> Value {
        // Our own structs have string keys and finite numbers, so this cannot fail.
        serde_json::to_value(self).unwrap_or_default()
    }

    pub(crate) fn from_value(value: Value) -> Result<Self, SnapshotError> {
        let malformed = |problem: String| SnapshotError::Malformed(problem);
        let snapshot: Self = serde_path_to_error::deserialize(value).map_err(|error| {
            let path = error.path().to_string();
            malformed(match path.as_str() {
                "." => error.inner().to_string(),
                _ => format!("{path}: {}", error.inner()),
            })
        })?;
        match snapshot.version {
            VERSION => Ok(snapshot),
            other => Err(malformed(format!("it is of version {other}"))),
        }
    }

    /// Whether the snapshot may take the place of a world; yields the seed of its dice.
    pub(crate) fn check(&self, world: &World) -> Result<[u8; 32], SnapshotError> {
        let (found, here) = (self.environment.id(), world.environment.id());
        if found != here {
            let (found, here) = (found.to_string(), here.to_string());
            return Err(SnapshotError::ForeignEnvironment { found, here });
        }
        let malformed = |problem: String| SnapshotError::Malformed(problem);
        let policy = self.environment.policy().check();
        policy.map_err(|error| malformed(error.to_string()))?;
        self.clock.checked().map_err(|error| malformed(error.to_string()))?;
        self.faults.check().map_err(|error| malformed(format!("faults: {error}")))?;
        let seed = HEXLOWER.decode(self.seed.as_bytes()).ok();
        let seed = seed.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        seed.ok_or_else(|| malformed("seed: not 64 hex digits".to_owned()))
    }

    /// Puts a checked snapshot in the place of everything but the journal.
    pub(crate) fn put_into(self, world: &mut World, seed: [u8; 32]) {
        world.environment = self.environment;
        world.clock = self.clock;
        world.dice = Dice { seed, commands: self.commands };
        world.faults = self.faults;
        world.witness = Witness::default();
    }
}
