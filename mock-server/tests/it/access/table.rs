//! Who may call what: one row for every operation that is served.

/// Who may call an operation, gates and ownership aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody, signed in or not.
    Anybody,
    /// A live session, also one that still owes its second factor (rules J11, U27).
    Partial,
    /// A live session, also one that still owes its first second factor: not one whose user has
    /// one already, so that the thief of a mailbox cannot add another.
    Enrolling,
    /// A live session that owes nothing.
    Whole,
}

/// `operationId`, who may call it, and a body (of a GET: a query) of the right shape; `{walletId}` and the like stand
/// for what belongs to the caller, see [`crate::belongings`].
pub(crate) type Row = (&'static str, Access, &'static str);

const ADDRESS: &str = r#"{"email":"alice@example.com"}"#;
pub(crate) const PROOF: &str =
    r#"{"verificationUUID":"00000000-0000-4000-8000-000000000000","verificationToken":"123456"}"#;
pub(crate) const ATTESTATION: &str = r#"{"id":"AA","rawId":"AA","type":"public-key","clientExtensionResults":{},"response":{"clientDataJson":"e30","attestationObject":"oA"}}"#;
const OLDER_ATTESTATION: &str = r#"{"id":"00000000-0000-4000-8000-000000000000","attestation":{"id":"AA","rawId":"AA","type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":"e30","attestationObject":"oA"}}}"#;
pub(crate) const ASSERTION: &str = r#"{"id":"AA","rawId":"AA","type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA"}}"#;
const SMS: &str = r#"{"phoneCountryCode":"1","phoneNumber":"5551234567","isoCountryCode":"US"}"#;
const SMS_AGAIN: &str = r#"{"phoneCountryCode":"1","phoneNumber":"5551234567","isoCountryCode":"US","verificationUUID":"00000000-0000-4000-8000-000000000000"}"#;
const SIGNED: &str = r#"{"signedMessage":"0x00","messageToSign":"m","publicWalletAddress":"0x0000000000000000000000000000000000000001","chain":"EVM","walletName":"metamask","walletProvider":"browserExtension"}"#;
const PROVIDER_ANSWER: &str = r#"{"state":"s","code":"c","codeVerifier":"v"}"#;
const ROOMS: &str = r#"{"roomType":"full","thresholdSignatureScheme":"TWO_OF_TWO"}"#;
const IMPORT: &str =
    r#"{"chain":"SVM","clientKeygenIds":["k"],"thresholdSignatureScheme":"TWO_OF_TWO"}"#;
const RESHARE: &str = r#"{"clientKeygenIds":["k"],"oldThresholdSignatureScheme":"TWO_OF_TWO","newThresholdSignatureScheme":"TWO_OF_THREE"}"#;
const SHARE: &str =
    r#"{"encryptedDelegatedShare":{"alg":"a","iv":"b","ct":"c","tag":"d","ek":"e"}}"#;
const SIGNER: &str = r#"{"signerType":"endUser","userId":"{userId}","clientKeygenIds":["k"],"oldThresholdSignatureScheme":"TWO_OF_TWO","newThresholdSignatureScheme":"TWO_OF_TWO"}"#;
const LINK: &str = r#"{"walletId":"{walletId}","businessAccountId":"{businessAccountId}"}"#;

/// The table. It leaves out the administrators' API, whose callers have no session: what opens
/// that is tried for every operation of it in `admin/door.rs`. What a session may do that owes its second factor is decided here a second time, in
/// the words of the API, and held against the service.
pub(crate) const ACCESS: &[Row] = {
    use Access::{Anybody, Enrolling, Partial, Whole};
    &[
        ("getEnvironmentSettings", Anybody, ""),
        ("logDynamicSdkSettings", Anybody, "{}"),
        ("getNonce", Anybody, ""),
        ("getNonces", Anybody, ""),
        ("getJwksByEnvironmentId", Anybody, ""),
        ("getJwksJsonByEnvironmentId", Anybody, ""),
        ("getHealthcheck", Anybody, ""),
        ("createVisit", Anybody, r#"{"address":"a","chain":"b","provider":"c","walletName":"d"}"#),
        ("createEmailVerification", Anybody, ADDRESS),
        (
            "retryEmailVerification",
            Anybody,
            r#"{"verificationUUID":"00000000-0000-4000-8000-000000000000","email":"a@b"}"#,
        ),
        ("signInWithEmailVerification", Anybody, PROOF),
        ("verifyEmailVerification", Partial, PROOF),
        ("refreshAuth", Partial, ""),
        ("revokeSession", Partial, ""),
        ("sessionCheck", Partial, ""),
        ("getAuthenticatedUser", Partial, ""),
        ("updateSelf", Partial, "{}"),
        ("hardDeleteUser", Whole, ""),
        ("getUserMfaDevices", Partial, ""),
        ("getUserMfaMethods", Partial, ""),
        ("getRecoveryCodes", Whole, ""),
        ("createNewRecoveryCodes", Whole, ""),
        ("registerTotpMfaDevice", Partial, ""),
        ("registerTotpMfaDeviceVerify", Partial, r#"{"type":"totp","code":"1"}"#),
        ("authMfaTotpDevice", Partial, r#"{"code":"1"}"#),
        ("authMfaRecovery", Partial, r#"{"code":"1"}"#),
        ("getMfaDevice", Partial, ""),
        ("updateUserMfaDevice", Whole, ""),
        ("deleteMfaDevice", Whole, ""),
        ("getPasskeyAuthenticationSigninOptions", Anybody, ""),
        ("signinWithPasskey", Anybody, ASSERTION),
        ("getPasskeyRegistrationOptions", Enrolling, ""),
        ("registerPasskey", Enrolling, ATTESTATION),
        ("registerPasskeyMfaDevice", Enrolling, ""),
        ("registerPasskeyMfaDeviceVerify", Enrolling, OLDER_ATTESTATION),
        ("getPasskeyAuthenticationOptions", Partial, ""),
        ("authenticateMfaPasskeyDevice", Partial, ASSERTION),
        ("getUserPasskeys", Partial, ""),
        ("updatePasskey", Whole, r#"{"id":"{passkeyId}","alias":"x"}"#),
        ("deletePasskey", Whole, r#"{"passkeyId":"{passkeyId}"}"#),
        ("stepUpCheck", Partial, r#"{"scope":"wallet:sign"}"#),
        ("createWaasAccount", Whole, r#"{"chain":"EVM","clientKeygenIds":["k"]}"#),
        ("importPrivateKey", Whole, IMPORT),
        ("createRoomsWithoutWalletId", Whole, ROOMS),
        ("getWaasWalletWithVerifiedCredentials", Whole, ""),
        ("createRooms", Whole, r#"{"roomType":"threshold","roomCount":2}"#),
        ("signMessage", Whole, r#"{"message":"hello"}"#),
        ("exportPrivateKey", Whole, r#"{"exportId":"k"}"#),
        ("refreshKeyShares", Whole, ""),
        ("reshare", Whole, RESHARE),
        ("recoverKeyShares", Whole, ""),
        ("backupKeySharesToLocations", Whole, r#"{"locations":[{"location":"dynamic"}]}"#),
        ("deliverDelegatedShare", Whole, SHARE),
        ("revokeDelegatedShareSet", Whole, ""),
        ("updateWaasWalletSettings", Whole, r#"{"hasDeniedDelegatedAccess":true}"#),
        ("deleteEmbeddedWallets", Whole, ""),
        ("softDeleteEmbeddedWallet", Whole, ""),
        ("restoreEmbeddedWallet", Whole, ""),
        ("embeddedWalletExport", Whole, ""),
        ("sdkListBusinessAccounts", Whole, ""),
        ("sdkCreateBusinessAccount", Whole, ""),
        ("sdkLinkBusinessAccountWallet", Whole, LINK),
        ("sdkGetBusinessAccountById", Whole, ""),
        ("sdkUpdateBusinessAccount", Whole, r#"{"name":"New"}"#),
        ("sdkAddBusinessAccountMember", Whole, r#"{"role":"admin","userId":"{userId}"}"#),
        ("sdkRemoveBusinessAccountMember", Whole, ""),
        ("sdkUpdateBusinessAccountMemberRole", Whole, r#"{"role":"admin"}"#),
        ("sdkTransferBusinessAccountOwnership", Whole, r#"{"newOwnerUserId":"{userId}"}"#),
        ("sdkRemoveBusinessAccountWallet", Whole, ""),
        ("sdkAddBusinessAccountSigner", Whole, SIGNER),
        ("sdkRemoveBusinessAccountSigner", Whole, ""),
        ("createSmsVerification", Anybody, SMS),
        ("retrySmsVerification", Anybody, SMS_AGAIN),
        ("signInWithSmsVerification", Anybody, PROOF),
        ("verifySmsVerification", Partial, PROOF),
        ("externalAuthSignin", Anybody, r#"{"jwt":"e30.e30.AA"}"#),
        ("externalAuthVerify", Partial, r#"{"jwt":"e30.e30.AA"}"#),
        ("authenticateMfaEmail", Partial, PROOF),
        ("deviceRegistration", Partial, ""),
        ("listDeviceRegistrations", Whole, ""),
        ("deleteAllDeviceRegistrations", Whole, ""),
        ("deleteDeviceRegistration", Whole, ""),
        ("verify", Anybody, SIGNED),
        ("walletsSignin", Anybody, SIGNED),
        ("walletsVerify", Partial, SIGNED),
        ("verifyLink", Whole, SIGNED),
        ("verifyTransfer", Whole, SIGNED),
        ("selectUserWallet", Whole, r#"{"walletId":"{credentialId}"}"#),
        ("verifyUnlink", Whole, r#"{"verifiedCredentialId":"{credentialId}"}"#),
        ("mergeUsers", Whole, ""),
        ("verifyMergeUsers", Whole, "{}"),
        ("initAuth", Anybody, r#"{"state":"s","redirectUrl":"http://localhost:3000/"}"#),
        ("oauthLogin", Anybody, ""),
        ("oauthLoginUrl", Anybody, ""),
        ("oauthAuthorizeHtml", Anybody, "state=s"),
        ("oauthRedirectCode", Anybody, "state=s&code=c"),
        ("oauthRedirectApple", Anybody, "state=s&code=c"),
        ("oauthResult", Anybody, r#"{"state":"s"}"#),
        ("oauthSignIn", Anybody, PROVIDER_ANSWER),
        ("oauthVerify", Partial, PROVIDER_ANSWER),
    ]
};

/// The row of an operation.
#[track_caller]
pub(crate) fn row(operation: &str) -> &'static Row {
    let found = ACCESS.iter().find(|(name, ..)| *name == operation);
    found.unwrap_or_else(|| {
        panic!(
            "`{operation}` is served, but nothing says who may call it. Add to ACCESS in \
             tests/it/access/table.rs: the operation, whether a session may call it that still \
             owes its second factor, and a body of the right shape"
        )
    })
}
