//! Two services held against each other: what each says to every requirement.
//!
//! Other than a comparison of two runs, nobody is before or after here, and a MAY counts as much as
//! a MUST: the unknowns are where services drift apart first.

mod unknowns;
mod words;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::event::{CaseRecord, RequirementRecord};
use crate::finished::FinishedRun;
use crate::matrix::{self, Standing, Status};
use crate::requirement::{Level, Requirements};
use crate::signature;
use crate::verdict::Proof;

pub use unknowns::Unknown;

/// What differs between two services.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// The first service.
    pub a: Side,
    /// The second service.
    pub b: Side,
    /// Every requirement that at least one of the reports knows, by id.
    pub requirements: Vec<Row>,
}

/// One of the two services.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// The file that its report was read from.
    pub file: String,
    /// Where it was reached.
    pub target: String,
    /// What it said of itself.
    pub name: Option<String>,
    /// Cases that did not apply to it.
    pub not_applicable: usize,
}

/// One requirement and what both say to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The requirement's id.
    pub id: String,
    /// How binding it is.
    pub level: Level,
    /// A few words.
    pub title: String,
    /// What the two make of it together.
    pub kind: Kind,
    /// What the first says; absent: its suite did not have the requirement.
    pub a: Option<Said>,
    /// What the second says.
    pub b: Option<Said>,
    /// The rule that it restates, such as `T14`.
    pub rule: Option<String>,
    /// The unknowns of DIFFERENCES.md that it touches.
    pub unknowns: Vec<Unknown>,
}

/// What a service says to a requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Said {
    /// How the requirement stands there.
    pub status: Status,
    /// The played cases that decide it.
    pub decided_by: Vec<String>,
    /// The cases that show that it does not hold, or that ended early, with why.
    pub against: BTreeMap<String, Vec<String>>,
}

/// What two services make of one requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// They say different things.
    Differs,
    /// It holds in neither, for different reasons.
    OtherReason,
    /// They say the same.
    Alike,
    /// At least one of them did not say anything, which is no difference.
    Open,
}

impl Kind {
    /// Whether services of this kind have drifted apart.
    #[must_use]
    pub fn is_drift(self) -> bool {
        matches!(self, Self::Differs | Self::OtherReason)
    }
}

impl Drift {
    /// Holds the report of one service against that of another.
    ///
    /// # Errors
    /// A report is about no service, in words.
    pub fn between(
        a: (&str, &FinishedRun),
        b: (&str, &FinishedRun),
        requirements: &Requirements,
    ) -> Result<Self, String> {
        let (side_a, side_b) = (side(a)?, side(b)?);
        let (said_a, said_b) = (Sayings::of(a.1), Sayings::of(b.1));
        let mut rows: BTreeMap<&str, &RequirementRecord> = BTreeMap::new();
        for run in [a.1, b.1] {
            for row in run.began.iter().flat_map(|began| &began.requirements) {
                rows.entry(&row.id).or_insert(row);
            }
        }
        let row = |(id, row): (&str, &RequirementRecord)| {
            let (a, b) = (said_a.to(id), said_b.to(id));
            let rule = requirements.find(id).and_then(|row| row.rule.clone());
            Row {
                id: id.to_owned(),
                level: row.level,
                title: row.title.clone(),
                kind: kind(a.as_ref(), b.as_ref()),
                unknowns: rule.as_deref().map(unknowns::behind).unwrap_or_default(),
                a,
                b,
                rule,
            }
        };
        let requirements = rows.into_iter().map(row).collect();
        Ok(Self { a: side_a, b: side_b, requirements })
    }

    /// Whether nothing that both have said differs.
    #[must_use]
    pub fn is_none(&self) -> bool {
        !self.requirements.iter().any(|row| row.kind.is_drift())
    }

    /// The requirements of a kind, by id.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &Row> {
        self.requirements.iter().filter(move |row| row.kind == kind)
    }
}

fn side((file, run): (&str, &FinishedRun)) -> Result<Side, String> {
    let began = run.began.as_ref().ok_or_else(|| format!("{file}: this run never began"))?;
    let service = began.service.as_ref().filter(|service| service.is_judged).ok_or_else(|| {
        format!(
            "{file}: this run judges the SDK of {} and no service; make one of a service with \
             `mfa-conformance run --service URL --json FILE`",
            began.connect
        )
    })?;
    Ok(Side {
        file: file.to_owned(),
        target: service.target.clone(),
        name: service.name.clone(),
        not_applicable: run.summary.totals.na,
    })
}

/// What one run says to each requirement.
struct Sayings<'a> {
    standings: BTreeMap<String, Standing>,
    cases: &'a [CaseRecord],
}

impl<'a> Sayings<'a> {
    fn of(run: &'a FinishedRun) -> Self {
        let standings = matrix::standings(run).into_iter();
        let standings = standings.map(|standing| (standing.id.clone(), standing)).collect();
        Self { standings, cases: &run.cases }
    }

    fn to(&self, id: &str) -> Option<Said> {
        let standing = self.standings.get(id)?;
        let speaks_against = |record: &&CaseRecord| {
            let not_held = |proof: &crate::event::ProofRecord| {
                proof.requirement == id && proof.proof != Proof::Held
            };
            record.verdict.ran() && record.proofs.iter().any(not_held)
        };
        let against = self.cases.iter().filter(speaks_against);
        Some(Said {
            status: standing.status,
            decided_by: standing.decided_by.clone(),
            against: against.map(|record| (record.case.clone(), reasons(record, id))).collect(),
        })
    }
}

/// Why a case speaks against a requirement, without what changes from run to run.
fn reasons(record: &CaseRecord, id: &str) -> Vec<String> {
    let about = record.failures().filter(|finding| finding.is_about(id));
    let mut found: Vec<String> =
        about.map(|finding| signature::stable(&finding.signature())).collect();
    found.sort();
    found.dedup();
    if found.is_empty() { signature::reasons(record) } else { found }
}

fn kind(a: Option<&Said>, b: Option<&Said>) -> Kind {
    let spoken = |said: Option<&Said>| {
        said.is_some_and(|said| {
            matches!(said.status, Status::Held | Status::Failed | Status::Undecided)
        })
    };
    match (a, b) {
        (Some(a), Some(b)) if spoken(Some(a)) && spoken(Some(b)) => {
            if a.status != b.status {
                Kind::Differs
            } else if a.against == b.against {
                Kind::Alike
            } else {
                Kind::OtherReason
            }
        }
        _ => Kind::Open,
    }
}

#[cfg(test)]
mod tests;
