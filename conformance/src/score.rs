//! The numbers of the last line, and what they mean for the exit.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::{CaseRecord, ProofRecord};
use crate::exit::{Exit, Reason};
use crate::requirement::Level;
use crate::verdict::{Proof, Verdict};

/// Counts over a whole run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Cases that were selected.
    pub planned: usize,
    /// Cases that were played.
    pub ran: usize,
    /// MUST requirements that some played case decides.
    pub must: Tally,
    /// SHOULD requirements, likewise.
    pub should: Tally,
    /// MAY requirements, likewise.
    pub may: Tally,
    /// What an SDK's run showed about the service: it counts neither for nor against the SDK.
    pub service: Tally,
    /// Cases that failed as an expectation file says.
    pub xfail: usize,
    /// Cases that do not apply to the driver.
    pub na: usize,
    /// Cases that were planned but never played.
    pub not_run: usize,
}

/// How many of some requirements hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tally {
    /// Requirements of which every case that decides them shows that they hold.
    pub held: usize,
    /// Requirements that a played case decides.
    pub of: usize,
}

impl Totals {
    /// Counts the records of a run.
    #[must_use]
    pub fn count(planned: usize, records: &[CaseRecord]) -> Self {
        let number = |verdict| records.iter().filter(|record| record.verdict == verdict).count();
        let ran = records.iter().filter(|record| record.verdict.ran()).count();
        let na = number(Verdict::Na);
        let mut totals = Self {
            planned,
            ran,
            xfail: number(Verdict::Xfail),
            na,
            not_run: planned.saturating_sub(ran + na),
            ..Self::default()
        };
        for (_, proof) in decided(records, &|proof| proof.beside).into_values() {
            totals.service.of += 1;
            totals.service.held += usize::from(proof == Proof::Held);
        }
        for (level, proof) in own(records).into_values() {
            let tally = match level {
                Level::Must => &mut totals.must,
                Level::Should => &mut totals.should,
                Level::May => &mut totals.may,
            };
            tally.of += 1;
            tally.held += usize::from(proof == Proof::Held);
        }
        totals
    }

    /// The line that every run ends with and that a script may trust.
    #[must_use]
    pub fn line(&self) -> String {
        format!(
            "plan {} · ran {} · MUST {}/{} · SHOULD {}/{} · MAY {}/{} · service {}/{} · xfail {} · na {} · not-run {}",
            self.planned,
            self.ran,
            self.must.held,
            self.must.of,
            self.should.held,
            self.should.of,
            self.may.held,
            self.may.of,
            self.service.held,
            self.service.of,
            self.xfail,
            self.na,
            self.not_run
        )
    }
}

/// Each requirement that a played case decides, with its level and the worst that was shown.
#[must_use]
pub fn requirements(records: &[CaseRecord]) -> BTreeMap<String, (Level, Proof)> {
    decided(records, &|_| true)
}

/// The same of what is judged alone: in an SDK's run without what only the service showed.
#[must_use]
pub fn own(records: &[CaseRecord]) -> BTreeMap<String, (Level, Proof)> {
    decided(records, &|proof| !proof.beside)
}

fn decided(
    records: &[CaseRecord],
    counts: &dyn Fn(&ProofRecord) -> bool,
) -> BTreeMap<String, (Level, Proof)> {
    let mut all: BTreeMap<String, (Level, Proof)> = BTreeMap::new();
    let played = records.iter().filter(|record| record.verdict.ran());
    for proof in played.flat_map(|record| &record.proofs).filter(|proof| counts(proof)) {
        let entry = all.entry(proof.requirement.clone()).or_insert((proof.level, Proof::Held));
        entry.1 = entry.1.max(proof.proof);
    }
    all
}

/// What the records say for an exit other than 0.
///
/// `scored` is the least binding level that counts.
#[must_use]
pub fn reasons(totals: &Totals, records: &[CaseRecord], scored: Level) -> Vec<Reason> {
    let mut reasons: Vec<Reason> =
        records.iter().filter_map(|record| of_record(record, scored)).collect();
    for record in records.iter().filter(|record| !record.dishonest.is_empty()) {
        let text = format!("{}: {}", record.case, record.dishonest.join("; "));
        reasons.push(Reason::new(Exit::Dishonest, text).about(&record.case));
    }
    if totals.planned == 0 {
        reasons.push(Reason::new(Exit::Vacuous, "no case is selected"));
    } else if totals.not_run > 0 {
        let text = format!("{} of {} cases were not run", totals.not_run, totals.planned);
        reasons.push(Reason::new(Exit::Vacuous, text));
    } else if totals.ran == 0 {
        reasons.push(Reason::new(Exit::Vacuous, "no selected case applies to this driver"));
    } else if says_nothing(records) {
        let text = "no MUST of the SDK was looked at, because the driver declares too little; smoke \
                    says what to fill in next";
        reasons.push(Reason::new(Exit::Vacuous, text));
    }
    reasons
}

/// Whether an SDK was judged by what the service showed alone: binding requirements of the SDK
/// could have been decided, and none was.
fn says_nothing(records: &[CaseRecord]) -> bool {
    let binds = |proof: &ProofRecord| !proof.beside && proof.level == Level::Must;
    let (played, others): (Vec<_>, Vec<_>) = records
        .iter()
        .filter(|record| record.proofs.iter().any(binds))
        .partition(|record| record.verdict.ran());
    let mut ran = records.iter().filter(|record| record.verdict.ran());
    let service_was_seen = ran.any(|record| record.proofs.iter().any(|proof| proof.beside));
    service_was_seen && played.is_empty() && !others.is_empty()
}

fn of_record(record: &CaseRecord, scored: Level) -> Option<Reason> {
    if !record.counts(scored) {
        return None;
    }
    let exit = match record.verdict {
        Verdict::Pass | Verdict::Xfail | Verdict::Na | Verdict::Notrun => return None,
        Verdict::Fail | Verdict::Blocked => Exit::Nonconformance,
        Verdict::Stale | Verdict::Changed => Exit::Expectation,
        Verdict::Overclaim => Exit::Dishonest,
        Verdict::Crash | Verdict::Hang | Verdict::Flaky => Exit::Crash,
        Verdict::Driver => Exit::Driver,
        Verdict::Harness => Exit::Harness,
    };
    let because = record.because.as_deref().unwrap_or("passes");
    let text = format!("{} {}: {because}", record.verdict.word(), record.case);
    Some(Reason::new(exit, text).about(&record.case))
}

#[cfg(test)]
mod tests;
