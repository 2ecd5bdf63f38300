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

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(holds: bool) -> Finding {
        Finding { what: "a field".to_owned(), holds, ..Finding::default() }
    }

    #[test]
    fn a_finding_goes_under_its_row_or_that_of_the_moment_or_all() {
        let scribe = Scribe::for_case(&["A", "B"]);
        scribe.check(None, finding(true)).unwrap();
        scribe.tag(Some("A"));
        scribe.check(None, finding(true)).unwrap();
        scribe.check(Some("B"), finding(true)).unwrap();
        scribe.tag(None);
        scribe.check(None, finding(true)).unwrap();
        let findings = scribe.close().findings;
        let rows: Vec<Option<&str>> =
            findings.iter().map(|found| found.requirement.as_deref()).collect();
        assert_eq!(rows, [None, Some("A"), Some("B"), None]);
        assert!(findings[0].is_about("A") && findings[0].is_about("B"));
        assert!(findings[1].is_about("A") && !findings[1].is_about("B"));
    }

    #[test]
    fn what_does_not_hold_halts_and_is_recorded() {
        let scribe = Scribe::for_case(&["A"]);
        assert!(matches!(scribe.check(None, finding(false)), Err(Halt::Failed)));
        let ledger = scribe.close();
        assert_eq!((ledger.findings.len(), ledger.findings[0].holds), (1, false));
        assert!(ledger.fatal.is_none());
    }

    #[test]
    fn a_row_that_the_case_does_not_prove_ends_it() {
        let scribe = Scribe::for_case(&["A"]);
        assert!(matches!(scribe.check(Some("B"), finding(true)), Err(Halt::Harness(_))));
        let Some(Halt::Harness(why)) = scribe.fatal_so_far() else { panic!("nothing fatal") };
        assert_eq!(why, "an expectation names B, which the case does not prove");
        assert!(scribe.close().findings.is_empty());
    }

    #[test]
    fn the_first_fatal_halt_stays() {
        let scribe = Scribe::for_case(&["A"]);
        assert!(scribe.fatal_so_far().is_none());
        scribe.fatal(&Halt::Fault("first".to_owned()));
        scribe.fatal(&Halt::Fault("second".to_owned()));
        let _ = scribe.check(Some("B"), finding(true));
        assert!(matches!(scribe.fatal_so_far(), Some(Halt::Fault(why)) if why == "first"));
    }

    #[test]
    fn the_trace_is_in_order_and_a_remark_is_a_note() {
        let scribe = Scribe::for_case(&[]);
        scribe.line(LineKind::Ask, Some(1), "ask");
        scribe.note("said");
        let line = |kind, step, text: &str| Line { kind, step, text: text.to_owned() };
        let expected = [line(LineKind::Ask, Some(1), "ask"), line(LineKind::Note, None, "said")];
        assert_eq!(scribe.close().trace, expected);
        assert!(scribe.close().trace.is_empty(), "what was closed is empty");
    }
}
