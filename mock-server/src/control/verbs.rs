//! What each verb of the control API does to one environment.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::SignedDuration;
use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::query::Query;
use super::route::Verb;
use super::{Refused, done, respond};
use crate::clock::Clock;
use crate::fault::Fault;
use crate::hosting::{Hosting, InterventionError};
use crate::mock::Mock;
use crate::policy::Policy;

mod admin;

/// How far a clock is moved.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    seconds: i64,
}

/// Does what a tester asks of one environment.
pub(super) async fn act(
    mock: &Mock,
    verb: Verb,
    environment: &str,
    id: Option<&str>,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, Refused> {
    if verb == Verb::ForgetEnvironment {
        return match mock.forget(environment)? {
            true => Ok(done()),
            false => Err(Refused::not_found(format!("there is no environment {environment}"))),
        };
    }
    // Looking at a world makes it, as an SDK's first request would: a test may set the stage first.
    let world = mock.environment(environment).map_err(Refused::denied)?;
    let id = percent_decode_str(id.unwrap_or_default()).decode_utf8_lossy().into_owned();
    let body = request.body();
    let query = request.uri().query();
    match verb {
        Verb::ReadInbox => read_inbox(&world, query).await,
        Verb::ReadJournal => read_journal(&world, query).await,
        Verb::CountJournal => count_journal(&world, query).await,
        Verb::ListEvents => admin::read_events(&world, query).await,
        Verb::ListMessages => admin::read_deliveries(&world, &id, query).await,
        _ => {
            Query::read(query, &[])?;
            act_at_once(&world, verb, &id, body)
        }
    }
}

fn act_at_once(
    world: &Hosting,
    verb: Verb,
    id: &str,
    body: &Bytes,
) -> Result<Response<Bytes>, Refused> {
    let no_user = || Refused::not_found(format!("there is no user {id:?}"));
    match verb {
        Verb::MakeEnvironment => Ok(done()),
        Verb::ReadEnvironment => Ok(ok(&summary(world))),
        Verb::ReadSettings => Ok(ok(&world.policy())),
        Verb::ReplaceSettings => set_policy(world, read(body)?),
        Verb::PatchSettings => {
            let mut settings = serde_json::to_value(world.policy()).unwrap_or_default();
            merge(&mut settings, read::<Value>(body)?);
            set_policy(world, typed(settings)?)
        }
        Verb::Reset => {
            world.reset()?;
            Ok(done())
        }
        Verb::TakeSnapshot => Ok(ok(&world.snapshot())),
        Verb::Restore => {
            world.restore(read(body)?).map_err(Refused::denied)?;
            Ok(done())
        }
        Verb::ListUsers => Ok(ok(&json!({ "users": world.users() }))),
        Verb::CreateUser => {
            let user = world.create_user(read(body)?).map_err(Refused::denied)?;
            Ok(respond(StatusCode::CREATED, &user))
        }
        Verb::ReadUser => world.user(id).map(|user| ok(&user)).ok_or_else(no_user),
        Verb::RemoveUser => done_to(world.remove_user(id), no_user),
        Verb::RevokeSessions => done_to(world.revoke_sessions(id), no_user),
        Verb::ShowTotp => {
            world.totp_display(id).map(|shown| ok(&shown)).map_err(Refused::not_found)
        }
        Verb::ReadClock => Ok(clock(world)),
        Verb::SetClock => {
            world.set_clock(read::<Clock>(body)?).map_err(Refused::denied)?;
            Ok(clock(world))
        }
        Verb::AdvanceClock => {
            let Advance { seconds } = read(body)?;
            let by = SignedDuration::from_secs(seconds);
            world.advance_clock(by).map_err(Refused::denied)?;
            Ok(clock(world))
        }
        Verb::ListFaults => Ok(ok(&json!({ "faults": world.faults() }))),
        Verb::InjectFault => {
            let id = world.inject_fault(read::<Fault>(body)?).map_err(Refused::denied)?;
            Ok(respond(StatusCode::CREATED, &json!({ "id": id })))
        }
        Verb::ClearFaults => {
            world.clear_faults()?;
            Ok(done())
        }
        Verb::RemoveFault => {
            let removed = id.parse().ok().map_or(Ok(false), |id| world.remove_fault(id))?;
            let no_fault = || Refused::not_found(format!("there is no fault {id:?}"));
            removed.then(done).ok_or_else(no_fault)
        }
        Verb::ClearJournal => {
            world.clear_journal();
            Ok(done())
        }
        other => admin::act_at_once(world, other, id, body),
    }
}

/// What became of a wish that fails only for want of a user, or of the journal file.
fn done_to(
    result: Result<(), InterventionError>,
    no_user: impl Fn() -> Refused,
) -> Result<Response<Bytes>, Refused> {
    match result {
        Ok(()) => Ok(done()),
        Err(InterventionError::Unwritten(unwritten)) => Err(unwritten.into()),
        Err(InterventionError::Refused(_)) => Err(no_user()),
    }
}

async fn read_inbox(world: &Hosting, query: Option<&str>) -> Result<Response<Bytes>, Refused> {
    let query = Query::read(query, &["to", "after", "since", "wait"])?;
    let after = query.number("after")?.unwrap_or(0);
    let since = query.time("since")?;
    // The `+` of a number may have become a blank on the way, as in any query.
    let to = query.text("to").map(|to| to.replacen(' ', "+", usize::from(to.starts_with(' '))));
    let look = || {
        let mut mails = world.inbox(to.as_deref(), after);
        mails.retain(|mail| since.is_none_or(|since| mail.at >= since));
        mails
    };
    let mails = wait_until(world, query.wait()?, look, |mails| !mails.is_empty()).await;
    Ok(ok(&json!({ "mails": mails })))
}

async fn read_journal(world: &Hosting, query: Option<&str>) -> Result<Response<Bytes>, Refused> {
    let query = Query::read(query, &["after", "operation", "reveal", "wait"])?;
    let after = query.number("after")?.unwrap_or(0);
    let reveal = query.flag("reveal")?;
    let operation = known_operation(&query)?;
    let look = || {
        let mut exchanges = world.journal_after(after, reveal);
        exchanges.retain(|exchange| operation.is_none() || exchange.operation == operation);
        exchanges
    };
    let exchanges = wait_until(world, query.wait()?, look, |found| !found.is_empty()).await;
    Ok(ok(&json!({ "exchanges": exchanges, "newest": world.journal_newest() })))
}

async fn count_journal(world: &Hosting, query: Option<&str>) -> Result<Response<Bytes>, Refused> {
    let query = Query::read(query, &["operation", "after", "atLeast", "wait"])?;
    let after = query.number("after")?.unwrap_or(0);
    let at_least = query.number("atLeast")?.unwrap_or(0);
    let operation = known_operation(&query)?
        .ok_or_else(|| Refused::bad_request("operation: which one is to be counted"))?;
    let look = || world.journal_count(operation, after) as u64;
    let count = wait_until(world, query.wait()?, look, |count| *count >= at_least).await;
    Ok(ok(&json!({ "count": count, "reached": count >= at_least })))
}

/// Looks until it is enough, or until the time is over; woken by changes, never polling.
async fn wait_until<T>(
    world: &Hosting,
    wait: Duration,
    look: impl Fn() -> T,
    is_enough: impl Fn(&T) -> bool,
) -> T {
    let mut changes = world.watch();
    let patient = async {
        loop {
            let found = look();
            if is_enough(&found) || changes.changed().await.is_err() {
                return found;
            }
        }
    };
    match tokio::time::timeout(wait, patient).await {
        Ok(found) => found,
        Err(_) => look(),
    }
}

/// The operation that a query names, which must be one that is served.
fn known_operation(query: &Query) -> Result<Option<&'static str>, Refused> {
    match query.text("operation") {
        None => Ok(None),
        Some(name) => match crate::wire::operation_named(name) {
            Some(operation) => Ok(Some(operation.name())),
            None => Err(Refused::bad_request(format!("no operation is called `{name}`"))
                .with_hint("GET /_mock/v1/ lists them")),
        },
    }
}

fn set_policy(world: &Hosting, policy: Policy) -> Result<Response<Bytes>, Refused> {
    world.set_policy(policy).map_err(Refused::denied)?;
    Ok(ok(&world.policy()))
}

fn clock(world: &Hosting) -> Response<Bytes> {
    ok(&json!({ "now": world.now(), "clock": world.clock() }))
}

fn summary(world: &Hosting) -> Value {
    json!({
        "id": world.id(),
        "now": world.now(),
        "users": world.users().len(),
        "mails": world.inbox(None, 0).len(),
        "faults": world.faults().len(),
        "exchanges": world.journal_newest(),
        "enforcesStepUp": world.policy().enforces_step_up(),
    })
}

fn ok(body: &impl serde::Serialize) -> Response<Bytes> {
    respond(StatusCode::OK, body)
}

/// Reads a JSON body and names the field that is wrong.
fn read<T: DeserializeOwned>(body: &Bytes) -> Result<T, Refused> {
    let value: Value = serde_json::from_slice(body)
        .map_err(|error| Refused::bad_request(format!("the body is not JSON: {error}")))?;
    // serde would read an array as the fields in their order, and `[]` as all of them absent.
    match value.is_object() {
        true => typed(value),
        false => Err(Refused::bad_request("the body is not a JSON object")),
    }
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Refused> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        Refused::bad_request(match path.as_str() {
            "." => error.inner().to_string(),
            _ => format!("{path}: {}", error.inner()),
        })
    })
}

/// JSON merge patch (RFC 7396 section 2), but for null: no setting can be removed.
fn merge(into: &mut Value, patch: Value) {
    match (into, patch) {
        (Value::Object(fields), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(fields.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, patch) => *into = patch,
    }
}
