//! What registers, confirms or uses a second factor.

use mfa_engine::Request as UserRequest;
use mfa_engine::totp::Code;

use super::Read;
use super::asking::{Asking, Malformed};
use crate::wire::body::mfa::{AuthenticateRecovery, AuthenticateTotp, ConfirmTotp, wishes};
use crate::wire::rejection::Rejection;
use crate::wire::route::Operation;

pub(super) fn decode(asking: &Asking<'_>) -> Read {
    Some(match asking.operation {
        Operation::RegisterTotp => {
            asking.as_user(|| Ok(UserRequest::RegisterTotp { proof: asking.proof() }))
        }
        Operation::ConfirmTotp => asking.as_user(|| {
            let body: ConfirmTotp = asking.body(Malformed::MfaInvalidRequest)?;
            Ok(UserRequest::ConfirmTotp { code: Code::from(body.code.as_str()) })
        }),
        Operation::AuthenticateTotp => asking.as_user(|| authenticate_totp(asking)),
        Operation::ReadRecoveryCodes => asking.as_user(|| Ok(UserRequest::ReadRecoveryCodes)),
        Operation::RotateRecoveryCodes => asking.as_user(|| Ok(UserRequest::RotateRecoveryCodes)),
        Operation::AuthenticateRecovery => asking.as_user(|| authenticate_recovery(asking)),
        _ => return None,
    })
}

fn authenticate_totp(asking: &Asking<'_>) -> Result<UserRequest, Rejection> {
    let body: AuthenticateTotp = asking.body(Malformed::MfaInvalidRequest)?;
    Ok(UserRequest::AuthenticateTotp {
        code: Code::from(body.code.as_str()),
        device: body.id.as_deref().map(mfa_device).transpose()?,
        wishes: wishes(body.create_mfa_token, body.requested_scopes),
    })
}

fn authenticate_recovery(asking: &Asking<'_>) -> Result<UserRequest, Rejection> {
    let body: AuthenticateRecovery = asking.body(Malformed::MfaInvalidRequest)?;
    Ok(UserRequest::AuthenticateRecoveryCode {
        code: body.code,
        wishes: wishes(body.create_mfa_token, body.requested_scopes),
    })
}

/// A device id in a body; one that is no UUID names no device, and that is how it is refused.
fn mfa_device(text: &str) -> Result<mfa_engine::DeviceId, Rejection> {
    text.parse().map_err(|_| Rejection::Malformed {
        status: 422,
        code: Some("mfa_device_not_found"),
        problem: "MFA device not found".to_owned(),
    })
}
