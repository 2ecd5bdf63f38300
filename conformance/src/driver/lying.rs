//! Drivers that lie: a wrapper around any other, with one lie each.
//!
//! A suite that believes its drivers can be fooled by the first one that means well. Each lie has
//! one place where it must be found out, and a test that walks the whole list. What such a driver
//! says goes through the same framing as the words of a process, only without the process.

mod list;
mod tell;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use driver_protocol::{Authenticator, Incoming, Level, Log, Outcome, Request, framing};
use serde_json::{Value, json};

use super::process::EXCERPT_CHARS;
use super::{Link, Mistake, Strays, settle};
use crate::stage::shorten;
use crate::verdict::Verdict;

pub(super) use list::Deed;
pub use list::LIES;

/// One way in which a driver does not say what its SDK did.
#[derive(Clone, Copy, Debug)]
pub struct Lie {
    /// Name in `lying:NAME:CONNECT`, and in `inproc:mutant/driver/NAME`.
    pub name: &'static str,
    /// What the driver does, one sentence.
    pub lie: &'static str,
    /// Where it must be found out.
    pub caught: Catch,
    deed: Deed,
}

/// Where a lie must be found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Catch {
    /// The question of that name, before any case.
    Probe(&'static str),
    /// The verdict on the case in which it was told.
    Verdict(Verdict),
    /// The SDK's marks, which a request of the case lacks.
    Fingerprint,
    /// A requirement fails: the lie looks like the SDK's own fault.
    Requirement(&'static str),
    /// Nowhere: it is no lie but bad manners, and must be put up with.
    Tolerated,
}

impl std::fmt::Display for Catch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Probe(id) => write!(f, "must be found out by the question {id}"),
            Self::Verdict(verdict) => write!(f, "must end in {}", verdict.word()),
            Self::Fingerprint => f.write_str("must be found out by the marks of its requests"),
            Self::Requirement(id) => write!(f, "must fail {id}"),
            Self::Tolerated => f.write_str("must be put up with"),
        }
    }
}

/// The lie of that name, if there is one.
pub(super) fn named(name: &str) -> Option<&'static Lie> {
    LIES.iter().find(|lie| lie.name == name)
}

/// A driver of which not every word is true.
pub(super) struct Lying {
    inner: Box<dyn Link>,
    lie: &'static Lie,
    /// Lines that were said and not heard yet.
    lines: VecDeque<Vec<u8>>,
    /// A reply that is held back until the next one.
    late: Option<Vec<u8>>,
    kept: Vec<Incoming>,
    /// The first good answer to each op.
    remembered: BTreeMap<String, Value>,
    /// Id of the request before.
    previous: u64,
    /// Where the service is, as the latest `client.new` says.
    place: Option<String>,
}

impl Lying {
    /// A driver that tells this lie and hands on everything else.
    pub(super) fn around(inner: Box<dyn Link>, lie: &'static Lie) -> Self {
        Self {
            inner,
            lie,
            lines: VecDeque::new(),
            late: None,
            kept: Vec::new(),
            remembered: BTreeMap::new(),
            previous: 0,
            place: None,
        }
    }

    /// Is this its lie? If so, a line of its log says so.
    fn tells(&mut self, deed: Deed) -> bool {
        let tells = self.lie.deed == deed;
        if tells {
            let msg = format!("lie {} told", self.lie.name);
            self.kept.push(Incoming::Log(Log { log: Level::Info, msg }));
        }
        tells
    }

    fn ask(
        &mut self,
        request: &Request,
        within: Duration,
        authenticator: &mut dyn Authenticator,
    ) -> Result<Outcome, Mistake> {
        let outcome = self.inner.exchange(request, within, authenticator)?;
        if let Outcome::Ok(value) = &outcome {
            self.remembered.entry(request.op.clone()).or_insert_with(|| value.clone());
        }
        Ok(outcome)
    }

    /// Reads what was said until the open request is answered; silence is a hang.
    fn listen(&mut self, request: &Request, within: Duration) -> Result<Outcome, Mistake> {
        while let Some(line) = self.lines.pop_front() {
            match framing::parse_line(&line) {
                Ok(Incoming::Reply(reply)) => return settle(request, reply),
                Ok(other) => self.kept.push(other),
                Err(error) => {
                    let line = shorten(&String::from_utf8_lossy(&line), EXCERPT_CHARS);
                    return Err(Mistake::Framing { error, line });
                }
            }
        }
        let waited_ms = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
        Err(Mistake::Hang { op: request.op.clone(), waited_ms, printed: Strays::default() })
    }
}

impl Link for Lying {
    fn exchange(
        &mut self,
        request: &Request,
        within: Duration,
        authenticator: &mut dyn Authenticator,
    ) -> Result<Outcome, Mistake> {
        if request.op == "client.new" {
            let text = |name: &str| request.args.get(name).and_then(Value::as_str);
            self.place = text("base_url")
                .zip(text("environment_id"))
                .map(|(base, id)| format!("{base}/sdk/{id}"));
        }
        let outcome = self.tell(request, within, authenticator)?;
        if request.op == OP && self.tells(Deed::Crash) {
            let status = "killed".to_owned();
            return Err(Mistake::Crash { op: request.op.clone(), status, said: String::new() });
        }
        self.lines.extend(self.late.take());
        let lines = self.lines_of(request, outcome)?;
        self.lines.extend(lines);
        self.previous = request.id;
        self.listen(request, within)
    }

    fn heard(&mut self) -> Vec<Incoming> {
        let mut heard = self.inner.heard();
        heard.append(&mut self.kept);
        heard
    }

    fn end(&mut self) -> Result<(), Mistake> {
        self.inner.end()
    }
}

/// The op at which lies about the protocol are told; it needs no service, so no question of the
/// beginning meets it.
const OP: &str = "mfa.missing";

/// A reply as a line.
fn reply(id: &Value, key: &str, said: Value) -> Vec<u8> {
    let mut reply = json!({ "id": id });
    if let Some(reply) = reply.as_object_mut() {
        reply.insert(key.to_owned(), said);
    }
    reply.to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_and_each_lie_is_told_by_one_driver() {
        assert!(LIES.is_sorted_by(|left, right| left.name < right.name));
        for lie in LIES {
            assert!(lie.lie.ends_with('.') && !lie.lie.contains('\n'), "{}", lie.name);
            assert_eq!(LIES.iter().filter(|other| other.deed == lie.deed).count(), 1);
            assert!(named(lie.name).is_some());
        }
    }
}
