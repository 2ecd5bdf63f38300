//! Second factors and step-up: requests and answers.

use mfa_engine::{DeviceView, Format, MfaTokenRequest, StepUpCredential, Wishes};
use serde::{Deserialize, Serialize};

use super::object::Object;
use super::passkey::UserPasskey;
use super::user::date;

/// `CreateMfaToken`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateMfaToken {
    single_use: bool,
}

/// `MFARegisterTotpDevicePostRequest`
#[derive(Deserialize)]
pub(crate) struct ConfirmTotp {
    // Read so that another kind is refused; there is nothing else to do with it.
    #[serde(rename = "type")]
    pub(crate) _kind: TotpWord,
    pub(crate) code: String,
}

/// The only kind of device that this call confirms.
#[derive(Clone, Copy, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TotpWord {
    Totp,
}

/// `MFAAuthTotpDevicePostRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthenticateTotp {
    pub(crate) id: Option<String>,
    pub(crate) code: String,
    pub(crate) create_mfa_token: Option<Object<CreateMfaToken>>,
    pub(crate) requested_scopes: Option<Vec<String>>,
}

/// `MFAAuthRecoveryDevicePostRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthenticateRecovery {
    pub(crate) code: String,
    pub(crate) create_mfa_token: Option<Object<CreateMfaToken>>,
    pub(crate) requested_scopes: Option<Vec<String>>,
}

/// `MFAUpdateDeviceRequest`
#[derive(Deserialize)]
pub(crate) struct UpdateDevice {
    pub(crate) default: bool,
}

/// `StepUpCheckRequest`
#[derive(Deserialize)]
pub(crate) struct CheckStepUp {
    pub(crate) scope: String,
}

/// `EmailVerificationMfaRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthenticateEmail {
    #[serde(rename = "verificationUUID")]
    pub(crate) verification_uuid: String,
    pub(crate) verification_token: String,
    pub(crate) create_mfa_token: Option<Object<CreateMfaToken>>,
    pub(crate) requested_scopes: Option<Vec<String>>,
}

/// What a second-factor call asks for beside the factor itself.
pub(crate) fn wishes(token: Option<Object<CreateMfaToken>>, scopes: Option<Vec<String>>) -> Wishes {
    Wishes {
        mfa_token: token.map(|Object(token)| MfaTokenRequest { single_use: token.single_use }),
        scopes: scopes.unwrap_or_default(),
    }
}

/// `MFADevice`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Device {
    #[serde(rename = "type")]
    kind: TotpWord,
    verified: bool,
    id: String,
    created_at: String,
    verified_at: Option<String>,
    default: bool,
}

impl Device {
    pub(crate) fn of(device: DeviceView) -> Self {
        Self {
            kind: TotpWord::Totp,
            verified: device.verified,
            id: device.id.to_string(),
            created_at: date(device.created_at),
            verified_at: device.verified_at.map(date),
            default: device.default,
        }
    }
}

/// `MFAListDevicesResponse`
#[derive(Serialize)]
pub(crate) struct Devices {
    pub(crate) count: usize,
    pub(crate) devices: Vec<Device>,
}

/// `MFAMethodsResponse`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Methods {
    pub(crate) devices: Vec<Device>,
    pub(crate) passkeys: Vec<UserPasskey>,
    pub(crate) user_has_verified_mfa_methods: bool,
}

/// `MFARegisterTotpDeviceGetResponse`
#[derive(Serialize)]
pub(crate) struct TotpRegistered {
    pub(crate) id: String,
    #[serde(rename = "type")]
    pub(crate) kind: TotpWord,
    pub(crate) secret: String,
    pub(crate) uri: String,
}

/// `MFAGetRecoveryCodesResponse`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecoveryCodes {
    pub(crate) count: usize,
    pub(crate) recovery_codes: Vec<String>,
}

/// `StepUpCheckResponse`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StepUp {
    pub(crate) is_required: bool,
    pub(crate) credentials: Vec<Credential>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) default_credential_id: Option<String>,
}

/// `StepUpCredential`
#[derive(Serialize)]
pub(crate) struct Credential {
    id: String,
    format: &'static str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<String>,
}

impl Credential {
    pub(crate) fn of(credential: StepUpCredential) -> Self {
        match credential {
            StepUpCredential::Totp { id } => Self {
                id: id.to_string(),
                format: Format::Totp.as_str(),
                kind: Some(Format::Totp.as_str()),
                // No call of the API gives a TOTP device a name.
                alias: None,
            },
            StepUpCredential::Passkey { id, alias } => Self {
                id: id.to_string(),
                format: Format::Passkey.as_str(),
                kind: Some(Format::Passkey.as_str()),
                alias,
            },
            StepUpCredential::EmailFactor(known) => Self {
                id: known.id.to_string(),
                format: known.identity.format().as_str(),
                kind: Some("email"),
                alias: Some(known.identity.public_identifier()),
            },
            StepUpCredential::Credential(known) => Self {
                id: known.id.to_string(),
                format: known.identity.format().as_str(),
                kind: None,
                alias: Some(known.identity.public_identifier()),
            },
        }
    }
}
