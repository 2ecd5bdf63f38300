//! Events on their way to webhooks: from background threads, to this machine only (rule V8).
//!
//! An environment hands its messages over after a decision and goes on; nobody waits for a
//! receiver. Threads begin with the first message and end when none is left for them.

use std::sync::Arc;

use jiff::Timestamp;
use mfa_engine::{EnvironmentId, Event, EventId, MessageId, WebhookId, WebhookPlan};
use serde_json::{Value, json};

mod courier;
mod parcel;
mod receiver;

pub(crate) use courier::{Courier, Home};
pub(crate) use receiver::Receiver;

/// Events that one webhook may ask for; many more than there are.
const EVENTS_MAX: usize = 200;
/// The longest name of an event, in bytes.
const EVENT_NAME_MAX: usize = 100;

/// One event on its way to one webhook.
#[derive(Clone, Debug)]
pub(crate) struct Parcel {
    pub(crate) event: Arc<Event>,
    pub(crate) webhook: WebhookId,
    pub(crate) message: MessageId,
    /// Whether somebody asked for it once more.
    pub(crate) is_asked_for: bool,
}

/// One attempt to deliver a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    pub(crate) id: String,
    pub(crate) environment: EnvironmentId,
    pub(crate) webhook: WebhookId,
    pub(crate) message: MessageId,
    pub(crate) event: EventId,
    pub(crate) event_name: &'static str,
    pub(crate) event_at: Timestamp,
    /// 1 for the first one.
    pub(crate) attempt: u32,
    pub(crate) at: Timestamp,
    pub(crate) url: String,
    pub(crate) signature: String,
    pub(crate) request_body: String,
    pub(crate) outcome: Outcome,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The receiver answered.
    Answered {
        /// Its status.
        status: u16,
        /// The beginning of its body.
        body: String,
    },
    /// It did not: nobody listens, it took too long, or the URL leads elsewhere.
    Failed(String),
}

impl Outcome {
    /// Whether the receiver took the message: any status from 200 to 299 says so.
    pub(crate) fn is_success(&self) -> bool {
        matches!(self, Self::Answered { status: 200..=299, .. })
    }

    /// The word of the log. Ours: the published model names none.
    pub(crate) fn word(&self) -> &'static str {
        if self.is_success() { "success" } else { "failed" }
    }

    /// The answer as JSON.
    pub(crate) fn shown(&self) -> Value {
        match self {
            Self::Answered { status, body } => json!({ "status": status, "body": body }),
            Self::Failed(problem) => json!({ "error": problem }),
        }
    }
}

/// The same plan of a webhook, if it can be carried out here.
///
/// # Errors
/// The field that is wrong, and why.
pub(crate) fn checked(plan: WebhookPlan) -> Result<WebhookPlan, String> {
    Receiver::parse(&plan.url).map_err(|problem| format!("url: {problem}"))?;
    let is_name = |name: &String| !name.is_empty() && name.len() <= EVENT_NAME_MAX;
    if plan.events.len() > EVENTS_MAX || !plan.events.iter().all(is_name) {
        let rule = format!("at most {EVENTS_MAX} names of 1 to {EVENT_NAME_MAX} bytes");
        return Err(format!("events: {rule}"));
    }
    Ok(plan)
}
