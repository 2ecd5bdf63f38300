//! The control API under `/_mock/v1/`: what a tester may do, over HTTP.
//!
//! A web page must never be able to drive it, so an unknown `Host` and a foreign `Origin` are
//! refused before anything else is looked at ([`Guard`]). Everything here is also a method of
//! [`crate::Hosting`].

mod guard;
mod openapi;
mod query;
mod route;
mod verbs;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};

pub use guard::Guard;
use query::Query;
use route::{Matched, Verb};

use crate::answer::{OverTls, Unread};
use crate::logbook::Unwritten;
use crate::mock::Mock;

/// Where the control API lives.
pub(crate) const BASE: &str = "/_mock/v1";
/// The longest body: a snapshot of a large world.
pub(crate) const BODY_BYTES_MAX: usize = 64 << 20;

/// What the control API says no with.
#[derive(Debug)]
pub(crate) struct Refused {
    status: StatusCode,
    error: String,
    hint: Option<&'static str>,
    allow: Option<String>,
}

impl Refused {
    pub(crate) fn new(status: StatusCode, error: impl std::fmt::Display) -> Self {
        Self { status, error: error.to_string(), hint: None, allow: None }
    }

    pub(crate) fn bad_request(error: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error)
    }

    /// A wish that was not carried out: because of the journal file, or because it is wrong.
    pub(crate) fn denied(error: impl std::error::Error + 'static) -> Self {
        match std::error::Error::source(&error).is_some_and(|source| source.is::<Unwritten>()) {
            true => Self::new(StatusCode::SERVICE_UNAVAILABLE, error),
            false => Self::bad_request(error),
        }
    }

    pub(crate) fn not_found(error: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, error)
    }

    pub(crate) fn with_hint(self, hint: &'static str) -> Self {
        Self { hint: Some(hint), ..self }
    }
}

impl From<Unwritten> for Refused {
    fn from(unwritten: Unwritten) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, unwritten)
    }
}

/// Whether a path belongs to the control API rather than to the API of the SDKs.
pub(crate) fn is_for(path: &str) -> bool {
    path == "/" || path == "/_mock" || path.starts_with("/_mock/")
}

/// Answers a request of a tester; waits only where the caller asked for that.
pub(crate) async fn answer(mock: &Mock, guard: &Guard, request: Request<Bytes>) -> Response<Bytes> {
    let mut response = match guard.preflight(&request) {
        Some(preflight) => preflight,
        None => decide(mock, guard, &request).await.unwrap_or_else(refuse),
    };
    guard.share(request.headers(), &mut response);
    response
}

/// The response to what was refused.
fn refuse(refused: Refused) -> Response<Bytes> {
    let mut body = json!({ "error": refused.error });
    if let (Some(hint), Some(fields)) = (refused.hint, body.as_object_mut()) {
        fields.insert("hint".to_owned(), json!(hint));
    }
    let mut response = respond(refused.status, &body);
    if let Some(allow) = refused.allow.and_then(|allow| allow.parse().ok()) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

async fn decide(
    mock: &Mock,
    guard: &Guard,
    request: &Request<Bytes>,
) -> Result<Response<Bytes>, Refused> {
    guard.admit(request.headers(), request.extensions().get::<OverTls>().is_some())?;
    let unread = request.extensions().get::<Unread>().copied();
    if unread == Some(Unread::TooLate) {
        let error = "the body was announced and did not arrive in time";
        return Err(Refused::new(StatusCode::REQUEST_TIMEOUT, error));
    }
    if unread.is_some() || request.body().len() > BODY_BYTES_MAX {
        let error = format!("the body is longer than {BODY_BYTES_MAX} bytes");
        return Err(Refused::new(StatusCode::PAYLOAD_TOO_LARGE, error));
    }
    // What the disk lost is not shown as if it were kept.
    mock.is_sound()?;
    let Matched { verb, environment, id } = route::find(request.method(), request.uri().path())?;
    match verb {
        Verb::Index => Ok(respond(StatusCode::OK, &index(mock))),
        Verb::OpenApi => Ok(respond(StatusCode::OK, &openapi::document())),
        Verb::ReadAstray => {
            let query = Query::read(request.uri().query(), &["after", "reveal"])?;
            let after = query.number("after")?.unwrap_or(0);
            let exchanges = mock.astray(after, query.flag("reveal")?);
            let body = json!({ "exchanges": exchanges, "newest": mock.astray_newest() });
            Ok(respond(StatusCode::OK, &body))
        }
        Verb::ListEnvironments => {
            Ok(respond(StatusCode::OK, &json!({ "environments": mock.environment_ids() })))
        }
        Verb::NewEnvironment => {
            let world = mock.fresh_environment().map_err(Refused::denied)?;
            Ok(respond(StatusCode::CREATED, &json!({ "id": world.id() })))
        }
        _ => verbs::act(mock, verb, environment.unwrap_or_default(), id, request).await,
    }
}

/// What a person finds who opens the control API.
fn index(mock: &Mock) -> Value {
    json!({
        "service": "mfa-mock",
        "version": env!("CARGO_PKG_VERSION"),
        "unofficial": "a local stand-in; not affiliated with Dynamic",
        "environments": mock.environment_ids().len(),
        "openapi": format!("{BASE}/openapi.json"),
        "routes": route::ROUTES
            .iter()
            .map(|route| format!("{} {BASE}{} — {}", route.method, route.template, route.summary))
            .collect::<Vec<_>>(),
        "operations": crate::wire::route::ROUTES
            .iter()
            .map(|route| format!("{} = {} {}", route.operation.name(), route.method, route.path()))
            .collect::<Vec<_>>(),
    })
}

/// A response with a JSON body, never kept by a cache.
fn respond(status: StatusCode, body: &impl Serialize) -> Response<Bytes> {
    let bytes = serde_json::to_vec_pretty(body).unwrap_or_default();
    let mut response = Response::new(Bytes::from(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let json = http::HeaderValue::from_static("application/json; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, json);
    headers.insert(header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, http::HeaderValue::from_static("nosniff"));
    response
}

/// A response that says only that it was done.
fn done() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// The methods that a path allows, for a 405.
fn method_not_allowed(method: &Method, allowed: String) -> Refused {
    let error = format!("this path does not take {method}; it takes {allowed}");
    Refused { allow: Some(allowed), ..Refused::new(StatusCode::METHOD_NOT_ALLOWED, error) }
}
