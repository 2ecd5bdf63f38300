//! The session and the user's own record.

use mfa_engine::{ProfileUpdate, Proof, Request as UserRequest, is_address};

use super::Read;
use super::asking::{Asking, Malformed};
use crate::wire::body::user::{AcknowledgementWord, Field, UserFields};
use crate::wire::rejection::Rejection;
use crate::wire::route::Operation;

pub(super) fn decode(asking: &Asking<'_>) -> Read {
    Some(match asking.operation {
        Operation::Refresh => {
            asking.as_user(|| Ok(UserRequest::Refresh { device: asking.device()? }))
        }
        Operation::Revoke => asking.as_user(|| Ok(UserRequest::Revoke)),
        Operation::CheckSession => asking.as_user(|| Ok(UserRequest::CheckSession)),
        Operation::ReadUser => asking.as_user(|| Ok(UserRequest::ReadUser)),
        Operation::UpdateUser => {
            asking.as_user(|| update_user(asking.body(Malformed::Unprocessable)?, asking.proof()))
        }
        Operation::DeleteUser => {
            asking.as_user(|| Ok(UserRequest::DeleteUser { proof: asking.proof() }))
        }
        _ => return None,
    })
}

fn update_user(fields: UserFields, proof: Proof) -> Result<UserRequest, Rejection> {
    let update = Box::new(profile(&fields)?);
    let email = match fields.email.filter(|email| !email.is_empty()) {
        Some(email) if !is_address(&email) => {
            let problem = "email: not an e-mail address".to_owned();
            return Err(Malformed::Unprocessable.because(problem));
        }
        email => email,
    };
    Ok(UserRequest::UpdateUser {
        update,
        email,
        acknowledge_recovery_codes: fields.mfa_backup_code_acknowledgement
            == Some(AcknowledgementWord::Complete),
        proof,
    })
}

/// The change of a profile that the fields ask for.
pub(super) fn profile(fields: &UserFields) -> Result<ProfileUpdate, Rejection> {
    let text = |name: &str, field: &Field| match field {
        Field::Absent => Ok(None),
        Field::Given(text) => match text.as_ref().filter(|text| !text.is_empty()) {
            None => Ok(Some(None)),
            Some(text) => match misshapen(name, text) {
                None => Ok(Some(Some(text.clone()))),
                Some(shape) => Err(Malformed::Unprocessable.because(format!("{name}: {shape}"))),
            },
        },
    };
    Ok(ProfileUpdate {
        alias: text("alias", &fields.alias)?,
        country: text("country", &fields.country)?,
        first_name: text("firstName", &fields.first_name)?,
        last_name: text("lastName", &fields.last_name)?,
        job_title: text("jobTitle", &fields.job_title)?,
        phone_number: text("phoneNumber", &fields.phone_number)?,
        t_shirt_size: text("tShirtSize", &fields.t_shirt_size)?,
        team: text("team", &fields.team)?,
        username: text("username", &fields.username)?,
        policies_consent: fields.policies_consent,
        metadata: fields.metadata.as_ref().and_then(|told| serde_json::to_string(told).ok()),
    })
}

/// What is wrong with the text of a profile field, by the API's named formats.
fn misshapen(name: &str, text: &str) -> Option<&'static str> {
    let letters = text.chars().count();
    match name {
        "country" if text.len() != 2 || !text.bytes().all(|byte| byte.is_ascii_uppercase()) => {
            Some("not two upper-case letters")
        }
        "username"
            if !(3..=20).contains(&letters)
                || !text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) =>
        {
            Some("not 3 to 20 letters, digits, `_` or `-`")
        }
        _ if letters > 255 => Some("longer than 255 characters"),
        _ => None,
    }
}
