//! Each broken SDK is caught, by the requirement that it breaks.

use std::collections::BTreeSet;

use conformance::requirement::{Level, Requirements};
use conformance::run::Plan;
use conformance::suite;
use conformance::verdict::{Proof, Verdict};
use reference_driver::SABOTAGES;

use crate::scenes::{plan, run};

#[test]
fn every_sabotage_is_caught_by_its_requirement() {
    let decided: BTreeSet<&str> =
        suite::cases().iter().flat_map(|case| case.proves).copied().collect();
    for sabotage in SABOTAGES {
        let (name, breaks) = (sabotage.name, sabotage.breaks);
        assert!(decided.contains(breaks), "{name}: no case decides {breaks}");
        let cases = suite::cases();
        let deciding: Vec<_> =
            cases.into_iter().filter(|case| case.proves.contains(&sabotage.breaks)).collect();
        let plan = Plan {
            requirements: Requirements::load().unwrap(),
            scored: Level::May,
            jobs: 2,
            ..plan(&format!("inproc:mutant/sdk/{}", sabotage.name), deciding)
        };
        let ran = run(&plan);
        let red = ran.records.iter().any(|record| {
            record.verdict == Verdict::Fail
                && record.proofs.iter().any(|proof| {
                    proof.requirement == sabotage.breaks && proof.proof == Proof::Failed
                })
        });
        assert!(red, "{} survives: nothing fails {}", sabotage.name, sabotage.breaks);
    }
    assert!(SABOTAGES.len() >= 10);
}
