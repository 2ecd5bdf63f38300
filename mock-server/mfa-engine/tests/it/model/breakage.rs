//! How an engine is broken on purpose: from outside, at one of the places that it cannot defend.
//!
//! The engine itself stays as it is. What it is told, what it leaves behind, what it answers, or
//! what is written of it is bent to what it would be if a line of the engine were missing.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use mfa_engine::{Environment, Outcome, Refusal};
use serde_json::Value;

use super::stage::{Answer, Done};

/// What is bent, each given as JSON.
#[derive(Clone, Copy)]
pub(crate) enum Breakage {
    /// The state before a deed, and the deed.
    Told(fn(&mut Value, &mut Value)),
    /// The state after a deed, of which all is known.
    Left(fn(&Deeds<'_>, &mut Value)),
    /// What was said.
    Said(fn(&mut Result<Outcome, Refusal>)),
    /// A state on its way into a snapshot.
    Kept(fn(&mut Value)),
    /// A line on its way into the journal.
    Noted(fn(&mut Value)),
}

/// A deed that is done.
pub(crate) struct Deeds<'all> {
    pub(crate) before: &'all Value,
    pub(crate) deed: &'all Value,
    pub(crate) is_granted: bool,
}

/// What a mutant says that is itself mistaken; it must not count as found out.
pub(crate) const NONSENSE: &str = "a bent deed is a deed";

/// Plays a deed to a world, or to one that is broken.
pub(crate) fn play(
    done: Done,
    world: &mut Environment,
    broken: Option<Breakage>,
    honest: impl FnOnce(Done, &mut Environment) -> Answer,
) -> Answer {
    match broken {
        None | Some(Breakage::Kept(_) | Breakage::Noted(_)) => honest(done, world),
        Some(Breakage::Told(bend)) => {
            let (mut state, mut deed) = (written(world), written(&done));
            bend(&mut state, &mut deed);
            put_back(state, world);
            honest(serde_json::from_value(deed).expect(NONSENSE), world)
        }
        Some(Breakage::Left(bend)) => {
            let (before, deed) = (written(world), written(&done));
            let answer = honest(done, world);
            let deeds = Deeds { before: &before, deed: &deed, is_granted: answer.is_granted() };
            let mut state = written(world);
            bend(&deeds, &mut state);
            put_back(state, world);
            answer
        }
        Some(Breakage::Said(bend)) => match honest(done, world) {
            Answer::Said(mut said) => {
                bend(&mut said);
                Answer::Said(said)
            }
            made @ Answer::Made(_) => made,
        },
    }
}

fn written(thing: &impl serde::Serialize) -> Value {
    serde_json::to_value(thing).unwrap()
}

/// What is no state at all is not put back, and the engine stays honest for once.
fn put_back(state: Value, world: &mut Environment) {
    if let Ok(state) = serde_json::from_value(state) {
        *world = state;
    }
}

/// A number that no two calls share, whatever they depend on.
pub(crate) fn never_the_same() -> u64 {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    CALLS.fetch_add(1, Ordering::Relaxed)
}

/// The end of all time, as it is written.
pub(crate) fn never() -> Value {
    written(&Timestamp::MAX)
}
