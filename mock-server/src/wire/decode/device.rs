//! MFA devices and the list of methods.

use mfa_engine::Request as UserRequest;

use super::Read;
use super::asking::{Asking, Malformed};
use crate::wire::body::mfa::UpdateDevice;
use crate::wire::rejection::Rejection;
use crate::wire::route::Operation;

pub(super) fn decode(asking: &Asking<'_>) -> Read {
    let is_own = matches!(
        asking.operation,
        Operation::ListDevices
            | Operation::ListMethods
            | Operation::ReadDevice
            | Operation::UpdateDevice
            | Operation::DeleteDevice
    );
    is_own.then(|| asking.as_user(|| read(asking)))
}

fn read(asking: &Asking<'_>) -> Result<UserRequest, Rejection> {
    Ok(match asking.operation {
        Operation::ListMethods => {
            UserRequest::ListMethods { verified_only: verified_only(asking)? }
        }
        Operation::ReadDevice => UserRequest::ReadDevice(asking.path_id(0)?),
        Operation::UpdateDevice => {
            // The JavaScript SDK sends no body at all, and means "make it the default".
            let default = match asking.has_body() {
                true => asking.body::<UpdateDevice>(Malformed::BadRequest)?.default,
                false => true,
            };
            UserRequest::UpdateDevice { device: asking.path_id(0)?, default }
        }
        Operation::DeleteDevice => {
            UserRequest::DeleteDevice { device: asking.path_id(0)?, proof: asking.proof() }
        }
        _ => UserRequest::ListDevices,
    })
}

/// `verifiedOnly` of `users/mfa/methods`; the API's default is true.
fn verified_only(asking: &Asking<'_>) -> Result<bool, Rejection> {
    match asking.query("verifiedOnly") {
        None | Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(_) => {
            let problem = "verifiedOnly: neither true nor false".to_owned();
            Err(Malformed::MfaInvalidRequest.because(problem))
        }
    }
}
