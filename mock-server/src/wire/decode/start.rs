//! What an SDK asks before anybody signs in: settings, keys, nonces.

use mfa_engine::Command;

use super::asking::{Asking, Malformed};
use super::{Asked, Constant, Read};
use crate::wire::body::user::ConnectRequest;
use crate::wire::rejection::Rejection;
use crate::wire::route::Operation;

pub(super) fn decode(asking: &Asking<'_>) -> Read {
    let constant = |constant| Some(Ok(Asked::Constant(constant)));
    match asking.operation {
        Operation::Settings => constant(Constant::Settings(asking.public_address())),
        Operation::Jwks | Operation::JwksJson => constant(Constant::Jwks),
        Operation::Healthcheck => constant(Constant::Healthy),
        Operation::LogSdkSettings => {
            let read = asking.check_object(Malformed::Unprocessable);
            Some(read.map(|()| Asked::Constant(Constant::Noted)))
        }
        Operation::CreateVisit => {
            let read = asking.body::<ConnectRequest>(Malformed::BadRequest);
            Some(read.map(|_| Asked::Constant(Constant::Accepted)))
        }
        Operation::Nonce => Some(Ok(Command::IssueNonces { count: 1 }.into())),
        Operation::Nonces => Some(count(asking).map(|count| Command::IssueNonces { count }.into())),
        _ => None,
    }
}

/// `count` of `nonces`: any positive number; the engine caps it.
fn count(asking: &Asking<'_>) -> Result<u8, Rejection> {
    match asking.query("count").map(str::parse::<u64>) {
        None => Ok(1),
        Some(Ok(count @ 1..)) => Ok(u8::try_from(count).unwrap_or(u8::MAX)),
        Some(_) => Err(Malformed::BadRequest.because("count: not a positive number".to_owned())),
    }
}
