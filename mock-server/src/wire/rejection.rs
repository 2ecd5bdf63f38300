//! What is refused before the engine is asked: wrong shapes, wrong signatures, unknown paths.

use bytes::Bytes;
use http::{Response, StatusCode, header};
use mfa_engine::EnvironmentId;
use serde_json::{Value, json};

use crate::logbook::Unwritten;

/// Why a request never reached the engine. `Display` is the reason, for the journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejection {
    #[error("{}", outside(*is_aimed_at_it))]
    OutsideTheApi { is_aimed_at_it: bool },
    #[error("the path has an empty segment; a base URL ends without a slash")]
    DoubleSlash,
    #[error("{}", unknown_path(*meant))]
    UnknownPath { meant: Option<&'static str> },
    #[error("{operation} is an operation of the API that this mock does not serve")]
    NotMocked { operation: &'static str },
    #[error("the path exists, but not with this method; it allows {allowed}")]
    MethodNotAllowed { allowed: String },
    #[error("{}", malformed_environment(found))]
    MalformedEnvironment { found: String },
    #[error("no environment of this id was made, and this service makes none by itself")]
    UnknownEnvironment,
    #[error("the service holds as many environments as it may ({max})")]
    TooManyEnvironments { max: usize },
    #[error("the body is longer than {max} bytes")]
    BodyTooLong { max: usize },
    #[error("the body was announced and did not arrive in time")]
    BodyUnsent,
    #[error("the body is not JSON: {0}")]
    NotJson(String),
    #[error("{problem}")]
    Malformed { status: u16, code: Option<&'static str>, problem: String },
    #[error("no bearer token came along")]
    NoToken,
    #[error("the bearer token is not one of this service's: {0}")]
    ForgedToken(&'static str),
    #[error("a page of an origin that is not allowed sent the session's cookie along")]
    ForeignOrigin,
    #[error("an end user's token opens nothing for administrators; show an API token (dyn_…)")]
    EndUser,
    #[error("the API token names an environment that does not exist")]
    UnknownApiToken,
    #[error("the device signature does not verify: {0}")]
    BadDeviceSignature(&'static str),
    #[error("the path holds no id of 36 characters where one is needed")]
    MalformedId,
    #[error("{0}")]
    Unwritten(Unwritten),
}

impl Rejection {
    /// The rule behind it.
    pub(crate) const fn rule(&self) -> &'static str {
        match self {
            Self::OutsideTheApi { .. } | Self::DoubleSlash | Self::UnknownPath { .. } => "W1",
            Self::NotMocked { .. } => "edge",
            Self::MethodNotAllowed { .. } => "wire 405",
            Self::MalformedEnvironment { .. } | Self::UnknownEnvironment => "W1",
            Self::TooManyEnvironments { .. } | Self::BodyTooLong { .. } | Self::BodyUnsent => {
                "limit"
            }
            Self::NotJson(_) | Self::Malformed { .. } => "W4",
            Self::NoToken | Self::ForgedToken(_) => "J1",
            Self::ForeignOrigin => "J16",
            Self::EndUser | Self::UnknownApiToken => "S10",
            Self::BadDeviceSignature(_) => "W2",
            Self::MalformedId => "V1",
            Self::Unwritten(_) => "journal file",
        }
    }

    /// The operation that was asked for, where it is known and not served.
    pub(crate) const fn operation(&self) -> Option<&'static str> {
        match self {
            Self::NotMocked { operation } => Some(operation),
            _ => None,
        }
    }

    /// Whether no body arrived, or only a part that is not worth keeping.
    pub(crate) const fn is_about_the_body_s_way(&self) -> bool {
        matches!(self, Self::BodyTooLong { .. } | Self::BodyUnsent)
    }

    pub(crate) fn encode(&self) -> Response<Bytes> {
        let not_found = json!({ "error": "Not Found", "code": "not_found" });
        let (status, body) = match self {
            Self::MalformedId => (404, not_found),
            Self::OutsideTheApi { .. }
            | Self::MalformedEnvironment { .. }
            | Self::UnknownEnvironment
            | Self::UnknownPath { .. } => {
                let error = format!("Not Found: {self}");
                (404, json!({ "error": error, "code": "not_found" }))
            }
            Self::NotMocked { operation } => {
                let error = format!("Not mocked: {self}");
                (501, json!({ "error": error, "code": "not_mocked", "operation": operation }))
            }
            Self::DoubleSlash => {
                let error =
                    "Not Found: the path has an empty segment; does apiBaseUrl end in a slash?";
                (404, json!({ "error": error, "code": "not_found" }))
            }
            Self::MethodNotAllowed { .. } => (405, json!({ "error": "Method Not Allowed" })),
            Self::TooManyEnvironments { .. } => (503, json!({ "error": self.to_string() })),
            Self::Unwritten(_) => {
                (503, json!({ "error": self.to_string(), "code": "journal_unavailable" }))
            }
            Self::BodyTooLong { .. } => (413, json!({ "error": "Payload Too Large" })),
            Self::BodyUnsent => (408, json!({ "error": "Request Timeout" })),
            Self::NotJson(_) => (400, json!({ "error": self.to_string() })),
            Self::Malformed { status, code: Some(code), problem } => {
                (*status, json!({ "error": problem, "code": code }))
            }
            Self::Malformed { status, code: None, problem } => {
                (*status, json!({ "error": problem }))
            }
            Self::NoToken => (401, json!({ "error": "No jwt provided!" })),
            Self::ForeignOrigin | Self::EndUser => body_of(403),
            Self::ForgedToken(_) | Self::UnknownApiToken | Self::BadDeviceSignature(_) => {
                body_of(401)
            }
        };
        let mut response = respond(status, &body);
        if let Self::MethodNotAllowed { allowed } = self
            && let Ok(value) = allowed.parse()
        {
            response.headers_mut().insert(header::ALLOW, value);
        }
        response
    }
}

/// Most requests that miss the API have lost its beginning: `apiBaseUrl` without the path.
fn outside(is_aimed_at_it: bool) -> String {
    let base = super::route::BASE;
    match is_aimed_at_it {
        true => format!("the path is outside {base}; does apiBaseUrl end in {base}?"),
        false => format!("the path is outside {base}"),
    }
}

fn malformed_environment(found: &str) -> String {
    /// Longer than any id; the rest of a text that is none says nothing.
    const SHOWN_MAX: usize = 40;
    let rule = "no environment id: 36 characters of lower-case hex and dashes";
    let lower = found.to_ascii_lowercase();
    match lower.parse::<EnvironmentId>() {
        Ok(meant) => format!("`{found}` is {rule}; did you mean `{meant}`?"),
        Err(_) if found.chars().count() > SHOWN_MAX => {
            let begin: String = found.chars().take(SHOWN_MAX).collect();
            format!("`{begin}…` is {rule}")
        }
        Err(_) => format!("`{found}` is {rule}"),
    }
}

fn unknown_path(meant: Option<&'static str>) -> String {
    match meant {
        Some(meant) => format!("no operation has this path; did you mean `{meant}`?"),
        None => "no operation has this path".to_owned(),
    }
}

/// The service's own body for a status, as the API's error models show it (rules W4, S6).
pub(crate) fn body_for_status(status: u16, code: Option<&str>) -> Value {
    let (_, mut body) = body_of(status);
    if let (Some(code), Some(fields)) = (code, body.as_object_mut()) {
        fields.remove("message");
        fields.entry("error").or_insert_with(|| json!("Too Many Requests"));
        fields.insert("code".to_owned(), json!(code));
    }
    body
}

fn body_of(status: u16) -> (u16, Value) {
    let body = match status {
        400 => json!({ "error": "Bad Request" }),
        401 => json!({ "error": "Unauthorized" }),
        403 => json!({ "error": "Access Forbidden" }),
        404 => json!({ "error": "Not Found", "code": "not_found" }),
        // The gateway in front of the service answers this, without an `error` (rule S6).
        429 => json!({ "message": "Rate limit exceeded", "code": 429 }),
        500 => json!({ "error": "Internal Server Error" }),
        502 => json!({ "error": "Bad Gateway" }),
        503 => json!({ "error": "Service Unavailable" }),
        _ => json!({ "error": reason_phrase(status) }),
    };
    (status, body)
}

fn reason_phrase(status: u16) -> &'static str {
    StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Unknown Error")
}

/// A response with a JSON body.
pub(crate) fn respond(status: u16, body: &impl serde::Serialize) -> Response<Bytes> {
    // Serialising our own structs cannot fail: they have string keys and finite numbers.
    let bytes = serde_json::to_vec(body).unwrap_or_default();
    let mut response = Response::new(Bytes::from(bytes));
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = http::HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// A response without a body.
pub(crate) fn respond_empty(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}
