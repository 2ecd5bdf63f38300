//! Every operation that is served, written down a second time.
//!
//! The control API prints the service's own table; [`crate::control`] holds the two together, so
//! a route that is added there must be added here, and is then tried by everything that walks it.

/// Method, path below the environment, and `operationId`.
pub(crate) const ROUTES: [(&str, &str, &str); 60] = [
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
    ("POST", "stepUp/check", "stepUpCheck"),
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

/// A path of the table with an id in the place of each placeholder.
pub(crate) fn filled(path: &str) -> String {
    let fill = |segment: &str| match segment.starts_with('{') {
        true => "00000000-0000-4000-8000-000000000000".to_owned(),
        false => segment.to_owned(),
    };
    path.split('/').map(fill).collect::<Vec<_>>().join("/")
}
