//! A recognised request in its environment: what befalls it, its exchange, its note in the journal.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;

use super::Mock;
use super::noting::{Asked, entry, misfortune, record};
use crate::answer::{Answer, Fate};
use crate::fault::{Effect, Misfortune, edited};
use crate::hosted::Hosted;
use crate::journal::{Entry, Reason};
use crate::meeting::{Seat, Turn};
use crate::wire::route::{Operation, Target};
use crate::wire::{self, Exchanged, Rejection};

/// How far a request came.
pub(crate) enum Attempt {
    /// To its answer.
    Answered(Answer),
    /// To a place where it waits for others.
    Held(Box<Held>),
}

/// A call that a fault holds, undecided. Dropped before its turn, it never was; the journal says so.
pub(crate) struct Held {
    hosted: Arc<Hosted>,
    operation: Operation,
    misfortune: Misfortune,
    // Before the seat: that a call is gone is noted before the next one has its turn.
    absence: Absence,
    seat: Seat,
}

impl Held {
    /// Waits on this thread for the call's turn.
    pub(crate) fn wait(&self) -> Turn {
        self.seat.wait()
    }

    /// Waits for the call's turn without a thread.
    #[cfg(feature = "standalone")]
    pub(crate) async fn wait_aside(&self) -> Turn {
        self.seat.wait_aside().await
    }

    /// Sends the call away from a carrier that cannot let it wait.
    #[cfg(feature = "wiremock")]
    pub(crate) fn turn_away(mut self, why: &str) {
        self.absence.why = format!("{}: {why}", self.seat.title());
    }
}

/// Notes a call that never had its turn.
struct Absence {
    hosted: Arc<Hosted>,
    entry: Option<Entry>,
    why: String,
}

impl Drop for Absence {
    fn drop(&mut self) {
        if let Some(entry) = self.entry.take() {
            let fault = Some(std::mem::take(&mut self.why));
            self.hosted.record(Entry { at: self.hosted.now(), fault, ..entry });
        }
    }
}

impl Mock {
    /// Answers a recognised request in its environment, faults and journal included, unless one
    /// of the faults holds it.
    pub(super) fn serve(
        &self,
        hosted: &Arc<Hosted>,
        operation: Operation,
        target: &Target<'_>,
        request: &Request<Bytes>,
    ) -> Attempt {
        let asked = Asked { request, operation: Some(operation.name()), is_body_kept: true };
        let (misfortune, seat) = match hosted.receive(operation, request) {
            Ok(Ok(befallen)) => befallen,
            Ok(Err((refusal, policy))) => {
                let reason = Reason { rule: "K7".to_owned(), reason: refusal.to_string() };
                let response = wire::pace::refuse(&refusal, &policy.rate_limits);
                record(hosted, &asked, &response, Some(reason), None);
                return Attempt::Answered(Answer::deliver(response));
            }
            Err(unwritten) => {
                let rejected = wire::rejected(&Rejection::Unwritten(unwritten));
                record(hosted, &asked, &rejected.response, rejected.reason, None);
                return Attempt::Answered(Answer::deliver(rejected.response));
            }
        };
        let Some(seat) = seat else {
            return Attempt::Answered(self.decide(hosted, &asked, target, misfortune, None));
        };
        // What a connection that closes unanswered stands for elsewhere in the journal.
        let nothing = wire::respond(503, &wire::body_for_status(503, None));
        let absence = Absence {
            hosted: Arc::clone(hosted),
            entry: Some(entry(hosted.now(), &asked, &nothing, None)),
            why: format!("{}: hung up while it waited", seat.title()),
        };
        let hosted = Arc::clone(hosted);
        Attempt::Held(Box::new(Held { hosted, operation, misfortune, absence, seat }))
    }

    /// Answers a call that was held, now that it has its turn.
    pub(crate) fn resume(&self, request: &Request<Bytes>, held: Held, turn: Turn) -> Answer {
        let Held { hosted, operation, misfortune, mut absence, seat } = held;
        absence.entry = None;
        let asked = Asked { request, operation: Some(operation.name()), is_body_kept: true };
        let answer = match wire::recognise(request) {
            Ok(target) => self.decide(&hosted, &asked, &target, misfortune, Some(turn.0)),
            // It was recognised when it came, and has not changed.
            Err(rejection) => Answer::deliver(wire::rejected(&rejection).response),
        };
        let answer = self.finish(Some(&hosted), request, answer);
        // Not before: whatever is still done to the answer belongs to the turn.
        drop(seat);
        answer
    }

    /// Decides a call; `met` says what the journal is to know of its meeting.
    fn decide(
        &self,
        hosted: &Hosted,
        asked: &Asked<'_>,
        target: &Target<'_>,
        befallen: Misfortune,
        met: Option<String>,
    ) -> Answer {
        let Misfortune { delay, instead, afterwards, .. } = befallen;
        if let Some(effect) = instead {
            return misfortune(hosted, asked, &effect, delay, met);
        }
        let Some(operation) = target.operation else {
            return Answer::deliver(wire::cors::preflight(asked.request.headers()));
        };
        let Exchanged { mut response, reason } =
            wire::exchange(hosted, &self.0.sealer, operation, target, asked.request);
        let (fate, fault) = match afterwards {
            Some(Effect::DropAfter) => (Fate::Drop, Some("drop_after".to_owned())),
            Some(Effect::Truncate { bytes }) => {
                (Fate::Truncate(bytes), Some(format!("truncate to {bytes} bytes")))
            }
            Some(Effect::Edit { merge }) => {
                response = edited::merged(response, &merge);
                (Fate::Deliver, Some("edit".to_owned()))
            }
            Some(Effect::Replace { body }) => {
                response = edited::replaced(response, &body);
                (Fate::Deliver, Some("replace".to_owned()))
            }
            _ if delay > Duration::ZERO => {
                (Fate::Deliver, Some(format!("delay of {} ms", delay.as_millis())))
            }
            _ => (Fate::Deliver, None),
        };
        record(hosted, asked, &response, reason, both(met, fault));
        Answer { response, delay, fate }
    }
}

/// What the journal says of a call that met one fault, or two of different kinds.
pub(super) fn both(met: Option<String>, fault: Option<String>) -> Option<String> {
    match (met, fault) {
        (Some(met), Some(fault)) => Some(format!("{met}; {fault}")),
        (met, fault) => met.or(fault),
    }
}
