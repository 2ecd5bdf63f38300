//! Broken by looking too early: what a call finds when it comes is what it decides by.
//!
//! The classic race between a check and its use. Nothing shows it as long as one call follows the
//! other; it takes two that are underway together, and a word on which of them goes first.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use mock_server::engine::{Command, Environment, EnvironmentId, Request};

/// What calls that wait for each other saw when they came.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<BTreeMap<EnvironmentId, Seen>>);

#[derive(Debug)]
struct Seen {
    world: Environment,
    /// Calls that saw it and are not decided yet.
    calls: u32,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<EnvironmentId, Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A call came and waits. Nothing is decided until the last has come, so all see the same.
    pub(super) fn look(&self, environment: &Environment) {
        let mut seen = self.lock();
        let calls = seen.get(&environment.id()).map_or(0, |seen| seen.calls);
        let world = environment.clone();
        seen.insert(environment.id(), Seen { world, calls: calls.saturating_add(1) });
    }

    /// Puts back what a call saw when it came, if it is one of those that go by it.
    pub(super) fn go_back(&self, environment: &mut Environment, is_it: bool) -> bool {
        let mut memory = self.lock();
        let Some(seen) = memory.get_mut(&environment.id()) else { return false };
        let is_other = is_it && seen.world != *environment;
        if is_other {
            environment.clone_from(&seen.world);
        }
        seen.calls = seen.calls.saturating_sub(1);
        if seen.calls == 0 {
            memory.remove(&environment.id());
        }
        is_other
    }
}

fn request(command: &Command) -> Option<&Request> {
    match command {
        Command::As(_, request) => Some(request),
        _ => None,
    }
}

pub(super) fn actions(command: &Command) -> bool {
    matches!(request(command), Some(Request::Waas(_)))
}

pub(super) fn registrations(command: &Command) -> bool {
    matches!(request(command), Some(Request::RegisterTotp { proof }) if proof.elevation.is_some())
}

pub(super) fn uses_of_recovery_codes(command: &Command) -> bool {
    matches!(request(command), Some(Request::AuthenticateRecoveryCode { .. }))
}
