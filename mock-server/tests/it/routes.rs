//! Every operation that is served, written down a second time.
//!
//! The control API prints the service's own table; [`crate::control`] holds the two together, so
//! a route that is added there must be added here, and is then tried by everything that walks it.

/// Method, path below the environment, and `operationId`.
pub(crate) const ROUTES: &[(&str, &str, &str)] = &[
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
    ("POST", "smsVerifications/create", "createSmsVerification"),
    ("POST", "smsVerifications/retry", "retrySmsVerification"),
    ("POST", "smsVerifications/signin", "signInWithSmsVerification"),
    ("POST", "smsVerifications/verify", "verifySmsVerification"),
    ("POST", "externalAuth/signin", "externalAuthSignin"),
    ("POST", "externalAuth/verify", "externalAuthVerify"),
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
    ("POST", "users/mfa/auth/email", "authenticateMfaEmail"),
    ("GET", "users/mfa/{mfaDeviceId}", "getMfaDevice"),
    ("PUT", "users/mfa/{mfaDeviceId}", "updateUserMfaDevice"),
    ("DELETE", "users/mfa/{mfaDeviceId}", "deleteMfaDevice"),
    ("POST", "stepUp/check", "stepUpCheck"),
    ("POST", "deviceRegistration", "deviceRegistration"),
    ("GET", "deviceRegistrations", "listDeviceRegistrations"),
    ("DELETE", "deviceRegistrations", "deleteAllDeviceRegistrations"),
    ("DELETE", "deviceRegistrations/{deviceRegistrationId}", "deleteDeviceRegistration"),
    ("POST", "waas/create", "createWaasAccount"),
    ("POST", "waas/privateKey/import", "importPrivateKey"),
    ("POST", "waas/createRooms", "createRoomsWithoutWalletId"),
    ("GET", "waas/byWalletAddress/{walletAddress}", "getWaasWalletWithVerifiedCredentials"),
    ("POST", "waas/{walletId}/createRooms", "createRooms"),
    ("POST", "waas/{walletId}/signMessage", "signMessage"),
    ("POST", "waas/{walletId}/privateKey/export", "exportPrivateKey"),
    ("POST", "waas/{walletId}/refresh", "refreshKeyShares"),
    ("POST", "waas/{walletId}/reshare", "reshare"),
    ("POST", "waas/{walletId}/keyShares/recover", "recoverKeyShares"),
    ("POST", "waas/{walletId}/keyShares/backup/locations", "backupKeySharesToLocations"),
    ("POST", "waas/{walletId}/delegatedAccess/delivery", "deliverDelegatedShare"),
    ("DELETE", "waas/{walletId}/delegatedAccess/{shareSetId}", "revokeDelegatedShareSet"),
    ("PUT", "waas/{walletId}/settings", "updateWaasWalletSettings"),
    ("DELETE", "users/embeddedWallets", "deleteEmbeddedWallets"),
    ("DELETE", "users/embeddedWallets/{walletId}/softDelete", "softDeleteEmbeddedWallet"),
    ("PUT", "users/embeddedWallets/{walletId}/restore", "restoreEmbeddedWallet"),
    (
        "GET",
        "users/embeddedWallets/{walletId}/activities/{activityId}/export",
        "embeddedWalletExport",
    ),
    ("GET", "businessAccounts", "sdkListBusinessAccounts"),
    ("POST", "businessAccounts", "sdkCreateBusinessAccount"),
    ("POST", "businessAccounts/linkWallet", "sdkLinkBusinessAccountWallet"),
    ("GET", "businessAccounts/{businessAccountId}", "sdkGetBusinessAccountById"),
    ("PATCH", "businessAccounts/{businessAccountId}", "sdkUpdateBusinessAccount"),
    ("POST", "businessAccounts/{businessAccountId}/members", "sdkAddBusinessAccountMember"),
    (
        "DELETE",
        "businessAccounts/{businessAccountId}/members/{userId}",
        "sdkRemoveBusinessAccountMember",
    ),
    (
        "PATCH",
        "businessAccounts/{businessAccountId}/members/{userId}",
        "sdkUpdateBusinessAccountMemberRole",
    ),
    (
        "POST",
        "businessAccounts/{businessAccountId}/transferOwnership",
        "sdkTransferBusinessAccountOwnership",
    ),
    (
        "DELETE",
        "businessAccounts/{businessAccountId}/wallets/{walletId}",
        "sdkRemoveBusinessAccountWallet",
    ),
    (
        "POST",
        "businessAccounts/{businessAccountId}/wallets/{walletId}/signers",
        "sdkAddBusinessAccountSigner",
    ),
    (
        "DELETE",
        "businessAccounts/{businessAccountId}/wallets/{walletId}/signers/{signerId}",
        "sdkRemoveBusinessAccountSigner",
    ),
];

/// Method, path below the base, and `operationId` of the administrators' API.
pub(crate) const ADMIN_ROUTES: [(&str, &str, &str); 33] = [
    ("GET", "environments/{environmentId}/users", "getEnvironmentUsers"),
    ("POST", "environments/{environmentId}/users", "createUser"),
    ("GET", "environments/{environmentId}/users/{userId}", "getUser"),
    ("PUT", "environments/{environmentId}/users/{userId}", "updateUser"),
    ("DELETE", "environments/{environmentId}/users/{userId}", "deleteUser"),
    ("GET", "users/{userId}", "getUserLegacy"),
    ("PUT", "users/{userId}", "updateUserLegacy"),
    ("DELETE", "users/{userId}", "deleteUserLegacy"),
    ("POST", "users/{userId}/mfa/reset", "resetUserMfa"),
    ("DELETE", "users/{userId}/mfa", "resetAllMfaDevices"),
    ("GET", "users/{userId}/sessions/{sessionId}", "getSessionById"),
    ("PUT", "sessions/{sessionId}/revoke", "revokeSessionById"),
    ("POST", "environments/{environmentId}/users/{userId}/sessions/revoke", "revokeUserSessions"),
    ("POST", "users/{userId}/sessions/revoke", "revokeUserSessionsLegacy"),
    ("POST", "environments/{environmentId}/users/sessions/revoke", "revokeEnvironmentSessions"),
    ("GET", "environments/{environmentId}/keys", "getKeysForEnvironment"),
    ("GET", "environments/{environmentId}/tokens", "getTokens"),
    ("POST", "environments/{environmentId}/tokens", "postToken"),
    ("DELETE", "environments/{environmentId}/tokens/{tokenId}", "deleteTokenById"),
    ("GET", "environments/{environmentId}/test/account", "getTestAccount"),
    ("POST", "environments/{environmentId}/test/account", "createTestAccount"),
    ("DELETE", "environments/{environmentId}/test/account", "deleteTestAccount"),
    ("GET", "eventTypes", "getEventTypes"),
    ("GET", "environments/{environmentId}/events", "getEvents"),
    ("GET", "environments/{environmentId}/events/{eventId}", "getEventById"),
    ("GET", "environments/{environmentId}/webhooks", "getWebhooks"),
    ("POST", "environments/{environmentId}/webhooks", "createWebhook"),
    ("GET", "environments/{environmentId}/webhooks/{webhookId}", "getWebhook"),
    ("PUT", "environments/{environmentId}/webhooks/{webhookId}", "updateWebhookById"),
    ("DELETE", "environments/{environmentId}/webhooks/{webhookId}", "deleteWebhookById"),
    ("GET", "environments/{environmentId}/webhooks/{webhookId}/messages", "getWebhookMessages"),
    (
        "GET",
        "environments/{environmentId}/webhooks/{webhookId}/messages/{messageId}",
        "getWebhookMessageDeliveries",
    ),
    (
        "POST",
        "environments/{environmentId}/webhooks/{webhookId}/messages/{messageId}/redeliver",
        "redeliverWebhookMessage",
    ),
];

/// A whole path of the administrators' API, with ids in the places of the placeholders.
pub(crate) fn filled_for_administrators(path: &str, environment: &str) -> String {
    let part = |part: &str| match part {
        "{environmentId}" => environment.to_owned(),
        _ if part.starts_with('{') => "00000000-0000-4000-8000-000000000000".to_owned(),
        _ => part.to_owned(),
    };
    format!("/api/v0/{}", path.split('/').map(part).collect::<Vec<_>>().join("/"))
}

/// A path of the table with an id in the place of each placeholder.
pub(crate) fn filled(path: &str) -> String {
    let fill = |segment: &str| match segment.starts_with('{') {
        true => "00000000-0000-4000-8000-000000000000".to_owned(),
        false => segment.to_owned(),
    };
    path.split('/').map(fill).collect::<Vec<_>>().join("/")
}
