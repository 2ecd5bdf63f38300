//! A mailed code as the second factor.

use mfa_engine::Request as UserRequest;

use super::Read;
use super::asking::{Asking, Malformed};
use crate::wire::body::mfa::{AuthenticateEmail, wishes};
use crate::wire::rejection::Rejection;
use crate::wire::route::Operation;

pub(super) fn decode(asking: &Asking<'_>) -> Read {
    match asking.operation {
        Operation::AuthenticateEmail => Some(asking.as_user(|| authenticate(asking))),
        _ => None,
    }
}

fn authenticate(asking: &Asking<'_>) -> Result<UserRequest, Rejection> {
    let malformed = Malformed::MfaInvalidRequest;
    let body: AuthenticateEmail = asking.body(malformed)?;
    Ok(UserRequest::AuthenticateEmail {
        verification: malformed.id("verificationUUID", &body.verification_uuid)?,
        code: malformed.six_digits(body.verification_token)?,
        wishes: wishes(body.create_mfa_token, body.requested_scopes),
    })
}
