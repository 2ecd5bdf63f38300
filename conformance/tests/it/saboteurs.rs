//! Each broken SDK is caught, by the requirement that it breaks.
//!
//! What counts as caught is narrow, or the score says nothing: the same cases were green with the
//! honest SDK, the sin was committed while they were played, and the designated requirement is
//! among what failed. A crash catches nobody, except the SDK whose sin is to crash.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::thread;

use conformance::case::Case;
use conformance::requirement::{Level, Requirements, Side};
use conformance::run::Plan;
use conformance::suite;
use conformance::verdict::{Proof, Verdict};
use reference_driver::{SABOTAGES, Sabotage};

use crate::scenes::{Ran, plan, run};

/// A saboteur that no working suite can miss; if it escapes, nothing else here means anything.
const CANARY: &str = "generic-error-for-invalid-code";

/// Runs at a time; each has two workers of its own.
const HUNTERS: usize = 2;

fn deciding(requirement: &str) -> Vec<&'static Case> {
    let mut cases = suite::cases();
    cases.retain(|case| case.proves.contains(&requirement));
    cases
}

fn played(connect: &str, cases: Vec<&'static Case>) -> Ran {
    run(&Plan {
        requirements: Requirements::load().unwrap(),
        scored: Level::May,
        jobs: 2,
        ..plan(connect, cases)
    })
}

/// The cases that caught the saboteur, or why it escaped.
fn hunt(saboteur: &Sabotage, connect: &str) -> Result<Vec<String>, String> {
    let (name, breaks) = (saboteur.name, saboteur.breaks);
    let cases = deciding(breaks);
    if cases.is_empty() {
        return Err(format!("{name}: no case decides {breaks}"));
    }
    let ran = played(connect, cases);
    let deed = format!("sabotage {name} active");
    let seen = ran.records.iter().flat_map(|record| &record.log);
    // A driver that died in the deed had no time to tell of it; its crash is the deed.
    if !saboteur.dies && !seen.into_iter().any(|line| line.ends_with(&deed)) {
        return Err(format!("{name}: NOT APPLIED, it was never seen to sin"));
    }
    let caught = ran.records.iter().filter(|record| match saboteur.dies {
        true => record.verdict == Verdict::Crash,
        false => {
            let broke = |proof: Proof, id: &str| proof == Proof::Failed && id == breaks;
            record.verdict == Verdict::Fail
                && record.proofs.iter().any(|proof| broke(proof.proof, &proof.requirement))
        }
    });
    let caught: Vec<String> = caught.map(|record| record.case.clone()).collect();
    if caught.is_empty() {
        let verdicts = ran.records.iter().map(|record| {
            let because = record.because.as_deref().unwrap_or_default();
            format!("\n    {} {} {because}", record.verdict.word(), record.case)
        });
        return Err(format!("{name}: nothing fails {breaks}{}", verdicts.collect::<String>()));
    }
    Ok(caught)
}

fn named(name: &str) -> &'static Sabotage {
    SABOTAGES.iter().find(|sabotage| sabotage.name == name).unwrap()
}

fn mutant(saboteur: &Sabotage) -> String {
    format!("inproc:mutant/sdk/{}", saboteur.name)
}

#[test]
fn every_saboteur_is_caught_by_its_requirement() {
    let broken: BTreeSet<&str> = SABOTAGES.iter().map(|sabotage| sabotage.breaks).collect();
    let mut cases = suite::cases();
    cases.retain(|case| case.proves.iter().any(|id| broken.contains(id)));
    for record in played("inproc:reference", cases).records {
        let because = record.because.as_deref().unwrap_or_default();
        assert_eq!(record.verdict, Verdict::Pass, "VOID, {}: {because}", record.case);
    }
    let canary = named(CANARY);
    let escaped = hunt(canary, &mutant(canary)).err();
    assert_eq!(escaped, None, "VOID, the canary lives");

    let (queue, ends) = (Mutex::new(SABOTAGES.iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..HUNTERS {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().unwrap().next();
                    let Some(saboteur) = next else { break };
                    let end = hunt(saboteur, &mutant(saboteur));
                    ends.lock().unwrap().push(end);
                }
            });
        }
    });
    let ends = ends.into_inner().unwrap();
    let escaped: Vec<&String> = ends.iter().filter_map(|end| end.as_ref().err()).collect();
    let useful: BTreeSet<&String> = ends.iter().flatten().flatten().collect();
    tell_of_the_idle(&useful);
    assert!(ends.len() >= 60, "{} broken SDKs are too few to judge by", ends.len());
    let list = escaped.iter().map(|why| why.as_str()).collect::<Vec<_>>().join("\n");
    assert!(escaped.is_empty(), "{} escape:\n{list}", escaped.len());
}

/// A case that catches nobody is suspect; what the service alone decides is not for a saboteur.
#[expect(clippy::print_stdout, reason = "whoever runs the test with its output wants the list")]
fn tell_of_the_idle(useful: &BTreeSet<&String>) {
    let rows = Requirements::load().unwrap();
    let is_of_service = |case: &Case| {
        case.proves.iter().all(|id| rows.find(id).is_some_and(|row| row.side == Side::Server))
    };
    let mut idle = suite::cases();
    idle.retain(|case| !useful.iter().any(|caught| *caught == case.id) && !is_of_service(case));
    let all = suite::cases().iter().filter(|case| !is_of_service(case)).count();
    println!("{} of {all} cases of SDKs catch none of the {}:", idle.len(), SABOTAGES.len());
    idle.iter().for_each(|case| println!("    {}", case.id));
}

#[test]
fn every_requirement_of_an_sdk_alone_is_broken_by_somebody() {
    let rows = Requirements::load().unwrap();
    let unbroken: Vec<&str> = rows
        .iter()
        .filter(|row| row.side == Side::Sdk)
        .map(|row| row.id.as_str())
        .filter(|id| !SABOTAGES.iter().any(|sabotage| sabotage.breaks == *id))
        .collect();
    assert_eq!(unbroken, Vec::<&str>::new());
}

#[test]
fn the_honest_sdk_is_not_taken_for_a_saboteur() {
    let escaped = hunt(named(CANARY), "inproc:reference").unwrap_err();
    assert!(escaped.contains("NOT APPLIED"), "{escaped}");
}

#[test]
fn a_sin_against_another_requirement_does_not_count() {
    let canary = named(CANARY);
    let mut blamed = *canary;
    blamed.breaks = "MFA-TOTP-012";
    let escaped = hunt(&blamed, &mutant(canary)).unwrap_err();
    assert!(escaped.contains("NOT APPLIED") || escaped.contains("nothing fails"), "{escaped}");
}

#[test]
fn a_crash_catches_only_the_sdk_whose_sin_it_is() {
    let crashing = named("crash-without-error-text");
    assert!(hunt(crashing, &mutant(crashing)).is_ok());
    let mut excused = *crashing;
    excused.dies = false;
    assert!(hunt(&excused, &mutant(crashing)).is_err());
    let mut blamed = *named(CANARY);
    blamed.dies = true;
    assert!(hunt(&blamed, &mutant(&blamed)).is_err());
}
