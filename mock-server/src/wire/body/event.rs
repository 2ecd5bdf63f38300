//! Events: as a webhook is told them, and as administrators list them (rules V7, V8).

use mfa_engine::{EnvironmentId, Event, EventData, EventName, EventSession, MessageId, WebhookId};
use serde::Serialize;

use super::admin::User;
use super::credential::VerifiedCredential;
use super::user::date;

/// What the real service calls an environment that is not live.
const ENVIRONMENT_NAME: &str = "sandbox";

/// The body of a webhook's request.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Envelope<'event> {
    message_id: String,
    event_id: String,
    event_name: &'static str,
    timestamp: String,
    webhook_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    environment_id: String,
    environment_name: &'static str,
    redelivery: bool,
    data: Data<'event>,
}

/// `Event`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListedEvent<'event> {
    event_id: String,
    environment_id: String,
    environment_name: &'static str,
    event_action: &'static str,
    event_name: &'static str,
    resource_type: &'static str,
    timestamp: String,
    data: Data<'event>,
    context: Context,
}

/// `EventContext`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
}

/// `EventsResponse`
#[derive(Serialize)]
pub(crate) struct EventsResponse<'event> {
    pub(crate) data: Vec<ListedEvent<'event>>,
}

/// `EventType`
#[derive(Serialize)]
pub(crate) struct EventType {
    name: &'static str,
    description: &'static str,
}

/// What it happened to, without a word around it.
struct Data<'event> {
    data: &'event EventData,
    environment: EnvironmentId,
}

impl Serialize for Data<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.data {
            EventData::User(user) => User::of_event(user, self.environment).serialize(serializer),
            EventData::Session(session) => {
                SessionData::of(session, self.environment).serialize(serializer)
            }
        }
    }
}

/// A session in an event, with the fields that were seen in one.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SessionData<'event> {
    id: String,
    project_environment_id: String,
    user_id: String,
    wallet_public_key: Option<&'static str>,
    ip_address: Option<&'static str>,
    created_at: String,
    chain: Option<&'static str>,
    wallet_name: Option<&'static str>,
    provider: Option<&'static str>,
    origin: Option<&'event str>,
    expires_at: String,
    revoked_at: Option<String>,
    verified_credential_type: Option<&'static str>,
    verified_credential_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    verified_credentials: Vec<VerifiedCredential<'event>>,
}

impl<'event> SessionData<'event> {
    fn of(session: &'event EventSession, environment: EnvironmentId) -> Self {
        let opener = session.credentials.iter().find(|known| known.id == session.signin_credential);
        Self {
            id: session.id.to_string(),
            project_environment_id: environment.to_string(),
            user_id: session.user.to_string(),
            wallet_public_key: None,
            ip_address: None,
            created_at: date(session.created_at),
            chain: None,
            wallet_name: None,
            provider: None,
            origin: session.origin.as_deref(),
            expires_at: date(session.expires_at),
            revoked_at: session.revoked_at.map(date),
            verified_credential_type: opener.map(|known| known.identity.format().as_str()),
            verified_credential_id: session.signin_credential.to_string(),
            verified_credentials: session.credentials.iter().map(VerifiedCredential::of).collect(),
        }
    }
}

impl<'event> Envelope<'event> {
    pub(crate) fn of(
        event: &'event Event,
        environment: EnvironmentId,
        webhook: WebhookId,
        message: MessageId,
        redelivery: bool,
    ) -> Self {
        Self {
            message_id: message.to_string(),
            event_id: event.id.to_string(),
            event_name: event.name.as_str(),
            timestamp: date(event.at),
            webhook_id: webhook.to_string(),
            user_id: event.user.map(|user| user.to_string()),
            environment_id: environment.to_string(),
            environment_name: ENVIRONMENT_NAME,
            redelivery,
            data: Data { data: &event.data, environment },
        }
    }
}

impl<'event> ListedEvent<'event> {
    pub(crate) fn of(event: &'event Event, environment: EnvironmentId) -> Self {
        // A name is a resource and, behind the last dot, what became of it.
        let (resource_type, event_action) =
            event.name.as_str().rsplit_once('.').unwrap_or((event.name.as_str(), ""));
        Self {
            event_id: event.id.to_string(),
            environment_id: environment.to_string(),
            environment_name: ENVIRONMENT_NAME,
            event_action,
            event_name: event.name.as_str(),
            resource_type,
            timestamp: date(event.at),
            data: Data { data: &event.data, environment },
            context: Context { user_id: event.user.map(|user| user.to_string()) },
        }
    }
}

/// The `data` of an event.
pub(crate) fn data_of(event: &Event, environment: EnvironmentId) -> serde_json::Value {
    // Our own structs have string keys and finite numbers, so this cannot fail.
    serde_json::to_value(Data { data: &event.data, environment }).unwrap_or_default()
}

impl EventType {
    /// The kinds of events that there are under these settings.
    pub(crate) fn all(with_ours: bool) -> Vec<Self> {
        let names = EventName::ALL.iter().filter(|name| with_ours || !name.is_ours());
        names.map(|name| Self { name: name.as_str(), description: name.meaning().trim() }).collect()
    }
}
