//! Adapter honesty: does the driver really pass on what an SDK does?
//!
//! A driver could talk to the service by itself, or make answers up, and every case would be
//! green. Four questions uncover it: the SDK's own marks on every request, a dead service, an op
//! that nobody knows, and a random value that must come back. A fifth looks for ops that work
//! although the driver does not declare them, for what is not declared is not judged.

mod probe;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::exit::{Exit, Reason};
use crate::stage::Exchange;

pub(crate) use probe::{ADA, Visit, canary, enter, marks};
pub use probe::{Probed, probe};

/// Operations whose retries may share one request id.
///
/// The published JavaScript SDK tries the settings three times through one client object.
const SHARED_REQUEST_ID: [&str; 1] = ["getEnvironmentSettings"];

/// One question about the driver's honesty and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// Short name.
    pub id: String,
    /// What an honest driver does.
    pub title: String,
    /// What was found, when the answer is not the honest one.
    pub problem: Option<String>,
    /// What the problem means for the exit.
    pub exit: Exit,
}

impl Probe {
    /// Whether the answer is a failure; one that costs nothing is a note.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.problem.is_some() && self.exit != Exit::Conformant
    }

    /// What the answer means for the exit, when it is a failure.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        let problem = self.problem.as_ref().filter(|_| self.fails())?;
        let name = format!("honesty/{}", self.id);
        Some(Reason::new(self.exit, format!("{name}: {problem}")).about(&name))
    }
}

/// What in the SDK's requests speaks against an SDK having sent them.
///
/// `clients` is the number of SDK clients made or restarted: each has one session id.
#[must_use]
pub fn fingerprint(exchanges: &[Exchange], clients: usize) -> Vec<String> {
    let mut problems = Vec::new();
    let mut versions = BTreeSet::new();
    let mut sessions = BTreeSet::new();
    let mut requests = BTreeSet::new();
    for exchange in exchanges {
        let name = exchange.operation.as_deref().unwrap_or(&exchange.path);
        let mut mark = |header: &str| match exchange.header(header) {
            Some(value) if !value.is_empty() => Some(value.to_owned()),
            _ => {
                problems.push(format!("{name} was sent without {header}"));
                None
            }
        };
        versions.extend(mark("x-dyn-version"));
        sessions.extend(mark("x-dyn-session-id"));
        let repeated = mark("x-dyn-request-id").is_some_and(|id| !requests.insert(id));
        if repeated && !SHARED_REQUEST_ID.contains(&name) {
            problems.push(format!("{name} repeats the x-dyn-request-id of an earlier request"));
        }
    }
    if versions.len() > 1 {
        let seen: Vec<String> = versions.into_iter().collect();
        problems.push(format!("x-dyn-version changes: {}", seen.join(", ")));
    }
    if sessions.len() > clients.max(1) {
        problems.push(format!("{} x-dyn-session-id for {clients} clients", sessions.len()));
    }
    problems
}

/// The SDK's version as its requests say: what stands behind the slash of `x-dyn-version`.
#[must_use]
pub fn version_on_wire(exchanges: &[Exchange]) -> Option<String> {
    let mark = exchanges.iter().find_map(|exchange| exchange.header("x-dyn-version"))?;
    Some(mark.rsplit('/').next().unwrap_or(mark).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(operation: &str, session: &str, id: &str) -> Exchange {
        let headers = [
            ("x-dyn-version", "ClientSDK/1.27.1"),
            ("x-dyn-session-id", session),
            ("x-dyn-request-id", id),
        ];
        Exchange {
            operation: Some(operation.to_owned()),
            request_headers: headers.map(|(name, value)| (name.into(), value.into())).to_vec(),
            ..Exchange::default()
        }
    }

    #[test]
    fn an_sdks_own_marks_are_fine() {
        let wire = [
            request("getEnvironmentSettings", "s1", "r1"),
            request("getEnvironmentSettings", "s1", "r1"),
            request("getUserMfaDevices", "s2", "r2"),
        ];
        assert_eq!(fingerprint(&wire, 2), Vec::<String>::new());
        assert_eq!(version_on_wire(&wire).as_deref(), Some("1.27.1"));
    }

    #[test]
    fn a_request_beside_the_sdk_is_seen() {
        let mut bare = request("getUserMfaDevices", "s1", "r2");
        bare.request_headers.retain(|(name, _)| name != "x-dyn-version");
        let wire = [request("getNonces", "s1", "r1"), bare];
        assert_eq!(fingerprint(&wire, 1), ["getUserMfaDevices was sent without x-dyn-version"]);
    }

    #[test]
    fn a_replayed_request_and_a_second_session_are_seen() {
        let wire = [
            request("getNonces", "s1", "r1"),
            request("getUserMfaDevices", "s1", "r1"),
            request("getUserMfaDevices", "s2", "r2"),
        ];
        assert_eq!(
            fingerprint(&wire, 1),
            [
                "getUserMfaDevices repeats the x-dyn-request-id of an earlier request",
                "2 x-dyn-session-id for 1 clients"
            ]
        );
    }
}
