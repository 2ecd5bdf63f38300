//! One step: what the SDK said, and the expectations one may have of it.

use driver_protocol::{ErrorFidelity, ErrorOrigin, SdkError};
use serde_json::Value;

use super::error_kind::same_code;
use super::ledger::Scribe;
use super::show::{brief, describe};
use super::{ErrorKind, Finding, Halt, Wire};

/// What became of one op, the first of the two witnesses.
///
/// Expectations borrow the step, so several may be held against one answer. Each one records a
/// finding and halts when it does not hold.
#[must_use = "a step without an expectation proves nothing; write `.ready()?` if it only prepares"]
pub struct Step {
    pub(super) number: u64,
    pub(super) op: String,
    pub(super) reply: Reply,
    pub(super) fidelity: ErrorFidelity,
    pub(super) wire: Wire,
    pub(super) scribe: Scribe,
    pub(super) tag: Option<&'static str>,
}

/// What the driver answered, without the kinds that end a case.
#[derive(Clone)]
pub(super) enum Reply {
    Ok(Value),
    Err(SdkError),
    Halted(Halt),
}

impl Step {
    /// Ties the expectations of this step to one requirement that the case proves.
    pub fn proves(mut self, requirement: &'static str) -> Self {
        self.tag = Some(requirement);
        self.wire = self.wire.proves(requirement);
        self
    }

    /// The exchanges that the service saw during this step, the second witness.
    #[must_use]
    pub fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Expects that the SDK call returned; yields what it returned.
    ///
    /// # Errors
    /// Halts when the SDK reported an error instead.
    pub fn ok(&self) -> Result<Value, Halt> {
        let reply = self.reply()?;
        self.check("ok", &describe(reply), matches!(reply, Reply::Ok(_)))?;
        match reply {
            Reply::Ok(value) => Ok(value.clone()),
            Reply::Err(_) | Reply::Halted(_) => Err(Halt::Failed),
        }
    }

    /// As [`Step::ok`], for a step that only prepares: failing blocks the case, it proves nothing.
    ///
    /// # Errors
    /// [`Halt::Blocked`] when the SDK reported an error.
    pub fn ready(&self) -> Result<Value, Halt> {
        match self.reply()? {
            Reply::Ok(value) => Ok(value.clone()),
            other => Err(Halt::Blocked(format!("{} answered {}", self.op, describe(other)))),
        }
    }

    /// Expects that the SDK reported an error, whichever; yields it.
    ///
    /// # Errors
    /// Halts when the call returned.
    pub fn err(&self) -> Result<SdkError, Halt> {
        let reply = self.reply()?;
        self.check("an error", &describe(reply), matches!(reply, Reply::Err(_)))?;
        match reply {
            Reply::Err(error) => Ok(error.clone()),
            Reply::Ok(_) | Reply::Halted(_) => Err(Halt::Failed),
        }
    }

    /// Expects a refusal by the service with this status and one of these codes.
    ///
    /// An empty list accepts any code. A status or code that the SDK does not tell its caller is
    /// not held against it: what it must tell apart is [`Step::expect_class_of`]'s business.
    ///
    /// # Errors
    /// Halts when the call returned or failed otherwise.
    pub fn expect_server_error(&self, http: u16, codes: &[&str]) -> Result<(), Halt> {
        let wanted = match codes {
            [] => format!("err.origin=server err.http={http}"),
            _ => format!("err.origin=server err.http={http} err.code={}", codes.join("|")),
        };
        let fits = |error: &SdkError| {
            let code_fits = |got: &str| codes.iter().any(|code| same_code(code, got));
            error.origin == ErrorOrigin::Server
                && error.http.is_none_or(|got| got == http)
                && (codes.is_empty() || error.code.as_deref().is_none_or(code_fits))
        };
        self.expect_error(&wanted, fits)
    }

    /// Expects that the SDK refused on its own, before any answer of the service mattered.
    ///
    /// # Errors
    /// Halts when the call returned or failed otherwise.
    pub fn expect_client_error(&self) -> Result<(), Halt> {
        self.expect_error("err.origin=client", |error| error.origin == ErrorOrigin::Client)
    }

    /// Expects that the SDK reports that no answer, or no usable one, arrived.
    ///
    /// # Errors
    /// Halts when the call returned or failed otherwise.
    pub fn expect_network_error(&self) -> Result<(), Halt> {
        self.expect_error("err.origin=network|timeout", |error| {
            matches!(error.origin, ErrorOrigin::Network | ErrorOrigin::Timeout)
        })
    }

    /// Expects an error that a caller can recognise as being of this kind.
    ///
    /// Not applicable for an SDK that reports errors by text only.
    ///
    /// # Errors
    /// Halts when the call returned or the code means something else.
    pub fn expect_class_of(&self, kind: ErrorKind) -> Result<(), Halt> {
        if self.fidelity == ErrorFidelity::Message {
            let why = "the SDK tells errors apart by text only".to_owned();
            return Err(Halt::NotApplicable(why));
        }
        let wanted = format!("err.code={}", kind.codes().join("|"));
        self.expect_error(&wanted, |error| kind.is(error))
    }

    /// Expects a value at a JSON pointer of the returned object, such as `/devices/0/verified`.
    ///
    /// # Errors
    /// Halts when the call failed or another value is there.
    pub fn expect_field(&self, pointer: &str, wanted: impl Into<Value>) -> Result<(), Halt> {
        let wanted = wanted.into();
        let got = self.ok()?.pointer(pointer).cloned().unwrap_or(Value::Null);
        let holds = got == wanted;
        self.check_about(pointer, &brief(&wanted), &brief(&got), holds)
    }

    /// The text at a JSON pointer of the returned object; it must be there.
    ///
    /// # Errors
    /// Halts when the call failed or no text is there.
    pub fn text(&self, pointer: &str) -> Result<String, Halt> {
        let got = self.ok()?.pointer(pointer).cloned().unwrap_or(Value::Null);
        self.check_about(pointer, "a text", &brief(&got), got.is_string())?;
        Ok(got.as_str().unwrap_or_default().to_owned())
    }

    /// The value at a JSON pointer of the returned object, null when there is none.
    ///
    /// # Errors
    /// Halts when the call failed.
    pub fn value(&self, pointer: &str) -> Result<Value, Halt> {
        Ok(self.ok()?.pointer(pointer).cloned().unwrap_or(Value::Null))
    }

    /// Whether the call returned, recorded as nothing; for cases that accept both.
    ///
    /// # Errors
    /// Halts when the driver broke.
    pub fn returned(&self) -> Result<bool, Halt> {
        Ok(matches!(self.reply()?, Reply::Ok(_)))
    }

    fn expect_error(&self, wanted: &str, fits: impl Fn(&SdkError) -> bool) -> Result<(), Halt> {
        let reply = self.reply()?;
        let holds = matches!(reply, Reply::Err(error) if fits(error));
        self.check(wanted, &describe(reply), holds)
    }

    fn reply(&self) -> Result<&Reply, Halt> {
        match &self.reply {
            Reply::Halted(halt) => Err(halt.clone()),
            reply => Ok(reply),
        }
    }

    fn check(&self, expected: &str, got: &str, holds: bool) -> Result<(), Halt> {
        self.scribe.check(self.tag, self.finding(self.op.clone(), expected, got, holds))
    }

    fn check_about(
        &self,
        pointer: &str,
        expected: &str,
        got: &str,
        holds: bool,
    ) -> Result<(), Halt> {
        let what = format!("{} {pointer}", self.op);
        self.scribe.check(self.tag, self.finding(what, expected, got, holds))
    }

    fn finding(&self, what: String, expected: &str, got: &str, holds: bool) -> Finding {
        Finding {
            requirement: None,
            step: Some(self.number),
            what,
            expected: expected.to_owned(),
            got: got.to_owned(),
            holds,
        }
    }
}

#[cfg(test)]
mod tests;
