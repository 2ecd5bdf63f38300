//! Every operation that is served, written down a second time.
//!
//! The control API prints the service's own table; [`crate::control`] holds the two together, so
//! a route that is added there must be added here, and is then tried by everything that walks it.

/// Method, path below the environment, and `operationId`.
pub(crate) const ROUTES: [(&str, &str, &str); 48] = [
    ("GET", "settings", "getEnvironmentSettings"),
    ("POST", "sdkSettings", "logDynamicSdkSettings"),
    ("GET", "nonce", "getNonce"),
    ("GET", "nonces", "getNonces"),
    ("GET", ".well-known/jwks", "getJwksByEnvironmentId"),
    ("GET", ".well-known/jwks.json", "getJwksJsonByEnvironmentId"),
    ("GET", "healthcheck", "getHealthcheck"),
    ("POST", "connect", "createVisit"),
    ("POST", "emailVerifications/create", "createEmailVerification"),
    ("POST", "emailVerifications/retry", "retryEmailVerification"),
    ("POST", "emailVerifications/signin", "signInWithEmailVerification"),
    ("POST", "emailVerifications/verify", "verifyEmailVerification"),
    ("POST", "refresh", "refreshAuth"),
    ("POST", "revoke", "revokeSession"),
    ("GET", "session", "sessionCheck"),
    ("GET", "users", "getAuthenticatedUser"),
    ("PUT", "users", "updateSelf"),
    ("DELETE", "users", "hardDeleteUser"),
    ("GET", "users/mfa", "getUserMfaDevices"),
    ("GET", "users/mfa/methods", "getUserMfaMethods"),
    ("GET", "users/mfa/recovery", "getRecoveryCodes"),
    ("POST", "users/mfa/recovery", "createNewRecoveryCodes"),
    ("GET", "users/mfa/register/totp", "registerTotpMfaDevice"),
    ("POST", "users/mfa/register/totp", "registerTotpMfaDeviceVerify"),
    ("POST", "users/mfa/auth/totp", "authMfaTotpDevice"),
    ("POST", "users/mfa/auth/recovery", "authMfaRecovery"),
    ("GET", "users/mfa/{mfaDeviceId}", "getMfaDevice"),
    ("PUT", "users/mfa/{mfaDeviceId}", "updateUserMfaDevice"),
    ("DELETE", "users/mfa/{mfaDeviceId}", "deleteMfaDevice"),
    ("POST", "verify", "verify"),
    ("POST", "wallets/signin", "walletsSignin"),
    ("POST", "wallets/verify", "walletsVerify"),
    ("POST", "verify/link", "verifyLink"),
    ("POST", "verify/transfer", "verifyTransfer"),
    ("PUT", "users/wallets/selection", "selectUserWallet"),
    ("POST", "verify/unlink", "verifyUnlink"),
    ("POST", "users/merge", "mergeUsers"),
    ("POST", "verify/merge", "verifyMergeUsers"),
    ("POST", "providers/{providerType}/initAuth", "initAuth"),
    ("GET", "providers/{providerType}/login", "oauthLogin"),
    ("GET", "providers/{providerType}/loginUrl", "oauthLoginUrl"),
    ("GET", "providers/{providerType}/authorizeHtml", "oauthAuthorizeHtml"),
    ("GET", "providers/{providerType}/redirect", "oauthRedirectCode"),
    ("POST", "providers/apple/redirect", "oauthRedirectApple"),
    ("POST", "providers/{providerType}/oauthResult", "oauthResult"),
    ("POST", "providers/{providerType}/signIn", "oauthSignIn"),
    ("POST", "providers/{providerType}/verify", "oauthVerify"),
    ("POST", "stepUp/check", "stepUpCheck"),
];

/// A path of the table with an id in the place of the placeholder.
pub(crate) fn filled(path: &str) -> String {
    path.replace("{mfaDeviceId}", "00000000-0000-4000-8000-000000000000")
        .replace("{providerType}", "google")
}
