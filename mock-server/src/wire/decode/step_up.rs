//! Whether a scope needs an elevated token now.

use mfa_engine::{Request as UserRequest, UnknownScope};

use super::Read;
use super::asking::{Asking, Malformed};
use crate::wire::body::mfa::CheckStepUp;
use crate::wire::rejection::Rejection;
use crate::wire::route::Operation;

pub(super) fn decode(asking: &Asking<'_>) -> Read {
    match asking.operation {
        Operation::CheckStepUp => Some(asking.as_user(|| check(asking))),
        _ => None,
    }
}

fn check(asking: &Asking<'_>) -> Result<UserRequest, Rejection> {
    let body: CheckStepUp = asking.body(Malformed::Unprocessable)?;
    let scope = body.scope.parse().map_err(|problem: UnknownScope| Rejection::Malformed {
        status: 422,
        code: Some("invalid_scopes"),
        problem: problem.to_string(),
    })?;
    Ok(UserRequest::CheckStepUp { scope })
}
