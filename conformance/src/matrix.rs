//! What a run says about each requirement and about each of the product's guides.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::case::Guide;
use crate::event::{CaseRecord, GuidePage, ProofRecord, RequirementRecord};
use crate::finished::FinishedRun;
use crate::requirement::{Level, Side};
use crate::score::{self, Tally};
use crate::verdict::{Proof, Verdict};

/// The family of the cases that follow a guide's own steps.
const WALK: &str = "walk/";

/// How a requirement stands after a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// The requirement's id.
    pub id: String,
    /// How binding it is.
    pub level: Level,
    /// How it stands.
    pub status: Status,
    /// Played cases that decide it.
    pub decided_by: Vec<String>,
}

/// How a requirement stands after a run; what is unknown is never a failure.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Every played case that decides it shows that it holds.
    Held,
    /// A played case shows that it does not hold.
    Failed,
    /// A case that decides it was played, but ended too early.
    Undecided,
    /// The driver declares none of what its cases need.
    NotClaimed,
    /// No case that decides it was selected or reached.
    NotRun,
    /// The suite has no case for it.
    Untested,
}

impl Status {
    /// The word of the reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Failed => "failed",
            Self::Undecided => "undecided",
            Self::NotClaimed => "not claimed",
            Self::NotRun => "not run",
            Self::Untested => "untested",
        }
    }
}

/// One guide of the matrix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// The guide.
    pub guide: Guide,
    /// How the driver fares in it.
    pub result: CellResult,
    /// Whether the vendor publishes the guide for the driver's platform.
    pub published: bool,
    /// Its MUST requirements that were decided.
    pub must: Tally,
    /// Its SHOULD requirements that were decided.
    pub should: Tally,
    /// Its MAY requirements that were decided.
    pub may: Tally,
    /// Walks through the guide's own steps that passed, of those played.
    pub walks: Tally,
}

/// How a driver fares in a guide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CellResult {
    /// The guide's steps work, and each MUST and SHOULD of it holds.
    Success,
    /// The guide's steps work and no MUST of it fails, but a SHOULD does, or a MUST or SHOULD
    /// stayed open.
    Partial,
    /// The guide's steps do not work, or a MUST of it does not hold.
    Failure,
    /// The driver declares nothing that the guide needs.
    NotClaimed,
    /// No case of the guide was selected or reached.
    NotRun,
    /// The platform has no such guide; the numbers are from testing it anyway.
    NoGuide,
}

impl CellResult {
    /// The word of the reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Partial => "partial",
            Self::Failure => "failure",
            Self::NotClaimed => "not claimed",
            Self::NotRun => "not run",
            Self::NoGuide => "no guide",
        }
    }
}

/// How every requirement of the suite stands, by id.
#[must_use]
pub fn standings(run: &FinishedRun) -> Vec<Standing> {
    let rows = run.began.iter().flat_map(|began| &began.requirements);
    stand(run, rows, &score::requirements(&run.cases), &|_| true)
}

/// How rows stand by what the proofs that count show.
fn stand<'a>(
    run: &FinishedRun,
    rows: impl Iterator<Item = &'a RequirementRecord>,
    decided: &BTreeMap<String, (Level, Proof)>,
    counts: &dyn Fn(&ProofRecord) -> bool,
) -> Vec<Standing> {
    let standing = |row: &RequirementRecord| {
        let claims = |record: &&CaseRecord| {
            record.proofs.iter().any(|proof| proof.requirement == row.id && counts(proof))
        };
        let mut naming = run.cases.iter().filter(claims);
        let status = match decided.get(&row.id) {
            Some((_, Proof::Held)) => Status::Held,
            Some((_, Proof::Failed)) => Status::Failed,
            Some((_, Proof::Undecided)) => Status::Undecided,
            None if row.cases == 0 => Status::Untested,
            None if naming.any(|record| record.verdict == Verdict::Na) => Status::NotClaimed,
            None => Status::NotRun,
        };
        let played = run.cases.iter().filter(claims).filter(|record| record.verdict.ran());
        let decided_by = played.map(|record| record.case.clone()).collect();
        Standing { id: row.id.clone(), level: row.level, status, decided_by }
    };
    rows.map(standing).collect()
}

/// Every guide's cell, in the order of the matrix.
#[must_use]
pub fn cells(run: &FinishedRun) -> Vec<Cell> {
    let Some(began) = &run.began else { return Vec::new() };
    // What an SDK does not owe makes none of its guides better or worse.
    let owed: Vec<&RequirementRecord> = began
        .requirements
        .iter()
        .filter(|row| began.judges_service() || row.side != Side::Server)
        .collect();
    let own = score::own(&run.cases);
    let standings = stand(run, owed.iter().copied(), &own, &|proof| !proof.beside);
    let rows: Vec<(&RequirementRecord, Status)> =
        owed.into_iter().zip(standings.iter().map(|standing| standing.status)).collect();
    began.guides.iter().map(|page| cell(page, &rows, &run.cases)).collect()
}

fn cell(page: &GuidePage, rows: &[(&RequirementRecord, Status)], cases: &[CaseRecord]) -> Cell {
    let of_guide: Vec<(Level, Status)> = rows
        .iter()
        .filter(|(row, _)| row.guides.contains(&page.guide))
        .map(|(row, status)| (row.level, *status))
        .collect();
    let tally = |level| {
        let decided = of_guide.iter().filter(|(of, status)| *of == level && is_decided(*status));
        let held = decided.clone().filter(|(_, status)| *status == Status::Held).count();
        Tally { held, of: decided.count() }
    };
    let walked: Vec<&CaseRecord> = cases
        .iter()
        .filter(|record| record.case.starts_with(WALK) && record.guides.contains(&page.guide))
        .filter(|record| record.verdict.ran())
        .collect();
    let passed = walked.iter().filter(|record| record.played == Verdict::Pass).count();
    let walks = Tally { held: passed, of: walked.len() };
    let result = if page.published { result(&of_guide, walks) } else { CellResult::NoGuide };
    Cell {
        guide: page.guide,
        result,
        published: page.published,
        must: tally(Level::Must),
        should: tally(Level::Should),
        may: tally(Level::May),
        walks,
    }
}

fn is_decided(status: Status) -> bool {
    matches!(status, Status::Held | Status::Failed | Status::Undecided)
}

/// An expectation file changes nothing here: a known deviation is still one.
fn result(rows: &[(Level, Status)], walks: Tally) -> CellResult {
    let any = |wanted: &dyn Fn(Level, Status) -> bool| {
        rows.iter().any(|(level, status)| wanted(*level, *status))
    };
    if !any(&|_, status| is_decided(status)) && walks.of == 0 {
        let claimed_nothing = any(&|_, status| status == Status::NotClaimed);
        return if claimed_nothing { CellResult::NotClaimed } else { CellResult::NotRun };
    }
    let is_broken = |status| matches!(status, Status::Failed | Status::Undecided);
    if walks.held < walks.of || any(&|level, status| level == Level::Must && is_broken(status)) {
        return CellResult::Failure;
    }
    // What the suite cannot test is no gap of the driver's.
    let is_open = |status| !matches!(status, Status::Held | Status::Untested);
    if any(&|level, status| level <= Level::Should && is_open(status)) {
        return CellResult::Partial;
    }
    CellResult::Success
}

#[cfg(test)]
mod tests {
    use super::*;
    use Level::{May, Must, Should};
    use Status::{Failed, Held, NotClaimed, NotRun, Undecided, Untested};

    #[test]
    fn a_row_stands_as_its_cases_went() {
        let records = crate::report::tests::records();
        let run =
            crate::recording::Recording { events: crate::report::tests::events(), is_cut: false };
        let mut run = run.finished();
        let template = run.began.as_ref().unwrap().requirements[0].clone();
        let row = |id: &str, cases| RequirementRecord { id: id.into(), cases, ..template.clone() };
        let of = |case: &str, verdict, id: &str| {
            let mut record = records[0].clone();
            (record.case, record.verdict, record.played) = (case.into(), verdict, verdict);
            record.proofs[0].requirement = id.into();
            record.proofs[0].proof = Proof::Undecided;
            record
        };
        run.cases = vec![
            of("a/na", Verdict::Na, "MFA-A-001"),
            of("a/not-reached", Verdict::Notrun, "MFA-A-002"),
            of("a/blocked", Verdict::Blocked, "MFA-A-003"),
        ];
        let rows = vec![
            row("MFA-A-001", 1),
            row("MFA-A-002", 1),
            row("MFA-A-003", 1),
            row("MFA-A-004", 0),
        ];
        run.began.as_mut().unwrap().requirements = rows;
        let statuses: Vec<Status> = standings(&run).iter().map(|it| it.status).collect();
        assert_eq!(statuses, [NotClaimed, NotRun, Undecided, Untested]);
    }

    #[test]
    fn only_walks_that_passed_are_counted() {
        let run =
            crate::recording::Recording { events: crate::report::tests::events(), is_cut: false };
        let mut run = run.finished();
        let record = crate::report::tests::records()[0].clone();
        let walk = |case: &str, played| CaseRecord {
            case: case.into(),
            verdict: played,
            played,
            ..record.clone()
        };
        run.cases = vec![
            walk("walk/a", Verdict::Pass),
            walk("walk/b", Verdict::Fail),
            walk("other/c", Verdict::Pass),
        ];
        let totp = cells(&run).into_iter().find(|cell| cell.guide == Guide::Totp).unwrap();
        assert_eq!((totp.walks.held, totp.walks.of), (1, 2));
    }

    #[test]
    fn the_table_of_cells() {
        let walks = |held, of| Tally { held, of };
        for (rows, walked, wanted) in [
            (&[(Must, Held), (Should, Held), (May, Failed)][..], walks(1, 1), CellResult::Success),
            (&[(Must, Held), (Should, Untested)], walks(0, 0), CellResult::Success),
            (&[(Must, Held), (Should, Failed)], walks(1, 1), CellResult::Partial),
            (&[(Must, Held), (Must, NotClaimed)], walks(1, 1), CellResult::Partial),
            (&[(Must, Held), (Should, NotRun)], walks(0, 0), CellResult::Partial),
            (&[(Must, Failed), (Should, Held)], walks(1, 1), CellResult::Failure),
            (&[(Must, Undecided)], walks(0, 0), CellResult::Failure),
            (&[(Must, Held)], walks(1, 2), CellResult::Failure),
            (&[(Must, NotClaimed), (Should, NotRun)], walks(0, 0), CellResult::NotClaimed),
            (&[(Must, NotRun)], walks(0, 0), CellResult::NotRun),
            (&[], walks(0, 0), CellResult::NotRun),
        ] {
            assert_eq!(result(rows, walked), wanted, "{rows:?} {walked:?}");
        }
    }
}
