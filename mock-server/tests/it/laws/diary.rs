//! Everything that was done to a service, to be done again to another one of the same seed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use jiff::Timestamp;
use mfa_engine::policy::Policy;
use mfa_engine::{AdminRequest, Intervention};
use mock_server::{Clock, Mock, Options};

use super::door::carry_out;
use super::speech::Spoken;
use crate::client::Reply;

/// The lines of a diary, each with its environment.
#[derive(Clone, Default)]
pub(super) struct Diary(Rc<RefCell<Vec<(String, Line)>>>);

/// One thing that was done.
pub(super) enum Line {
    Opened(Box<Policy>),
    Clock(Timestamp),
    Asked(Sent),
    Administered(AdminRequest),
    Intervened(Intervention),
}

/// A request with its answer.
pub(super) struct Sent {
    pub(super) request: Spoken,
    pub(super) answer: Reply,
}

impl Diary {
    pub(super) fn note(&self, environment: &str, line: Line) {
        self.0.borrow_mut().push((environment.to_owned(), line));
    }

    /// Does everything again. Each environment moves between two services all the time, as a
    /// snapshot: the answers must be the same, byte for byte, as from the one where it stayed.
    pub(super) fn again(&self) {
        let service = || Mock::new(Options { seed: Some(7), ..Options::default() }).unwrap();
        let services = [service(), service()];
        let mut homes: BTreeMap<&str, usize> = BTreeMap::new();
        let lines = self.0.borrow();
        for (number, (id, line)) in lines.iter().enumerate() {
            let home = homes.entry(id).or_default();
            if number.is_multiple_of(7) {
                let snapshot = services[*home].environment(id).unwrap().snapshot();
                *home = 1 - *home;
                services[*home].environment(id).unwrap().restore(snapshot).unwrap();
            }
            let service = &services[*home];
            let world = service.environment(id).unwrap();
            match line {
                Line::Opened(policy) => {
                    world.set_policy(Policy::clone(policy)).unwrap();
                    world.create_api_token("", &[]).unwrap();
                }
                Line::Clock(at) => drop(world.set_clock(Clock::held_at(*at)).unwrap()),
                Line::Asked(Sent { request, answer }) => {
                    assert_eq!(&request.send(service), answer, "asked again: {request:?}");
                }
                Line::Administered(request) => drop(world.administer(request.clone())),
                Line::Intervened(what) => drop(carry_out(&world, what)),
            }
        }
    }
}
