//! What a case leaves behind: findings, notes and the trace of its steps.

use std::cell::RefCell;
use std::rc::Rc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Halt;

/// One expectation and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The requirement it decides; absent: all that the case proves.
    pub requirement: Option<String>,
    /// The step it is about, from 1.
    pub step: Option<u64>,
    /// What was looked at.
    pub what: String,
    /// What had to be there.
    pub expected: String,
    /// What was there.
    pub got: String,
    /// Whether the two agree.
    pub holds: bool,
}

impl Finding {
    /// The text that an expectation file's `because` is looked for in.
    #[must_use]
    pub fn signature(&self) -> String {
        format!("{}: expected {}, got {}", self.what, self.expected, self.got)
    }

    /// Whether this finding speaks about that requirement.
    #[must_use]
    pub fn is_about(&self, requirement: &str) -> bool {
        self.requirement.as_deref().is_none_or(|id| id == requirement)
    }
}

/// One line of a case's trace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Which way it went.
    pub kind: LineKind,
    /// The step it belongs to.
    pub step: Option<u64>,
    /// The text.
    pub text: String,
}

/// Which way a line of the trace went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LineKind {
    /// The runner asked the driver.
    Ask,
    /// The driver answered.
    Answer,
    /// The service saw an exchange.
    Wire,
    /// The case changed the world or said something.
    Note,
}

#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) proves: &'static [&'static str],
    pub(crate) tag: Option<&'static str>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) trace: Vec<Line>,
    pub(crate) fatal: Option<Halt>,
}

/// A shared pen: steps, wire views and the stage write into one ledger.
#[derive(Clone, Default)]
pub(crate) struct Scribe(Rc<RefCell<Ledger>>);

impl Scribe {
    pub(crate) fn for_case(proves: &'static [&'static str]) -> Self {
        Self(Rc::new(RefCell::new(Ledger { proves, ..Ledger::default() })))
    }

    pub(crate) fn tag(&self, tag: Option<&'static str>) {
        self.0.borrow_mut().tag = tag;
    }

    pub(crate) fn note(&self, text: impl Into<String>) {
        self.line(LineKind::Note, None, text);
    }

    pub(crate) fn line(&self, kind: LineKind, step: Option<u64>, text: impl Into<String>) {
        self.0.borrow_mut().trace.push(Line { kind, step, text: text.into() });
    }

    /// Remembers the first halt that no case may swallow.
    pub(crate) fn fatal(&self, halt: &Halt) {
        self.0.borrow_mut().fatal.get_or_insert_with(|| halt.clone());
    }

    pub(crate) fn fatal_so_far(&self) -> Option<Halt> {
        self.0.borrow().fatal.clone()
    }

    /// Records a finding under `tag`, or under the tag that is set, or under the whole case.
    pub(crate) fn check(&self, tag: Option<&'static str>, finding: Finding) -> Result<(), Halt> {
        let mut ledger = self.0.borrow_mut();
        let tag = tag.or(ledger.tag);
        if let Some(id) = tag
            && !ledger.proves.contains(&id)
        {
            let halt =
                Halt::Harness(format!("an expectation names {id}, which the case does not prove"));
            ledger.fatal.get_or_insert_with(|| halt.clone());
            return Err(halt);
        }
        let holds = finding.holds;
        ledger.findings.push(Finding { requirement: tag.map(str::to_owned), ..finding });
        if holds { Ok(()) } else { Err(Halt::Failed) }
    }

    /// Empties the ledger, when the play is over.
    pub(crate) fn close(&self) -> Ledger {
        std::mem::take(&mut *self.0.borrow_mut())
    }
}
