//! Requests that reached no environment: a wrong base URL, an id that is none, a foreign token.
//!
//! No environment's journal can show them, and they are what a first attempt is most likely to
//! send. So the service keeps a journal of its own for them, as bounded as the others.

use std::sync::PoisonError;

use bytes::Bytes;
use http::Response;

use super::Mock;
use super::noting::{Asked, entry};
use crate::clock::Clock;
use crate::journal::{Exchange, Journal, Reason};
use crate::sync::{Mutex, MutexGuard};

/// The exchanges that belong to no environment.
pub(super) struct Astray(Mutex<Journal>);

impl Astray {
    pub(super) fn new(entries_max: usize, bytes_max: usize) -> Self {
        Self(Mutex::new(Journal::new(entries_max, bytes_max)))
    }

    pub(super) fn note(&self, asked: &Asked<'_>, response: &Response<Bytes>, why: Option<Reason>) {
        // No world's clock says when it was, so the system's does.
        let entry = entry(Clock::System.now(), asked, response, why);
        self.journal().record(entry);
    }

    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mock {
    /// The exchanges after a given one that belong to no environment, oldest first; with secrets
    /// only if asked for. Their times are the system's.
    pub fn astray(&self, after: u64, reveal: bool) -> Vec<Exchange> {
        self.0.astray.journal().after(after, reveal)
    }

    /// The sequence number of the newest exchange of no environment; 0 before the first.
    pub fn astray_newest(&self) -> u64 {
        self.0.astray.journal().newest()
    }
}
