//! Requests of the case itself, for what no SDK can be made to send.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::{Method, Request};

use super::ledger::Scribe;
use super::show::brief;
use super::{Finding, Halt, Stage};

mod in_order;

/// Header that marks a raw request, so that it is not mistaken for the SDK's.
pub const RAW_MARK: &str = "x-conformance-raw";

/// Time for each part of a raw request; the service is on the same machine.
const PATIENCE: Duration = Duration::from_secs(10);

impl Stage {
    /// Begins a request to a path below `/sdk/{environment}/`, such as `users/mfa`.
    ///
    /// Raw requests never appear in [`Stage::wire`].
    pub fn raw(&self, method: &str, path: &str) -> RawRequest {
        self.raw_to(method, format!("{}/sdk/{}/{path}", self.tenant.base_url(), self.tenant.id()))
    }

    /// Begins a request to the API for an app's own servers; `{env}` in the path is the environment.
    pub fn raw_admin(&self, method: &str, path: &str) -> RawRequest {
        let path = path.replace("{env}", &format!("environments/{}", self.tenant.id()));
        self.raw_to(method, format!("{}/{path}", self.tenant.base_url()))
    }

    fn raw_to(&self, method: &str, url: String) -> RawRequest {
        let plain = Plain {
            method: method.to_owned(),
            url,
            headers: vec![(RAW_MARK.to_owned(), "1".to_owned())],
            body: None,
        };
        let elsewhere = self.tenant.lacks_other_environments();
        let (agent, scribe) = (self.agent.clone(), self.scribe.clone());
        RawRequest { plain, agent, elsewhere, lacking: None, scribe }
    }
}

/// A request under construction.
#[derive(Clone)]
#[must_use = "a request is sent by `send`"]
pub struct RawRequest {
    plain: Plain,
    /// Keeps the connections of the case, for those who do not race.
    agent: Agent,
    /// Why another environment would show nothing, if so.
    elsewhere: Option<String>,
    /// Why the request cannot be sent, if so.
    lacking: Option<String>,
    scribe: Scribe,
}

/// What goes out, as plain data that a thread can take along.
#[derive(Clone)]
struct Plain {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

/// What came back.
struct Heard {
    status: u16,
    headers: Vec<(String, String)>,
    text: String,
}

impl RawRequest {
    /// Aims at the same path of another environment, which is made on its first touch.
    pub fn in_environment(mut self, id: &str) -> Self {
        self.lacking.clone_from(&self.elsewhere);
        if let Some((base, rest)) = self.plain.url.split_once("/sdk/")
            && let Some((_, path)) = rest.split_once('/')
        {
            self.plain.url = format!("{base}/sdk/{id}/{path}");
        }
        self
    }

    /// Adds the session token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.plain.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets a JSON body.
    pub fn json(self, body: impl Into<Value>) -> Self {
        let text = body.into().to_string();
        self.header("content-type", "application/json").text(&text)
    }

    /// Sets a body as it is, for malformed ones.
    pub fn text(mut self, body: &str) -> Self {
        self.plain.body = Some(body.to_owned());
        self
    }

    /// Sends the request and waits for the answer, whatever its status.
    ///
    /// # Errors
    /// The request cannot be built, or no answer arrives: the suite's own mistake.
    pub fn send(self) -> Result<RawAnswer, Halt> {
        self.possible()?;
        let sent = self.plain.exchange(&self.agent);
        self.noted(sent)
    }

    /// Sends the same request several times at once, as near to the same moment as threads get.
    ///
    /// # Errors
    /// As [`RawRequest::send`].
    pub fn race(self, racers: usize) -> Result<Vec<RawAnswer>, Halt> {
        race((0..racers).map(|_| self.clone()).collect())
    }

    fn possible(&self) -> Result<(), Halt> {
        let Some(why) = &self.lacking else { return Ok(()) };
        let halt = Halt::Lacking(why.clone());
        self.scribe.fatal(&halt);
        Err(halt)
    }

    fn noted(self, sent: Result<Heard, String>) -> Result<RawAnswer, Halt> {
        let Plain { method, url, .. } = self.plain;
        let wrong = |problem| Halt::Harness(format!("raw {method} {url}: {problem}"));
        let Heard { status, headers, text } = sent.map_err(wrong)?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        self.scribe.note(format!("raw {method} {url} → {status} {}", brief(&body)));
        let name = format!("raw {method} {}", last_part(&url));
        Ok(RawAnswer { status, headers, body, text, name, scribe: self.scribe })
    }
}

/// Sends requests at once; the answers come in the order of the requests.
///
/// # Errors
/// As [`RawRequest::send`].
pub fn race(requests: Vec<RawRequest>) -> Result<Vec<RawAnswer>, Halt> {
    requests.iter().try_for_each(RawRequest::possible)?;
    let start = Barrier::new(requests.len());
    let sent: Vec<_> = thread::scope(|scope| {
        let run = |plain: Plain| {
            let start = &start;
            scope.spawn(move || {
                // A kept connection would give one of them a start over those who must knock first.
                let agent = agent();
                start.wait();
                plain.exchange(&agent)
            })
        };
        let racers: Vec<_> = requests.iter().map(|request| run(request.plain.clone())).collect();
        let fallen = |_| Err("a racer panicked".to_owned());
        racers.into_iter().map(|racer| racer.join().unwrap_or_else(fallen)).collect()
    });
    requests.into_iter().zip(sent).map(|(request, sent)| request.noted(sent)).collect()
}

/// Something that asks and keeps its connections.
///
/// Each part of an exchange has a time of its own: with one for all of them, or one for looking
/// the host up, a thread would be made for that look-up, at each request.
pub(super) fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .timeout_connect(Some(PATIENCE))
        .timeout_send_request(Some(PATIENCE))
        .timeout_send_body(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .timeout_recv_body(Some(PATIENCE))
        .build()
        .into()
}

impl Plain {
    fn exchange(&self, agent: &Agent) -> Result<Heard, String> {
        let method: Method = self.method.parse().map_err(|_| "no such method".to_owned())?;
        let mut request = Request::builder().method(method).uri(&self.url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let request = request.body(()).map_err(|problem| problem.to_string())?;
        let sent = match self.body.clone() {
            Some(body) => agent.run(request.map(|()| body)),
            None => agent.run(request),
        };
        let mut answer = sent.map_err(|problem| problem.to_string())?;
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| {
                (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let text = answer.body_mut().read_to_string().map_err(|problem| problem.to_string())?;
        Ok(Heard { status: answer.status().as_u16(), headers, text })
    }
}

/// The answer to a raw request; expectations halt when they do not hold.
pub struct RawAnswer {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as JSON, null when it is none.
    pub body: Value,
    /// The body as text.
    pub text: String,
    name: String,
    scribe: Scribe,
}

impl RawAnswer {
    /// The first value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value at a JSON pointer of the body, null when there is none.
    #[must_use]
    pub fn value(&self, pointer: &str) -> Value {
        self.body.pointer(pointer).cloned().unwrap_or(Value::Null)
    }

    /// Expects this status.
    ///
    /// # Errors
    /// Halts on another one.
    pub fn expect_status(&self, wanted: u16) -> Result<(), Halt> {
        let got = format!("{} {}", self.status, brief(&self.body));
        self.check("status", &wanted.to_string(), &got, self.status == wanted)
    }

    /// Expects a value at a JSON pointer of the body.
    ///
    /// # Errors
    /// Halts when another value is there.
    pub fn expect_body(&self, pointer: &str, wanted: impl Into<Value>) -> Result<(), Halt> {
        let (wanted, got) = (wanted.into(), self.value(pointer));
        self.check(&format!("body {pointer}"), &brief(&wanted), &brief(&got), got == wanted)
    }

    fn check(&self, part: &str, expected: &str, got: &str, holds: bool) -> Result<(), Halt> {
        let finding = Finding {
            requirement: None,
            step: None,
            what: format!("{} {part}", self.name),
            expected: expected.to_owned(),
            got: got.to_owned(),
            holds,
        };
        self.scribe.check(None, finding)
    }
}

/// The path behind the environment's id.
fn last_part(url: &str) -> &str {
    let rest = url.split_once("/sdk/").map_or(url, |(_, rest)| rest);
    rest.split_once('/').map_or(rest, |(_, path)| path)
}

#[cfg(test)]
mod tests;
