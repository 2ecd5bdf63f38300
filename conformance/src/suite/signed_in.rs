//! Every call of the API that a session makes, with a request that lacks nothing in its shape.
//!
//! The list is ours, not the service's: a call that the service lets through by mistake must not
//! be left out by the same mistake. The ids are those of the API's own description.

use crate::stage::{Halt, RawAnswer, RawRequest, Stage};

/// Who may make a call before the second factor, when one is owed (rule J11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Every session: it finishes the factor, reads one's own record, or leaves.
    Owing,
    /// A session whose user has no factor yet, too.
    Enrolling,
    /// A session that owes nothing.
    Complete,
}

/// A call that needs a session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    /// The id of the operation.
    pub(super) name: &'static str,
    pub(super) method: &'static str,
    /// Below the environment; `{…}` stands for a belonging.
    pub(super) path: &'static str,
    body: &'static str,
    pub(super) reach: Reach,
}

macro_rules! calls {
    ($($reach:ident { $($name:literal $method:ident $path:literal $body:expr;)+ })+) => {
        /// Every call; the last two end the session.
        pub(super) const CALLS: &[Call] = &[$($(
            Call {
                name: $name, method: stringify!($method), path: $path, body: $body,
                reach: Reach::$reach,
            }
        ),+),+];
    };
}

const CODE: &str =
    r#"{"verificationUUID":"6f1d4c8a-0000-4000-8000-00000000dead","verificationToken":"000000"}"#;
const SIGNED: &str = r#"{"signedMessage":"0x00","messageToSign":"m","publicWalletAddress":"0x0000000000000000000000000000000000000001","chain":"EVM","walletName":"metamask","walletProvider":"browserExtension"}"#;
const ATTESTED: &str = r#"{"id":"AA","rawId":"AA","type":"public-key","clientExtensionResults":{},"response":{"clientDataJson":"e30","attestationObject":"oA"}}"#;
const OLDER_ATTESTED: &str = r#"{"id":"{nobodys}","attestation":{"id":"AA","rawId":"AA","type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":"e30","attestationObject":"oA"}}}"#;
const ASSERTED: &str = r#"{"id":"AA","rawId":"AA","type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA"}}"#;
const RESHARED: &str = r#"{"clientKeygenIds":["k1"],"oldThresholdSignatureScheme":"TWO_OF_TWO","newThresholdSignatureScheme":"TWO_OF_THREE"}"#;
const SIGNER: &str = r#"{"signerType":"server","clientKeygenIds":["k1"],"oldThresholdSignatureScheme":"TWO_OF_TWO","newThresholdSignatureScheme":"TWO_OF_TWO"}"#;

calls! {
    Owing {
        "sessionCheck" GET "session" "";
        "getAuthenticatedUser" GET "users" "";
        "updateSelf" PUT "users" "{}";
        "stepUpCheck" POST "stepUp/check" r#"{"scope":"credential:link"}"#;
        "verifyEmailVerification" POST "emailVerifications/verify" CODE;
        "verifySmsVerification" POST "smsVerifications/verify" CODE;
        "externalAuthVerify" POST "externalAuth/verify" r#"{"jwt":"e30.e30.AA"}"#;
        "walletsVerify" POST "wallets/verify" SIGNED;
        "oauthVerify" POST "providers/google/verify" r#"{"state":"s","code":"c"}"#;
        "getUserMfaDevices" GET "users/mfa" "";
        "getUserMfaMethods" GET "users/mfa/methods" "";
        "getMfaDevice" GET "users/mfa/{device}" "";
        "registerTotpMfaDevice" GET "users/mfa/register/totp" "";
        "registerTotpMfaDeviceVerify" POST "users/mfa/register/totp" r#"{"type":"totp","code":"000000"}"#;
        "authMfaTotpDevice" POST "users/mfa/auth/totp" r#"{"code":"000000"}"#;
        "authMfaRecovery" POST "users/mfa/auth/recovery" r#"{"code":"0000000000"}"#;
        "authenticateMfaEmail" POST "users/mfa/auth/email" CODE;
        "getPasskeyAuthenticationOptions" GET "users/passkeys/authenticate" "";
        "authenticateMfaPasskeyDevice" POST "users/mfa/auth/passkey" ASSERTED;
        "getUserPasskeys" GET "users/passkeys" "";
        "deviceRegistration" POST "deviceRegistration" "";
        "refreshAuth" POST "refresh" "";
    }
    Enrolling {
        "getPasskeyRegistrationOptions" GET "users/passkeys/register" "";
        "registerPasskey" POST "users/passkeys/register" ATTESTED;
        "registerPasskeyMfaDevice" GET "users/mfa/register/passkey" "";
        "registerPasskeyMfaDeviceVerify" POST "users/mfa/register/passkey" OLDER_ATTESTED;
    }
    Complete {
        "getRecoveryCodes" GET "users/mfa/recovery" "";
        "createNewRecoveryCodes" POST "users/mfa/recovery" "";
        "updateUserMfaDevice" PUT "users/mfa/{device}" "";
        "updatePasskey" PUT "users/passkeys" r#"{"id":"{nobodys}","alias":"mine"}"#;
        "deletePasskey" DELETE "users/passkeys" r#"{"passkeyId":"{nobodys}"}"#;
        "listDeviceRegistrations" GET "deviceRegistrations" "";
        "deleteAllDeviceRegistrations" DELETE "deviceRegistrations" "";
        "deleteDeviceRegistration" DELETE "deviceRegistrations/{nobodys}" "";
        "verifyLink" POST "verify/link" SIGNED;
        "verifyTransfer" POST "verify/transfer" SIGNED;
        "selectUserWallet" PUT "users/wallets/selection" r#"{"walletId":"{wallet}"}"#;
        "mergeUsers" POST "users/merge" "";
        "verifyMergeUsers" POST "verify/merge" "{}";
        "createWaasAccount" POST "waas/create" r#"{"chain":"EVM","clientKeygenIds":["k1"]}"#;
        "importPrivateKey" POST "waas/privateKey/import"
            r#"{"chain":"SVM","clientKeygenIds":["k1"],"thresholdSignatureScheme":"TWO_OF_TWO"}"#;
        "createRoomsWithoutWalletId" POST "waas/createRooms"
            r#"{"roomType":"full","thresholdSignatureScheme":"TWO_OF_TWO"}"#;
        "getWaasWalletWithVerifiedCredentials" GET
            "waas/byWalletAddress/0x0000000000000000000000000000000000000001" "";
        "createRooms" POST "waas/{wallet}/createRooms" r#"{"roomType":"threshold","roomCount":2}"#;
        "signMessage" POST "waas/{wallet}/signMessage" r#"{"message":"hi"}"#;
        "exportPrivateKey" POST "waas/{wallet}/privateKey/export" r#"{"exportId":"k"}"#;
        "refreshKeyShares" POST "waas/{wallet}/refresh" "{}";
        "reshare" POST "waas/{wallet}/reshare" RESHARED;
        "recoverKeyShares" POST "waas/{wallet}/keyShares/recover" "{}";
        "backupKeySharesToLocations" POST "waas/{wallet}/keyShares/backup/locations"
            r#"{"locations":[{"location":"dynamic"}]}"#;
        "deliverDelegatedShare" POST "waas/{wallet}/delegatedAccess/delivery"
            r#"{"encryptedDelegatedShare":{"alg":"a","iv":"b","ct":"c","tag":"d","ek":"e"}}"#;
        "revokeDelegatedShareSet" DELETE "waas/{wallet}/delegatedAccess/{nobodys}" "";
        "updateWaasWalletSettings" PUT "waas/{wallet}/settings"
            r#"{"hasDeniedDelegatedAccess":true}"#;
        "sdkListBusinessAccounts" GET "businessAccounts" "";
        "sdkCreateBusinessAccount" POST "businessAccounts" r#"{"name":"Acme"}"#;
        "sdkLinkBusinessAccountWallet" POST "businessAccounts/linkWallet"
            r#"{"walletId":"{wallet}","businessAccountId":"{account}"}"#;
        "sdkGetBusinessAccountById" GET "businessAccounts/{account}" "";
        "sdkUpdateBusinessAccount" PATCH "businessAccounts/{account}" r#"{"name":"New"}"#;
        "sdkAddBusinessAccountMember" POST "businessAccounts/{account}/members"
            r#"{"role":"viewer","userId":"{nobodys}"}"#;
        "sdkUpdateBusinessAccountMemberRole" PATCH "businessAccounts/{account}/members/{nobodys}"
            r#"{"role":"admin"}"#;
        "sdkRemoveBusinessAccountMember" DELETE "businessAccounts/{account}/members/{nobodys}" "";
        "sdkTransferBusinessAccountOwnership" POST "businessAccounts/{account}/transferOwnership"
            r#"{"newOwnerUserId":"{nobodys}"}"#;
        "sdkAddBusinessAccountSigner" POST "businessAccounts/{account}/wallets/{wallet}/signers"
            SIGNER;
        "sdkRemoveBusinessAccountSigner" DELETE
            "businessAccounts/{account}/wallets/{wallet}/signers/{nobodys}" "";
        "sdkRemoveBusinessAccountWallet" DELETE "businessAccounts/{account}/wallets/{wallet}" "";
        "embeddedWalletExport" GET "users/embeddedWallets/{wallet}/activities/{nobodys}/export" "";
        "softDeleteEmbeddedWallet" DELETE "users/embeddedWallets/{wallet}/softDelete" "";
        "restoreEmbeddedWallet" PUT "users/embeddedWallets/{wallet}/restore" "";
        "deleteEmbeddedWallets" DELETE "users/embeddedWallets" "";
        "verifyUnlink" POST "verify/unlink" r#"{"verifiedCredentialId":"{credential}"}"#;
        "deleteMfaDevice" DELETE "users/mfa/{device}" "";
    }
    Owing { "revokeSession" POST "revoke" ""; }
    Complete { "hardDeleteUser" DELETE "users" ""; }
}

/// An id that nobody has.
pub(super) const NOBODYS: &str = "6f1d4c8a-0000-4000-8000-00000000dead";

/// What the calls name; what somebody does not have is nobody's.
#[derive(Clone, Debug)]
pub(super) struct Belongings {
    /// A TOTP device.
    pub(super) device: String,
    /// A credential that is not the only one.
    pub(super) credential: String,
    /// An embedded wallet.
    pub(super) wallet: String,
    /// A business account.
    pub(super) account: String,
}

impl Default for Belongings {
    fn default() -> Self {
        let nobodys = || NOBODYS.to_owned();
        Self { device: nobodys(), credential: nobodys(), wallet: nobodys(), account: nobodys() }
    }
}

impl Belongings {
    fn fill(&self, template: &str) -> String {
        template
            .replace("{nobodys}", NOBODYS)
            .replace("{device}", &self.device)
            .replace("{credential}", &self.credential)
            .replace("{wallet}", &self.wallet)
            .replace("{account}", &self.account)
    }
}

impl Call {
    /// How findings call it.
    pub(super) fn title(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether the session is over once it was granted.
    pub(super) fn ends_the_session(&self) -> bool {
        matches!(self.name, "revokeSession" | "hardDeleteUser")
    }

    /// The request with a session's token.
    pub(super) fn request(&self, stage: &Stage, bearer: &str, own: &Belongings) -> RawRequest {
        let request = stage.raw(self.method, &own.fill(self.path)).bearer(bearer);
        let request = match self.name {
            "deviceRegistration" => request.header("x-dynamic-device-registration-token", "t"),
            _ => request,
        };
        match self.body {
            "" => request,
            body => request.header("content-type", "application/json").text(&own.fill(body)),
        }
    }

    /// Makes the call.
    pub(super) fn ask(
        &self,
        stage: &Stage,
        bearer: &str,
        own: &Belongings,
    ) -> Result<RawAnswer, Halt> {
        self.request(stage, bearer, own).send()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::run::tenant_time;
    use crate::service::{Effect, Fault, Service};

    #[test]
    fn every_call_is_an_operation_of_the_service() {
        let service = Service::start(7).unwrap();
        let tenant = service.tenant("calls", tenant_time(0)).unwrap();
        let names: BTreeSet<&str> = CALLS.iter().map(|call| call.name).collect();
        assert_eq!(names.len(), CALLS.len(), "a call stands there twice");
        for call in CALLS {
            let served = tenant.inject(Fault::on(call.name, Effect::status(503))).is_ok();
            assert!(served, "{}", call.name);
        }
        let mut last = CALLS.iter().rev();
        assert!(last.by_ref().take(2).all(Call::ends_the_session));
        assert!(!last.any(Call::ends_the_session));
    }
}
