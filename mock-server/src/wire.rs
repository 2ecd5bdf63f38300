//! From an HTTP request to a command, and from the engine's word to an HTTP response.
//!
//! The only room that knows paths, headers, JSON bodies and status codes. Absent on purpose:
//! any decision. What is refused here is refused for its shape or its signature only.
//!
//! | step | room |
//! |---|---|
//! | which operation | [`route`] |
//! | who is asking | [`caller`], [`token`], [`device_signature`] |
//! | what is asked | [`decode`], [`body`] |
//! | what is granted | [`encode`], [`settings`] |
//! | what is refused | [`rejection`], [`refusal`] |
//! | who may read it | [`cors`] |

mod body;
mod caller;
pub(crate) mod cors;
mod decode;
mod device_signature;
mod encode;
mod refusal;
mod rejection;
pub(crate) mod route;
mod settings;
pub(crate) mod token;

use bytes::Bytes;
use http::{Request, Response};

use crate::hosted::Hosted;
use crate::journal::Reason;
use route::{Operation, Target};

pub(crate) use rejection::{Rejection, body_for_status, respond};
pub(crate) use route::operation_named;

/// What became of a request in the wire: the response, and why it is a no, if it is one.
pub(crate) struct Exchanged {
    pub(crate) response: Response<Bytes>,
    pub(crate) reason: Option<Reason>,
}

/// Finds the operation that a request asks for.
pub(crate) fn recognise(request: &Request<Bytes>) -> Result<Target<'_>, Rejection> {
    route::recognise(request.method(), request.uri().path())
}

/// Answers a recognised request.
pub(crate) fn exchange(
    hosted: &Hosted,
    sealer: &token::Sealer,
    operation: Operation,
    target: &Target<'_>,
    request: &Request<Bytes>,
) -> Exchanged {
    match decode::decode(operation, target, sealer, request) {
        Ok(decode::Asked::Constant(constant)) => {
            let response = encode::constant(constant, &hosted.policy(), sealer);
            Exchanged { response, reason: None }
        }
        Ok(decode::Asked::Command(command)) => match hosted.apply(*command) {
            Err(unwritten) => rejected(&Rejection::Unwritten(unwritten)),
            Ok((Ok(outcome), policy)) => {
                let response = encode::outcome(operation, outcome, &policy, sealer);
                Exchanged { response, reason: None }
            }
            Ok((Err(refusal), policy)) => {
                let reason =
                    Reason { rule: refusal.rule().to_owned(), reason: refusal.to_string() };
                Exchanged { response: refusal::encode(&refusal, &policy), reason: Some(reason) }
            }
        },
        Err(rejection) => rejected(&rejection),
    }
}

/// The response to a request that never reached the engine.
pub(crate) fn rejected(rejection: &Rejection) -> Exchanged {
    let reason = Reason { rule: rejection.rule().to_owned(), reason: rejection.to_string() };
    Exchanged { response: rejection.encode(), reason: Some(reason) }
}
