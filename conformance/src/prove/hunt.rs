//! Playing the suite against one mutant, and noting what was seen.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::kept::{Kept, Track};
use super::meeting::MEETING;
use super::mutant::{Family, Must, Mutant};
use crate::case::Case;
use crate::driver::{Catch, Connect};
use crate::event::{CaseRecord, Event, Summary};
use crate::exit::Exit;
use crate::requirement::{Level, Requirements};
use crate::run::{self, Plan};
use crate::service::Target;
use crate::signature;
use crate::verdict::{Proof, Verdict};

/// Time for one op; mutants answer at once or not at all.
const OP_WITHIN: Duration = Duration::from_secs(20);

/// Time for one case.
const CASE_WITHIN: Duration = Duration::from_secs(60);

/// Where mutants are hunted.
pub struct Ground<'a> {
    /// The rows, which say what a case decides.
    pub requirements: &'a Requirements,
    /// The whole suite.
    pub cases: &'a [&'static Case],
    /// Which cases are played against a mutant.
    pub reach: Reach<'a>,
    /// Seed of identifiers and order.
    pub seed: u64,
}

/// Which cases are played against a mutant.
#[derive(Clone, Copy, Debug)]
pub enum Reach<'a> {
    /// Those that must catch it.
    Deciding,
    /// Every one.
    Whole,
    /// Those that must catch it, and those that nothing is kept of; what was kept of the others
    /// stands. A mutant of which nothing is kept, or that breaks another rule by now, meets every one.
    Missing(&'a Kept),
}

/// A case that did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The case.
    pub case: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// The requirements that it can decide.
    pub claims: Vec<String>,
    /// Those that it showed not to hold.
    pub failed: Vec<String>,
    /// A short hash of why, which is the same in every run.
    pub signature: String,
}

impl Sighting {
    /// What was kept of a case, as if it were seen now.
    fn of_old(track: &Track, case: &Case) -> Self {
        Self {
            case: track.case.clone(),
            verdict: track.verdict,
            claims: case.proves.iter().map(|id| (*id).to_owned()).collect(),
            failed: track.fails.clone(),
            signature: track.signature.clone(),
        }
    }
}

/// What was seen of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Whether it did what it should not.
    pub sinned: bool,
    /// Cases that were played.
    pub played: usize,
    /// Those that did not pass, by id.
    pub sightings: Vec<Sighting>,
    /// The questions about honesty that were answered wrongly.
    pub probes: Vec<String>,
    /// Whether a request lacked the SDK's marks.
    pub unmarked: bool,
    /// The exit of the run.
    pub exit: Exit,
    /// What broke in the suite itself.
    pub broken: Option<String>,
}

impl Seen {
    /// Nothing at all.
    #[must_use]
    pub fn nothing() -> Self {
        Self {
            sinned: false,
            played: 0,
            sightings: Vec::new(),
            probes: Vec::new(),
            unmarked: false,
            exit: Exit::Conformant,
            broken: None,
        }
    }
}

impl Ground<'_> {
    /// The cases that a mutant must be caught by.
    pub(super) fn deciding(&self, must: Must) -> Vec<&'static Case> {
        match must.requirement() {
            Some(id) => {
                self.cases.iter().copied().filter(|case| case.proves.contains(&id)).collect()
            }
            None => vec![&MEETING],
        }
    }

    /// Plays against a mutant.
    #[must_use]
    pub fn hunt(&self, mutant: &Mutant) -> Seen {
        let deciding = self.deciding(mutant.must);
        // A lie is told at certain ops; where it must be found out, one meeting has them all.
        let is_met_in_cases = mutant.must.requirement().is_some() && !deciding.is_empty();
        let (cases, kept) = match self.reach {
            Reach::Deciding => (deciding, Vec::new()),
            _ if !is_met_in_cases => (deciding, Vec::new()),
            Reach::Whole => (self.cases.to_vec(), Vec::new()),
            Reach::Missing(kept) => self.missing(mutant, kept, &deciding),
        };
        let mut plan = self.plan(mutant.connect(), cases);
        plan.broken_service = mutant.service();
        let confession = mutant.confession();
        let mut seen = look(&plan, confession.as_deref());
        if mutant.family == Family::Driver
            && matches!(mutant.must, Must::BeFoundOut(Catch::Probe(_)))
        {
            // What a question finds out needs no case to be seen in.
            seen.sinned = true;
        }
        seen.sightings.extend(kept);
        seen.sightings.sort_by(|left, right| left.case.cmp(&right.case));
        seen
    }

    /// The cases to play, and what was kept of those that are not played.
    fn missing(
        &self,
        mutant: &Mutant,
        kept: &Kept,
        deciding: &[&'static Case],
    ) -> (Vec<&'static Case>, Vec<Sighting>) {
        let trail = kept.trail(&mutant.id());
        let Some(trail) = trail.filter(|trail| trail.must == mutant.must.words()) else {
            return (self.cases.to_vec(), Vec::new());
        };
        let is_deciding = |case: &Case| deciding.iter().any(|it| it.id == case.id);
        let (played, left): (Vec<&'static Case>, Vec<&'static Case>) =
            self.cases.iter().partition(|case| is_deciding(case) || !kept.has_met(case.id));
        let of = |track: &Track| {
            let case = left.iter().find(|case| case.id == track.case)?;
            Some(Sighting::of_old(track, case))
        };
        let sightings = trail.red.iter().filter_map(of).collect();
        (played, sightings)
    }

    /// Plays cases against the honest SDK and the honest service.
    #[must_use]
    pub fn honest(&self, cases: Vec<&'static Case>, confession: Option<&str>) -> Seen {
        look(&self.plan(Connect::InProcess { mutant: None }, cases), confession)
    }

    fn plan(&self, connect: Connect, cases: Vec<&'static Case>) -> Plan {
        Plan {
            connect,
            cases,
            complete: false,
            target: Target::Here,
            service: None,
            broken_service: None,
            expectations: Vec::new(),
            requirements: self.requirements.clone(),
            set: None,
            seed: self.seed,
            shuffle: true,
            jobs: 1,
            op_within: OP_WITHIN,
            case_within: CASE_WITHIN,
            scored: Level::May,
            baseline: None,
        }
    }
}

fn look(plan: &Plan, confession: Option<&str>) -> Seen {
    let mut seen = Seen::nothing();
    let summary = run::run(plan, &mut |event| match event {
        Event::Probed(probes) => {
            let wrong = probes.iter().filter(|probe| probe.problem.is_some());
            seen.probes = wrong.map(|probe| probe.id.to_string()).collect();
        }
        Event::CaseEnded(record) => seen.note(record, confession),
        Event::RunBegan(_) | Event::RunEnded(_) => {}
    });
    seen.close(&summary);
    seen
}

impl Seen {
    fn note(&mut self, record: &CaseRecord, confession: Option<&str>) {
        self.played += usize::from(record.verdict.ran());
        self.unmarked |= !record.dishonest.is_empty();
        let told = |deed: &str| record.log.iter().any(|line| line.ends_with(deed));
        self.sinned |= confession.is_some_and(told);
        if record.verdict == Verdict::Harness {
            let why = record.because.as_deref().unwrap_or_default();
            self.broken.get_or_insert_with(|| format!("{}: {why}", record.case));
        }
        if matches!(record.verdict, Verdict::Pass | Verdict::Na) {
            return;
        }
        let failed = record.proofs.iter().filter(|proof| proof.proof == Proof::Failed);
        self.sightings.push(Sighting {
            case: record.case.clone(),
            verdict: record.verdict,
            claims: record.proofs.iter().map(|proof| proof.requirement.clone()).collect(),
            failed: failed.map(|proof| proof.requirement.clone()).collect(),
            signature: fingerprint(record),
        });
    }

    fn close(&mut self, summary: &Summary) {
        self.sightings.sort_by(|left, right| left.case.cmp(&right.case));
        self.sinned |= summary.activations.is_some_and(|times| times > 0);
        self.exit = summary.exit;
        if summary.exit == Exit::Harness {
            let why = summary.reasons.iter().find(|reason| reason.exit == Exit::Harness);
            let why = why.map_or_else(String::new, |reason| reason.text.clone());
            self.broken.get_or_insert(why);
        }
    }
}

/// A short hash of why a case did not pass, without what differs from run to run.
#[must_use]
pub fn fingerprint(record: &CaseRecord) -> String {
    let mut hash = Sha256::new();
    for reason in signature::reasons(record) {
        hash.update(reason.as_bytes());
        hash.update(b"\n");
    }
    let hash = hash.finalize();
    hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
