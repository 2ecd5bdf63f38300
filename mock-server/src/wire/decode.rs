//! What is asked: from method, path, headers and body to a command.

use bytes::Bytes;
use http::{HeaderMap, Request};
use mfa_engine::totp::Code;
use mfa_engine::{Command, ProfileUpdate, Proof, Request as UserRequest, is_address};
use serde::de::DeserializeOwned;

use super::body::mfa::{
    AuthenticateRecovery, AuthenticateTotp, CheckStepUp, ConfirmTotp, UpdateDevice, wishes,
};
use super::body::user::{
    AcknowledgementWord, ConnectRequest, CreateEmailVerification, Field, RetryEmailVerification,
    UserFields, VerifyEmail,
};
use super::caller;
use super::device_signature;
use super::rejection::Rejection;
use super::route::{Operation, Target};
use super::token::Sealer;

/// What a request asks for.
pub(super) enum Asked {
    /// An answer that no state can change.
    Constant(Constant),
    /// A decision of the engine.
    Command(Box<Command>),
}

/// Answers that depend on the settings and the key alone.
#[derive(Clone, Copy)]
pub(super) enum Constant {
    Settings,
    Jwks,
    Healthy,
    /// Taken note of: `sdkSettings` answers 204.
    Noted,
    /// Taken note of: `connect` answers 202.
    Accepted,
}

/// How a call refuses a body of the wrong shape: each declares its own status.
#[derive(Clone, Copy)]
enum Malformed {
    BadRequest,
    Unprocessable,
    MfaInvalidRequest,
}

/// Reads a request.
///
/// # Errors
/// Its shape or one of its signatures is wrong.
pub(super) fn decode(
    operation: Operation,
    target: &Target<'_>,
    sealer: &Sealer,
    request: &Request<Bytes>,
) -> Result<Asked, Rejection> {
    let headers = request.headers();
    let body = request.body();
    let command = match operation {
        Operation::Settings => return Ok(Asked::Constant(Constant::Settings)),
        Operation::Jwks | Operation::JwksJson => return Ok(Asked::Constant(Constant::Jwks)),
        Operation::Healthcheck => return Ok(Asked::Constant(Constant::Healthy)),
        Operation::LogSdkSettings => {
            read_object(body, Malformed::Unprocessable)?;
            return Ok(Asked::Constant(Constant::Noted));
        }
        Operation::CreateVisit => {
            let _: ConnectRequest = read(body, Malformed::BadRequest)?;
            return Ok(Asked::Constant(Constant::Accepted));
        }
        Operation::Nonce => Command::IssueNonces { count: 1 },
        Operation::Nonces => Command::IssueNonces { count: count(request.uri().query())? },
        Operation::CreateEmailVerification => {
            let body: CreateEmailVerification = read(body, Malformed::BadRequest)?;
            Command::StartEmailVerification { email: address(body.email)? }
        }
        Operation::RetryEmailVerification => {
            let body: RetryEmailVerification = read(body, Malformed::BadRequest)?;
            Command::RetryEmailVerification {
                verification: id("verificationUUID", &body.verification_uuid)?,
                email: address(body.email)?,
            }
        }
        Operation::SignInWithEmail => {
            let body: VerifyEmail = read(body, Malformed::BadRequest)?;
            Command::SignInWithEmail {
                verification: id("verificationUUID", &body.verification_uuid)?,
                code: six_digits(body.verification_token)?,
                client: caller::client(headers, body.session_public_key),
                device_nonce: device_signature::nonce(headers)?,
                allow_new_mfa_linking: body.allow_new_mfa_linking.unwrap_or(false),
            }
        }
        _ => {
            // The signature first: a stranger learns nothing about the shape of a body.
            let caller = caller::identify(headers, sealer)?;
            let asked = decode_as_user(operation, target, sealer, headers, request)?;
            Command::As(caller, asked)
        }
    };
    Ok(Asked::Command(Box::new(command)))
}

fn decode_as_user(
    operation: Operation,
    target: &Target<'_>,
    sealer: &Sealer,
    headers: &HeaderMap,
    request: &Request<Bytes>,
) -> Result<UserRequest, Rejection> {
    let body = request.body();
    let device = || target.id.and_then(|id| id.parse().ok()).ok_or(Rejection::MalformedId);
    let proof = || caller::proof(headers, sealer);
    Ok(match operation {
        Operation::VerifyEmail => {
            let body: VerifyEmail = read(body, Malformed::BadRequest)?;
            UserRequest::VerifyEmail {
                verification: id("verificationUUID", &body.verification_uuid)?,
                code: six_digits(body.verification_token)?,
                device_nonce: device_signature::nonce(headers)?,
                scopes: body.requested_scopes.unwrap_or_default(),
                proof: proof(),
            }
        }
        Operation::Refresh => {
            UserRequest::Refresh { device_nonce: device_signature::nonce(headers)? }
        }
        Operation::Revoke => UserRequest::Revoke,
        Operation::ReadUser => UserRequest::ReadUser,
        Operation::UpdateUser => update_user(read(body, Malformed::Unprocessable)?)?,
        Operation::DeleteUser => UserRequest::DeleteUser,
        Operation::ListDevices => UserRequest::ListDevices,
        Operation::ListMethods => {
            UserRequest::ListMethods { verified_only: verified_only(request.uri().query())? }
        }
        Operation::ReadDevice => UserRequest::ReadDevice(device()?),
        Operation::UpdateDevice => {
            // The JavaScript SDK sends no body at all, and means "make it the default".
            let default = match body.is_empty() {
                true => true,
                false => read::<UpdateDevice>(body, Malformed::BadRequest)?.default,
            };
            UserRequest::UpdateDevice { device: device()?, default }
        }
        Operation::DeleteDevice => UserRequest::DeleteDevice { device: device()?, proof: proof() },
        Operation::CheckStepUp => {
            let body: CheckStepUp = read(body, Malformed::Unprocessable)?;
            let scope = body.scope.parse().map_err(|problem: mfa_engine::UnknownScope| {
                let problem = problem.to_string();
                Rejection::Malformed { status: 422, code: Some("invalid_scopes"), problem }
            })?;
            UserRequest::CheckStepUp { scope }
        }
        _ => return decode_factor(operation, body, proof),
    })
}

/// Reads what registers, confirms or uses a second factor.
fn decode_factor(
    operation: Operation,
    body: &Bytes,
    proof: impl Fn() -> Proof,
) -> Result<UserRequest, Rejection> {
    Ok(match operation {
        Operation::RegisterTotp => UserRequest::RegisterTotp { proof: proof() },
        Operation::ConfirmTotp => {
            let body: ConfirmTotp = read(body, Malformed::MfaInvalidRequest)?;
            UserRequest::ConfirmTotp { code: Code::from(body.code.as_str()) }
        }
        Operation::AuthenticateTotp => {
            let body: AuthenticateTotp = read(body, Malformed::MfaInvalidRequest)?;
            UserRequest::AuthenticateTotp {
                code: Code::from(body.code.as_str()),
                device: body.id.as_deref().map(mfa_device).transpose()?,
                wishes: wishes(body.create_mfa_token, body.requested_scopes),
            }
        }
        Operation::ReadRecoveryCodes => UserRequest::ReadRecoveryCodes,
        Operation::RotateRecoveryCodes => UserRequest::RotateRecoveryCodes,
        Operation::AuthenticateRecovery => {
            let body: AuthenticateRecovery = read(body, Malformed::MfaInvalidRequest)?;
            UserRequest::AuthenticateRecoveryCode {
                code: body.code,
                wishes: wishes(body.create_mfa_token, body.requested_scopes),
            }
        }
        Operation::Settings
        | Operation::LogSdkSettings
        | Operation::Nonce
        | Operation::Nonces
        | Operation::Jwks
        | Operation::JwksJson
        | Operation::Healthcheck
        | Operation::CreateVisit
        | Operation::CreateEmailVerification
        | Operation::RetryEmailVerification
        | Operation::SignInWithEmail
        | Operation::VerifyEmail
        | Operation::Refresh
        | Operation::Revoke
        | Operation::ReadUser
        | Operation::UpdateUser
        | Operation::DeleteUser
        | Operation::ListDevices
        | Operation::ListMethods
        | Operation::ReadDevice
        | Operation::UpdateDevice
        | Operation::DeleteDevice
        | Operation::CheckStepUp => return Err(Rejection::UnknownPath),
    })
}

fn update_user(fields: UserFields) -> Result<UserRequest, Rejection> {
    let text = |name: &str, field: Field| match field {
        Field::Absent => Ok(None),
        Field::Given(text) => match text.filter(|text| !text.is_empty()) {
            None => Ok(Some(None)),
            Some(text) => match misshapen(name, &text) {
                None => Ok(Some(Some(text))),
                Some(shape) => Err(Malformed::Unprocessable.because(format!("{name}: {shape}"))),
            },
        },
    };
    let email = match fields.email.filter(|email| !email.is_empty()) {
        Some(email) if !is_address(&email) => {
            let problem = "email: not an e-mail address".to_owned();
            return Err(Malformed::Unprocessable.because(problem));
        }
        email => email,
    };
    Ok(UserRequest::UpdateUser {
        update: Box::new(ProfileUpdate {
            alias: text("alias", fields.alias)?,
            country: text("country", fields.country)?,
            first_name: text("firstName", fields.first_name)?,
            last_name: text("lastName", fields.last_name)?,
            job_title: text("jobTitle", fields.job_title)?,
            phone_number: text("phoneNumber", fields.phone_number)?,
            t_shirt_size: text("tShirtSize", fields.t_shirt_size)?,
            team: text("team", fields.team)?,
            username: text("username", fields.username)?,
            policies_consent: fields.policies_consent,
            metadata: fields.metadata.and_then(|fields| serde_json::to_string(&fields).ok()),
        }),
        email,
        acknowledge_recovery_codes: fields.mfa_backup_code_acknowledgement
            == Some(AcknowledgementWord::Complete),
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

impl Malformed {
    fn because(self, problem: String) -> Rejection {
        let (status, code) = match self {
            Self::BadRequest => (400, None),
            Self::Unprocessable => (422, None),
            Self::MfaInvalidRequest => (422, Some("mfa_invalid_request")),
        };
        Rejection::Malformed { status, code, problem }
    }
}

/// Reads a JSON body, naming the field that is wrong.
fn read<T: DeserializeOwned>(body: &Bytes, malformed: Malformed) -> Result<T, Rejection> {
    read_object(body, malformed)?;
    let mut reader = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner().to_string();
        // The library ends its message with a position in the body, which helps nobody here.
        let problem = inner.split(" at line ").next().unwrap_or(&inner).to_owned();
        malformed.because(if path == "." { problem } else { format!("{path}: {problem}") })
    })
}

/// Makes sure that a body is one JSON object: unparsable is another mistake than misshapen.
fn read_object(body: &Bytes, malformed: Malformed) -> Result<(), Rejection> {
    match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(serde_json::Value::Object(_)) => Ok(()),
        Ok(_) => Err(malformed.because("the body is not a JSON object".to_owned())),
        Err(_) if body.is_empty() => Err(malformed.because("the body is empty".to_owned())),
        Err(error) => Err(Rejection::NotJson(error.to_string())),
    }
}

fn address(email: String) -> Result<String, Rejection> {
    match is_address(&email) {
        true => Ok(email),
        false => Err(Malformed::BadRequest.because("email: not an e-mail address".to_owned())),
    }
}

fn six_digits(token: String) -> Result<String, Rejection> {
    match Code::from(token.as_str()) {
        Code::Digits(_) => Ok(token),
        Code::Other => {
            Err(Malformed::BadRequest.because("verificationToken: not six digits".to_owned()))
        }
    }
}

fn id<T: std::str::FromStr>(field: &str, text: &str) -> Result<T, Rejection> {
    text.parse()
        .map_err(|_| Malformed::BadRequest.because(format!("{field}: not a lower-case UUID")))
}

/// A device id in a body; one that is no UUID names no device, and that is how it is refused.
fn mfa_device(text: &str) -> Result<mfa_engine::DeviceId, Rejection> {
    text.parse().map_err(|_| Rejection::Malformed {
        status: 422,
        code: Some("mfa_device_not_found"),
        problem: "MFA device not found".to_owned(),
    })
}

fn query<'query>(query: Option<&'query str>, name: &str) -> Option<&'query str> {
    let pairs = query?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| value).next_back()
}

/// `count` of `nonces`: any positive number; the engine caps it.
fn count(text: Option<&str>) -> Result<u8, Rejection> {
    match query(text, "count").map(str::parse::<u64>) {
        None => Ok(1),
        Some(Ok(count @ 1..)) => Ok(u8::try_from(count).unwrap_or(u8::MAX)),
        Some(_) => Err(Malformed::BadRequest.because("count: not a positive number".to_owned())),
    }
}

/// `verifiedOnly` of `users/mfa/methods`; the API's default is true.
fn verified_only(text: Option<&str>) -> Result<bool, Rejection> {
    match query(text, "verifiedOnly") {
        None | Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(_) => {
            let problem = "verifiedOnly: neither true nor false".to_owned();
            Err(Malformed::MfaInvalidRequest.because(problem))
        }
    }
}
