//! From an HTTP request to a command, and from the engine's word to an HTTP response.
//!
//! The only room that knows paths, headers, JSON bodies and status codes. Absent on purpose:
//! any decision. What is refused here is refused for its shape or its signature only.
//!
//! | step | room |
//! |---|---|
//! | which operation | [`route`] |
//! | who is asking, and where | [`caller`], [`token`], [`cookie`], [`device_signature`], [`assertion`], [`public_address`] |
//! | what is asked | [`decode`], [`body`] |
//! | what is granted | [`encode`], [`settings`], [`page`] |
//! | what is refused | [`rejection`], [`refusal`] |
//! | who may read it | [`cors`] |
//! | who is too fast | [`pace`] |

mod assertion;
pub(crate) mod body;
mod caller;
mod cookie;
pub(crate) mod cors;
mod decode;
mod device_signature;
mod encode;
pub(crate) mod pace;
mod page;
mod public_address;
mod refusal;
mod rejection;
pub(crate) mod route;
mod settings;
pub(crate) mod token;

use bytes::Bytes;
use http::{Request, Response};
use mfa_engine::policy::Policy;
use mfa_engine::{AdminOutcome, Outcome, Refusal};

use crate::hosted::Hosted;
use crate::journal::Reason;
use cookie::Cookies;
use decode::Asking;
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
    let mut target = route::recognise(request.method(), request.uri().path())?;
    if target.environment.is_none() {
        target.environment = caller::environment_of_token(request.headers());
    }
    Ok(target)
}

/// The response to an administrator whose environment does not exist, or is not named.
pub(crate) fn stranger(sealer: &token::Sealer, request: &Request<Bytes>) -> Exchanged {
    let known = caller::administrator(request.headers(), sealer);
    rejected(&known.err().unwrap_or(Rejection::UnknownApiToken))
}

/// Answers a recognised request.
pub(crate) fn exchange(
    hosted: &Hosted,
    sealer: &token::Sealer,
    operation: Operation,
    target: &Target<'_>,
    request: &Request<Bytes>,
) -> Exchanged {
    // Before anything else is read: a stranger learns nothing about the shape of a body.
    if target.is_for_administrators
        && let Some(answer) = turn_away(hosted, sealer, request)
    {
        return answer;
    }
    let policy = hosted.policy();
    let cookies = Cookies::of(request.headers(), &policy);
    let environment = hosted.id();
    let asking =
        Asking { operation, target, sealer, cookies, environment, policy: &policy, request };
    match decode::decode(&asking) {
        Ok(decode::Asked::Constant(constant)) => {
            let response = encode::constant(constant, &hosted.policy(), &hosted.keys(), sealer);
            Exchanged { response, reason: None }
        }
        Ok(decode::Asked::Command(command)) => match hosted.apply(*command) {
            Err(unwritten) => rejected(&Rejection::Unwritten(unwritten)),
            Ok((Ok(Outcome::Admin(AdminOutcome::Deliveries { webhook, message })), _)) => {
                let kept = hosted.deliveries(webhook, message);
                Exchanged { response: encode::deliveries(&kept), reason: None }
            }
            Ok((Ok(outcome), policy)) => {
                let response = encode::outcome(operation, hosted.id(), outcome, &policy, sealer);
                Exchanged { response, reason: None }
            }
            Ok((Err(refusal), policy)) => refused(&refusal, &policy),
        },
        Err(rejection) => rejected(&rejection),
    }
}

/// The response to an administrator who is not let in; what a token may do comes later.
fn turn_away(
    hosted: &Hosted,
    sealer: &token::Sealer,
    request: &Request<Bytes>,
) -> Option<Exchanged> {
    match caller::administrator(request.headers(), sealer) {
        Ok(who) => {
            let refusal = hosted.recognises(&who).err()?;
            Some(refused(&refusal, &hosted.policy()))
        }
        Err(rejection) => Some(rejected(&rejection)),
    }
}

/// The response to what the engine has refused.
fn refused(refusal: &Refusal, policy: &Policy) -> Exchanged {
    let reason = Reason { rule: refusal.rule().to_owned(), reason: refusal.to_string() };
    Exchanged { response: refusal::encode(refusal, policy), reason: Some(reason) }
}

/// The response to a request that never reached the engine.
pub(crate) fn rejected(rejection: &Rejection) -> Exchanged {
    let reason = Reason { rule: rejection.rule().to_owned(), reason: rejection.to_string() };
    Exchanged { response: rejection.encode(), reason: Some(reason) }
}
