//! What administrators do, as methods that need no token: keys, tokens, sessions, webhooks.

use std::collections::BTreeSet;

use fixtures::keys::PUBLISHED;
use jiff::Timestamp;
use mfa_engine::api_token::{ApiToken, Permission};
use mfa_engine::{
    AdminOutcome, AdminRefusal, AdminRequest, Administrator, Command, KeyNumber, KeyRing, KeyState,
    MessageId, Outcome, Refusal, Webhook, WebhookId, WebhookPlan, WebhookRequest,
};
use serde::Serialize;
use serde_json::Value;

use super::{Hosting, InterventionError};
use crate::delivery::{self, Delivery};
use crate::wire::body::event::data_of;
use crate::wire::token::bare;

/// A signing key of the environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyReport {
    /// Its name in tokens and in the key set.
    pub kid: &'static str,
    /// What it is good for.
    pub state: KeyState,
    /// The public half, PEM.
    pub public_key_pem: &'static str,
}

/// An API token of the environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiTokenReport {
    /// Its id.
    pub id: String,
    /// The token itself, when it is made and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// What it is for.
    pub note: String,
    /// What it may do; empty means everything.
    pub scopes: BTreeSet<Permission>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A webhook as a tester sees it: the secret included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WebhookReport {
    /// Its id.
    pub id: String,
    /// Where its messages go.
    pub url: String,
    /// The key of the signatures.
    pub secret: String,
    /// The names of the events that it wants.
    pub events: BTreeSet<String>,
    /// Whether messages are sent.
    pub is_enabled: bool,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventReport {
    /// Grows by one with every event; ask for those after the last one seen.
    pub sequence: u64,
    /// Its id (`eventId`).
    pub id: String,
    /// What kind of thing (`eventName`).
    pub name: &'static str,
    /// The user who did it; none if an administrator did.
    pub user_id: Option<String>,
    /// When.
    pub at: Timestamp,
    /// What it happened to, as a webhook is told it.
    pub data: Value,
    /// The messages that were made of it (`messageId`).
    pub messages: Vec<String>,
}

/// One attempt to deliver a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryReport {
    /// The message (`messageId`), the same in each attempt.
    pub message_id: String,
    /// What it told.
    pub event_name: &'static str,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// When, by the environment's clock.
    pub at: Timestamp,
    /// The header `x-dynamic-signature-256`.
    pub signature: String,
    /// The body that was sent.
    pub body: Value,
    /// Status of the answer; none if there was none.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
}

impl Hosting {
    /// Does what an administrator could ask; no token is needed here.
    ///
    /// # Errors
    /// What an administrator would be refused, or the journal file did not take it.
    pub fn administer(&self, request: AdminRequest) -> Result<AdminOutcome, InterventionError> {
        let (result, _) = self.0.apply(Command::Admin(Administrator::Tester, request))?;
        self.0.announce();
        match result? {
            Outcome::Admin(granted) => Ok(granted),
            // Only a hook can answer an administrator with anything else.
            _ => Ok(AdminOutcome::Done),
        }
    }

    /// Every signing key that was used so far, in the order of use.
    pub fn keys(&self) -> Vec<KeyReport> {
        reports(&self.0.keys())
    }

    /// Lets the next key sign; the old one still verifies.
    ///
    /// # Errors
    /// Every published key was used. [`Hosting::reset`] begins anew.
    pub fn rotate_keys(&self) -> Result<Vec<KeyReport>, InterventionError> {
        self.administer(AdminRequest::RotateKeys)?;
        Ok(self.keys())
    }

    /// Refuses the tokens of a key (`kid`) from now on, and takes it off the key set.
    ///
    /// # Errors
    /// The key signs, or was never used.
    pub fn retire_key(&self, kid: &str) -> Result<Vec<KeyReport>, InterventionError> {
        let key = KeyNumber::all().find(|number| named(*number) == Some(kid));
        let key = key.ok_or(refused(AdminRefusal::NoSuchKey))?;
        self.administer(AdminRequest::RetireKey(key))?;
        Ok(self.keys())
    }

    /// Makes an API token for the administrators' API; without scopes it may do everything.
    ///
    /// # Errors
    /// The environment holds as many as it may.
    pub fn create_api_token(
        &self,
        note: &str,
        scopes: &[Permission],
    ) -> Result<ApiTokenReport, InterventionError> {
        let (note, permissions) = (note.to_owned(), scopes.to_vec());
        match self.administer(AdminRequest::CreateApiToken { note, permissions })? {
            AdminOutcome::NewApiToken { token, text } => {
                let token_text = Some(text.reveal().to_owned());
                Ok(ApiTokenReport { token: token_text, ..token_report(&token) })
            }
            _ => Err(refused(AdminRefusal::NoSuchApiToken)),
        }
    }

    /// The API tokens, without their texts.
    pub fn api_tokens(&self) -> Vec<ApiTokenReport> {
        self.0.world().environment.api_tokens().map(token_report).collect()
    }

    /// Revokes an API token by its id.
    ///
    /// # Errors
    /// There is none of that id.
    pub fn revoke_api_token(&self, id: &str) -> Result<(), InterventionError> {
        let id = id.parse().map_err(|_| refused(AdminRefusal::NoSuchApiToken))?;
        self.administer(AdminRequest::RevokeApiToken(id)).map(|_| ())
    }

    /// Takes away every second factor of a user, named by id or e-mail address.
    ///
    /// # Errors
    /// There is no such user.
    pub fn reset_mfa(&self, who: &str) -> Result<(), InterventionError> {
        let id = self.0.world().environment.find_user(who).map(|user| user.id);
        self.administer(AdminRequest::ResetMfa(id.ok_or(Refusal::NoSuchUser)?)).map(|_| ())
    }

    /// Revokes one session (`sid`), as an administrator does.
    ///
    /// # Errors
    /// There is no such session.
    pub fn revoke_session(&self, id: &str) -> Result<(), InterventionError> {
        let id = id.parse().map_err(|_| refused(AdminRefusal::NoSuchSession))?;
        self.administer(AdminRequest::RevokeSession(id)).map(|_| ())
    }

    /// Revokes every session of the environment, as an administrator does, and yields how many.
    ///
    /// # Errors
    /// The journal file did not take it.
    pub fn revoke_every_session(&self) -> Result<usize, InterventionError> {
        match self.administer(AdminRequest::RevokeEverySession)? {
            AdminOutcome::Revoked(count) => Ok(count),
            _ => Ok(0),
        }
    }

    /// The events after a given one, oldest first.
    pub fn events(&self, after: u64) -> Vec<EventReport> {
        let world = self.0.world();
        let id = self.0.id();
        let report = |event: &std::sync::Arc<mfa_engine::Event>| EventReport {
            sequence: event.sequence,
            id: event.id.to_string(),
            name: event.name.as_str(),
            user_id: event.user.map(|user| user.to_string()),
            at: event.at,
            data: data_of(event, id),
            messages: event.messages.iter().map(|(_, message)| message.to_string()).collect(),
        };
        world.environment.events(after).map(report).collect()
    }

    /// Registers a webhook; its URL must lead to this machine.
    ///
    /// # Errors
    /// The URL leads elsewhere, or the environment holds as many webhooks as it may.
    pub fn register_webhook(&self, plan: WebhookPlan) -> Result<WebhookReport, InterventionError> {
        let plan = delivery::checked(plan).map_err(Refusal::Unseedable)?;
        match self.administer(AdminRequest::Webhooks(WebhookRequest::Create(plan)))? {
            AdminOutcome::NewWebhook(webhook) => Ok(webhook_report(&webhook)),
            _ => Err(refused(AdminRefusal::NoSuchWebhook)),
        }
    }

    /// The webhooks, in the order of their ids.
    pub fn webhooks(&self) -> Vec<WebhookReport> {
        self.0.world().environment.all_webhooks().map(webhook_report).collect()
    }

    /// A webhook by its id.
    pub fn webhook(&self, id: &str) -> Option<WebhookReport> {
        self.0.world().environment.webhook(id.parse().ok()?).map(webhook_report)
    }

    /// Removes a webhook; what waits for it is not sent any more.
    ///
    /// # Errors
    /// There is none of that id.
    pub fn remove_webhook(&self, id: &str) -> Result<(), InterventionError> {
        let id = id.parse().map_err(|_| refused(AdminRefusal::NoSuchWebhook))?;
        self.administer(AdminRequest::Webhooks(WebhookRequest::Delete(id))).map(|_| ())
    }

    /// The attempts to deliver messages to a webhook, oldest first.
    pub fn deliveries(&self, webhook: &str) -> Vec<DeliveryReport> {
        let id: Option<WebhookId> = webhook.parse().ok();
        let kept = id.map(|id| self.0.deliveries(id, None)).unwrap_or_default();
        kept.iter().map(delivery_report).collect()
    }

    /// Sends a message once more, at once.
    ///
    /// # Errors
    /// There is no such message, or its event is forgotten.
    pub fn redeliver(&self, message: &str) -> Result<(), InterventionError> {
        let message: MessageId =
            message.parse().map_err(|_| refused(AdminRefusal::NoSuchMessage))?;
        let webhook = {
            let world = self.0.world();
            let mut sent = world.environment.events(0).flat_map(|event| &event.messages);
            sent.find(|(_, known)| *known == message).map(|(webhook, _)| *webhook)
        };
        let webhook = webhook.ok_or(refused(AdminRefusal::NoSuchMessage))?;
        let request = WebhookRequest::Redeliver { webhook, message };
        self.administer(AdminRequest::Webhooks(request)).map(|_| ())
    }
}

fn refused(refusal: AdminRefusal) -> InterventionError {
    InterventionError::Refused(refusal.into())
}

fn named(number: KeyNumber) -> Option<&'static str> {
    PUBLISHED.get(number.index()).map(|key| key.id)
}

fn reports(ring: &KeyRing) -> Vec<KeyReport> {
    let report = |(number, state): (KeyNumber, KeyState)| {
        let key = PUBLISHED.get(number.index())?;
        Some(KeyReport { kid: key.id, state, public_key_pem: bare(key.public_pem) })
    };
    ring.list().filter_map(report).collect()
}

fn token_report(token: &ApiToken) -> ApiTokenReport {
    ApiTokenReport {
        id: token.id.to_string(),
        token: None,
        note: token.note.clone(),
        scopes: token.permissions.clone(),
        created_at: token.created_at,
    }
}

fn webhook_report(webhook: &Webhook) -> WebhookReport {
    WebhookReport {
        id: webhook.id.to_string(),
        url: webhook.url.clone(),
        secret: webhook.secret.reveal().to_owned(),
        events: webhook.events.clone(),
        is_enabled: webhook.enabled_at.is_some(),
        created_at: webhook.created_at,
    }
}

fn delivery_report(delivery: &Delivery) -> DeliveryReport {
    let (status, error) = match &delivery.outcome {
        delivery::Outcome::Answered { status, .. } => (Some(*status), None),
        delivery::Outcome::Failed(problem) => (None, Some(problem.clone())),
    };
    DeliveryReport {
        message_id: delivery.message.to_string(),
        event_name: delivery.event_name,
        attempt: delivery.attempt,
        at: delivery.at,
        signature: delivery.signature.clone(),
        body: serde_json::from_str(&delivery.request_body).unwrap_or_default(),
        status,
        error,
    }
}
