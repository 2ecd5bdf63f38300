//! Users, sessions, keys and API tokens, as administrators see them.

use data_encoding::BASE64;
use mfa_engine::api_token::{ApiToken, Permission};
use mfa_engine::{
    Acknowledgement, Credential, EnvironmentId, EventUser, Profile, Secret, SessionRecord,
    UserRecord,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::credential::VerifiedCredential;
use super::mfa::Device;
use super::user::{AcknowledgementWord, date};
use crate::wire::token::Key;

/// `InternalBulkUpdateUserFields`, as far as it is more than `UserFields`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CreateUser {
    pub(crate) id: Option<Value>,
    pub(crate) wallets: Option<Value>,
    pub(crate) oauth_accounts: Option<Value>,
}

/// `PostTokenFields`
#[derive(Deserialize)]
pub(crate) struct CreateToken {
    pub(crate) note: String,
    pub(crate) scopes: Option<Vec<Permission>>,
}

/// `User` of the administrators' API, and the `data` of events about users.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct User<'user> {
    id: String,
    project_environment_id: String,
    verified_credentials: Vec<VerifiedCredential<'user>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_verified_credential_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alias: Option<&'user str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<&'user str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'user str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_name: Option<&'user str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    job_title: Option<&'user str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_name: Option<&'user str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number: Option<&'user str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policies_consent: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    t_shirt_size: Option<&'user str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<&'user str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'user str>,
    first_visit: String,
    last_visit: String,
    new_user: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mfa_backup_code_acknowledgement: Option<AcknowledgementWord>,
    lists: [&'static str; 0],
    missing_fields: [&'static str; 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sessions: Option<Vec<Session>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mfa_devices: Option<Vec<Device>>,
}

impl<'user> User<'user> {
    pub(crate) fn of(record: &'user UserRecord) -> Self {
        let first_visit = date(record.first_visit);
        let sessions = record.sessions.as_deref();
        Self {
            id: record.id.to_string(),
            first_visit: first_visit.clone(),
            last_visit: date(record.last_visit),
            new_user: record.new_user,
            mfa_backup_code_acknowledgement: match record.acknowledgement {
                Acknowledgement::NotAsked => None,
                Acknowledgement::Pending => Some(AcknowledgementWord::Pending),
                Acknowledgement::Complete => Some(AcknowledgementWord::Complete),
            },
            created_at: Some(first_visit),
            sessions: sessions.map(|sessions| sessions.iter().map(Session::of).collect()),
            verified_credentials: VerifiedCredential::all(&record.credentials, &record.wallets),
            mfa_devices: Some(record.devices.iter().cloned().map(Device::of).collect()),
            ..Self::told(&record.profile, &record.credentials, record.environment)
        }
    }

    /// The user of an event, as they were then.
    pub(crate) fn of_event(user: &'user EventUser, environment: EnvironmentId) -> Self {
        Self {
            id: user.id.to_string(),
            last_verified_credential_id: user.session.map(|(_, credential)| credential.to_string()),
            session_id: user.session.map(|(session, _)| session.to_string()),
            first_visit: date(user.first_visit),
            last_visit: date(user.last_visit),
            new_user: user.new_user,
            ..Self::told(&user.profile, &user.credentials, environment)
        }
    }

    /// What a user told and proved, without anything else.
    fn told(
        profile: &'user Profile,
        credentials: &'user [Credential],
        environment: EnvironmentId,
    ) -> Self {
        let metadata = profile.metadata.as_deref();
        Self {
            id: String::new(),
            project_environment_id: environment.to_string(),
            verified_credentials: credentials.iter().map(VerifiedCredential::of).collect(),
            last_verified_credential_id: None,
            session_id: None,
            alias: profile.alias.as_deref(),
            country: profile.country.as_deref(),
            email: credentials.iter().find_map(Credential::email),
            first_name: profile.first_name.as_deref(),
            job_title: profile.job_title.as_deref(),
            last_name: profile.last_name.as_deref(),
            phone_number: profile.phone_number.as_deref(),
            policies_consent: profile.policies_consent,
            t_shirt_size: profile.t_shirt_size.as_deref(),
            team: profile.team.as_deref(),
            username: profile.username.as_deref(),
            first_visit: String::new(),
            last_visit: String::new(),
            new_user: false,
            metadata: metadata.and_then(|text| serde_json::from_str(text).ok()),
            mfa_backup_code_acknowledgement: None,
            lists: [],
            missing_fields: [],
            created_at: None,
            sessions: None,
            mfa_devices: None,
        }
    }
}

/// `UserResponse`
#[derive(Serialize)]
pub(crate) struct UserResponse<'user> {
    pub(crate) user: User<'user>,
}

/// `UsersResponse`
#[derive(Serialize)]
pub(crate) struct UsersResponse<'user> {
    pub(crate) count: usize,
    pub(crate) users: Vec<User<'user>>,
}

/// `Session`; where from and with what somebody came is not kept.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Session {
    id: String,
    created_at: String,
    ip_address: Option<&'static str>,
    user_agent: Option<&'static str>,
    revoked_at: Option<String>,
}

impl Session {
    pub(crate) fn of(record: &SessionRecord) -> Self {
        Self {
            id: record.id.to_string(),
            created_at: date(record.created_at),
            ip_address: None,
            user_agent: None,
            revoked_at: record.revoked_at.map(date),
        }
    }
}

/// `KeyResponse`
#[derive(Serialize)]
pub(crate) struct KeyResponse {
    key: PublicKey,
}

/// `Key`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PublicKey {
    id: &'static str,
    /// The PEM block in base64, as servers that verify tokens decode it.
    public_key: String,
}

impl KeyResponse {
    pub(crate) fn of(key: &Key) -> Self {
        let public_key = BASE64.encode(key.public_pem().as_bytes());
        Self { key: PublicKey { id: key.id(), public_key } }
    }
}

/// `Token`, and `TokenWithRaw` where the text is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Token<'token> {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    raw_token: Option<&'token str>,
    checksum: String,
    created_by: CreatedBy,
    created_at: String,
    note: &'token str,
    project_environment_id: String,
    scopes: Vec<&'static str>,
}

/// `TokenCreatedBy`: there are no members of an organisation here, so nobody.
#[derive(Serialize)]
struct CreatedBy {
    id: &'static str,
}

impl<'token> Token<'token> {
    pub(crate) fn of(
        token: &'token ApiToken,
        text: Option<&'token Secret>,
        environment: EnvironmentId,
    ) -> Self {
        Self {
            id: token.id.to_string(),
            raw_token: text.map(Secret::reveal),
            checksum: format!("{:?}", token.digest).chars().take(8).collect(),
            created_by: CreatedBy { id: "00000000-0000-0000-0000-000000000000" },
            created_at: date(token.created_at),
            note: &token.note,
            project_environment_id: environment.to_string(),
            scopes: token.permissions.iter().map(|permission| permission.as_str()).collect(),
        }
    }
}

/// `CreateTokenResponse`
#[derive(Serialize)]
pub(crate) struct CreateTokenResponse<'token> {
    pub(crate) token: Token<'token>,
}

/// `TokensResponse`
#[derive(Serialize)]
pub(crate) struct TokensResponse<'token> {
    pub(crate) tokens: Vec<Token<'token>>,
}

/// `TestAccountResponse`
#[derive(Serialize)]
pub(crate) struct TestAccountResponse {
    pub(crate) code: String,
    pub(crate) email: &'static str,
}
