//! Which operation of the API a request is, from its method and path.
//!
//! The list is ours: a service without a journal does not say what it took a request for.

/// Every operation that cases may name, with its method and its path below the environment. A
/// segment in braces stands for an id.
const PATHS: [(&str, &str, &str); 36] = [
    ("getEnvironmentSettings", "GET", "settings"),
    ("getJwksByEnvironmentId", "GET", ".well-known/jwks"),
    ("getJwksJsonByEnvironmentId", "GET", ".well-known/jwks.json"),
    ("getNonce", "GET", "nonce"),
    ("getNonces", "GET", "nonces"),
    ("createEmailVerification", "POST", "emailVerifications/create"),
    ("retryEmailVerification", "POST", "emailVerifications/retry"),
    ("signInWithEmailVerification", "POST", "emailVerifications/signin"),
    ("verifyEmailVerification", "POST", "emailVerifications/verify"),
    ("refreshAuth", "POST", "refresh"),
    ("revokeSession", "POST", "revoke"),
    ("getAuthenticatedUser", "GET", "users"),
    ("updateSelf", "PUT", "users"),
    ("hardDeleteUser", "DELETE", "users"),
    ("getUserMfaDevices", "GET", "users/mfa"),
    ("getUserMfaMethods", "GET", "users/mfa/methods"),
    ("getRecoveryCodes", "GET", "users/mfa/recovery"),
    ("createNewRecoveryCodes", "POST", "users/mfa/recovery"),
    ("getMfaDevice", "GET", "users/mfa/{id}"),
    ("updateUserMfaDevice", "PUT", "users/mfa/{id}"),
    ("deleteMfaDevice", "DELETE", "users/mfa/{id}"),
    ("registerTotpMfaDevice", "GET", "users/mfa/register/totp"),
    ("registerTotpMfaDeviceVerify", "POST", "users/mfa/register/totp"),
    ("authMfaTotpDevice", "POST", "users/mfa/auth/totp"),
    ("authMfaRecovery", "POST", "users/mfa/auth/recovery"),
    ("authenticateMfaPasskeyDevice", "POST", "users/mfa/auth/passkey"),
    ("getPasskeyRegistrationOptions", "GET", "users/passkeys/register"),
    ("registerPasskey", "POST", "users/passkeys/register"),
    ("getPasskeyAuthenticationOptions", "GET", "users/passkeys/authenticate"),
    ("getPasskeyAuthenticationSigninOptions", "GET", "users/passkeys/signin"),
    ("signinWithPasskey", "POST", "users/passkeys/signin"),
    ("getUserPasskeys", "GET", "users/passkeys"),
    ("updatePasskey", "PUT", "users/passkeys"),
    ("deletePasskey", "DELETE", "users/passkeys"),
    ("stepUpCheck", "POST", "stepUp/check"),
    ("externalAuthVerify", "POST", "externalAuth/verify"),
];

/// The operation of a request, when it is one that cases may name.
pub(super) fn operation(method: &str, path: &str) -> Option<&'static str> {
    let (_, rest) = path.split_once("/sdk/")?;
    let (_, rest) = rest.split_once('/')?;
    let rest = rest.split('?').next().unwrap_or(rest).trim_end_matches('/');
    let fits = |(_, of, template): &&(&str, &str, &str)| *of == method && matches(template, rest);
    // What has a path of its own stands above ids in the list.
    PATHS.iter().find(fits).map(|(name, ..)| *name)
}

fn matches(template: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    let fits = template.split('/').all(|expected| {
        segments.next().is_some_and(|segment| match expected {
            "{id}" => !segment.is_empty(),
            _ => expected == segment,
        })
    });
    fits && segments.next().is_none()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::service::{Service, http, trust};
    use crate::stage::OPERATIONS;

    #[test]
    fn every_operation_that_cases_may_name_has_a_path() {
        let named: BTreeSet<&str> = PATHS.iter().map(|(name, ..)| *name).collect();
        assert_eq!(named, OPERATIONS.into_iter().collect());
    }

    #[test]
    fn every_path_is_that_of_the_service() {
        let service = Service::start(7).unwrap();
        let origin = service.base_url().replace("/api/v0", "/_mock/v1/");
        let agent = http::agent(&trust::Trust::default());
        let heard = http::send(&agent, "GET", &origin, &[], None).unwrap();
        let index: serde_json::Value = serde_json::from_slice(&heard.body).unwrap();
        let served: Vec<&str> =
            index["operations"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        for (name, method, _) in PATHS {
            let start = format!("{name} = {method} ");
            let row = served.iter().find_map(|row| row.strip_prefix(&start));
            let path = row.unwrap_or_else(|| panic!("{start} is not served"));
            let path = path.replace("{environmentId}", "an-environment");
            assert_eq!(operation(method, &path), Some(name), "{path}");
        }
    }

    #[test]
    fn what_has_a_path_of_its_own_is_no_id() {
        let below = |path: &str| format!("/api/v0/sdk/e/{path}");
        assert_eq!(operation("GET", &below("users/mfa/methods")), Some("getUserMfaMethods"));
        assert_eq!(operation("GET", &below("users/mfa/d1?x=1")), Some("getMfaDevice"));
        assert_eq!(operation("PATCH", &below("users/mfa/d1")), None);
        assert_eq!(operation("GET", &below("users/mfa/")), Some("getUserMfaDevices"));
        assert_eq!(operation("GET", "/api/v0/environments/e/users"), None);
    }
}
