//! Drivers: how the runner reaches an SDK, and what exactly went wrong when it cannot.

mod connect;
mod inproc;
mod last_words;
mod lying;
mod mistake;
mod process;
mod strays;

use std::time::Duration;

use driver_protocol::{
    Authenticator, HelloAnswer, HelloArgs, Incoming, Level, MDP, NoAuthenticator, Notice, OPS,
    Outcome, Reply, Request, SuiteName,
};
use serde_json::{Value, json};

use crate::authenticator::SoftwareAuthenticator;
use crate::case::Guide;
use crate::stage::describe_error;
use crate::stopwatch::{self, Stopwatch};
use crate::suggestion;

pub use connect::{Connect, ConnectError};
pub(crate) use last_words::names_error;
pub use lying::{Catch, LIES, Lie};
pub use mistake::Mistake;
pub use strays::Strays;

/// Time for the handshake; a first start loads packages, and in a run several start at once.
pub const HELLO_WITHIN: Duration = Duration::from_secs(60);

/// Time for a driver to say goodbye before it is killed.
const BYE_WITHIN: Duration = Duration::from_secs(2);

/// Log lines kept per case, so that a driver that never stops talking cannot fill the memory.
const LOG_LINES_MAX: usize = 2_000;

/// One way to carry requests to a driver.
pub(crate) trait Link: Send {
    /// Sends one request and waits for its answer.
    ///
    /// The authenticator is lent to the driver until then.
    fn exchange(
        &mut self,
        request: &Request,
        within: Duration,
        authenticator: &mut dyn Authenticator,
    ) -> Result<Outcome, Mistake>;
    /// Log lines and events since the last call.
    fn heard(&mut self) -> Vec<Incoming>;
    /// Ends the driver after it said goodbye, by force if need be.
    fn end(&mut self) -> Result<(), Mistake>;
}

/// What every handshake of a run says.
#[derive(Clone, Debug)]
pub struct Greeting {
    /// Name of the run, for logs.
    pub run: String,
    /// Seed of the run.
    pub seed: u64,
    /// Time for the handshake.
    pub within: Duration,
}

/// An attached driver after its handshake.
pub struct Session {
    link: Box<dyn Link>,
    hello: HelloAnswer,
    next_id: u64,
    attached: Stopwatch,
    log: Vec<String>,
    authenticator: SoftwareAuthenticator,
}

impl Session {
    /// Shakes hands over a link.
    ///
    /// # Errors
    /// The exact mistake in the driver's start or answer.
    pub(crate) fn attach(link: Box<dyn Link>, greeting: &Greeting) -> Result<Self, Mistake> {
        let hello = HelloArgs {
            mdp: vec![MDP],
            suite: SuiteName {
                name: "mfa-conformance".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            },
            run: greeting.run.clone(),
            seed: greeting.seed,
            now_ms: u64::try_from(stopwatch::system_ms()).unwrap_or(0),
            ops: OPS.iter().map(|op| op.name.to_owned()).collect(),
        };
        let args = serde_json::to_value(hello).unwrap_or(Value::Null);
        let mut link = link;
        let hello = Request::new(1, "hello", args);
        let outcome = link.exchange(&hello, greeting.within, &mut NoAuthenticator);
        let hello = match outcome.map_err(Mistake::before_hello).and_then(read_hello) {
            Ok(hello) => hello,
            Err(mistake) => {
                // The first mistake is the one to mend; how it ends after that is no news.
                let _ = link.end();
                return Err(mistake);
            }
        };
        let attached = Stopwatch::start();
        let authenticator = SoftwareAuthenticator::default();
        Ok(Self { link, hello, next_id: 2, attached, log: Vec::new(), authenticator })
    }

    /// What the driver said about itself.
    #[must_use]
    pub fn hello(&self) -> &HelloAnswer {
        &self.hello
    }

    /// The authenticator that is lent to the driver.
    pub fn authenticator(&mut self) -> &mut SoftwareAuthenticator {
        &mut self.authenticator
    }

    /// The SDK's time now: what the driver reported, plus what has passed since.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        let reported = i64::try_from(self.hello.clock.now_ms).unwrap_or(i64::MAX);
        let passed = i64::try_from(self.attached.elapsed().as_millis()).unwrap_or(i64::MAX);
        reported.saturating_add(passed)
    }

    /// Lets the driver perform one op.
    ///
    /// # Errors
    /// The driver broke the protocol, hung or died; it is of no use afterwards.
    pub fn call(
        &mut self,
        op: &str,
        instance: Option<String>,
        args: Value,
        (case, step): (&str, u64),
        within: Duration,
    ) -> Result<Outcome, Mistake> {
        let id = self.next_id;
        self.next_id += 1;
        let deadline_ms = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
        let request = Request {
            inst: instance,
            deadline_ms,
            case: Some(case.to_owned()),
            step: Some(step),
            ..Request::new(id, op, args)
        };
        self.link.exchange(&request, within, &mut self.authenticator)
    }

    /// Log lines so far, without taking them away.
    pub fn log_so_far(&mut self) -> Vec<String> {
        for heard in self.link.heard() {
            if self.log.len() < LOG_LINES_MAX {
                self.log.extend(log_line(heard));
            }
        }
        self.log.clone()
    }

    /// Log lines since the last call.
    pub fn take_log(&mut self) -> Vec<String> {
        self.log_so_far();
        std::mem::take(&mut self.log)
    }

    /// Closes the clients of a finished case, so that the driver can play another one.
    ///
    /// # Errors
    /// The driver broke the protocol, hung or died; it is of no use afterwards.
    pub fn close(&mut self, instances: Vec<String>, case: &str) -> Result<(), Mistake> {
        for instance in instances {
            // Whether the SDK minds being closed is nobody's business; that the driver lives is.
            self.call("client.close", Some(instance), json!({}), (case, 0), BYE_WITHIN)?;
        }
        Ok(())
    }

    /// Says goodbye and ends the driver, however it takes it.
    pub fn part(self) {
        // A driver that cannot even part is ended by force; its cases are judged already.
        let _ = self.say_bye();
    }

    /// Says goodbye and ends the driver; yields what it answered.
    ///
    /// # Errors
    /// It does not answer, or does not end by itself and with status 0.
    pub fn say_bye(mut self) -> Result<Outcome, Mistake> {
        let bye = Request::new(self.next_id, "bye", json!({}));
        let answer = self.link.exchange(&bye, BYE_WITHIN, &mut NoAuthenticator);
        let ended = self.link.end();
        let answer = answer?;
        ended.map(|()| answer)
    }
}

/// The outcome of a reply, which must answer the request that is open.
fn settle(request: &Request, Reply { id, outcome }: Reply) -> Result<Outcome, Mistake> {
    match id == request.id {
        true => Ok(outcome),
        false => Err(Mistake::WrongId { asked: request.id, came: id }),
    }
}

fn read_hello(outcome: Outcome) -> Result<HelloAnswer, Mistake> {
    let value = match outcome {
        Outcome::Ok(value) => value,
        Outcome::Err(error) => {
            return Err(Mistake::HelloRefused { answer: describe_error(&error) });
        }
        Outcome::Unsupported { why, .. } => return Err(Mistake::HelloRefused { answer: why }),
        Outcome::Fault { message, .. } => return Err(Mistake::HelloRefused { answer: message }),
    };
    let hello: HelloAnswer = serde_json::from_value(value)
        .map_err(|error| Mistake::HelloMalformed { problems: vec![error.to_string()] })?;
    let mut problems = hello.mistakes();
    for name in hello.guides.iter().filter(|name| Guide::named(name).is_none()) {
        let hint = suggestion::hint(name, Guide::ALL.map(Guide::name));
        problems.push(format!("unknown guide \"{name}\"{hint}"));
    }
    if problems.is_empty() { Ok(hello) } else { Err(Mistake::HelloMalformed { problems }) }
}

fn log_line(heard: Incoming) -> Option<String> {
    match heard {
        Incoming::Chatter(text) => Some(text),
        Incoming::Log(log) => Some(format!("{} {}", severity(log.log), log.msg)),
        Incoming::Event(event) => Some(format!("event {} {}", event.ev, event.data)),
        Incoming::Reply(_) | Incoming::Callback(_) => None,
    }
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}

fn incoming(notice: Notice) -> Incoming {
    match notice {
        Notice::Event(event) => Incoming::Event(event),
        Notice::Log(log) => Incoming::Log(log),
    }
}
