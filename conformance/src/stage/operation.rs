//! Operation ids of the API that cases may name.
//!
//! The list is ours, not the service's: a route that the service forgets must show as "0×", and
//! not as a name that nobody knows.

use super::Halt;
use crate::suggestion;

/// Operation ids, as the API's own description spells them.
pub const OPERATIONS: [&str; 27] = [
    "getEnvironmentSettings",
    "getJwksByEnvironmentId",
    "getJwksJsonByEnvironmentId",
    "getNonce",
    "getNonces",
    "createEmailVerification",
    "retryEmailVerification",
    "signInWithEmailVerification",
    "verifyEmailVerification",
    "refreshAuth",
    "revokeSession",
    "getAuthenticatedUser",
    "updateSelf",
    "hardDeleteUser",
    "getUserMfaDevices",
    "getUserMfaMethods",
    "getMfaDevice",
    "updateUserMfaDevice",
    "deleteMfaDevice",
    "registerTotpMfaDevice",
    "registerTotpMfaDeviceVerify",
    "authMfaTotpDevice",
    "authMfaRecovery",
    "getRecoveryCodes",
    "createNewRecoveryCodes",
    "stepUpCheck",
    "externalAuthVerify",
];

pub(super) fn known(name: &str) -> Result<(), Halt> {
    if OPERATIONS.contains(&name) {
        return Ok(());
    }
    let hint = suggestion::hint(name, OPERATIONS);
    Err(Halt::Harness(format!("unknown operation \"{name}\"{hint}")))
}
