//! Each broken service is caught, by the requirement that it breaks.
//!
//! Whatever is caught was green first: `reference.rs` plays the whole suite against the honest
//! service.

use conformance::broken_service::{BROKEN_SERVICES, BrokenService};
use conformance::exit::Exit;
use conformance::requirement::{Level, Requirements};
use conformance::run::Plan;
use conformance::suite;
use conformance::verdict::{Proof, Verdict};

use crate::scenes::{plan, run};

/// What is wrong with the way in which the suite meets a broken service; nothing, if it is caught.
fn survives(broken: &'static BrokenService) -> Option<String> {
    let cases = suite::cases();
    let deciding: Vec<_> =
        cases.into_iter().filter(|case| case.proves.contains(&broken.breaks)).collect();
    if deciding.is_empty() {
        return Some(format!("{}: no case decides {}", broken.name, broken.breaks));
    }
    let plan = Plan {
        requirements: Requirements::load().unwrap(),
        broken_service: Some(broken),
        scored: Level::May,
        jobs: 2,
        ..plan("inproc:reference", deciding)
    };
    let ran = run(&plan);
    if ran.summary.activations.unwrap_or(0) == 0 {
        return Some(format!("{}: it was never seen to sin", broken.name));
    }
    let is_red = ran.records.iter().any(|record| {
        let broke = |proof: Proof, id: &str| proof == Proof::Failed && id == broken.breaks;
        record.verdict == Verdict::Fail
            && record.proofs.iter().any(|proof| broke(proof.proof, &proof.requirement))
    });
    if !is_red {
        let verdicts: Vec<_> = ran
            .records
            .iter()
            .map(|record| format!("{} {:?}", record.case, record.verdict))
            .collect();
        return Some(format!("{}: nothing fails {}: {verdicts:?}", broken.name, broken.breaks));
    }
    (ran.summary.exit != Exit::Nonconformance)
        .then(|| format!("{}: exit {:?}", broken.name, ran.summary.exit))
}

#[test]
fn every_broken_service_is_caught_by_its_requirement() {
    let survivors: Vec<String> = BROKEN_SERVICES.iter().filter_map(survives).collect();
    assert!(survivors.is_empty(), "{} survive:\n{}", survivors.len(), survivors.join("\n"));
}
