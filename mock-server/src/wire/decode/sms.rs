//! SMS verifications: create, retry, sign in, verify.

use mfa_engine::{Command, PhoneNumber, Request as UserRequest, SmsCommand, SmsRequest};

use super::asking::{Asking, Malformed, id, six_digits};
use super::{Asked, Read};
use crate::wire::body::verification::{CreateSmsVerification, RetrySmsVerification, VerifyCode};
use crate::wire::rejection::Rejection;
use crate::wire::route::Operation;

pub(super) fn decode(asking: &Asking<'_>) -> Read {
    let open = |command: Result<SmsCommand, Rejection>| -> Result<Asked, Rejection> {
        Ok(Command::Sms(command?).into())
    };
    Some(match asking.operation {
        Operation::CreateSmsVerification => open(create(asking)),
        Operation::RetrySmsVerification => open(retry(asking)),
        Operation::SignInWithSms => open(sign_in(asking)),
        Operation::VerifySms => asking.as_user(|| verify(asking)),
        _ => return None,
    })
}

fn create(asking: &Asking<'_>) -> Result<SmsCommand, Rejection> {
    let body: CreateSmsVerification = asking.body(Malformed::BadRequest)?;
    let phone = number(&body.phone_country_code, &body.phone_number, &body.iso_country_code)?;
    Ok(SmsCommand::Start { phone })
}

fn retry(asking: &Asking<'_>) -> Result<SmsCommand, Rejection> {
    let body: RetrySmsVerification = asking.body(Malformed::BadRequest)?;
    Ok(SmsCommand::Retry {
        verification: id("verificationUUID", &body.verification_uuid)?,
        phone: number(&body.phone_country_code, &body.phone_number, &body.iso_country_code)?,
    })
}

fn sign_in(asking: &Asking<'_>) -> Result<SmsCommand, Rejection> {
    let body: VerifyCode = asking.body(Malformed::BadRequest)?;
    Ok(SmsCommand::SignIn {
        verification: id("verificationUUID", &body.verification_uuid)?,
        code: six_digits(body.verification_token)?,
        client: asking.client(body.session_public_key),
        device: asking.device()?,
        allow_new_mfa_linking: body.allow_new_mfa_linking.unwrap_or(false),
    })
}

fn verify(asking: &Asking<'_>) -> Result<UserRequest, Rejection> {
    let body: VerifyCode = asking.body(Malformed::BadRequest)?;
    Ok(UserRequest::Sms(SmsRequest::Verify {
        verification: id("verificationUUID", &body.verification_uuid)?,
        code: six_digits(body.verification_token)?,
        device: asking.device()?,
        scopes: body.requested_scopes.unwrap_or_default(),
        proof: asking.proof(),
    }))
}

/// A telephone number in a body. Texts of the right type that are no number have a code of their own.
fn number(country: &str, number: &str, iso: &str) -> Result<PhoneNumber, Rejection> {
    PhoneNumber::parse(country, number, iso)
        .map_err(|flaw| Malformed::InvalidPhone.because(flaw.to_string()))
}
