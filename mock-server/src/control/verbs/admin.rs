//! What the verbs for keys, API tokens, sessions, events and webhooks do.

use bytes::Bytes;
use http::{Response, StatusCode, header};
use mfa_engine::api_token::Permission;
use mfa_engine::{AdminRefusal, Refusal, WebhookPlan};
use serde::Deserialize;
use serde_json::json;

use super::{ok, read, wait_until};
use crate::control::query::Query;
use crate::control::route::Verb;
use crate::control::{Refused, done, respond};
use crate::hosting::{Hosting, InterventionError};

/// What an API token is for, and what it may do; nothing named means everything.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct NewApiToken {
    note: String,
    scopes: Vec<Permission>,
}

pub(super) fn act_at_once(
    world: &Hosting,
    verb: Verb,
    id: &str,
    body: &Bytes,
) -> Result<Response<Bytes>, Refused> {
    match verb {
        Verb::ListKeys => Ok(ok(&json!({ "keys": world.keys() }))),
        Verb::RotateKeys => {
            let keys = world.rotate_keys().map_err(refused)?;
            Ok(ok(&json!({ "keys": keys })))
        }
        Verb::RetireKey => {
            let keys = world.retire_key(id).map_err(refused)?;
            Ok(ok(&json!({ "keys": keys })))
        }
        Verb::ReadKeyPem => {
            let key = world.keys().into_iter().find(|key| key.kid == id);
            let key = key.ok_or_else(|| refused(Refusal::from(AdminRefusal::NoSuchKey)))?;
            Ok(pem(key.public_key_pem))
        }
        Verb::CreateApiToken => {
            let NewApiToken { note, scopes } = match body.is_empty() {
                true => NewApiToken::default(),
                false => read(body)?,
            };
            let made = world.create_api_token(&note, &scopes).map_err(refused)?;
            Ok(respond(StatusCode::CREATED, &made))
        }
        Verb::ListApiTokens => Ok(ok(&json!({ "tokens": world.api_tokens() }))),
        Verb::RevokeApiToken => world.revoke_api_token(id).map(|()| done()).map_err(refused),
        Verb::ResetMfa => world.reset_mfa(id).map(|()| done()).map_err(refused),
        Verb::RevokeSession => world.revoke_session(id).map(|()| done()).map_err(refused),
        Verb::RevokeEverySession => {
            let revoked = world.revoke_every_session().map_err(refused)?;
            Ok(ok(&json!({ "revoked": revoked })))
        }
        Verb::ListWebhooks => Ok(ok(&json!({ "webhooks": world.webhooks() }))),
        Verb::RegisterWebhook => {
            let made = world.register_webhook(read::<WebhookPlan>(body)?).map_err(refused)?;
            Ok(respond(StatusCode::CREATED, &made))
        }
        Verb::RemoveWebhook => world.remove_webhook(id).map(|()| done()).map_err(refused),
        Verb::Redeliver => world.redeliver(id).map(|()| done()).map_err(refused),
        _ => Err(Refused::not_found("not a verb of one environment")),
    }
}

pub(super) async fn read_events(
    world: &Hosting,
    query: Option<&str>,
) -> Result<Response<Bytes>, Refused> {
    let query = Query::read(query, &["after", "name", "wait"])?;
    let after = query.number("after")?.unwrap_or(0);
    let look = || {
        let mut events = world.events(after);
        events.retain(|event| query.text("name").is_none_or(|name| event.name == name));
        events
    };
    let events = wait_until(world, query.wait()?, look, |events| !events.is_empty()).await;
    Ok(ok(&json!({ "events": events })))
}

pub(super) async fn read_deliveries(
    world: &Hosting,
    id: &str,
    query: Option<&str>,
) -> Result<Response<Bytes>, Refused> {
    let query = Query::read(query, &["atLeast", "wait"])?;
    let at_least = query.number("atLeast")?.unwrap_or(0);
    if world.webhook(id).is_none() {
        return Err(refused(Refusal::from(AdminRefusal::NoSuchWebhook)));
    }
    let look = || world.deliveries(id);
    let kept = wait_until(world, query.wait()?, look, |kept| kept.len() as u64 >= at_least).await;
    Ok(ok(&json!({ "messages": kept })))
}

/// A public key as other tools read it.
fn pem(pem: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(pem.as_bytes()));
    let kind = http::HeaderValue::from_static("application/x-pem-file");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// What was not done, in the control API's own words.
fn refused(error: impl Into<InterventionError>) -> Refused {
    let refusal = match error.into() {
        InterventionError::Unwritten(unwritten) => return unwritten.into(),
        InterventionError::Refused(refusal) => refusal,
    };
    let status = match &refusal {
        Refusal::NoSuchUser
        | Refusal::Admin(
            AdminRefusal::NoSuchKey
            | AdminRefusal::NoSuchApiToken
            | AdminRefusal::NoSuchSession
            | AdminRefusal::OutOfReach
            | AdminRefusal::NoSuchWebhook
            | AdminRefusal::NoSuchMessage,
        ) => StatusCode::NOT_FOUND,
        Refusal::Admin(AdminRefusal::KeyInUse | AdminRefusal::NoFurtherKey) => StatusCode::CONFLICT,
        _ => StatusCode::BAD_REQUEST,
    };
    Refused::new(status, refusal)
}
