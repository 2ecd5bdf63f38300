//! Every path that is served: one table, which can be printed, counted and iterated.

use http::Method;
use mfa_engine::EnvironmentId;

use super::rejection::Rejection;

/// Where the API of the SDKs lives; part of the base URL that an SDK is given.
pub(crate) const BASE: &str = "/api/v0";

/// One row of the table.
pub(crate) struct Route {
    pub(crate) method: Method,
    /// Path below `/api/v0/sdk/{environmentId}/`; a segment in braces stands for an id.
    pub(crate) template: &'static str,
    pub(crate) operation: Operation,
}

macro_rules! operations {
    ($($variant:ident = $name:literal, $method:ident $template:literal;)+) => {
        /// An operation by the name that the API's own client gives it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Operation { $($variant),+ }

        impl Operation {
            /// The `operationId`.
            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        /// Every route. A literal segment stands above a placeholder in the same place.
        pub(crate) const ROUTES: &[Route] = &[
            $(Route { method: Method::$method, template: $template, operation: Operation::$variant }),+
        ];
    };
}

operations! {
    Settings = "getEnvironmentSettings", GET "settings";
    LogSdkSettings = "logDynamicSdkSettings", POST "sdkSettings";
    Nonce = "getNonce", GET "nonce";
    Nonces = "getNonces", GET "nonces";
    Jwks = "getJwksByEnvironmentId", GET ".well-known/jwks";
    JwksJson = "getJwksJsonByEnvironmentId", GET ".well-known/jwks.json";
    Healthcheck = "getHealthcheck", GET "healthcheck";
    CreateVisit = "createVisit", POST "connect";
    CreateEmailVerification = "createEmailVerification", POST "emailVerifications/create";
    RetryEmailVerification = "retryEmailVerification", POST "emailVerifications/retry";
    SignInWithEmail = "signInWithEmailVerification", POST "emailVerifications/signin";
    VerifyEmail = "verifyEmailVerification", POST "emailVerifications/verify";
    Refresh = "refreshAuth", POST "refresh";
    Revoke = "revokeSession", POST "revoke";
    ReadUser = "getAuthenticatedUser", GET "users";
    UpdateUser = "updateSelf", PUT "users";
    DeleteUser = "hardDeleteUser", DELETE "users";
    ListDevices = "getUserMfaDevices", GET "users/mfa";
    ListMethods = "getUserMfaMethods", GET "users/mfa/methods";
    ReadRecoveryCodes = "getRecoveryCodes", GET "users/mfa/recovery";
    RotateRecoveryCodes = "createNewRecoveryCodes", POST "users/mfa/recovery";
    RegisterTotp = "registerTotpMfaDevice", GET "users/mfa/register/totp";
    ConfirmTotp = "registerTotpMfaDeviceVerify", POST "users/mfa/register/totp";
    AuthenticateTotp = "authMfaTotpDevice", POST "users/mfa/auth/totp";
    AuthenticateRecovery = "authMfaRecovery", POST "users/mfa/auth/recovery";
    ReadDevice = "getMfaDevice", GET "users/mfa/{mfaDeviceId}";
    UpdateDevice = "updateUserMfaDevice", PUT "users/mfa/{mfaDeviceId}";
    DeleteDevice = "deleteMfaDevice", DELETE "users/mfa/{mfaDeviceId}";
    CheckStepUp = "stepUpCheck", POST "stepUp/check";
}

/// What a request is aimed at.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target<'path> {
    pub(crate) environment: EnvironmentId,
    /// None for a preflight, which belongs to the path and not to one operation.
    pub(crate) operation: Option<Operation>,
    /// The id in the path, if the template has one.
    pub(crate) id: Option<&'path str>,
}

impl Operation {
    /// Whether the answer carries signatures, which cost a thousand times the decision.
    pub(crate) const fn signs(self) -> bool {
        matches!(
            self,
            Self::SignInWithEmail
                | Self::VerifyEmail
                | Self::Refresh
                | Self::UpdateUser
                | Self::AuthenticateTotp
                | Self::AuthenticateRecovery
        )
    }
}

/// The operation of that `operationId`.
pub(crate) fn operation_named(name: &str) -> Option<Operation> {
    ROUTES.iter().map(|route| route.operation).find(|operation| operation.name() == name)
}

/// Finds the row for a method and a path.
pub(crate) fn recognise<'path>(
    method: &Method,
    path: &'path str,
) -> Result<Target<'path>, Rejection> {
    let below = path.strip_prefix(BASE).and_then(|rest| rest.strip_prefix('/'));
    let Some(below) = below else { return Err(Rejection::OutsideTheApi) };
    if below.starts_with('/') {
        return Err(Rejection::DoubleSlash);
    }
    let Some((environment, rest)) =
        below.strip_prefix("sdk/").and_then(|below| below.split_once('/'))
    else {
        return Err(Rejection::UnknownPath);
    };
    let matching: Vec<(&Route, Option<&str>)> = ROUTES
        .iter()
        .filter_map(|route| matched(route.template, rest).map(|id| (route, id)))
        .collect();
    // `users/mfa/methods` also fits `users/mfa/{mfaDeviceId}`: literals win.
    let has_literal = matching.iter().any(|(_, id)| id.is_none());
    let fitting = || matching.iter().filter(|(_, id)| id.is_none() == has_literal);
    if matching.is_empty() {
        return Err(Rejection::UnknownPath);
    }
    let environment = environment.parse().map_err(|_| Rejection::MalformedEnvironment)?;
    if method == Method::OPTIONS {
        return Ok(Target { environment, operation: None, id: None });
    }
    match fitting().find(|(route, _)| route.method == *method) {
        Some((route, id)) => Ok(Target { environment, operation: Some(route.operation), id: *id }),
        None => {
            let mut allowed: Vec<&str> =
                fitting().map(|(route, _)| route.method.as_str()).collect();
            allowed.push("OPTIONS");
            Err(Rejection::MethodNotAllowed { allowed: allowed.join(", ") })
        }
    }
}

/// Whether a path fits a template; the inner option is the id in it.
fn matched<'path>(template: &str, path: &'path str) -> Option<Option<&'path str>> {
    let mut id = None;
    let mut segments = path.split('/');
    for expected in template.split('/') {
        let segment = segments.next()?;
        if expected.starts_with('{') {
            if segment.is_empty() {
                return None;
            }
            id = Some(segment);
        } else if expected != segment {
            return None;
        }
    }
    segments.next().is_none().then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENVIRONMENT: &str = "00000000-0000-4000-8000-000000000000";

    fn find(method: &Method, path: &str) -> Result<Option<Operation>, Rejection> {
        recognise(method, path).map(|target| target.operation)
    }

    #[test]
    fn every_route_is_reached_by_its_own_template() {
        for route in ROUTES {
            let rest = route.template.replace("{mfaDeviceId}", ENVIRONMENT);
            let path = format!("{BASE}/sdk/{ENVIRONMENT}/{rest}");
            assert_eq!(find(&route.method, &path), Ok(Some(route.operation)), "{path}");
            assert_eq!(find(&Method::OPTIONS, &path), Ok(None), "{path}");
            let refused = find(&Method::TRACE, &path);
            assert!(matches!(refused, Err(Rejection::MethodNotAllowed { .. })), "{path}");
            assert_eq!(operation_named(route.operation.name()), Some(route.operation));
        }
    }

    #[test]
    fn what_is_not_served_is_named() {
        let path = |rest: &str| format!("/api/v0/{rest}");
        assert_eq!(find(&Method::GET, "/"), Err(Rejection::OutsideTheApi));
        assert_eq!(find(&Method::GET, &path("/sdk/x/settings")), Err(Rejection::DoubleSlash));
        let unknown = path(&format!("sdk/{ENVIRONMENT}/nonsense"));
        assert_eq!(find(&Method::GET, &unknown), Err(Rejection::UnknownPath));
        for environment in ["test-env", "0D1C2B3A-0000-4000-8000-00000000000F", ""] {
            let path = path(&format!("sdk/{environment}/settings"));
            assert_eq!(find(&Method::GET, &path), Err(Rejection::MalformedEnvironment), "{path}");
        }
        let methods = path(&format!("sdk/{ENVIRONMENT}/users/mfa/methods"));
        let refused = find(&Method::DELETE, &methods);
        let allowed = "GET, OPTIONS".to_owned();
        assert_eq!(refused, Err(Rejection::MethodNotAllowed { allowed }));
    }
}
