//! Webhooks: registering them, and asking for a message once more (rules V7, V8).

use std::sync::Arc;

use jiff::Timestamp;
use rand::CryptoRng;

use super::Granted;
use crate::admin::{AdminOutcome, AdminRefusal};
use crate::environment::Environment;
use crate::event::Event;
use crate::id::{MessageId, WebhookId};
use crate::webhook::{Webhook, WebhookPlan, WebhookRequest};

impl Environment {
    /// A webhook by its id.
    pub fn webhook(&self, id: WebhookId) -> Option<&Webhook> {
        self.office.webhooks.get(&id)
    }

    /// The webhooks, in the order of their ids.
    pub fn all_webhooks(&self) -> impl Iterator<Item = &Webhook> {
        self.office.webhooks.values()
    }

    pub(super) fn webhooks(
        &mut self,
        request: WebhookRequest,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Granted {
        match request {
            WebhookRequest::List => {
                Ok(AdminOutcome::Webhooks(self.all_webhooks().cloned().collect()))
            }
            WebhookRequest::Create(plan) => self.create_webhook(plan, now, rng),
            WebhookRequest::Read { webhook, with_secret } => {
                let webhook = self.registered(webhook)?.clone();
                Ok(AdminOutcome::Webhook { webhook, with_secret })
            }
            WebhookRequest::Update { webhook, plan } => {
                let known = self.office.webhooks.get_mut(&webhook);
                let known = known.ok_or(AdminRefusal::NoSuchWebhook)?;
                known.change(plan, now);
                Ok(AdminOutcome::Webhook { webhook: known.clone(), with_secret: false })
            }
            WebhookRequest::Delete(webhook) => {
                self.registered(webhook)?;
                self.office.webhooks.remove(&webhook);
                Ok(AdminOutcome::Done)
            }
            WebhookRequest::ListMessages(webhook) => {
                self.registered(webhook)?;
                Ok(AdminOutcome::Deliveries { webhook, message: None })
            }
            WebhookRequest::ReadMessage { webhook, message } => {
                self.sent(webhook, message)?;
                Ok(AdminOutcome::Deliveries { webhook, message: Some(message) })
            }
            WebhookRequest::Redeliver { webhook, message } => {
                let event = Arc::clone(self.sent(webhook, message)?);
                Ok(AdminOutcome::Redelivery { event, webhook, message })
            }
        }
    }

    fn create_webhook(
        &mut self,
        plan: WebhookPlan,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Granted {
        let max = self.policy.limits.webhooks_max;
        if self.office.webhooks.len() >= usize::try_from(max).unwrap_or(usize::MAX) {
            return Err(AdminRefusal::TooManyWebhooks { max }.into());
        }
        let webhook = Webhook::draw(plan, now, rng);
        self.office.webhooks.insert(webhook.id, webhook.clone());
        Ok(AdminOutcome::NewWebhook(webhook))
    }

    /// The event of a message that a webhook was sent.
    fn sent(&self, webhook: WebhookId, message: MessageId) -> Result<&Arc<Event>, AdminRefusal> {
        self.registered(webhook)?;
        let sent = (webhook, message);
        let mut events = self.events(0);
        events.find(|event| event.messages.contains(&sent)).ok_or(AdminRefusal::NoSuchMessage)
    }

    fn registered(&self, id: WebhookId) -> Result<&Webhook, AdminRefusal> {
        self.office.webhooks.get(&id).ok_or(AdminRefusal::NoSuchWebhook)
    }
}
