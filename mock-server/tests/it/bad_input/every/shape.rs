//! The body of every call that takes one, with every field that is read.

/// `operationId`, and a body in which `"name?"` is a field that may be absent.
///
/// `{walletId}` and the like stand for what belongs to the caller, see [`crate::belongings`].
pub(super) type Shape = (&'static str, &'static str);

const CODE: &str = r#"{"verificationUUID":"00000000-0000-4000-8000-000000000000","verificationToken":"123456","sessionPublicKey?":"02ab","requestedScopes?":["wallet:sign"],"allowNewMFALinking?":true}"#;
const PHONE: &str = r#"{"phoneCountryCode":"1","phoneNumber":"5551234567","isoCountryCode":"US"}"#;
const PHONE_AGAIN: &str = r#"{"verificationUUID":"00000000-0000-4000-8000-000000000000","phoneCountryCode":"1","phoneNumber":"5551234567","isoCountryCode":"US"}"#;
// A cookie can carry the JWT instead.
const JWT: &str = r#"{"jwt?":"e30.e30.AA","sessionPublicKey?":"02ab"}"#;
const FACTOR: &str =
    r#"{"code":"1","createMfaToken?":{"singleUse":true},"requestedScopes?":["wallet:sign"]}"#;
const CREATED: &str = r#"{"id":"AA","rawId":"AA","type":"public-key","authenticatorAttachment?":"platform","clientExtensionResults":{},"response":{"clientDataJSON":"e30","attestationObject":"oA","transports?":["usb"]},"createMfaToken?":{"singleUse":true}}"#;
const CREATED_BEFORE: &str = r#"{"id":"00000000-0000-4000-8000-000000000000","attestation":{"id":"AA","rawId":"AA","type":"public-key","authenticatorAttachment?":"platform","clientExtensionResults":{},"response":{"clientDataJSON":"e30","attestationObject":"oA","transports?":["usb"]},"createMfaToken?":{"singleUse":true}},"createMfaToken?":{"singleUse":true}}"#;
const ASSERTED: &str = r#"{"id":"AA","rawId":"AA","type":"public-key","authenticatorAttachment?":"platform","clientExtensionResults":{},"response":{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA","userHandle?":"AA"},"createMfaToken?":{"singleUse":true},"requestedScopes?":["wallet:sign"]}"#;
const WALLET: &str = r#"{"signedMessage":"0x00","messageToSign":"m","publicWalletAddress":"0x0000000000000000000000000000000000000001","chain":"EVM","walletName":"metamask","walletProvider":"browserExtension","sessionPublicKey?":"02ab","requestedScopes?":["wallet:sign"]}"#;
const PROVIDER: &str = r#"{"state":"s","code":"c","codeVerifier?":"v","sessionPublicKey?":"02ab","requestedScopes?":["wallet:sign"]}"#;
const PROFILE: &str = r#"{"email?":"new@example.com","alias?":"a","firstName?":"a","lastName?":"a","jobTitle?":"a","phoneNumber?":"1","tShirtSize?":"M","team?":"a","country?":"US","username?":"abc","policiesConsent?":true,"metadata?":{},"mfaBackupCodeAcknowledgement?":"complete"}"#;
const NEW_USER: &str = r#"{"email":"new@example.com","alias?":"a","firstName?":"a","lastName?":"a","jobTitle?":"a","phoneNumber?":"1","tShirtSize?":"M","team?":"a","country?":"US","username?":"abc","policiesConsent?":true,"metadata?":{}}"#;
const SIGNER: &str = r#"{"signerType":"server","userId?":"{userId}","identifier?":"alice@example.com","type?":"email","clientKeygenIds":["k"],"oldThresholdSignatureScheme":"TWO_OF_TWO","newThresholdSignatureScheme":"TWO_OF_TWO"}"#;
const WEBHOOK: &str = r#"{"url":"http://127.0.0.1:1/","isEnabled":true,"events":["user.created"]}"#;

/// The table. An operation that is neither here nor in [`BODILESS`] fails the test.
pub(super) const SHAPES: &[Shape] = &[
    ("createVisit", r#"{"address":"a","chain":"b","provider":"c","walletName":"d"}"#),
    ("createEmailVerification", r#"{"email":"alice@example.com"}"#),
    (
        "retryEmailVerification",
        r#"{"verificationUUID":"00000000-0000-4000-8000-000000000000","email":"alice@example.com"}"#,
    ),
    ("signInWithEmailVerification", CODE),
    ("verifyEmailVerification", CODE),
    ("createSmsVerification", PHONE),
    ("retrySmsVerification", PHONE_AGAIN),
    ("signInWithSmsVerification", CODE),
    ("verifySmsVerification", CODE),
    ("externalAuthSignin", JWT),
    ("externalAuthVerify", JWT),
    ("updateSelf", PROFILE),
    ("registerTotpMfaDeviceVerify", r#"{"type":"totp","code":"1"}"#),
    (
        "authMfaTotpDevice",
        r#"{"id?":"{mfaDeviceId}","code":"1","createMfaToken?":{"singleUse":true},"requestedScopes?":["wallet:sign"]}"#,
    ),
    ("authMfaRecovery", FACTOR),
    (
        "authenticateMfaEmail",
        r#"{"verificationUUID":"00000000-0000-4000-8000-000000000000","verificationToken":"123456","createMfaToken?":{"singleUse":true},"requestedScopes?":["wallet:sign"]}"#,
    ),
    ("updateUserMfaDevice", r#"{"default":true}"#),
    ("stepUpCheck", r#"{"scope":"wallet:sign"}"#),
    (
        "createWaasAccount",
        r#"{"chain":"EVM","clientKeygenIds":["k"],"thresholdSignatureScheme?":"TWO_OF_TWO","businessAccountId?":"{businessAccountId}"}"#,
    ),
    (
        "importPrivateKey",
        r#"{"chain":"SVM","clientKeygenIds":["k"],"thresholdSignatureScheme":"TWO_OF_TWO"}"#,
    ),
    (
        "createRoomsWithoutWalletId",
        r#"{"roomType":"full","thresholdSignatureScheme":"TWO_OF_TWO","roomCount?":2}"#,
    ),
    ("createRooms", r#"{"roomType":"threshold","roomCount?":2}"#),
    ("signMessage", r#"{"message":"hello","isFormatted?":true,"roomId?":"r"}"#),
    ("exportPrivateKey", r#"{"exportId":"k"}"#),
    ("refreshKeyShares", r#"{"shareSetId?":"{shareSetId}"}"#),
    (
        "reshare",
        r#"{"clientKeygenIds":["k"],"oldThresholdSignatureScheme":"TWO_OF_TWO","newThresholdSignatureScheme":"TWO_OF_TWO","delegateToProjectEnvironment?":false,"revokeDelegation?":false}"#,
    ),
    ("recoverKeyShares", r#"{"keyShareIds?":["k"]}"#),
    (
        "backupKeySharesToLocations",
        r#"{"locations":[{"location":"dynamic","keygenId?":"k","externalKeyShareId?":"e"}]}"#,
    ),
    (
        "deliverDelegatedShare",
        r#"{"encryptedDelegatedShare":{"alg":"a","iv":"b","ct":"c","tag":"d","ek":"e"}}"#,
    ),
    ("updateWaasWalletSettings", r#"{"hasDeniedDelegatedAccess":true}"#),
    ("sdkCreateBusinessAccount", r#"{"name?":"a","externalRef?":"b","metadata?":{}}"#),
    (
        "sdkLinkBusinessAccountWallet",
        r#"{"walletId":"{walletId}","businessAccountId?":"{businessAccountId}"}"#,
    ),
    ("sdkUpdateBusinessAccount", r#"{"name?":"New"}"#),
    (
        "sdkAddBusinessAccountMember",
        r#"{"role":"admin","userId?":"{userId}","identifier?":"alice@example.com","type?":"email"}"#,
    ),
    ("sdkUpdateBusinessAccountMemberRole", r#"{"role":"admin"}"#),
    ("sdkTransferBusinessAccountOwnership", r#"{"newOwnerUserId":"{userId}"}"#),
    ("sdkAddBusinessAccountSigner", SIGNER),
    ("signinWithPasskey", ASSERTED),
    ("registerPasskey", CREATED),
    ("registerPasskeyMfaDeviceVerify", CREATED_BEFORE),
    ("authenticateMfaPasskeyDevice", ASSERTED),
    ("updatePasskey", r#"{"id":"{passkeyId}","alias?":"x"}"#),
    ("deletePasskey", r#"{"passkeyId":"{passkeyId}"}"#),
    ("verify", WALLET),
    ("walletsSignin", WALLET),
    ("walletsVerify", WALLET),
    ("verifyLink", WALLET),
    ("verifyTransfer", WALLET),
    ("selectUserWallet", r#"{"walletId":"{credentialId}"}"#),
    (
        "verifyUnlink",
        r#"{"verifiedCredentialId?":"{credentialId}","walletId?":"{credentialId}","primaryWalletId?":"{credentialId}"}"#,
    ),
    (
        "verifyMergeUsers",
        r#"{"mergeUserResolutions?":[{"userId":"{userId}","fieldKey":"alias","type":"standard"}]}"#,
    ),
    ("initAuth", r#"{"state":"s","redirectUrl?":"http://localhost:3000/"}"#),
    ("oauthResult", r#"{"state?":"s"}"#),
    ("oauthSignIn", PROVIDER),
    ("oauthVerify", PROVIDER),
    ("createUser", NEW_USER),
    ("updateUser", PROFILE),
    ("updateUserLegacy", PROFILE),
    ("postToken", r#"{"note":"n","scopes?":["environment.users.read"]}"#),
    ("createWebhook", WEBHOOK),
    ("updateWebhookById", WEBHOOK),
];

/// Calls that change something and read no body; GETs read none either.
pub(super) const BODILESS: &[&str] = &[
    "refreshAuth",
    "revokeSession",
    "hardDeleteUser",
    "createNewRecoveryCodes",
    "deleteMfaDevice",
    "deviceRegistration",
    "deleteAllDeviceRegistrations",
    "deleteDeviceRegistration",
    "revokeDelegatedShareSet",
    "softDeleteEmbeddedWallet",
    "restoreEmbeddedWallet",
    "sdkRemoveBusinessAccountMember",
    "sdkRemoveBusinessAccountWallet",
    "sdkRemoveBusinessAccountSigner",
    "mergeUsers",
    "deleteUser",
    "deleteUserLegacy",
    "resetUserMfa",
    "resetAllMfaDevices",
    "revokeSessionById",
    "revokeUserSessions",
    "revokeUserSessionsLegacy",
    "revokeEnvironmentSessions",
    "deleteTokenById",
    "createTestAccount",
    "deleteTestAccount",
    "deleteWebhookById",
    "redeliverWebhookMessage",
];

/// Calls whose body is an object of which no field is looked at, and the one that sends a form.
pub(super) const UNREAD: &[&str] =
    &["logDynamicSdkSettings", "deleteEmbeddedWallets", "oauthRedirectApple"];
