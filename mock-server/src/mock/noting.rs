//! What the journal of an environment keeps of an exchange.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use jiff::Timestamp;

use super::serving::both;
use crate::answer::{Answer, Fate};
use crate::fault::Effect;
use crate::hosted::Hosted;
use crate::journal::{Entry, Reason};
use crate::wire;

/// What was asked, for the journal.
pub(super) struct Asked<'request> {
    pub(super) request: &'request Request<Bytes>,
    pub(super) operation: Option<&'static str>,
    /// An over-long body is not worth the journal's room, and carriers read only part of it.
    pub(super) is_body_kept: bool,
}

/// A fault answers instead of the service; nothing has changed.
pub(super) fn misfortune(
    hosted: &Hosted,
    asked: &Asked<'_>,
    effect: &Effect,
    delay: Duration,
    met: Option<String>,
) -> Answer {
    let (response, fate, fault) = match effect {
        Effect::Status { status, code, body } => {
            let own = || wire::body_for_status(*status, code.as_deref());
            let body = body.clone().unwrap_or_else(own);
            (wire::respond(*status, &body), Fate::Deliver, format!("status {status}"))
        }
        _ => {
            let response = wire::respond(503, &wire::body_for_status(503, None));
            (response, Fate::Drop, "drop_before".to_owned())
        }
    };
    record(hosted, asked, &response, None, both(met, Some(fault)));
    Answer { response, delay, fate }
}

pub(super) fn record(
    hosted: &Hosted,
    asked: &Asked<'_>,
    response: &Response<Bytes>,
    refusal: Option<Reason>,
    fault: Option<String>,
) {
    hosted.record(Entry { fault, ..entry(hosted.now(), asked, response, refusal) });
}

/// What is kept of an exchange that met no fault.
pub(super) fn entry(
    at: Timestamp,
    asked: &Asked<'_>,
    response: &Response<Bytes>,
    refusal: Option<Reason>,
) -> Entry {
    let uri = asked.request.uri();
    Entry {
        at,
        operation: asked.operation,
        method: asked.request.method().clone(),
        path: uri.path_and_query().map_or_else(|| uri.path(), |path| path.as_str()).to_owned(),
        request_headers: asked.request.headers().into(),
        request_body: match asked.is_body_kept {
            true => asked.request.body().clone(),
            false => Bytes::new(),
        },
        status: response.status(),
        response_body: response.body().clone(),
        refusal,
        fault: None,
    }
}
