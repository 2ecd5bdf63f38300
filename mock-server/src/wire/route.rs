//! Every path that is served: one table, which can be printed, counted and iterated.

use std::sync::LazyLock;

use http::Method;
use mfa_engine::EnvironmentId;

use super::rejection::Rejection;

mod known;
mod map;

pub(crate) use known::KNOWN;
use map::Map;

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
}

/// What a request is aimed at.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target<'path> {
    pub(crate) environment: EnvironmentId,
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

static MAP: LazyLock<Map> = LazyLock::new(Map::draw);

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
        return Err(Rejection::UnknownPath { meant: None });
    };
    let Some(place) = MAP.find(rest) else {
        return Err(Rejection::UnknownPath { meant: map::meant(rest) });
    };
    let environment = environment.parse().map_err(|_| Rejection::MalformedEnvironment)?;
    if method == Method::OPTIONS {
        return Ok(Target { environment, operation: None, parameters: Vec::new() });
    }
    match place.entry(method) {
        Some(map::Entry::Served(operation)) => {
            let parameters = place.parameters;
            Ok(Target { environment, operation: Some(operation), parameters })
        }
        Some(map::Entry::Known(operation)) => Err(Rejection::NotMocked { operation }),
        None => Err(Rejection::MethodNotAllowed { allowed: place.allowed() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENVIRONMENT: &str = "00000000-0000-4000-8000-000000000000";

    fn find(method: &Method, path: &str) -> Result<Option<Operation>, Rejection> {
        recognise(method, path).map(|target| target.operation)
    }

    fn path(rest: &str) -> String {
        format!("{BASE}/sdk/{ENVIRONMENT}/{rest}")
    }

    #[test]
    fn every_route_is_reached_by_its_own_template() {
        for route in ROUTES {
            let path = path(route.template);
            assert_eq!(find(&route.method, &path), Ok(Some(route.operation)), "{path}");
            assert_eq!(find(&Method::OPTIONS, &path), Ok(None), "{path}");
            let refused = find(&Method::TRACE, &path);
            assert!(matches!(refused, Err(Rejection::MethodNotAllowed { .. })), "{path}");
            assert_eq!(operation_named(route.operation.name()), Some(route.operation));
        }
    }

    #[test]
    fn every_operation_of_the_api_is_known_by_name() {
        // 378 of the client, less the 178 preflights.
        assert_eq!(KNOWN.len(), 200);
        for (name, method, template) in KNOWN {
            let method = method.parse().unwrap();
            match find(&method, &path(template)) {
                Ok(Some(operation)) => assert_eq!(operation.name(), *name),
                refused => assert_eq!(refused, Err(Rejection::NotMocked { operation: name })),
            }
        }
        for route in ROUTES {
            let row = (route.operation.name(), route.method.as_str(), route.template);
            assert!(KNOWN.contains(&row), "{row:?} is no operation of the API");
        }
    }

    #[test]
    fn what_is_not_served_is_named() {
        assert_eq!(find(&Method::GET, "/"), Err(Rejection::OutsideTheApi));
        let doubled = format!("{BASE}//sdk/x/settings");
        assert_eq!(find(&Method::GET, &doubled), Err(Rejection::DoubleSlash));
        let unknown = |rest: &str| match find(&Method::GET, &path(rest)) {
            Err(Rejection::UnknownPath { meant }) => meant,
            other => panic!("{other:?}"),
        };
        assert_eq!(unknown("nonsense-of-another-kind"), None);
        assert_eq!(unknown("users/mfa/method/"), Some("users/mfa/methods"));
        assert_eq!(unknown("user/mfa"), Some("users/mfa"));
        for environment in ["test-env", "0D1C2B3A-0000-4000-8000-00000000000F", ""] {
            let path = format!("{BASE}/sdk/{environment}/settings");
            assert_eq!(find(&Method::GET, &path), Err(Rejection::MalformedEnvironment), "{path}");
        }
        let refused = find(&Method::DELETE, &path("users/mfa/methods"));
        let allowed = "GET, OPTIONS".to_owned();
        assert_eq!(refused, Err(Rejection::MethodNotAllowed { allowed }));
    }
}
