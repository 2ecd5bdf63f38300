//! The stage: everything a case may touch, and nothing else.
//!
//! Two witnesses speak here. [`Stage::act`] is what the SDK says through its driver,
//! [`Stage::wire`] is what the service saw. A case that asks only one of them can be fooled by
//! an SDK that always says no, or by a driver that makes answers up.

mod code;
mod error_kind;
mod halt;
mod ledger;
mod operation;
mod raw;
mod scene;
mod seen;
mod show;
mod step;
mod token;
mod wire;
mod world_verbs;

use std::sync::Arc;
use std::time::Duration;

use driver_protocol::{ErrorFidelity, Outcome};
use serde_json::{Value, json};
use ureq::Agent;

use crate::authenticator::SoftwareAuthenticator;
use crate::case::Case;
use crate::driver::Session;
use crate::service::{Tenant, Unable};
use crate::stopwatch::Stopwatch;

pub use code::STEP_SECONDS;
pub use error_kind::ErrorKind;
pub use halt::{Halt, Noted};
pub use ledger::{Finding, Line, LineKind};
pub use operation::OPERATIONS;
pub use raw::{RAW_MARK, RawAnswer, RawRequest, race};
pub use scene::Enrolled;
pub use seen::{Exchange, Seen};
pub use step::Step;
pub use token::Token;
pub use wire::Wire;

pub(crate) use ledger::{Ledger, Scribe};
pub(crate) use show::{brief, describe_error, shorten};
use step::Reply;

/// The origin that every client is told it runs at.
pub const ORIGIN: &str = "http://localhost:3000";

/// What a case touches: the driver, the tenant, its clock, and two ways to speak.
///
/// `expect…` halts when it does not hold, `note…` records and goes on. Every expectation counts
/// for the requirement that [`Stage::proving`] or [`Step::proves`] names, else for all that the
/// case proves.
pub struct Stage {
    case: &'static Case,
    session: Session,
    tenant: Arc<dyn Tenant>,
    patience: Patience,
    scribe: Scribe,
    /// For the case's own requests, which share connections.
    agent: Agent,
    instance: Option<String>,
    opened: usize,
    instances: Vec<String>,
    steps: u64,
    mail_read: u64,
}

/// How long one op and one case may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Time for one op.
    pub op: Duration,
    /// Time for all ops of a case together.
    pub case: Duration,
    pub(crate) since: Stopwatch,
}

impl Patience {
    /// A budget for a case that starts now.
    #[must_use]
    pub fn new(op: Duration, case: Duration) -> Self {
        Self { op, case, since: Stopwatch::start() }
    }

    fn left(&self) -> Duration {
        self.op.min(self.case.saturating_sub(self.since.elapsed()))
    }
}

impl Stage {
    pub(crate) fn new(
        case: &'static Case,
        session: Session,
        tenant: Arc<dyn Tenant>,
        patience: Patience,
    ) -> Self {
        Self {
            case,
            session,
            tenant,
            patience,
            scribe: Scribe::for_case(case.proves),
            agent: raw::agent(),
            instance: None,
            opened: 0,
            instances: Vec::new(),
            steps: 0,
            mail_read: 0,
        }
    }

    /// Makes an SDK client for the case's tenant and makes it the current one.
    ///
    /// [`Stage::act`] does this by itself when there is no client yet.
    pub fn open(&mut self) -> Step {
        let args = json!({
            "environment_id": self.tenant.id(),
            "base_url": self.tenant.base_url(),
            "origin": ORIGIN,
        });
        let step = self.send("client.new", None, args);
        if let Reply::Ok(value) = &step.reply {
            self.opened += 1;
            self.instance = value.get("inst").and_then(Value::as_str).map(str::to_owned);
            self.instances.extend(self.instance.clone());
            if self.instance.is_none() {
                let halt = Halt::Fault("client.new answered without \"inst\"".to_owned());
                self.scribe.fatal(&halt);
                return Step { reply: Reply::Halted(halt), ..step };
            }
        }
        step
    }

    /// Lets the SDK perform an op on the current client, opening one first when there is none.
    ///
    /// `args` is the object of the protocol's table. What the driver answers is in the step;
    /// an op that the driver does not declare makes the case not applicable.
    pub fn act(&mut self, op: &str, args: Value) -> Step {
        if self.instance.is_none() {
            let opened = self.open();
            if let Err(halt) = opened.ready() {
                return Step { op: op.to_owned(), reply: Reply::Halted(halt), ..opened };
            }
        }
        if !self.can(op) {
            let why = format!("the driver does not declare {op}");
            return self.halted(op, Halt::NotApplicable(why));
        }
        if op == "client.restart" {
            self.opened += 1;
        }
        self.send(op, self.instance.clone(), args)
    }

    /// As [`Stage::act`], on a client that [`Stage::open`] made earlier.
    pub fn act_on(&mut self, instance: &str, op: &str, args: Value) -> Step {
        let before = self.instance.replace(instance.to_owned());
        let step = self.act(op, args);
        self.instance = before;
        step
    }

    /// The name of the current client.
    #[must_use]
    pub fn instance(&self) -> Option<&str> {
        self.instance.as_deref()
    }

    /// Makes another client the current one.
    pub fn switch_to(&mut self, instance: &str) {
        self.instance = Some(instance.to_owned());
    }

    /// The authenticator that is lent to the SDK: its passkeys and its habits.
    pub fn authenticator(&mut self) -> &mut SoftwareAuthenticator {
        self.session.authenticator()
    }

    /// Whether the driver declares this op.
    #[must_use]
    pub fn can(&self, op: &str) -> bool {
        self.session.hello().can(op)
    }

    /// How finely the SDK tells errors apart.
    #[must_use]
    pub fn errors(&self) -> ErrorFidelity {
        self.session.hello().errors
    }

    /// Everything the service saw of the SDK since the case began.
    #[must_use]
    pub fn wire(&self) -> Wire {
        self.wire_between(0, u64::MAX, None)
    }

    /// Log lines of the SDK and its driver so far: stderr, chatter and the protocol's own.
    pub fn logs(&mut self) -> Vec<String> {
        self.session.log_so_far()
    }

    /// From here on, expectations count for this requirement of the case.
    pub fn proving(&mut self, requirement: &'static str) {
        self.scribe.tag(Some(requirement));
    }

    /// From here on, expectations count for all requirements of the case again.
    pub fn proving_all(&mut self) {
        self.scribe.tag(None);
    }

    /// Expects something that no step or wire view can say.
    ///
    /// # Errors
    /// Halts when it does not hold.
    pub fn expect(
        &self,
        what: &str,
        expected: &str,
        got: impl Into<Value>,
        holds: bool,
    ) -> Result<(), Halt> {
        let finding = Finding {
            requirement: None,
            step: None,
            what: what.to_owned(),
            expected: expected.to_owned(),
            got: brief(&got.into()),
            holds,
        };
        self.scribe.check(None, finding)
    }

    /// Expects that two values are equal.
    ///
    /// # Errors
    /// Halts when they differ.
    pub fn expect_equal(
        &self,
        what: &str,
        expected: impl Into<Value>,
        got: impl Into<Value>,
    ) -> Result<(), Halt> {
        let (expected, got) = (expected.into(), got.into());
        let holds = expected == got;
        self.expect(what, &brief(&expected), got, holds)
    }

    /// As [`Stage::expect`], but the case goes on; it still fails at its end.
    ///
    /// # Errors
    /// The case names a requirement that it does not prove.
    pub fn note(
        &self,
        what: &str,
        expected: &str,
        got: impl Into<Value>,
        holds: bool,
    ) -> Result<(), Halt> {
        self.expect(what, expected, got, holds).noted()
    }

    /// Writes a line into the case's trace.
    pub fn remark(&self, text: impl Into<String>) {
        self.scribe.note(text);
    }

    /// The case cannot be played here, through nobody's fault.
    ///
    /// # Errors
    /// Always, with [`Halt::NotApplicable`].
    pub fn not_applicable(&self, why: &str) -> Result<(), Halt> {
        Err(Halt::NotApplicable(why.to_owned()))
    }

    /// What a service cannot do ends the case, whatever the case makes of it.
    fn asked<T>(&self, answer: Result<T, Unable>) -> Result<T, Halt> {
        answer.map_err(|unable| {
            let halt = Halt::from(unable);
            if !matches!(halt, Halt::Harness(_)) {
                self.scribe.fatal(&halt);
            }
            halt
        })
    }

    fn send(&mut self, op: &str, instance: Option<String>, args: Value) -> Step {
        if let Some(halt) = self.scribe.fatal_so_far() {
            return self.halted(op, halt);
        }
        self.steps += 1;
        let number = self.steps;
        self.scribe.line(LineKind::Ask, Some(number), format!("{op} {args}"));
        let from = self.tenant.last_sequence();
        let sent =
            self.session.call(op, instance, args, (self.case.id, number), self.patience.left());
        let until = self.tenant.last_sequence();
        let reply = self.sort(op, sent);
        let wire = self.wire_between(from, until, Some(number));
        for exchange in &wire.exchanges {
            self.scribe.line(LineKind::Wire, Some(number), wire_line(exchange));
        }
        self.scribe.line(LineKind::Answer, Some(number), show::describe(&reply));
        self.step(op, reply, wire)
    }

    /// Sorts an answer into what the case judges and what ends the case.
    fn sort(&self, op: &str, sent: Result<Outcome, crate::driver::Mistake>) -> Reply {
        let halt = match sent {
            Ok(Outcome::Ok(value)) => return Reply::Ok(value),
            Ok(Outcome::Err(error)) => return Reply::Err(error),
            Ok(Outcome::Unsupported { why, .. }) => Halt::Overclaim { op: op.to_owned(), why },
            Ok(Outcome::Fault { message, .. }) => Halt::Fault(message),
            Err(mistake) => Halt::Mistake(mistake),
        };
        self.scribe.fatal(&halt);
        Reply::Halted(halt)
    }

    fn halted(&self, op: &str, halt: Halt) -> Step {
        let wire = self.wire_between(u64::MAX, u64::MAX, Some(self.steps));
        self.step(op, Reply::Halted(halt), wire)
    }

    fn step(&self, op: &str, reply: Reply, wire: Wire) -> Step {
        Step {
            number: self.steps,
            op: op.to_owned(),
            reply,
            fidelity: self.errors(),
            wire,
            scribe: self.scribe.clone(),
            tag: None,
        }
    }

    fn wire_between(&self, after: u64, until: u64, step: Option<u64>) -> Wire {
        let mut exchanges = match after < until {
            true => self.tenant.exchanges_after(after),
            false => Vec::new(),
        };
        exchanges.retain(|seen| seen.sequence <= until && is_of_the_sdk(seen));
        Wire { exchanges, step, scribe: self.scribe.clone(), tag: None }
    }

    /// Gives back what outlives the play.
    pub(crate) fn leave(self) -> Left {
        let everything = self.tenant.exchanges_after(0);
        Left {
            exchanges: everything.iter().filter(|seen| is_of_the_sdk(seen)).cloned().collect(),
            everything,
            ledger: self.scribe.close(),
            session: self.session,
            opened: self.opened,
            instances: self.instances,
        }
    }
}

/// What a finished play leaves to the runner.
pub(crate) struct Left {
    pub(crate) session: Session,
    pub(crate) ledger: Ledger,
    /// The SDK's exchanges.
    pub(crate) exchanges: Vec<Exchange>,
    /// The same with the case's own requests, whose secrets nobody needs to read either.
    pub(crate) everything: Vec<Exchange>,
    /// Clients that were made or restarted; each may have its own session id on the wire.
    pub(crate) opened: usize,
    /// The clients of the case, to be closed before the driver plays another one.
    pub(crate) instances: Vec<String>,
}

/// Whether the SDK asked, not the case itself, nor a browser on the SDK's behalf.
fn is_of_the_sdk(seen: &Exchange) -> bool {
    seen.method != "OPTIONS" && seen.header(RAW_MARK).is_none()
}

/// One exchange on one line, without the part of the path that all of them share.
fn wire_line(seen: &Exchange) -> String {
    let after_id = seen.path.split_once("/sdk/").and_then(|(_, rest)| rest.split_once('/'));
    let path = after_id.map_or_else(|| seen.path.clone(), |(_, path)| format!("…/{path}"));
    let body =
        if seen.response_body.is_null() { String::new() } else { brief(&seen.response_body) };
    format!("{} {path} → {} {body}", seen.method, seen.status).trim_end().to_owned()
}

#[cfg(test)]
mod tests;
