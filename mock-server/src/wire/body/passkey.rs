//! Passkeys: requests and answers, in the JSON of WebAuthn Level 3, section 5.1.8 to 5.1.10.

use mfa_engine::passkey::{Descriptor, Passkey, RegistrationOptions, RequestOptions, Transport};
use mfa_engine::policy::{self, ResidentKey, UserVerification};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::mfa::CreateMfaToken;
use super::object::Object;
use super::user::date;

/// The only kind of credential (`PublicKeyCredentialType`, `PasskeyCredentialType`).
#[derive(Clone, Copy, Deserialize, Serialize)]
pub(crate) enum CredentialWord {
    #[serde(rename = "public-key")]
    PublicKey,
}

/// `AuthenticatorAttachment`
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Attachment {
    CrossPlatform,
    Platform,
}

/// `clientExtensionResults`: an object; nothing in it is used here, as section 7.1 allows.
#[derive(Deserialize)]
pub(crate) struct ExtensionResults {}

/// `PasskeyRegisterRequest`, and `PasskeyRegisterVerifyRequest` of the older call.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RegisterPasskey {
    pub(crate) id: String,
    pub(crate) raw_id: String,
    pub(crate) response: Object<AttestationResponse>,
    #[serde(rename = "type")]
    pub(crate) _kind: CredentialWord,
    #[serde(rename = "authenticatorAttachment")]
    pub(crate) _attachment: Option<Attachment>,
    #[serde(rename = "clientExtensionResults")]
    pub(crate) _extensions: Object<ExtensionResults>,
    pub(crate) create_mfa_token: Option<Object<CreateMfaToken>>,
}

/// `PasskeyRegistrationCredentialV2`, and `AuthenticatorAttestationResponse`: they spell the
/// client data differently.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AttestationResponse {
    #[serde(rename = "clientDataJSON", alias = "clientDataJson")]
    pub(crate) client_data: String,
    pub(crate) attestation_object: String,
    pub(crate) transports: Option<Vec<String>>,
}

/// `MFARegisterPasskeyDevicePostRequest`, and the same wrapping around the newer call.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WrappedRegistration {
    pub(crate) id: String,
    pub(crate) attestation: Object<RegisterPasskey>,
    pub(crate) create_mfa_token: Option<Object<CreateMfaToken>>,
}

/// `PasskeyAuthRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthenticatePasskey {
    pub(crate) id: String,
    pub(crate) raw_id: String,
    pub(crate) response: Object<AssertionResponse>,
    #[serde(rename = "type")]
    pub(crate) _kind: CredentialWord,
    #[serde(rename = "authenticatorAttachment")]
    pub(crate) _attachment: Option<Attachment>,
    #[serde(rename = "clientExtensionResults")]
    pub(crate) _extensions: Object<ExtensionResults>,
    pub(crate) create_mfa_token: Option<Object<CreateMfaToken>>,
    pub(crate) requested_scopes: Option<Vec<String>>,
}

/// `AuthenticatorAssertionResponse`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssertionResponse {
    #[serde(rename = "clientDataJSON", alias = "clientDataJson")]
    pub(crate) client_data: String,
    pub(crate) authenticator_data: String,
    pub(crate) signature: String,
    pub(crate) user_handle: Option<String>,
}

/// `MFAAuthPasskeyDevicePostRequest`: the assertion of clients of 2025, in a wrapping. Its `id` was
/// handed out by a call that no longer exists, so it is read and names nothing.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WrappedAssertion {
    #[serde(rename = "id")]
    pub(crate) _id: String,
    pub(crate) assertion: Object<AuthenticatePasskey>,
    pub(crate) create_mfa_token: Option<Object<CreateMfaToken>>,
    pub(crate) requested_scopes: Option<Vec<String>>,
}

/// Which of the two forms a body has (rule U33).
#[derive(Deserialize)]
pub(crate) struct Wrapping {
    pub(crate) attestation: Option<IgnoredAny>,
    pub(crate) assertion: Option<IgnoredAny>,
}

/// `UpdateUserPasskeyRequest`
#[derive(Deserialize)]
pub(crate) struct UpdatePasskey {
    pub(crate) id: String,
    pub(crate) alias: Option<String>,
}

/// `DeleteUserPasskeyRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeletePasskey {
    pub(crate) passkey_id: String,
}

/// `UserPasskey`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UserPasskey {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
    origin: String,
    credential_id: String,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
}

impl UserPasskey {
    pub(crate) fn of(passkey: Passkey) -> Self {
        Self {
            id: passkey.id.to_string(),
            alias: passkey.alias,
            user_agent: passkey.user_agent,
            origin: passkey.origin,
            credential_id: passkey.credential_id.to_string(),
            created_at: date(passkey.created_at),
            updated_at: passkey.updated_at.map(date),
        }
    }
}

/// `GetUserPasskeysResponse`
#[derive(Serialize)]
pub(crate) struct UserPasskeys {
    pub(crate) passkeys: Vec<UserPasskey>,
    pub(crate) count: usize,
}

/// `PasskeyAllowCredential`: without the `type` that WebAuthn has there. The API's model has none,
/// and its client would drop it; SDKs put it back.
#[derive(Serialize)]
pub(crate) struct AllowCredential {
    id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    transports: Vec<Transport>,
}

/// `PasskeyExcludeCredential`, `PublicKeyCredentialDescriptor`
#[derive(Serialize)]
pub(crate) struct CredentialDescriptor {
    id: String,
    #[serde(rename = "type")]
    kind: CredentialWord,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    transports: Vec<Transport>,
}

impl CredentialDescriptor {
    fn of(known: Descriptor) -> Self {
        Self {
            id: known.id.to_string(),
            kind: CredentialWord::PublicKey,
            transports: known.transports,
        }
    }
}

/// `PublicKeyCredentialParameters`
#[derive(Serialize)]
struct Parameters {
    alg: i32,
    #[serde(rename = "type")]
    kind: CredentialWord,
}

/// `PasskeyRelyingParty`
#[derive(Serialize)]
struct RelyingParty<'policy> {
    id: &'policy str,
    name: &'policy str,
}

/// `PasskeyUser`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PasskeyUser {
    id: String,
    name: String,
    display_name: String,
}

/// `AuthenticatorSelectionCriteria`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Selection {
    require_resident_key: bool,
    resident_key: ResidentKey,
    user_verification: UserVerification,
}

/// `PasskeyExtension`: asks whether the credential can be found by the authenticator itself.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Extensions {
    cred_props: bool,
}

/// `GetPasskeyRegistrationOptionsResponse`, and `MFARegisterPasskeyDeviceGetResponseRegistration`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreationOptions<'policy> {
    attestation: &'static str,
    authenticator_selection: Selection,
    challenge: String,
    exclude_credentials: Vec<CredentialDescriptor>,
    extensions: Extensions,
    pub_key_cred_params: Vec<Parameters>,
    rp: RelyingParty<'policy>,
    timeout: u32,
    user: PasskeyUser,
}

impl<'policy> CreationOptions<'policy> {
    pub(crate) fn of(options: RegistrationOptions, settings: &'policy policy::Passkey) -> Self {
        let parameters = |algorithm: &policy::PasskeyAlgorithm| Parameters {
            alg: algorithm.cose(),
            kind: CredentialWord::PublicKey,
        };
        Self {
            attestation: "none",
            authenticator_selection: Selection {
                require_resident_key: settings.resident_key == ResidentKey::Required,
                resident_key: settings.resident_key,
                user_verification: settings.user_verification,
            },
            challenge: options.challenge.to_string(),
            exclude_credentials: options
                .exclude
                .into_iter()
                .map(CredentialDescriptor::of)
                .collect(),
            extensions: Extensions { cred_props: true },
            pub_key_cred_params: settings.algorithms.iter().map(parameters).collect(),
            rp: RelyingParty { id: &settings.rp_id, name: &settings.rp_name },
            timeout: settings.timeout_milliseconds,
            user: PasskeyUser {
                id: options.user_handle.to_string(),
                display_name: options.user_name.clone(),
                name: options.user_name,
            },
        }
    }
}

/// `MFARegisterPasskeyDeviceGetResponse`
#[derive(Serialize)]
pub(crate) struct OlderRegistration<'policy> {
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) registration: CreationOptions<'policy>,
}

/// `GetPasskeyAuthenticationOptionsResponse`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AssertionOptions {
    challenge: String,
    timeout: u32,
    rp_id: String,
    user_verification: UserVerification,
    #[serde(skip_serializing_if = "Option::is_none")]
    allow_credentials: Option<Vec<AllowCredential>>,
}

impl AssertionOptions {
    pub(crate) fn of(options: RequestOptions, settings: &policy::Passkey) -> Self {
        let shown = |known: Descriptor| {
            let CredentialDescriptor { id, transports, .. } = CredentialDescriptor::of(known);
            AllowCredential { id, transports }
        };
        let allow = |known: Vec<Descriptor>| known.into_iter().map(shown).collect();
        Self {
            challenge: options.challenge.to_string(),
            timeout: settings.timeout_milliseconds,
            rp_id: options.rp_id,
            user_verification: settings.user_verification,
            allow_credentials: options.allow.map(allow),
        }
    }
}
