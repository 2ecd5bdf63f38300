//! E-mail verifications: create, retry, sign in, verify.

use mfa_engine::{Command, Request as UserRequest};

use super::asking::{Asking, Malformed, address, id, six_digits};
use super::{Asked, Read};
use crate::wire::body::user::{CreateEmailVerification, RetryEmailVerification};
use crate::wire::body::verification::VerifyCode;
use crate::wire::rejection::Rejection;
use crate::wire::route::Operation;

pub(super) fn decode(asking: &Asking<'_>) -> Read {
    Some(match asking.operation {
        Operation::CreateEmailVerification => create(asking),
        Operation::RetryEmailVerification => retry(asking),
        Operation::SignInWithEmail => sign_in(asking),
        Operation::VerifyEmail => asking.as_user(|| verify(asking)),
        _ => return None,
    })
}

fn create(asking: &Asking<'_>) -> Result<Asked, Rejection> {
    let body: CreateEmailVerification = asking.body(Malformed::BadRequest)?;
    Ok(Command::StartEmailVerification { email: address(body.email)? }.into())
}

fn retry(asking: &Asking<'_>) -> Result<Asked, Rejection> {
    let body: RetryEmailVerification = asking.body(Malformed::BadRequest)?;
    let command = Command::RetryEmailVerification {
        verification: id("verificationUUID", &body.verification_uuid)?,
        email: address(body.email)?,
    };
    Ok(command.into())
}

fn sign_in(asking: &Asking<'_>) -> Result<Asked, Rejection> {
    let body: VerifyCode = asking.body(Malformed::BadRequest)?;
    let command = Command::SignInWithEmail {
        verification: id("verificationUUID", &body.verification_uuid)?,
        code: six_digits(body.verification_token)?,
        client: asking.client(body.session_public_key),
        device: asking.device()?,
        allow_new_mfa_linking: body.allow_new_mfa_linking.unwrap_or(false),
    };
    Ok(command.into())
}

fn verify(asking: &Asking<'_>) -> Result<UserRequest, Rejection> {
    let body: VerifyCode = asking.body(Malformed::BadRequest)?;
    Ok(UserRequest::VerifyEmail {
        verification: id("verificationUUID", &body.verification_uuid)?,
        code: six_digits(body.verification_token)?,
        device: asking.device()?,
        scopes: body.requested_scopes.unwrap_or_default(),
        proof: asking.proof(),
    })
}
