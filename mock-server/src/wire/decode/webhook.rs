//! Events and webhooks, as an app's own servers ask for them.

use mfa_engine::{AdminRequest, WebhookPlan, WebhookRequest};

use super::Read;
use super::asking::{Asking, Malformed};
use crate::delivery::checked;
use crate::wire::body::webhook::PlanWebhook;
use crate::wire::rejection::Rejection;
use crate::wire::route::Operation;

pub(super) fn decode(asking: &Asking<'_>) -> Read {
    use AdminRequest as Ask;
    let of_events = |read: &dyn Fn() -> Result<Ask, Rejection>| asking.as_administrator(read);
    let of_webhooks = |read: &dyn Fn() -> Result<WebhookRequest, Rejection>| {
        asking.as_administrator(|| Ok(Ask::Webhooks(read()?)))
    };
    Some(match asking.operation {
        Operation::ListEventTypes => of_events(&|| Ok(Ask::ListEventTypes)),
        Operation::ListEvents => of_events(&|| list_events(asking)),
        Operation::ReadEvent => of_events(&|| Ok(Ask::ReadEvent(asking.path_id(0)?))),
        Operation::ListWebhooks => of_webhooks(&|| Ok(WebhookRequest::List)),
        Operation::CreateWebhook => of_webhooks(&|| Ok(WebhookRequest::Create(plan(asking)?))),
        Operation::ReadWebhook => of_webhooks(&|| {
            let with_secret = asking.query("includeSecret") == Some("true");
            Ok(WebhookRequest::Read { webhook: asking.path_id(0)?, with_secret })
        }),
        Operation::UpdateWebhook => of_webhooks(&|| {
            let webhook = asking.path_id(0)?;
            Ok(WebhookRequest::Update { webhook, plan: plan(asking)? })
        }),
        Operation::DeleteWebhook => of_webhooks(&|| Ok(WebhookRequest::Delete(asking.path_id(0)?))),
        Operation::ListMessages => {
            of_webhooks(&|| Ok(WebhookRequest::ListMessages(asking.path_id(0)?)))
        }
        Operation::ReadMessage => of_webhooks(&|| {
            let (webhook, message) = (asking.path_id(0)?, asking.path_id(1)?);
            Ok(WebhookRequest::ReadMessage { webhook, message })
        }),
        Operation::Redeliver => of_webhooks(&|| {
            let (webhook, message) = (asking.path_id(0)?, asking.path_id(1)?);
            Ok(WebhookRequest::Redeliver { webhook, message })
        }),
        _ => return None,
    })
}

fn list_events(asking: &Asking<'_>) -> Result<AdminRequest, Rejection> {
    // Filters that did nothing would let a test pass that should not.
    let unknown = ["cursor", "resourceType", "startDate", "endDate"];
    match unknown.into_iter().find(|name| asking.query(name).is_some()) {
        Some(name) => {
            let problem = format!("{name}: the mock lists every event that it remembers");
            Err(Malformed::BadRequest.because(problem))
        }
        None => Ok(AdminRequest::ListEvents),
    }
}

/// What a webhook is to be; its URL must lead to this machine.
fn plan(asking: &Asking<'_>) -> Result<WebhookPlan, Rejection> {
    let told: PlanWebhook = asking.body(Malformed::Unprocessable)?;
    checked(WebhookPlan { url: told.url, is_enabled: told.is_enabled, events: told.events })
        .map_err(|problem| Malformed::Unprocessable.because(problem))
}
