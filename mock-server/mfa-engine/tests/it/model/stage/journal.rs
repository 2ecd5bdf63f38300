//! What was done to a world, written down line by line, and done again from what was written.

use jiff::Timestamp;
use mfa_engine::{Command, Environment, Intervention, Outcome, Refusal, UserId};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use serde::{Deserialize, Serialize};

/// One deed with all that it depends on.
#[derive(Debug, Serialize, Deserialize, PartialEq)]
pub(super) struct Entry {
    pub(super) at: Timestamp,
    pub(super) seed: u64,
    pub(super) stream: u64,
    pub(super) done: Done,
}

#[derive(Debug, Serialize, Deserialize, PartialEq)]
pub(super) enum Done {
    Asked(Box<Command>),
    Intervened(Intervention),
}

/// What came of a deed.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    Said(Box<Result<Outcome, Refusal>>),
    Made(Result<Option<UserId>, Refusal>),
}

impl Entry {
    pub(super) fn play(self, world: &mut Environment) -> Answer {
        let mut dice = ChaCha8Rng::seed_from_u64(self.seed);
        dice.set_stream(self.stream);
        match self.done {
            Done::Asked(command) => {
                Answer::Said(Box::new(world.apply(*command, self.at, &mut dice)))
            }
            Done::Intervened(it) => Answer::Made(world.intervene(it, self.at, &mut dice)),
        }
    }

    /// The line of the journal, which is what it was written from.
    pub(super) fn line(&self) -> String {
        let line = serde_json::to_string(self).unwrap();
        assert_eq!(serde_json::from_str::<Self>(&line).unwrap(), *self, "{line}");
        line
    }
}

/// Plays a journal to a world, and yields every answer.
pub(super) fn replay(world: &mut Environment, journal: &[String]) -> Vec<Answer> {
    let read = |line: &String| serde_json::from_str::<Entry>(line).unwrap();
    journal.iter().map(|line| read(line).play(world)).collect()
}
