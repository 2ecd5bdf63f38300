//! Webhooks: where events are to be sent, and which (rules V7, V8).

use std::collections::BTreeSet;

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use rand::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::api_token::Permission;
use crate::id::{MessageId, WebhookId};
use crate::secret::Secret;

/// Bytes of a webhook's secret.
const SECRET_BYTES: usize = 32;

/// One webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    /// The id.
    pub id: WebhookId,
    /// Where its messages go.
    pub url: String,
    /// The key of the signatures.
    pub secret: Secret,
    /// The names of the events that it wants.
    pub events: BTreeSet<String>,
    /// Since when it is enabled; none: it is not.
    #[serde(deserialize_with = "crate::written::option")]
    pub enabled_at: Option<Timestamp>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What a webhook is to be (`WebhookCreateRequest`, `WebhookUpdateRequest`).
///
/// Whether the URL may be called at all is judged by whoever calls it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookPlan {
    /// Where its messages go.
    pub url: String,
    /// Whether messages are sent.
    pub is_enabled: bool,
    /// The names of the events that it wants.
    pub events: BTreeSet<String>,
}

/// What an administrator asks about webhooks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum WebhookRequest {
    /// `GET webhooks`
    List,
    /// `POST webhooks`
    Create(WebhookPlan),
    /// `GET webhooks/{webhookId}`
    Read {
        /// Which webhook.
        webhook: WebhookId,
        /// `includeSecret`
        with_secret: bool,
    },
    /// `PUT webhooks/{webhookId}`
    Update {
        /// Which webhook.
        webhook: WebhookId,
        /// What it becomes.
        plan: WebhookPlan,
    },
    /// `DELETE webhooks/{webhookId}`
    Delete(WebhookId),
    /// `GET webhooks/{webhookId}/messages`
    ListMessages(WebhookId),
    /// `GET webhooks/{webhookId}/messages/{messageId}`
    ReadMessage {
        /// Which webhook.
        webhook: WebhookId,
        /// Which message.
        message: MessageId,
    },
    /// `POST webhooks/{webhookId}/messages/{messageId}/redeliver`
    Redeliver {
        /// Which webhook.
        webhook: WebhookId,
        /// Which message.
        message: MessageId,
    },
}

impl WebhookRequest {
    /// The permission that it needs.
    pub(crate) const fn permission(&self) -> Permission {
        match self {
            Self::List | Self::Read { .. } | Self::ListMessages(_) | Self::ReadMessage { .. } => {
                Permission::WebhooksRead
            }
            Self::Create(_) | Self::Update { .. } | Self::Delete(_) | Self::Redeliver { .. } => {
                Permission::WebhooksWrite
            }
        }
    }
}

impl Webhook {
    /// Registers a webhook with a new secret.
    pub(crate) fn draw(plan: WebhookPlan, now: Timestamp, rng: &mut dyn CryptoRng) -> Self {
        let id = WebhookId::draw(rng);
        let mut secret = [0; SECRET_BYTES];
        rng.fill_bytes(&mut secret);
        Self {
            id,
            url: plan.url,
            secret: Secret::new(BASE64URL_NOPAD.encode(&secret)),
            events: plan.events,
            enabled_at: plan.is_enabled.then_some(now),
            created_at: now,
            updated_at: now,
        }
    }

    /// Changes everything but id and secret.
    pub(crate) fn change(&mut self, plan: WebhookPlan, now: Timestamp) {
        self.url = plan.url;
        self.events = plan.events;
        self.enabled_at = match plan.is_enabled {
            true => self.enabled_at.or(Some(now)),
            false => None,
        };
        self.updated_at = now;
    }

    /// Whether it wants an event of this name now.
    pub fn wants(&self, event: &str) -> bool {
        self.enabled_at.is_some() && self.events.contains(event)
    }
}
