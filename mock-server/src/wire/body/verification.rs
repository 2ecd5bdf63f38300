//! Codes that are sent and typed back: requests and answers.

use mfa_engine::SmsVerification;
use serde::{Deserialize, Serialize};

/// `EmailVerificationVerifyRequest` and `SmsVerificationVerifyRequest`, for `signin` and `verify`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VerifyCode {
    #[serde(rename = "verificationUUID")]
    pub(crate) verification_uuid: String,
    pub(crate) verification_token: String,
    pub(crate) session_public_key: Option<String>,
    pub(crate) requested_scopes: Option<Vec<String>>,
    #[serde(rename = "allowNewMFALinking")]
    pub(crate) allow_new_mfa_linking: Option<bool>,
}

/// `SmsVerificationCreateRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateSmsVerification {
    pub(crate) phone_country_code: String,
    pub(crate) phone_number: String,
    pub(crate) iso_country_code: String,
}

/// `SmsVerificationRetryRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RetrySmsVerification {
    #[serde(rename = "verificationUUID")]
    pub(crate) verification_uuid: String,
    pub(crate) phone_country_code: String,
    pub(crate) phone_number: String,
    pub(crate) iso_country_code: String,
}

/// `SmsVerificationCreateResponse`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SmsVerificationCreated {
    #[serde(rename = "verificationUUID")]
    verification_uuid: String,
    phone_number: String,
    phone_country_code: String,
    iso_country_code: String,
}

impl SmsVerificationCreated {
    pub(crate) fn of(verification: SmsVerification) -> Self {
        let SmsVerification { id, phone } = verification;
        Self {
            verification_uuid: id.to_string(),
            phone_number: phone.phone_number,
            phone_country_code: phone.phone_country_code,
            iso_country_code: phone.iso_country_code,
        }
    }
}
