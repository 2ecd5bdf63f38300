//! Trusted devices: registering the calling one, listing and revoking.

use mfa_engine::{Request as UserRequest, TrustedDeviceRequest};

use super::Read;
use super::asking::{Asking, Malformed};
use crate::wire::caller::text;
use crate::wire::rejection::Rejection;
use crate::wire::route::Operation;

/// The token's header as the JavaScript SDK sends it, and as the comment of the API's own client
/// names it.
const TOKEN_HEADERS: [&str; 2] =
    ["x-dynamic-device-registration-token", "x-dynamic-device-token-registration"];

pub(super) fn decode(asking: &Asking<'_>) -> Read {
    Some(match asking.operation {
        Operation::RegisterDevice => asking.as_user(|| register(asking)),
        Operation::ListRegistrations => asking.as_user(|| {
            Ok(UserRequest::TrustedDevice(TrustedDeviceRequest::List { device: asking.device()? }))
        }),
        Operation::RevokeRegistrations => asking.as_user(|| {
            let device = asking.device()?;
            Ok(UserRequest::TrustedDevice(TrustedDeviceRequest::RevokeAll { device }))
        }),
        Operation::RevokeRegistration => asking.as_user(|| {
            let (registration, device) = (asking.path_id(0)?, asking.device()?);
            Ok(UserRequest::TrustedDevice(TrustedDeviceRequest::Revoke { registration, device }))
        }),
        _ => return None,
    })
}

/// `POST deviceRegistration`: everything is in the headers, a body is not read.
fn register(asking: &Asking<'_>) -> Result<UserRequest, Rejection> {
    let token = TOKEN_HEADERS.iter().find_map(|name| text(asking.headers(), name));
    let Some(token) = token else {
        let problem = format!("{}: missing", TOKEN_HEADERS[0]);
        return Err(Malformed::BadRequest.because(problem));
    };
    let (token, device) = (token.to_owned(), asking.device()?);
    Ok(UserRequest::TrustedDevice(TrustedDeviceRequest::Register { token, device }))
}
