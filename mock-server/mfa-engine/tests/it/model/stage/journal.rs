//! What was done to a world, written down line by line, and done again from what was written.

use jiff::Timestamp;
use mfa_engine::{Command, Environment, Intervention, Outcome, Refusal, UserId};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::super::breakage::{self, Breakage};

/// One deed with all that it depends on.
#[derive(Debug, Serialize, Deserialize, PartialEq)]
pub(super) struct Entry {
    pub(super) at: Timestamp,
    pub(super) seed: u64,
    pub(super) stream: u64,
    pub(super) done: Done,
}

#[derive(Debug, Serialize, Deserialize, PartialEq)]
pub(crate) enum Done {
    Asked(Box<Command>),
    Intervened(Intervention),
}

/// What came of a deed.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    Said(Box<Result<Outcome, Refusal>>),
    Made(Result<Option<UserId>, Refusal>),
}

impl Answer {
    pub(crate) fn is_granted(&self) -> bool {
        match self {
            Self::Said(said) => said.is_ok(),
            Self::Made(made) => made.is_ok(),
        }
    }
}

impl Entry {
    pub(super) fn play(self, world: &mut Environment, broken: Option<Breakage>) -> Answer {
        let mut dice = ChaCha8Rng::seed_from_u64(self.seed);
        dice.set_stream(self.stream);
        breakage::play(self.done, world, broken, |done, world| match done {
            Done::Asked(command) => {
                Answer::Said(Box::new(world.apply(*command, self.at, &mut dice)))
            }
            Done::Intervened(it) => Answer::Made(world.intervene(it, self.at, &mut dice)),
        })
    }

    /// The line of the journal, which is what it was written from.
    pub(super) fn line(&self, broken: Option<Breakage>) -> String {
        let line = serde_json::to_string(self).unwrap();
        assert_eq!(serde_json::from_str::<Self>(&line).unwrap(), *self, "{line}");
        let Some(Breakage::Noted(bend)) = broken else { return line };
        let mut bent = serde_json::from_str(&line).unwrap();
        bend(&mut bent);
        bent.to_string()
    }
}

/// Plays a journal to a world, and yields every answer.
pub(super) fn replay(
    world: &mut Environment,
    journal: &[String],
    broken: Option<Breakage>,
) -> Vec<Answer> {
    let read = |line: &String| serde_json::from_str::<Entry>(line).unwrap();
    journal.iter().map(|line| read(line).play(world, broken)).collect()
}
