//! Webhooks and their messages, as administrators see them.

use std::collections::BTreeSet;

use mfa_engine::{EnvironmentId, Secret};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::user::date;
use crate::delivery::Delivery;

/// `WebhookCreateRequest`, `WebhookUpdateRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlanWebhook {
    pub(crate) url: String,
    pub(crate) is_enabled: bool,
    pub(crate) events: BTreeSet<String>,
}

/// `Webhook`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Webhook<'hook> {
    environment_id: String,
    webhook_id: String,
    url: &'hook str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'hook str>,
    events: &'hook BTreeSet<String>,
    is_enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled_at: Option<String>,
    created_at: String,
    updated_at: String,
}

impl<'hook> Webhook<'hook> {
    pub(crate) fn of(
        webhook: &'hook mfa_engine::Webhook,
        with_secret: bool,
        environment: EnvironmentId,
    ) -> Self {
        Self {
            environment_id: environment.to_string(),
            webhook_id: webhook.id.to_string(),
            url: &webhook.url,
            secret: with_secret.then_some(&webhook.secret).map(Secret::reveal),
            events: &webhook.events,
            is_enabled: webhook.enabled_at.is_some(),
            enabled_at: webhook.enabled_at.map(date),
            created_at: date(webhook.created_at),
            updated_at: date(webhook.updated_at),
        }
    }
}

/// `WebhooksResponse`
#[derive(Serialize)]
pub(crate) struct WebhooksResponse<'hook> {
    pub(crate) data: Vec<Webhook<'hook>>,
}

/// `WebhookMessage`: one attempt to deliver a message.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    delivery_id: String,
    event_id: String,
    message_id: String,
    environment_id: String,
    webhook_id: String,
    status: &'static str,
    delivered_at: String,
    message_created_at: String,
    event_received_at: String,
    event_created_at: String,
    delivery_attempt: u32,
    request: Value,
    response: Value,
    updated_at: String,
    created_at: String,
}

impl Message {
    pub(crate) fn of(delivery: &Delivery) -> Self {
        let (happened, tried) = (date(delivery.event_at), date(delivery.at));
        let body = serde_json::from_str(&delivery.request_body).unwrap_or(Value::Null);
        Self {
            delivery_id: delivery.id.clone(),
            event_id: delivery.event.to_string(),
            message_id: delivery.message.to_string(),
            environment_id: delivery.environment.to_string(),
            webhook_id: delivery.webhook.to_string(),
            status: delivery.outcome.word(),
            delivered_at: tried.clone(),
            message_created_at: happened.clone(),
            event_received_at: happened.clone(),
            event_created_at: happened,
            delivery_attempt: delivery.attempt,
            request: json!({
                "url": delivery.url,
                "headers": { "x-dynamic-signature-256": delivery.signature },
                "body": body,
            }),
            response: delivery.outcome.shown(),
            updated_at: tried.clone(),
            created_at: tried,
        }
    }
}

/// `WebhookMessagesResponse`
#[derive(Serialize)]
pub(crate) struct MessagesResponse {
    pub(crate) data: Vec<Message>,
}
