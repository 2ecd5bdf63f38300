//! Each broken service is caught also when services are judged in place of an SDK.
//!
//! `prove` meets them with an SDK; here what only SDKs owe is not looked at, and must not be needed.

use conformance::broken_service::{BROKEN_SERVICES, BrokenService};
use conformance::event::ServiceRecord;
use conformance::exit::Exit;
use conformance::requirement::{Level, Requirements};
use conformance::run::Plan;
use conformance::suite;
use conformance::verdict::{Proof, Verdict};

use crate::scenes::{plan, run};

/// What is wrong with the way in which the suite meets a broken service; nothing, if it is caught.
fn survives(broken: &'static BrokenService) -> Option<String> {
    let deciding: Vec<_> =
        suite::cases().into_iter().filter(|case| case.proves.contains(&broken.breaks)).collect();
    let service = ServiceRecord {
        target: "inproc:mock".to_owned(),
        name: None,
        has_control: true,
        is_judged: true,
        left_out: 0,
    };
    let plan = Plan {
        requirements: Requirements::load().unwrap(),
        broken_service: Some(broken),
        service: Some(service),
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
        return Some(format!("{}: nothing fails {}", broken.name, broken.breaks));
    }
    (ran.summary.exit != Exit::Nonconformance)
        .then(|| format!("{}: exit {:?}", broken.name, ran.summary.exit))
}

#[test]
fn every_broken_service_is_caught_when_services_are_judged() {
    let rows = Requirements::load().unwrap();
    let owed = |broken: &&BrokenService| rows.is_owed_by_services(broken.breaks);
    let measured: Vec<_> = BROKEN_SERVICES.iter().filter(owed).collect();
    assert!(measured.len() > 100, "{}", measured.len());
    let survivors: Vec<String> = measured.into_iter().filter_map(survives).collect();
    assert!(survivors.is_empty(), "{} survive:\n{}", survivors.len(), survivors.join("\n"));
}
