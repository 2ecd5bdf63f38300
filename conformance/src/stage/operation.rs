//! Operation ids of the API that cases may name.
//!
//! The list is ours, not the service's: a route that the service forgets must show as "0×", and
//! not as a name that nobody knows.

use super::Halt;
use crate::suggestion;

/// Operation ids, as the API's own description spells them.
pub const OPERATIONS: [&str; 36] = [
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
    "getPasskeyRegistrationOptions",
    "registerPasskey",
    "getPasskeyAuthenticationOptions",
    "authenticateMfaPasskeyDevice",
    "getPasskeyAuthenticationSigninOptions",
    "signinWithPasskey",
    "getUserPasskeys",
    "updatePasskey",
    "deletePasskey",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tenant_time;
    use crate::service::{Effect, Fault, Service};

    #[test]
    fn every_operation_is_one_of_the_service() {
        let service = Service::start(7).unwrap();
        let tenant = service.tenant("operations", tenant_time(0)).unwrap();
        for name in OPERATIONS {
            let served = tenant.inject(Fault::on(name, Effect::status(503))).is_ok();
            assert!(served, "{name}");
        }
    }
}
