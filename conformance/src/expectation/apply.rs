//! Holding what was played against the known deviations.

use std::collections::BTreeSet;

use jiff::civil::Date;
use semver::Version;

use super::{Expectation, Target};
use crate::event::{CaseRecord, KnownDeviation};
use crate::exit::{Exit, Reason};
use crate::stage::Finding;
use crate::verdict::Verdict;

/// The known deviations of one run and which of them were met.
#[derive(Debug, Default)]
pub struct Known {
    entries: Vec<Expectation>,
    met: BTreeSet<usize>,
    version: Option<Version>,
}

impl Known {
    /// The entries, held against this version of the SDK.
    #[must_use]
    pub fn new(entries: Vec<Expectation>, version: Option<Version>) -> Self {
        Self { entries, met: BTreeSet::new(), version }
    }

    /// Turns the verdict as played into the verdict that counts.
    pub fn apply(&mut self, record: &mut CaseRecord) {
        match record.played {
            Verdict::Pass => self.apply_to_pass(record),
            verdict if verdict.is_excusable() => self.apply_to_failure(record),
            _ => {}
        }
    }

    /// What is wrong with the list itself, once all cases were played.
    ///
    /// Unused entries are only told after a complete run; expired ones always.
    #[must_use]
    pub fn hygiene(&self, records: &[CaseRecord], complete: bool, today: Date) -> Vec<Reason> {
        let mut reasons = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let (at, check) = (&entry.at, &entry.check);
            if entry.has_expired(today) {
                let text = format!("EXPIRED {at}: {check} was excused until {}", entry.until);
                reasons.push(Reason::new(Exit::Expectation, text));
            } else if complete && entry.covers(self.version.as_ref()) && !self.met.contains(&index)
            {
                let text = format!("{} {at}: {check}", unused(entry, records));
                reasons.push(Reason::new(Exit::Expectation, text));
            }
        }
        reasons
    }

    fn apply_to_pass(&mut self, record: &mut CaseRecord) {
        let version = self.version.clone();
        let stale =
            self.entries.iter().enumerate().find(|(_, entry)| {
                entry.is_about_case(&record.case) && entry.covers(version.as_ref())
            });
        if let Some((index, entry)) = stale {
            record.verdict = Verdict::Stale;
            record.because = Some(format!("{} expects it to fail, but it passes", entry.at));
            record.known = Some(known(entry));
            self.met.insert(index);
        }
    }

    fn apply_to_failure(&mut self, record: &mut CaseRecord) {
        let failures = failures(record);
        let excuses: Vec<Option<usize>> =
            failures.iter().map(|failure| self.excuse(record, failure)).collect();
        let candidates: Vec<usize> = (0..self.entries.len())
            .filter(|index| failures.iter().any(|failure| self.concerns(*index, record, failure)))
            .collect();
        self.met.extend(&candidates);
        let Some(first) = candidates.first().and_then(|index| self.entries.get(*index)) else {
            return;
        };
        record.known = Some(known(first));
        if excuses.iter().all(Option::is_some) {
            record.verdict = Verdict::Xfail;
        } else {
            record.verdict = Verdict::Changed;
            let signature = failures
                .iter()
                .zip(&excuses)
                .find(|(_, excuse)| excuse.is_none())
                .map(|(failure, _)| failure.signature.clone())
                .unwrap_or_default();
            record.because =
                Some(format!("{} expects another failure than: {signature}", first.at));
        }
    }

    /// The entry that excuses this failure.
    fn excuse(&self, record: &CaseRecord, failure: &Failure) -> Option<usize> {
        (0..self.entries.len()).find(|index| {
            self.concerns(*index, record, failure)
                && self.entries.get(*index).is_some_and(|entry| {
                    entry.outcome.is(record.played) && entry.explains(&failure.signature)
                })
        })
    }

    /// Whether the entry speaks about this failure, whatever it says.
    fn concerns(&self, index: usize, record: &CaseRecord, failure: &Failure) -> bool {
        self.entries.get(index).is_some_and(|entry| {
            entry.covers(self.version.as_ref()) && failure.is_named_by(entry, record)
        })
    }
}

/// One thing in a case that needs an excuse.
pub(super) struct Failure {
    pub(super) signature: String,
    requirements: Vec<String>,
}

impl Failure {
    /// Whether the entry names the case, or a requirement that the failure is about.
    pub(super) fn is_named_by(&self, entry: &Expectation, record: &CaseRecord) -> bool {
        entry.is_about_case(&record.case)
            || self.requirements.iter().any(|id| entry.is_about_requirement(id))
    }
}

pub(super) fn failures(record: &CaseRecord) -> Vec<Failure> {
    let all = || record.proofs.iter().map(|proof| proof.requirement.clone()).collect::<Vec<_>>();
    let of = |finding: &Finding| Failure {
        signature: finding.signature(),
        requirements: finding.requirement.clone().map_or_else(all, |id| vec![id]),
    };
    let found: Vec<Failure> = record.failures().map(of).collect();
    if record.played == Verdict::Fail && !found.is_empty() {
        return found;
    }
    let signature = record.played_because.clone().unwrap_or_default();
    vec![Failure { signature, requirements: all() }]
}

/// Why an entry was not met: everything it names passes, or nothing of it was played.
fn unused(entry: &Expectation, records: &[CaseRecord]) -> &'static str {
    let Target::Requirement(id) = &entry.target else { return "UNUSED" };
    let decided = records
        .iter()
        .filter(|record| record.verdict.ran())
        .any(|record| record.proofs.iter().any(|proof| &proof.requirement == id));
    if decided { "STALE" } else { "UNUSED" }
}

fn known(entry: &Expectation) -> KnownDeviation {
    KnownDeviation { at: entry.at.clone(), cause: entry.cause.clone(), issue: entry.issue.clone() }
}
