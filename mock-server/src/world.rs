//! What one environment holds: the engine with its dice, clock, faults and journal.
//!
//! Every change is a method here, with its time as an argument, so that a change which is read
//! back from the journal file runs through the very lines that it ran through when it was made.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use mfa_engine::policy::Policy;
use mfa_engine::{
    CallKind, Command, Environment, EnvironmentId, Intervention, Outcome, Refusal, TooFast, UserId,
};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use sha2::Digest as _;

use crate::clock::Clock;
use crate::fault::Faults;
use crate::hook::Hook;
use crate::journal::Journal;
use crate::logbook::Logbook;

/// What every world of a service starts with.
#[derive(Clone)]
pub(crate) struct Beginning {
    pub(crate) seed: [u8; 32],
    pub(crate) policy: Policy,
    pub(crate) clock: Clock,
    pub(crate) journal_entries_max: usize,
    pub(crate) journal_bytes_max: usize,
    pub(crate) hook: Option<Arc<dyn Hook>>,
    /// Where changes are written before they happen; none: they live in memory only.
    pub(crate) logbook: Option<Arc<Logbook>>,
}

/// What the lock of an environment protects.
pub(crate) struct World {
    pub(crate) environment: Environment,
    pub(crate) clock: Clock,
    pub(crate) dice: Dice,
    pub(crate) faults: Faults,
    pub(crate) journal: Journal,
    pub(crate) witness: Witness,
    /// Forgotten while somebody still held it: what happens to it now is nobody's business.
    pub(crate) is_forgotten: bool,
}

/// The dice of one world: command n draws from stream n of one seed.
///
/// A draw that is added to one command moves nothing in all later ones, so snapshots stay quiet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dice {
    pub(crate) seed: [u8; 32],
    pub(crate) commands: u64,
}

impl Dice {
    /// The stream of the next command, which stays the next one until [`Self::turn`].
    fn stream(&self) -> ChaCha8Rng {
        let mut rng = ChaCha8Rng::from_seed(self.seed);
        rng.set_stream(self.commands);
        rng
    }

    fn turn(&mut self) {
        self.commands = self.commands.wrapping_add(1);
    }
}

/// A running sum over what a world decided so far, and how many dice it threw for that.
///
/// A journal file carries it, so that a build which decides otherwise than the one that wrote
/// the file notices at the next record, and does not go on with another world in silence.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Witness(pub(crate) u32);

impl Witness {
    fn note(&mut self, verdict: &str, dice: u128) {
        // FNV-1a; nobody attacks it, it only has to differ.
        for byte in verdict.bytes().chain(dice.to_le_bytes()) {
            self.0 = (self.0 ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
}

impl World {
    pub(crate) fn begin(id: EnvironmentId, beginning: &Beginning) -> Self {
        // Each world has dice of its own, so what one test does cannot move another's ids.
        let seed = sha2::Sha256::new()
            .chain_update(beginning.seed)
            .chain_update(id.to_string().as_bytes())
            .finalize()
            .into();
        Self {
            environment: Environment::new(id, beginning.policy.clone()),
            clock: beginning.clock,
            dice: Dice { seed, commands: 0 },
            faults: Faults::default(),
            journal: Journal::new(beginning.journal_entries_max, beginning.journal_bytes_max),
            witness: Witness::default(),
            is_forgotten: false,
        }
    }

    /// Hands a command to the engine.
    ///
    /// One that changes nothing throws no dice either, so it leaves the stream to the next one:
    /// the journal file can do without it, and an SDK that looks twice moves nobody's ids.
    pub(crate) fn apply(
        &mut self,
        mut command: Command,
        now: Timestamp,
        hook: Option<&dyn Hook>,
    ) -> Result<Outcome, Refusal> {
        let mut rng = self.dice.stream();
        if let Some(hook) = hook {
            hook.before(&mut self.environment, &mut command, now);
        }
        let changes = !command.changes_nothing();
        let mut result = self.environment.apply(command, now, &mut rng);
        debug_assert!(changes || rng.get_word_pos() == 0, "a mere look threw dice");
        if changes {
            self.dice.turn();
            self.note(result.as_ref().map(drop), &rng);
        }
        if let Some(hook) = hook {
            hook.after(&mut self.environment, &mut result, now);
        }
        result
    }

    /// Carries out what a tester asks.
    pub(crate) fn intervene(
        &mut self,
        what: Intervention,
        now: Timestamp,
    ) -> Result<Option<UserId>, Refusal> {
        let mut rng = self.dice.stream();
        self.dice.turn();
        let result = self.environment.intervene(what, now, &mut rng);
        self.note(result.as_ref().map(drop), &rng);
        result
    }

    /// Counts a call, where calls are limited.
    pub(crate) fn count_call(
        &mut self,
        caller: Option<IpAddr>,
        kind: CallKind,
        now: Timestamp,
    ) -> Result<(), TooFast> {
        let result = self.environment.count_call(caller, kind, now);
        self.witness.note(result.map_or_else(|refusal| refusal.limit, |()| ""), 0);
        result
    }

    fn note(&mut self, result: Result<(), &Refusal>, rng: &ChaCha8Rng) {
        self.witness
            .note(result.map_or_else(|refusal| refusal.rule(), |()| ""), rng.get_word_pos());
    }
}
