//! What a run says of itself before its first case.

use driver_protocol::HelloAnswer;

use super::Plan;
use crate::case::Case;
use crate::event::{RequirementRecord, RunBegan};
use crate::guide_page;
use crate::prove::kept::Kept;
use crate::requirement::{Backing, Requirements, Side};
use crate::suite;

/// The set-up of a run whose driver is not attached yet.
pub(super) fn began(plan: &Plan) -> RunBegan {
    RunBegan {
        suite: env!("CARGO_PKG_VERSION").to_owned(),
        connect: plan.connect.to_string(),
        driver: None,
        sdk: None,
        sdk_version: None,
        platform: None,
        language: None,
        seed: plan.seed,
        planned: plan.cases.len(),
        complete: plan.complete,
        broken_service: plan.broken_service.map(|broken| broken.name.to_owned()),
        service: plan.service.clone(),
        judged_anew: false,
        is_frozen: false,
        jobs: plan.jobs.max(1),
        undeclared: Vec::new(),
        scored: plan.scored,
        set: plan.set.clone(),
        guides: match plan.judges_service() {
            true => guide_page::pages_of_a_service(),
            false => guide_page::pages(None),
        },
        requirements: rows(&plan.requirements, &suite::cases(), plan.judges_service()),
    }
}

/// Adds what the driver says of itself and of its SDK.
pub(super) fn attached(began: &mut RunBegan, hello: &HelloAnswer) {
    began.driver = Some(format!("{} {}", hello.driver.name, hello.driver.version));
    began.sdk = Some(format!("{} {}", hello.sdk.name, hello.sdk.version));
    began.sdk_version = Some(hello.sdk.version.clone());
    began.platform = Some(hello.sdk.platform.clone());
    began.language = Some(hello.sdk.language.clone());
    began.undeclared = hello.undeclared().into_iter().map(str::to_owned).collect();
    if !began.judges_service() {
        began.guides = guide_page::pages(Some(&hello.sdk.platform));
    }
}

/// Every row, with the number of cases that decide it; of a service only those that it owes.
pub(crate) fn rows(
    requirements: &Requirements,
    cases: &[&Case],
    of_a_service: bool,
) -> Vec<RequirementRecord> {
    let owed = |row: &&crate::requirement::Requirement| !of_a_service || row.side != Side::Sdk;
    let deciding = |id: &str| cases.iter().filter(|case| case.proves.contains(&id)).count();
    let record = |row: &crate::requirement::Requirement| RequirementRecord {
        id: row.id.clone(),
        title: row.title.clone(),
        text: row.text.clone(),
        level: row.level,
        basis: row.basis,
        side: row.side,
        source: row.source.clone(),
        guides: row.guides.clone(),
        cases: deciding(&row.id),
        backing: Backing::of(row, deciding(&row.id), Kept::ours()),
    };
    requirements.iter().filter(owed).map(record).collect()
}
