//! Two runs held against each other: by requirement and by case, as they were played.
//!
//! Expectation files are left out of the comparison, because editing one changes nothing about an
//! SDK; only whether a change counts as a regression asks for them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::event::CaseRecord;
use crate::exit::{Exit, Reason};
use crate::requirement::Level;
use crate::score;
use crate::signature;
use crate::verdict::{Proof, Verdict};

/// What differs between two runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// What became of requirements.
    pub requirements: Vec<Change>,
    /// What became of cases.
    pub cases: Vec<Change>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The requirement or case.
    pub id: String,
    /// What became of it.
    pub kind: Kind,
    /// How it stood in the first run; absent: it was not there.
    pub before: Option<String>,
    /// How it stands in the second; absent: it is not there.
    pub after: Option<String>,
    /// Why it is not a pass in the second run, or in the first when it was lost from there.
    pub because: Option<String>,
    /// Whether it is a regression, which asks for exit 8.
    pub counts: bool,
}

/// What became of a requirement or a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It held, and does not any more.
    NewlyFailing,
    /// It held, and the driver no longer claims or reaches it.
    NoLongerShown,
    /// It did not hold, and does now.
    NewlyPassing,
    /// It does not hold in either, but for another reason.
    ChangedReason,
    /// It is only in the second run.
    Appeared,
    /// It is only in the first run.
    Vanished,
}

impl Kind {
    /// Every kind, in the order of reports.
    pub const ALL: [Self; 6] = [
        Self::NewlyFailing,
        Self::NoLongerShown,
        Self::NewlyPassing,
        Self::ChangedReason,
        Self::Appeared,
        Self::Vanished,
    ];

    /// The words of the reports.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::NewlyFailing => "newly failing",
            Self::NoLongerShown => "no longer shown",
            Self::NewlyPassing => "newly passing",
            Self::ChangedReason => "failing for another reason",
            Self::Appeared => "appeared",
            Self::Vanished => "vanished",
        }
    }
}

impl Comparison {
    /// Holds the second run's cases against the first's.
    #[must_use]
    pub fn of(before: &[CaseRecord], after: &[CaseRecord]) -> Self {
        let (old, new) = (by_id(before), by_id(after));
        let ids: std::collections::BTreeSet<&str> = old.keys().chain(new.keys()).copied().collect();
        let cases = ids
            .into_iter()
            .filter_map(|id| of_case(id, old.get(id).copied(), new.get(id).copied()))
            .collect();
        Self { requirements: of_requirements(before, after), cases }
    }

    /// Everything that held before and no longer does, and that counts.
    pub fn regressions(&self) -> impl Iterator<Item = &Change> {
        self.requirements.iter().chain(&self.cases).filter(|change| change.counts)
    }

    /// The same as reasons for an exit.
    pub fn reasons(&self) -> impl Iterator<Item = Reason> {
        self.regressions().map(|change| Reason::new(Exit::Regression, change.line()))
    }
}

impl Change {
    /// The change on one line.
    #[must_use]
    pub fn line(&self) -> String {
        let before = self.before.as_deref().unwrap_or("absent");
        let after = self.after.as_deref().unwrap_or("absent");
        let because = self.because.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
        format!("{} {} ({before} → {after}){because}", self.kind.words(), self.id)
    }
}

fn by_id(records: &[CaseRecord]) -> BTreeMap<&str, &CaseRecord> {
    records.iter().map(|record| (record.case.as_str(), record)).collect()
}

fn of_case(id: &str, old: Option<&CaseRecord>, new: Option<&CaseRecord>) -> Option<Change> {
    let passes = |record: &CaseRecord| record.played == Verdict::Pass;
    let kind = match (old, new) {
        (None, None) => return None,
        (None, Some(_)) => Kind::Appeared,
        (Some(_), None) => Kind::Vanished,
        (Some(old), Some(new)) if passes(old) && !new.played.ran() => Kind::NoLongerShown,
        (Some(old), Some(new)) if passes(old) && !passes(new) => Kind::NewlyFailing,
        (Some(old), Some(new)) if !passes(old) && passes(new) => Kind::NewlyPassing,
        (Some(old), Some(new)) if has_another_reason(old, new) => Kind::ChangedReason,
        _ => return None,
    };
    let counts = match (kind, new) {
        (Kind::NoLongerShown, _) => true,
        (Kind::NewlyFailing, Some(new)) => is_binding(new),
        _ => false,
    };
    let shown = |record: &CaseRecord| record.played.word().to_owned();
    let because = match kind {
        Kind::NewlyPassing | Kind::Vanished => old,
        _ => new,
    };
    Some(Change {
        id: id.to_owned(),
        kind,
        before: old.map(shown),
        after: new.map(shown),
        because: because.and_then(|record| record.played_because.clone()),
        counts,
    })
}

fn has_another_reason(old: &CaseRecord, new: &CaseRecord) -> bool {
    old.played != new.played
        || (old.played.ran() && signature::reasons(old) != signature::reasons(new))
}

/// A known deviation was allowed by somebody who gave a cause; a MAY never counts against anybody.
fn is_binding(record: &CaseRecord) -> bool {
    record.verdict != Verdict::Xfail
        && record.worst_level().is_none_or(|level| level <= Level::Should)
}

fn of_requirements(before: &[CaseRecord], after: &[CaseRecord]) -> Vec<Change> {
    let (old, new) = (score::requirements(before), score::requirements(after));
    let ids: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let change = |id: &String| {
        let (was, is) = (old.get(id).copied(), new.get(id).copied());
        let held = |standing: Option<(Level, Proof)>| standing.map(|(_, p)| p == Proof::Held);
        let kind = match (held(was), held(is)) {
            (None, Some(_)) => Kind::Appeared,
            (Some(_), None) => Kind::Vanished,
            (Some(true), Some(false)) if is.is_some_and(|(_, p)| p == Proof::Undecided) => {
                Kind::NoLongerShown
            }
            (Some(true), Some(false)) => Kind::NewlyFailing,
            (Some(false), Some(true)) => Kind::NewlyPassing,
            _ => return None,
        };
        let not_held = |record: &&CaseRecord| {
            record.proofs.iter().any(|p| &p.requirement == id && p.proof != Proof::Held)
        };
        let showing = |records: &[CaseRecord]| {
            let names: Vec<String> = records
                .iter()
                .filter(|record| record.verdict.ran())
                .filter(not_held)
                .map(|record| record.case.clone())
                .collect();
            (!names.is_empty()).then(|| names.join(", "))
        };
        let excused = after
            .iter()
            .filter(|r| r.verdict.ran())
            .filter(not_held)
            .all(|r| r.verdict == Verdict::Xfail);
        let binding = is.is_some_and(|(level, _)| level <= Level::Should);
        let shown =
            |standing: Option<(Level, Proof)>| standing.map(|(_, proof)| proof.word().to_owned());
        Some(Change {
            id: id.clone(),
            kind,
            before: shown(was),
            after: shown(is),
            because: if kind == Kind::NewlyPassing { showing(before) } else { showing(after) },
            counts: matches!(kind, Kind::NewlyFailing | Kind::NoLongerShown) && binding && !excused,
        })
    };
    ids.into_iter().filter_map(change).collect()
}

#[cfg(test)]
mod tests;
