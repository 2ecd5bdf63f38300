//! Every path that is served: one table, which can be printed, counted and iterated.

use std::sync::LazyLock;

use http::Method;
use mfa_engine::EnvironmentId;

use super::rejection::Rejection;

mod admin;
mod known;
mod map;
mod outside;

pub(crate) use known::KNOWN;
use map::Map;

/// Where the API of the SDKs lives; part of the base URL that an SDK is given.
pub(crate) const BASE: &str = "/api/v0";

/// One row of the table.
pub(crate) struct Route {
    pub(crate) method: Method,
    /// Path below `/api/v0/sdk/{environmentId}/`, or with a slash at its start below `/api/v0`:
    /// there live the administrators. A segment in braces stands for an id.
    pub(crate) template: &'static str,
    pub(crate) operation: Operation,
}

macro_rules! operations {
    ($($room:ident { $($variant:ident = $name:literal, $method:ident $template:literal;)+ })+) => {
        /// An operation by the name that the API's own client gives it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Operation { $($($variant),+),+ }

        /// What an operation is about: the room in which it is read.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Room { $($room),+ }

        impl Operation {
            /// The `operationId`.
            pub(crate) const fn name(self) -> &'static str {
                match self { $($(Self::$variant => $name),+),+ }
            }

            /// Its path below the environment.
            pub(crate) const fn template(self) -> &'static str {
                match self { $($(Self::$variant => $template),+),+ }
            }

            /// The room in which it is read.
            pub(crate) const fn room(self) -> Room {
                match self { $($(Self::$variant => Room::$room),+),+ }
            }
        }

        /// Every route. A literal segment stands above a placeholder in the same place.
        pub(crate) const ROUTES: &[Route] = &[$($(
            Route { method: Method::$method, template: $template, operation: Operation::$variant }
        ),+),+];
    };
}

operations! {
    Start {
        Settings = "getEnvironmentSettings", GET "settings";
        LogSdkSettings = "logDynamicSdkSettings", POST "sdkSettings";
        Nonce = "getNonce", GET "nonce";
        Nonces = "getNonces", GET "nonces";
        Jwks = "getJwksByEnvironmentId", GET ".well-known/jwks";
        JwksJson = "getJwksJsonByEnvironmentId", GET ".well-known/jwks.json";
        Healthcheck = "getHealthcheck", GET "healthcheck";
        CreateVisit = "createVisit", POST "connect";
    }
    Email {
        CreateEmailVerification = "createEmailVerification", POST "emailVerifications/create";
        RetryEmailVerification = "retryEmailVerification", POST "emailVerifications/retry";
        SignInWithEmail = "signInWithEmailVerification", POST "emailVerifications/signin";
        VerifyEmail = "verifyEmailVerification", POST "emailVerifications/verify";
    }
    Sms {
        CreateSmsVerification = "createSmsVerification", POST "smsVerifications/create";
        RetrySmsVerification = "retrySmsVerification", POST "smsVerifications/retry";
        SignInWithSms = "signInWithSmsVerification", POST "smsVerifications/signin";
        VerifySms = "verifySmsVerification", POST "smsVerifications/verify";
    }
    ExternalAuth {
        SignInWithExternalJwt = "externalAuthSignin", POST "externalAuth/signin";
        VerifyExternalJwt = "externalAuthVerify", POST "externalAuth/verify";
    }
    Account {
        Refresh = "refreshAuth", POST "refresh";
        Revoke = "revokeSession", POST "revoke";
        CheckSession = "sessionCheck", GET "session";
        ReadUser = "getAuthenticatedUser", GET "users";
        UpdateUser = "updateSelf", PUT "users";
        DeleteUser = "hardDeleteUser", DELETE "users";
    }
    Device {
        ListDevices = "getUserMfaDevices", GET "users/mfa";
        ListMethods = "getUserMfaMethods", GET "users/mfa/methods";
        ReadDevice = "getMfaDevice", GET "users/mfa/{mfaDeviceId}";
        UpdateDevice = "updateUserMfaDevice", PUT "users/mfa/{mfaDeviceId}";
        DeleteDevice = "deleteMfaDevice", DELETE "users/mfa/{mfaDeviceId}";
    }
    Factor {
        ReadRecoveryCodes = "getRecoveryCodes", GET "users/mfa/recovery";
        RotateRecoveryCodes = "createNewRecoveryCodes", POST "users/mfa/recovery";
        RegisterTotp = "registerTotpMfaDevice", GET "users/mfa/register/totp";
        ConfirmTotp = "registerTotpMfaDeviceVerify", POST "users/mfa/register/totp";
        AuthenticateTotp = "authMfaTotpDevice", POST "users/mfa/auth/totp";
        AuthenticateRecovery = "authMfaRecovery", POST "users/mfa/auth/recovery";
    }
    EmailFactor {
        AuthenticateEmail = "authenticateMfaEmail", POST "users/mfa/auth/email";
    }
    Passkey {
        PasskeySignInOptions = "getPasskeyAuthenticationSigninOptions", GET "users/passkeys/signin";
        SignInWithPasskey = "signinWithPasskey", POST "users/passkeys/signin";
        PasskeyRegistrationOptions = "getPasskeyRegistrationOptions", GET "users/passkeys/register";
        RegisterPasskey = "registerPasskey", POST "users/passkeys/register";
        OlderPasskeyOptions = "registerPasskeyMfaDevice", GET "users/mfa/register/passkey";
        OlderRegisterPasskey = "registerPasskeyMfaDeviceVerify", POST "users/mfa/register/passkey";
        PasskeyAuthenticationOptions = "getPasskeyAuthenticationOptions", GET "users/passkeys/authenticate";
        AuthenticatePasskey = "authenticateMfaPasskeyDevice", POST "users/mfa/auth/passkey";
        ListPasskeys = "getUserPasskeys", GET "users/passkeys";
        UpdatePasskey = "updatePasskey", PUT "users/passkeys";
        DeletePasskey = "deletePasskey", DELETE "users/passkeys";
    }
    Wallet {
        VerifyWallet = "verify", POST "verify";
        SignInWithWallet = "walletsSignin", POST "wallets/signin";
        ReverifyWallet = "walletsVerify", POST "wallets/verify";
        LinkWallet = "verifyLink", POST "verify/link";
        TransferWallet = "verifyTransfer", POST "verify/transfer";
        SelectWallet = "selectUserWallet", PUT "users/wallets/selection";
    }
    Linking {
        Unlink = "verifyUnlink", POST "verify/unlink";
        MergeUsers = "mergeUsers", POST "users/merge";
        MergeWithResolutions = "verifyMergeUsers", POST "verify/merge";
    }
    Social {
        InitAuth = "initAuth", POST "providers/{providerType}/initAuth";
        OauthLogin = "oauthLogin", GET "providers/{providerType}/login";
        OauthLoginUrl = "oauthLoginUrl", GET "providers/{providerType}/loginUrl";
        OauthAuthorize = "oauthAuthorizeHtml", GET "providers/{providerType}/authorizeHtml";
        OauthRedirect = "oauthRedirectCode", GET "providers/{providerType}/redirect";
        OauthRedirectApple = "oauthRedirectApple", POST "providers/apple/redirect";
        OauthResult = "oauthResult", POST "providers/{providerType}/oauthResult";
        OauthSignIn = "oauthSignIn", POST "providers/{providerType}/signIn";
        OauthVerify = "oauthVerify", POST "providers/{providerType}/verify";
    }
    StepUp {
        CheckStepUp = "stepUpCheck", POST "stepUp/check";
    }
    TrustedDevice {
        RegisterDevice = "deviceRegistration", POST "deviceRegistration";
        ListRegistrations = "listDeviceRegistrations", GET "deviceRegistrations";
        RevokeRegistrations = "deleteAllDeviceRegistrations", DELETE "deviceRegistrations";
        RevokeRegistration = "deleteDeviceRegistration",
            DELETE "deviceRegistrations/{deviceRegistrationId}";
    }
    Waas {
        CreateWaasAccount = "createWaasAccount", POST "waas/create";
        ImportPrivateKey = "importPrivateKey", POST "waas/privateKey/import";
        CreateRoomsWithoutWallet = "createRoomsWithoutWalletId", POST "waas/createRooms";
        FindWaasWallet =
            "getWaasWalletWithVerifiedCredentials", GET "waas/byWalletAddress/{walletAddress}";
        CreateRooms = "createRooms", POST "waas/{walletId}/createRooms";
        SignMessage = "signMessage", POST "waas/{walletId}/signMessage";
        ExportPrivateKey = "exportPrivateKey", POST "waas/{walletId}/privateKey/export";
        RefreshKeyShares = "refreshKeyShares", POST "waas/{walletId}/refresh";
        Reshare = "reshare", POST "waas/{walletId}/reshare";
        RecoverKeyShares = "recoverKeyShares", POST "waas/{walletId}/keyShares/recover";
        BackUpKeyShares =
            "backupKeySharesToLocations", POST "waas/{walletId}/keyShares/backup/locations";
        DeliverDelegatedShare =
            "deliverDelegatedShare", POST "waas/{walletId}/delegatedAccess/delivery";
        RevokeDelegatedShareSet =
            "revokeDelegatedShareSet", DELETE "waas/{walletId}/delegatedAccess/{shareSetId}";
        UpdateWaasWalletSettings = "updateWaasWalletSettings", PUT "waas/{walletId}/settings";
    }
    EmbeddedWallet {
        DeleteEmbeddedWallets = "deleteEmbeddedWallets", DELETE "users/embeddedWallets";
        SoftDeleteEmbeddedWallet =
            "softDeleteEmbeddedWallet", DELETE "users/embeddedWallets/{walletId}/softDelete";
        RestoreEmbeddedWallet =
            "restoreEmbeddedWallet", PUT "users/embeddedWallets/{walletId}/restore";
        ExportEmbeddedWallet =
            "embeddedWalletExport",
            GET "users/embeddedWallets/{walletId}/activities/{activityId}/export";
    }
    BusinessAccount {
        ListBusinessAccounts = "sdkListBusinessAccounts", GET "businessAccounts";
        CreateBusinessAccount = "sdkCreateBusinessAccount", POST "businessAccounts";
        LinkBusinessAccountWallet =
            "sdkLinkBusinessAccountWallet", POST "businessAccounts/linkWallet";
        ReadBusinessAccount =
            "sdkGetBusinessAccountById", GET "businessAccounts/{businessAccountId}";
        UpdateBusinessAccount =
            "sdkUpdateBusinessAccount", PATCH "businessAccounts/{businessAccountId}";
        AddBusinessAccountMember =
            "sdkAddBusinessAccountMember", POST "businessAccounts/{businessAccountId}/members";
        RemoveBusinessAccountMember =
            "sdkRemoveBusinessAccountMember",
            DELETE "businessAccounts/{businessAccountId}/members/{userId}";
        UpdateBusinessAccountMemberRole =
            "sdkUpdateBusinessAccountMemberRole",
            PATCH "businessAccounts/{businessAccountId}/members/{userId}";
        TransferBusinessAccountOwnership =
            "sdkTransferBusinessAccountOwnership",
            POST "businessAccounts/{businessAccountId}/transferOwnership";
        RemoveBusinessAccountWallet =
            "sdkRemoveBusinessAccountWallet",
            DELETE "businessAccounts/{businessAccountId}/wallets/{walletId}";
        AddBusinessAccountSigner =
            "sdkAddBusinessAccountSigner",
            POST "businessAccounts/{businessAccountId}/wallets/{walletId}/signers";
        RemoveBusinessAccountSigner =
            "sdkRemoveBusinessAccountSigner",
            DELETE "businessAccounts/{businessAccountId}/wallets/{walletId}/signers/{signerId}";
    }
    Admin {
        ListUsers = "getEnvironmentUsers", GET "/environments/{environmentId}/users";
        CreateUser = "createUser", POST "/environments/{environmentId}/users";
        ReadAnyUser = "getUser", GET "/environments/{environmentId}/users/{userId}";
        UpdateAnyUser = "updateUser", PUT "/environments/{environmentId}/users/{userId}";
        DeleteAnyUser = "deleteUser", DELETE "/environments/{environmentId}/users/{userId}";
        ReadUserLegacy = "getUserLegacy", GET "/users/{userId}";
        UpdateUserLegacy = "updateUserLegacy", PUT "/users/{userId}";
        DeleteUserLegacy = "deleteUserLegacy", DELETE "/users/{userId}";
        ResetMfa = "resetUserMfa", POST "/users/{userId}/mfa/reset";
        DeleteMfa = "resetAllMfaDevices", DELETE "/users/{userId}/mfa";
        ReadSession = "getSessionById", GET "/users/{userId}/sessions/{sessionId}";
        RevokeSession = "revokeSessionById", PUT "/sessions/{sessionId}/revoke";
        RevokeUserSessions = "revokeUserSessions", POST "/environments/{environmentId}/users/{userId}/sessions/revoke";
        RevokeUserSessionsLegacy = "revokeUserSessionsLegacy", POST "/users/{userId}/sessions/revoke";
        RevokeEverySession = "revokeEnvironmentSessions", POST "/environments/{environmentId}/users/sessions/revoke";
        ReadKeys = "getKeysForEnvironment", GET "/environments/{environmentId}/keys";
        ListApiTokens = "getTokens", GET "/environments/{environmentId}/tokens";
        CreateApiToken = "postToken", POST "/environments/{environmentId}/tokens";
        RevokeApiToken = "deleteTokenById", DELETE "/environments/{environmentId}/tokens/{tokenId}";
        ReadTestAccount = "getTestAccount", GET "/environments/{environmentId}/test/account";
        OpenTestAccount = "createTestAccount", POST "/environments/{environmentId}/test/account";
        CloseTestAccount = "deleteTestAccount", DELETE "/environments/{environmentId}/test/account";
    }
    Webhook {
        ListEventTypes = "getEventTypes", GET "/eventTypes";
        ListEvents = "getEvents", GET "/environments/{environmentId}/events";
        ReadEvent = "getEventById", GET "/environments/{environmentId}/events/{eventId}";
        ListWebhooks = "getWebhooks", GET "/environments/{environmentId}/webhooks";
        CreateWebhook = "createWebhook", POST "/environments/{environmentId}/webhooks";
        ReadWebhook = "getWebhook", GET "/environments/{environmentId}/webhooks/{webhookId}";
        UpdateWebhook = "updateWebhookById", PUT "/environments/{environmentId}/webhooks/{webhookId}";
        DeleteWebhook = "deleteWebhookById", DELETE "/environments/{environmentId}/webhooks/{webhookId}";
        ListMessages = "getWebhookMessages", GET "/environments/{environmentId}/webhooks/{webhookId}/messages";
        ReadMessage = "getWebhookMessageDeliveries", GET "/environments/{environmentId}/webhooks/{webhookId}/messages/{messageId}";
        Redeliver = "redeliverWebhookMessage", POST "/environments/{environmentId}/webhooks/{webhookId}/messages/{messageId}/redeliver";
    }
}

/// What a request is aimed at.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target<'path> {
    /// None where neither the path nor a token names one.
    pub(crate) environment: Option<EnvironmentId>,
    /// Whether the path is one of the administrators' API, which makes no environments.
    pub(crate) is_for_administrators: bool,
    /// None for a preflight, which belongs to the path and not to one operation.
    pub(crate) operation: Option<Operation>,
    /// The segments in the places of placeholders, in order.
    pub(crate) parameters: Vec<&'path str>,
}

impl Operation {
    /// Whether the answer carries signatures, which cost a thousand times the decision.
    pub(crate) const fn signs(self) -> bool {
        matches!(
            self,
            Self::SignInWithEmail
                | Self::VerifyEmail
                | Self::SignInWithSms
                | Self::VerifySms
                | Self::SignInWithExternalJwt
                | Self::VerifyExternalJwt
                | Self::Refresh
                | Self::UpdateUser
                | Self::AuthenticateTotp
                | Self::AuthenticateRecovery
                | Self::RegisterDevice
                | Self::AuthenticateEmail
                | Self::SignInWithPasskey
                | Self::RegisterPasskey
                | Self::OlderRegisterPasskey
                | Self::AuthenticatePasskey
                | Self::VerifyWallet
                | Self::SignInWithWallet
                | Self::ReverifyWallet
                | Self::LinkWallet
                | Self::TransferWallet
                | Self::SelectWallet
                | Self::Unlink
                | Self::MergeUsers
                | Self::MergeWithResolutions
                | Self::OauthSignIn
                | Self::OauthVerify
        )
    }
}

/// The operation of that `operationId`.
pub(crate) fn operation_named(name: &str) -> Option<Operation> {
    ROUTES.iter().map(|route| route.operation).find(|operation| operation.name() == name)
}

impl Route {
    /// Whether the path belongs to the administrators' API.
    pub(crate) fn is_for_administrators(&self) -> bool {
        self.template.starts_with('/')
    }

    /// The path below the environment, or below the base.
    fn below(&self) -> &'static str {
        self.template.trim_start_matches('/')
    }

    /// The whole path, as the control API lists it.
    #[cfg(any(test, feature = "standalone"))]
    pub(crate) fn path(&self) -> String {
        match self.is_for_administrators() {
            true => format!("{BASE}{}", self.template),
            false => format!("{BASE}/sdk/{{environmentId}}/{}", self.template),
        }
    }
}

static MAP: LazyLock<Map> = LazyLock::new(|| {
    Map::draw(ROUTES.iter().filter(|route| !route.is_for_administrators()), KNOWN)
});

/// Finds the row for a method and a path.
pub(crate) fn recognise<'path>(
    method: &Method,
    path: &'path str,
) -> Result<Target<'path>, Rejection> {
    let below = path.strip_prefix(BASE).and_then(|rest| rest.strip_prefix('/'));
    let Some(below) = below else {
        return Err(outside::rejection(method, path));
    };
    if below.starts_with('/') {
        return Err(Rejection::DoubleSlash);
    }
    let Some(below_sdk) = below.strip_prefix("sdk/") else {
        return admin::recognise(method, below);
    };
    let Some((environment, rest)) = below_sdk.split_once('/') else {
        return Err(Rejection::UnknownPath { meant: None });
    };
    let Some(place) = MAP.find(rest) else {
        return Err(Rejection::UnknownPath { meant: map::meant(rest, KNOWN) });
    };
    let malformed = |_| Rejection::MalformedEnvironment { found: environment.to_owned() };
    let environment = environment.parse().map_err(malformed)?;
    let nowhere = Target {
        environment: Some(environment),
        is_for_administrators: false,
        operation: None,
        parameters: Vec::new(),
    };
    aim(method, place, nowhere)
}

/// Finds the operation of a method at a place.
fn aim<'path>(
    method: &Method,
    place: map::Place<'_, 'path>,
    nowhere: Target<'path>,
) -> Result<Target<'path>, Rejection> {
    if method == Method::OPTIONS {
        return Ok(nowhere);
    }
    match place.entry(method) {
        Some(map::Entry::Served(operation)) => {
            let parameters = place.parameters;
            Ok(Target { operation: Some(operation), parameters, ..nowhere })
        }
        Some(map::Entry::Known(operation)) => Err(Rejection::NotMocked { operation }),
        None => Err(Rejection::MethodNotAllowed { allowed: place.allowed() }),
    }
}

#[cfg(test)]
mod tests;
