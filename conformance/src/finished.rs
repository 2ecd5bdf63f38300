//! A run that is over: its events, gathered for whoever looks at the whole.

use semver::Version;

use crate::event::{CaseRecord, Event, RunBegan, Summary};
use crate::exit::{Exit, Reason};
use crate::honesty::Probe;
use crate::requirement::Level;
use crate::score::{self, Totals};
use crate::verdict::Verdict;

/// Everything that was told about one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishedRun {
    /// How it was set up; absent when it never began.
    pub began: Option<RunBegan>,
    /// The questions about the driver's honesty.
    pub probes: Vec<Probe>,
    /// The judged cases, by id.
    pub cases: Vec<CaseRecord>,
    /// How it ended.
    pub summary: Summary,
}

/// Gathers the events of a run until its last.
#[derive(Debug, Default)]
pub struct Gathering {
    began: Option<RunBegan>,
    probes: Vec<Probe>,
    cases: Vec<CaseRecord>,
}

impl Gathering {
    /// Takes one event in; the last one finishes the run.
    pub fn on(&mut self, event: &Event) -> Option<FinishedRun> {
        match event {
            Event::RunBegan(began) => self.began = Some((**began).clone()),
            Event::Probed(probes) => self.probes.clone_from(probes),
            Event::CaseEnded(record) => self.cases.push((**record).clone()),
            Event::RunEnded(summary) => return Some(self.finish(summary.clone())),
        }
        None
    }

    /// The run as far as it was told, when its last event never came.
    #[must_use]
    pub fn cut_short(&mut self) -> FinishedRun {
        let began = self.began.as_ref();
        let planned = began.map_or(0, |began| began.planned);
        let scored = began.map_or(Level::Must, |began| began.scored);
        let totals = Totals::count(planned, &self.cases);
        let text = "the recording ends before the run did";
        let mut reasons = vec![Reason::new(Exit::Vacuous, text)];
        for probe in &self.probes {
            reasons.extend(probe.reason());
        }
        reasons.extend(score::reasons(&totals, &self.cases, scored));
        let summary = Summary { totals, ..Summary::empty(reasons) };
        self.finish(summary)
    }

    fn finish(&mut self, summary: Summary) -> FinishedRun {
        let mut cases = std::mem::take(&mut self.cases);
        cases.sort_by(|left, right| left.case.cmp(&right.case));
        FinishedRun {
            began: self.began.take(),
            probes: std::mem::take(&mut self.probes),
            cases,
            summary,
        }
    }
}

impl FinishedRun {
    /// The least binding level that counts for the exit.
    #[must_use]
    pub fn scored(&self) -> Level {
        self.began.as_ref().map_or(Level::Must, |began| began.scored)
    }

    /// The reasons that no case gave: the run as a whole, and the driver's honesty.
    pub fn reasons_beside_cases(&self) -> impl Iterator<Item = &Reason> {
        let of_a_case = |about: &String| self.cases.iter().any(|record| &record.case == about);
        let reasons = self.summary.reasons.iter();
        reasons.filter(move |reason| !reason.about.as_ref().is_some_and(of_a_case))
    }

    /// The SDK's version that expectations are about: what the wire said, else what the driver said.
    #[must_use]
    pub fn sdk_version(&self) -> Option<Version> {
        let said = self.began.as_ref().and_then(|began| began.sdk_version.as_deref());
        Version::parse(self.summary.sdk_on_wire.as_deref().or(said)?).ok()
    }

    /// Whether the whole suite was played to its end, against a service that is not broken.
    ///
    /// # Errors
    /// What is missing, in words.
    pub fn is_whole(&self) -> Result<(), String> {
        let began = self.began.as_ref().ok_or("the run never began")?;
        if !began.complete {
            return Err("only a part of the suite was selected".to_owned());
        }
        if let Some(name) = &began.broken_service {
            return Err(format!("the service was broken on purpose ({name})"));
        }
        let reached = self.cases.iter().filter(|case| case.verdict != Verdict::Notrun).count();
        if reached != began.planned {
            return Err(format!("{reached} of {} cases were played", began.planned));
        }
        Ok(())
    }
}
