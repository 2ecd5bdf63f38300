//! What administrators are granted.

use bytes::Bytes;
use http::{Response, StatusCode};
use mfa_engine::policy::Policy;
use mfa_engine::{AdminOutcome, EnvironmentId};
use serde_json::json;

use crate::wire::body::admin::{
    CreateTokenResponse, KeyResponse, Session, TestAccountResponse, Token, TokensResponse, User,
    UserResponse, UsersResponse,
};
use crate::wire::body::event::{EventType, EventsResponse, ListedEvent};
use crate::wire::body::webhook::{MessagesResponse, Webhook, WebhooksResponse};
use crate::wire::rejection::{respond, respond_empty};
use crate::wire::token::Sealer;

/// An address of the test account: one of those that get the fixed code.
const TEST_ADDRESS: &str = "alice+dynamic_test@example.com";

/// The response to what an administrator was granted.
pub(super) fn outcome(
    outcome: &AdminOutcome,
    environment: EnvironmentId,
    policy: &Policy,
    sealer: &Sealer,
) -> Response<Bytes> {
    match outcome {
        AdminOutcome::Done => respond_empty(StatusCode::NO_CONTENT),
        AdminOutcome::Revoked(_) => {
            respond(202, &json!({ "message": "Session revocation has been queued" }))
        }
        AdminOutcome::Created(record) => respond(201, &UserResponse { user: User::of(record) }),
        AdminOutcome::User(record) => respond(200, &UserResponse { user: User::of(record) }),
        AdminOutcome::Users { count, users } => {
            let users = users.iter().map(User::of).collect();
            respond(200, &UsersResponse { count: *count, users })
        }
        AdminOutcome::Session(record) => respond(200, &Session::of(record)),
        AdminOutcome::Keys(ring) => match sealer.key(ring.signing()) {
            Some(key) => respond(200, &KeyResponse::of(key)),
            None => respond_empty(StatusCode::INTERNAL_SERVER_ERROR),
        },
        AdminOutcome::NewApiToken { token, text } => {
            let token = Token::of(token, Some(text), environment);
            respond(201, &CreateTokenResponse { token })
        }
        AdminOutcome::ApiTokens(tokens) => {
            let tokens = tokens.iter().map(|token| Token::of(token, None, environment)).collect();
            respond(200, &TokensResponse { tokens })
        }
        AdminOutcome::TestAccount { code, is_new } => {
            let body = TestAccountResponse { code: code.clone(), email: TEST_ADDRESS };
            respond(if *is_new { 201 } else { 200 }, &body)
        }
        AdminOutcome::Events(events) => {
            let data = events.iter().map(|event| ListedEvent::of(event, environment)).collect();
            respond(200, &EventsResponse { data })
        }
        AdminOutcome::Event(event) => respond(200, &ListedEvent::of(event, environment)),
        AdminOutcome::EventTypes => respond(200, &EventType::all(policy.webhooks.mfa_events)),
        AdminOutcome::NewWebhook(webhook) => respond(201, &Webhook::of(webhook, true, environment)),
        AdminOutcome::Webhook { webhook, with_secret } => {
            respond(200, &Webhook::of(webhook, *with_secret, environment))
        }
        AdminOutcome::Webhooks(webhooks) => {
            let shown = webhooks.iter().map(|webhook| Webhook::of(webhook, false, environment));
            respond(200, &WebhooksResponse { data: shown.collect() })
        }
        // Which deliveries there were is known where they are made; see `deliveries`.
        AdminOutcome::Deliveries { .. } => respond(200, &MessagesResponse { data: Vec::new() }),
        AdminOutcome::Redelivery { .. } => {
            respond(200, &json!({ "message": "Message redelivery has been queued" }))
        }
    }
}
