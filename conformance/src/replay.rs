//! Judging recorded evidence anew, without a driver.
//!
//! What an SDK did and what the service saw stays as it was recorded, and so does whether each
//! expectation of a case held. Judged anew is everything that follows from that: how binding the
//! requirements are today, what an expectation file excuses today, the numbers and the exit.

use jiff::civil::Date;

use crate::compare::Comparison;
use crate::event::{CaseRecord, Event, RequirementRecord, RunBegan, Summary};
use crate::exit::{self, Reason};
use crate::expectation::{Expectation, Known};
use crate::finished::FinishedRun;
use crate::guide_page;
use crate::honesty::Probe;
use crate::likeness;
use crate::requirement::{Level, Requirements};
use crate::run;
use crate::score::{self, Totals};
use crate::suite;

/// What evidence is judged by.
#[derive(Debug)]
pub struct Measure {
    /// Known deviations.
    pub expectations: Vec<Expectation>,
    /// The rows of today.
    pub requirements: Requirements,
    /// The least binding level that counts for the exit.
    pub scored: Level,
    /// An earlier run to hold the evidence against.
    pub baseline: Option<FinishedRun>,
    /// The day on which expectations may have expired.
    pub today: Date,
}

/// The events of a run that was played earlier and is judged now.
///
/// Reasons that no case and no probe gave, such as a driver that could not be attached, are kept;
/// those of the old expectation file are not.
#[must_use]
pub fn replay(recorded: &FinishedRun, measure: &Measure) -> Vec<Event> {
    let mut events = Vec::new();
    if let Some(began) = &recorded.began {
        events.push(Event::RunBegan(Box::new(set_up(began, measure))));
    }
    if !recorded.probes.is_empty() {
        events.push(Event::Probed(recorded.probes.clone()));
    }
    let mut known = Known::new(measure.expectations.clone(), recorded.sdk_version());
    let records: Vec<CaseRecord> = recorded
        .cases
        .iter()
        .map(|record| {
            let mut record = as_played(record, &measure.requirements);
            known.apply(&mut record);
            record
        })
        .collect();
    let mut reasons: Vec<Reason> = recorded.probes.iter().filter_map(Probe::reason).collect();
    reasons.extend(kept(recorded));
    let complete = recorded.is_whole().is_ok();
    reasons.extend(known.hygiene(&records, complete, measure.today));
    let planned = recorded.began.as_ref().map_or(records.len(), |began| began.planned);
    let totals = Totals::count(planned, &records);
    reasons.extend(score::reasons(&totals, &records, measure.scored));
    if let Some(baseline) = &measure.baseline {
        reasons.extend(Comparison::of(&baseline.cases, &records).reasons());
    }
    let of_a_service = recorded.began.as_ref().is_some_and(|began| began.broken_service.is_some());
    let likely = likeness::of(&records, of_a_service);
    events.extend(records.into_iter().map(|record| Event::CaseEnded(Box::new(record))));
    events.push(Event::RunEnded(Summary {
        exit: exit::settle(&reasons),
        reasons,
        totals,
        likely,
        ..recorded.summary.clone()
    }));
    events
}

fn set_up(began: &RunBegan, measure: &Measure) -> RunBegan {
    let rows: Vec<RequirementRecord> =
        run::rows(&measure.requirements, &suite::cases(), began.judges_service());
    RunBegan {
        judged_anew: true,
        scored: measure.scored,
        guides: match began.judges_service() {
            true => guide_page::pages_of_a_service(),
            false => guide_page::pages(began.platform.as_deref()),
        },
        requirements: rows,
        ..began.clone()
    }
}

/// The record before any known deviation, under the rows of today.
///
/// A row that is gone keeps what was recorded, so that no failure is lost with it.
fn as_played(record: &CaseRecord, requirements: &Requirements) -> CaseRecord {
    let mut record = CaseRecord {
        verdict: record.played,
        because: record.played_because.clone(),
        known: None,
        ..record.clone()
    };
    for proof in &mut record.proofs {
        if let Some(row) = requirements.find(&proof.requirement) {
            proof.level = row.level;
            proof.source.clone_from(&row.source);
            proof.text = Some(row.text.clone());
        }
    }
    record
}

/// Reasons of the old run that cannot be found out again from its evidence.
fn kept(recorded: &FinishedRun) -> impl Iterator<Item = Reason> {
    use crate::exit::Exit::{Driver, Harness, Usage};
    recorded
        .summary
        .reasons
        .iter()
        .filter(|reason| reason.about.is_none() && [Driver, Harness, Usage].contains(&reason.exit))
        .cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;
    use crate::recording::Recording;
    use crate::report::tests::events;
    use crate::verdict::Verdict;

    fn measure(scored: Level) -> Measure {
        Measure {
            expectations: Vec::new(),
            requirements: Requirements::default(),
            scored,
            baseline: None,
            today: Date::constant(2026, 5, 1),
        }
    }

    fn recorded() -> FinishedRun {
        Recording { events: events(), is_cut: false }.finished()
    }

    fn judged(measure: &Measure) -> FinishedRun {
        Recording { events: replay(&recorded(), measure), is_cut: false }.finished()
    }

    #[test]
    fn an_old_excuse_does_not_hold_without_its_file() {
        let run = judged(&measure(Level::Must));
        let was_known = run.cases.iter().find(|record| record.case == "errors/rate-limit").unwrap();
        assert_eq!(was_known.verdict, Verdict::Fail);
        assert_eq!(was_known.known, None);
        assert!(run.began.unwrap().judged_anew);
        let texts: Vec<&str> = run.summary.reasons.iter().map(|r| r.text.as_str()).collect();
        assert!(texts.contains(&"FAIL errors/rate-limit: err.http=429"), "{texts:?}");
        assert!(!texts.iter().any(|text| text.starts_with("UNUSED")), "{texts:?}");
    }

    #[test]
    fn a_stricter_level_counts_more() {
        let about_advice = |run: &FinishedRun| {
            run.summary.reasons.iter().any(|r| r.about.as_deref() == Some("totp/advice"))
        };
        assert!(!about_advice(&judged(&measure(Level::Must))));
        assert!(about_advice(&judged(&measure(Level::Should))));
    }

    #[test]
    fn a_better_baseline_makes_it_a_regression() {
        let mut better = recorded();
        for record in &mut better.cases {
            record.played = Verdict::Pass;
        }
        let run = judged(&Measure { baseline: Some(better), ..measure(Level::Must) });
        assert!(run.summary.reasons.iter().any(|reason| reason.exit == Exit::Regression));
    }
}
