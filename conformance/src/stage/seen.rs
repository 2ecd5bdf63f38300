//! One exchange as the service saw it.

use serde_json::Value;

use super::ledger::Scribe;
use super::show::brief;
use super::token::Token;
use super::{Finding, Halt};

/// One request and its answer, as plain data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exchange {
    /// Position in the tenant's journal.
    pub sequence: u64,
    /// The API's operation id, such as `authMfaTotpDevice`; absent for an unknown path.
    pub operation: Option<String>,
    /// HTTP method.
    pub method: String,
    /// Path with the query.
    pub path: String,
    /// Request headers, names in lower case.
    pub request_headers: Vec<(String, String)>,
    /// Request body, null when there is none or when it is not JSON.
    pub request_body: Value,
    /// HTTP status of the answer.
    pub status: u16,
    /// Body of the answer, null when there is none or when it is not JSON.
    pub response_body: Value,
}

impl Exchange {
    /// The first value of a request header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.request_headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// An exchange that a case looks at; expectations halt when they do not hold.
#[must_use]
pub struct Seen {
    pub(super) exchange: Exchange,
    pub(super) step: Option<u64>,
    pub(super) scribe: Scribe,
    pub(super) tag: Option<&'static str>,
}

impl Seen {
    /// Ties the expectations to one requirement that the case proves.
    pub fn proves(mut self, requirement: &'static str) -> Self {
        self.tag = Some(requirement);
        self
    }

    /// The plain exchange.
    #[must_use]
    pub fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    /// The first value of a request header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.exchange.header(name)
    }

    /// The value at a JSON pointer of the request's body, null when there is none.
    #[must_use]
    pub fn body(&self, pointer: &str) -> Value {
        self.exchange.request_body.pointer(pointer).cloned().unwrap_or(Value::Null)
    }

    /// The value at a JSON pointer of the answer's body, null when there is none.
    #[must_use]
    pub fn answer(&self, pointer: &str) -> Value {
        self.exchange.response_body.pointer(pointer).cloned().unwrap_or(Value::Null)
    }

    /// Expects this status of the answer.
    ///
    /// # Errors
    /// Halts on another one.
    pub fn expect_status(&self, wanted: u16) -> Result<(), Halt> {
        let got = self.exchange.status;
        self.check("status", &wanted.to_string(), &got.to_string(), got == wanted)
    }

    /// Expects a request header with this value.
    ///
    /// # Errors
    /// Halts when it is absent or another.
    pub fn expect_header(&self, name: &str, wanted: &str) -> Result<(), Halt> {
        let got = self.header(name);
        self.check(&format!("header {name}"), wanted, got.unwrap_or("none"), got == Some(wanted))
    }

    /// Expects that a request header is absent or empty.
    ///
    /// # Errors
    /// Halts when it carries a value.
    pub fn expect_no_header(&self, name: &str) -> Result<(), Halt> {
        let got = self.header(name).unwrap_or_default();
        self.check(
            &format!("header {name}"),
            "none",
            if got.is_empty() { "none" } else { got },
            got.is_empty(),
        )
    }

    /// Expects a value at a JSON pointer of the request's body.
    ///
    /// # Errors
    /// Halts when another value is there.
    pub fn expect_body(&self, pointer: &str, wanted: impl Into<Value>) -> Result<(), Halt> {
        let (wanted, got) = (wanted.into(), self.body(pointer));
        self.check(&format!("body {pointer}"), &brief(&wanted), &brief(&got), got == wanted)
    }

    /// Expects that the request's body has nothing, or null, at a JSON pointer.
    ///
    /// # Errors
    /// Halts when a value is there.
    pub fn expect_no_body(&self, pointer: &str) -> Result<(), Halt> {
        let got = self.body(pointer);
        self.check(&format!("body {pointer}"), "nothing", &brief(&got), got.is_null())
    }

    /// The token in a request header, looked inside; it must be there.
    ///
    /// # Errors
    /// Halts when there is no readable token.
    pub fn token(&self, header: &str) -> Result<Token, Halt> {
        let text = self.header(header).unwrap_or_default();
        let token = Token::decode(text.strip_prefix("Bearer ").unwrap_or(text));
        let got = token.as_ref().err().map_or("a token", String::as_str);
        self.check(&format!("header {header}"), "a readable token", got, token.is_ok())?;
        token.map_err(|_| Halt::Failed)
    }

    fn check(&self, part: &str, expected: &str, got: &str, holds: bool) -> Result<(), Halt> {
        let name = self.exchange.operation.as_deref().unwrap_or(&self.exchange.path);
        let finding = Finding {
            requirement: None,
            step: self.step,
            what: format!("wire {name} {part}"),
            expected: expected.to_owned(),
            got: got.to_owned(),
            holds,
        };
        self.scribe.check(self.tag, finding)
    }
}

#[cfg(test)]
mod tests;
