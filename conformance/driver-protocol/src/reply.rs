//! What a driver answers.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde::{Deserialize, Serialize as DeriveSerialize};
use serde_json::{Value, json};

/// What became of one request; the four kinds must never be mixed up.
///
/// On the wire each kind is the one key beside `id`: `ok`, `err`, `unsupported`, `fault`.
#[derive(Clone, Debug, PartialEq, DeriveSerialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Outcome {
    /// The SDK call returned; the value is the SDK's own, an object.
    Ok(Value),
    /// The SDK reported an error.
    Err(SdkError),
    /// The SDK has no such call.
    Unsupported {
        /// Reason, for people.
        why: String,
        /// Address of the issue that tracks it.
        issue: Option<String>,
    },
    /// The driver itself is broken; never a pass and never an expected failure.
    Fault {
        /// What happened, for people.
        message: String,
        /// Stack of the driver.
        trace: Option<String>,
    },
}

impl Outcome {
    /// The SDK has no such call, for a reason without an issue.
    pub fn unsupported(why: impl Into<String>) -> Self {
        Self::Unsupported { why: why.into(), issue: None }
    }

    /// The driver is broken, without a trace.
    pub fn fault(message: impl Into<String>) -> Self {
        Self::Fault { message: message.into(), trace: None }
    }

    /// Key of this kind on the wire.
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Ok(_) => "ok",
            Self::Err(_) => "err",
            Self::Unsupported { .. } => "unsupported",
            Self::Fault { .. } => "fault",
        }
    }
}

/// An error as the SDK reported it to its caller.
#[derive(Clone, Debug, PartialEq, Eq, DeriveSerialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SdkError {
    /// Where the cause lies.
    pub origin: ErrorOrigin,
    /// Class or type name in the SDK's language.
    pub class: Option<String>,
    /// Machine-readable code that the SDK gives its caller.
    pub code: Option<String>,
    /// HTTP status of the refusal, if the SDK tells it.
    pub http: Option<u16>,
    /// The SDK's own text.
    pub message: String,
    /// Does the SDK say that trying again may help?
    #[serde(default)]
    pub retryable: bool,
}

/// Where the cause of an SDK error lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, DeriveSerialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ErrorOrigin {
    /// The service answered with a refusal or a failure.
    Server,
    /// The SDK refused before or after the exchange: wrong argument, no token, unreadable answer.
    Client,
    /// No answer arrived.
    Network,
    /// The person cancelled.
    User,
    /// The SDK gave up waiting.
    Timeout,
}

impl fmt::Display for ErrorOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Server => "server",
            Self::Client => "client",
            Self::Network => "network",
            Self::User => "user",
            Self::Timeout => "timeout",
        })
    }
}

/// The answer to the request with the same id.
///
/// It is written by serde and read by [`crate::framing::parse_line`] only, which names the exact
/// mistake where serde would say that no variant matched.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// Id of the request, an integer.
    pub id: u64,
    /// What became of it.
    pub outcome: Outcome,
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("id", &self.id)?;
        let key = self.outcome.key();
        match &self.outcome {
            Outcome::Ok(value) => map.serialize_entry(key, value)?,
            Outcome::Err(error) => map.serialize_entry(key, error)?,
            Outcome::Unsupported { why, issue } => {
                map.serialize_entry(key, &json!({ "why": why, "issue": issue }))?;
            }
            Outcome::Fault { message, trace } => {
                map.serialize_entry(key, &json!({ "message": message, "trace": trace }))?;
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(outcome: Outcome) -> Value {
        serde_json::to_value(Reply { id: 7, outcome }).unwrap()
    }

    #[test]
    fn each_kind_is_one_key_beside_the_id() {
        assert_eq!(written(Outcome::Ok(json!({ "a": 1 }))), json!({ "id": 7, "ok": { "a": 1 } }));
        assert_eq!(
            written(Outcome::unsupported("no such call")),
            json!({ "id": 7, "unsupported": { "why": "no such call", "issue": null } })
        );
        assert_eq!(
            written(Outcome::fault("lost")),
            json!({ "id": 7, "fault": { "message": "lost", "trace": null } })
        );
        let error = SdkError {
            origin: ErrorOrigin::Server,
            class: Some("MfaInvalidOtpError".into()),
            code: None,
            http: Some(422),
            message: "wrong code".into(),
            retryable: false,
        };
        assert_eq!(
            written(Outcome::Err(error)),
            json!({ "id": 7, "err": {
                "origin": "server", "class": "MfaInvalidOtpError", "code": null, "http": 422,
                "message": "wrong code", "retryable": false
            } })
        );
    }

    #[test]
    fn an_origin_prints_as_it_is_written() {
        for origin in [
            ErrorOrigin::Server,
            ErrorOrigin::Client,
            ErrorOrigin::Network,
            ErrorOrigin::User,
            ErrorOrigin::Timeout,
        ] {
            assert_eq!(serde_json::to_value(origin).unwrap(), json!(origin.to_string()));
        }
    }
}
