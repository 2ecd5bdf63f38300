//! Services that are broken on purpose, to prove that the suite notices.
//!
//! Each is the honest service with one edit between its decisions and the world; the service
//! itself knows nothing of it. A broken service counts as caught only when the requirement that
//! it breaks fails, and only if it was seen to do what it should not.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use mock_server::Hook;
use mock_server::bytes::Bytes;
use mock_server::engine::policy::Policy;
use mock_server::engine::{Command, Environment, Outcome, Refusal};
use mock_server::http::{Request, Response};

mod answers;
mod bearers;
mod corner_factors;
mod corner_sessions;
mod corner_ways;
mod decisions;
mod factors;
mod gates;
mod late;
mod lenient;
mod list;
mod narrow;
mod people;
mod settings;
mod strict;

pub use list::BROKEN_SERVICES;

/// One way for a service to be wrong.
#[derive(Clone, Copy, Debug)]
pub struct BrokenService {
    /// Its name, for the command line.
    pub name: &'static str,
    /// What it does that it should not.
    pub sin: &'static str,
    /// The requirement that must fail because of it.
    pub breaks: &'static str,
    edit: Edit,
}

/// Where a broken service differs. Each edit says whether it changed anything.
#[derive(Clone, Copy, Debug)]
enum Edit {
    /// It has a setting that nobody would choose.
    Setting(fn(&mut Policy)),
    /// It takes a command for another.
    Command(fn(&mut Environment, &mut Command, Timestamp) -> bool),
    /// It decides otherwise.
    Decision(fn(&mut Environment, &mut Result<Outcome, Refusal>, Timestamp) -> bool),
    /// It decides by what it saw when the call came, and forgets what happened since.
    Late(fn(&Command) -> bool),
    /// It says otherwise.
    Answer(fn(&Request<Bytes>, &mut Response<Bytes>) -> bool),
}

/// A broken service at work, with a count of how often it did what it should not.
#[derive(Debug)]
pub struct Breaking {
    broken: &'static BrokenService,
    activations: AtomicU64,
    late: late::Memory,
}

/// The broken service of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static BrokenService> {
    BROKEN_SERVICES.iter().find(|broken| broken.name == name)
}

impl BrokenService {
    /// Sets it to work.
    pub(crate) fn arm(&'static self) -> Arc<Breaking> {
        let (activations, late) = (AtomicU64::new(0), late::Memory::default());
        Arc::new(Breaking { broken: self, activations, late })
    }
}

impl Breaking {
    /// How often it did what it should not.
    pub(crate) fn activations(&self) -> u64 {
        self.activations.load(Ordering::Relaxed)
    }

    fn count(&self, changed: bool) {
        self.activations.fetch_add(u64::from(changed), Ordering::Relaxed);
    }
}

impl Hook for Breaking {
    fn held(&self, environment: &Environment, _: &Request<Bytes>) {
        if let Edit::Late(_) = self.broken.edit {
            self.late.look(environment);
        }
    }

    fn before(&self, environment: &mut Environment, command: &mut Command, now: Timestamp) {
        match self.broken.edit {
            Edit::Setting(edit) => {
                let mut policy = Policy::clone(environment.policy());
                edit(&mut policy);
                let changed = policy != **environment.policy();
                self.count(changed && environment.set_policy(policy).is_ok());
            }
            Edit::Command(edit) => self.count(edit(environment, command, now)),
            Edit::Late(is_it) => {
                self.count(self.late.go_back(environment, is_it(command)));
            }
            Edit::Decision(_) | Edit::Answer(_) => {}
        }
    }

    fn after(
        &self,
        environment: &mut Environment,
        result: &mut Result<Outcome, Refusal>,
        now: Timestamp,
    ) {
        if let Edit::Decision(edit) = self.broken.edit {
            self.count(edit(environment, result, now));
        }
    }

    fn answer(&self, request: &Request<Bytes>, response: &mut Response<Bytes>) {
        if let Edit::Answer(edit) = self.broken.edit {
            self.count(edit(request, response));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::requirement::Requirements;

    #[test]
    fn names_are_unique_and_every_broken_requirement_has_a_row() {
        let names: BTreeSet<_> = BROKEN_SERVICES.iter().map(|broken| broken.name).collect();
        assert_eq!(names.len(), BROKEN_SERVICES.len());
        let requirements = Requirements::load().unwrap();
        for broken in BROKEN_SERVICES {
            assert!(requirements.find(broken.breaks).is_some(), "{}", broken.breaks);
        }
        assert!(named("accept-any-code").is_some());
        assert!(named("accept-no-code").is_none());
    }
}
