//! Users, sign-in and the session: requests and answers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use mfa_engine::{Acknowledgement, UserView};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::credential::VerifiedCredential;

/// `ConnectRequest`: the visit of a wallet that only connects. Read for its shape alone.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConnectRequest {
    #[serde(rename = "address")]
    _address: String,
    #[serde(rename = "chain")]
    _chain: String,
    #[serde(rename = "provider")]
    _provider: String,
    #[serde(rename = "walletName")]
    _wallet_name: String,
}

/// `EmailVerificationCreateRequest`
#[derive(Deserialize)]
pub(crate) struct CreateEmailVerification {
    pub(crate) email: String,
}

/// `EmailVerificationRetryRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RetryEmailVerification {
    #[serde(rename = "verificationUUID")]
    pub(crate) verification_uuid: String,
    pub(crate) email: String,
}

/// `EmailVerificationCreateResponse`
#[derive(Serialize)]
pub(crate) struct EmailVerificationCreated {
    #[serde(rename = "verificationUUID")]
    pub(crate) verification_uuid: String,
    pub(crate) email: String,
}

/// `UserFields`: what `PUT users` may change. An absent field stays, `null` or `""` clears it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct UserFields {
    pub(crate) email: Option<String>,
    pub(crate) alias: Field,
    pub(crate) first_name: Field,
    pub(crate) last_name: Field,
    pub(crate) job_title: Field,
    pub(crate) phone_number: Field,
    pub(crate) t_shirt_size: Field,
    pub(crate) team: Field,
    pub(crate) country: Field,
    pub(crate) username: Field,
    pub(crate) policies_consent: Option<bool>,
    pub(crate) metadata: Option<BTreeMap<String, Value>>,
    pub(crate) mfa_backup_code_acknowledgement: Option<AcknowledgementWord>,
}

/// A text field that tells "absent" from "null".
#[derive(Default)]
pub(crate) enum Field {
    #[default]
    Absent,
    Given(Option<String>),
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Option::deserialize(deserializer).map(Self::Given)
    }
}

/// `MfaBackupCodeAcknowledgement`
#[derive(Clone, Copy, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AcknowledgementWord {
    Pending,
    Complete,
}

/// `SdkUser`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SdkUser<'user> {
    id: String,
    project_environment_id: String,
    verified_credentials: Vec<VerifiedCredential<'user>>,
    last_verified_credential_id: String,
    session_id: String,
    alias: Option<&'user str>,
    country: Option<&'user str>,
    email: Option<&'user str>,
    first_name: Option<&'user str>,
    job_title: Option<&'user str>,
    last_name: Option<&'user str>,
    phone_number: Option<&'user str>,
    policies_consent: Option<bool>,
    t_shirt_size: Option<&'user str>,
    team: Option<&'user str>,
    username: Option<&'user str>,
    first_visit: String,
    last_visit: String,
    new_user: bool,
    metadata: Value,
    mfa_backup_code_acknowledgement: Option<AcknowledgementWord>,
    lists: [&'static str; 0],
    scope: String,
    missing_fields: [&'static str; 0],
}

impl<'user> SdkUser<'user> {
    pub(crate) fn of(user: &'user UserView, environment: mfa_engine::EnvironmentId) -> Self {
        let profile = &user.profile;
        let metadata = profile.metadata.as_deref();
        Self {
            id: user.id.to_string(),
            project_environment_id: environment.to_string(),
            verified_credentials: VerifiedCredential::all_of(user),
            last_verified_credential_id: user.last_credential.to_string(),
            session_id: user.session.to_string(),
            alias: profile.alias.as_deref(),
            country: profile.country.as_deref(),
            email: user.email(),
            first_name: profile.first_name.as_deref(),
            job_title: profile.job_title.as_deref(),
            last_name: profile.last_name.as_deref(),
            phone_number: profile.phone_number.as_deref(),
            policies_consent: profile.policies_consent,
            t_shirt_size: profile.t_shirt_size.as_deref(),
            team: profile.team.as_deref(),
            username: profile.username.as_deref(),
            first_visit: date(user.first_visit),
            last_visit: date(user.last_visit),
            new_user: user.new_user,
            metadata: metadata
                .and_then(|text| serde_json::from_str(text).ok())
                .unwrap_or_else(|| Value::Object(serde_json::Map::new())),
            mfa_backup_code_acknowledgement: match user.acknowledgement {
                Acknowledgement::NotAsked => None,
                Acknowledgement::Pending => Some(AcknowledgementWord::Pending),
                Acknowledgement::Complete => Some(AcknowledgementWord::Complete),
            },
            lists: [],
            scope: super::claims::words(&user.scopes),
            missing_fields: [],
        }
    }
}

/// `VerifyResponse`, and `UpdateSelfResponse` where `next_view` is given.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VerifyResponse<'grant> {
    pub(crate) user: SdkUser<'grant>,
    pub(crate) expires_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) jwt: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) minified_jwt: Option<&'grant str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mfa_token: Option<&'grant str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) elevated_access_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_view: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email_verification: Option<EmailVerificationCreated>,
}

/// A time as the API writes it: ISO 8601 in UTC with milliseconds.
pub(crate) fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_have_three_digits_of_a_second() {
        let at = |text: &str| date(text.parse().unwrap());
        assert_eq!(at("2026-01-02T03:04:05.678901Z"), "2026-01-02T03:04:05.678Z");
        assert_eq!(at("2026-01-02T03:04:05Z"), "2026-01-02T03:04:05.000Z");
    }
}
