//! Each lying driver is found out, where its lie must be found out.

use std::collections::BTreeSet;

use conformance::case::Case;
use conformance::driver::{Catch, LIES, Lie};
use conformance::event::{Event, Summary};
use conformance::exit::Exit;
use conformance::honesty::Probe;
use conformance::requirement::{Level, Requirements};
use conformance::run::{self, Plan};
use conformance::stage::Stage;
use conformance::suite;
use conformance::verdict::{Proof, Verdict};
use serde_json::json;

use crate::scenes::{Ran, case, plan};

/// Meets an error of the SDK, then asks the op of most lies, then one more.
static MEETING: Case = case("small/meeting", |stage: &mut Stage| {
    stage.act("auth.email_start", json!({ "email": "ada@example.com" })).ready()?;
    let code = stage.mail_code("ada@example.com")?;
    stage.act("auth.email_verify", json!({ "code": "000000" })).err()?;
    stage.act("auth.email_verify", json!({ "code": code })).ready()?;
    stage.act("device.list", json!({})).ok()?;
    stage.act("mfa.missing", json!({})).ok()?;
    stage.act("state.get", json!({})).ok().map(drop)
});

fn probed(plan: &Plan) -> (Vec<Probe>, Ran) {
    let (mut probes, mut records) = (Vec::new(), Vec::new());
    let summary: Summary = run::run(plan, &mut |event| match event {
        Event::Probed(asked) => probes.clone_from(asked),
        Event::CaseEnded(record) => records.push((**record).clone()),
        _ => {}
    });
    (probes, Ran { records, summary })
}

fn meet(connect: &str, cases: Vec<&'static Case>) -> (Vec<Probe>, Ran) {
    probed(&Plan {
        requirements: Requirements::load().unwrap(),
        scored: Level::May,
        ..plan(connect, cases)
    })
}

/// What the driver's exit must be, for the place where it is caught.
fn exit_of(lie: &Lie) -> Exit {
    match lie.caught {
        // A note: the driver hides something, but nothing that it shows is wrong.
        Catch::Probe("underclaim") | Catch::Tolerated => Exit::Conformant,
        Catch::Probe(_) | Catch::Fingerprint | Catch::Verdict(Verdict::Overclaim) => {
            Exit::Dishonest
        }
        Catch::Verdict(Verdict::Hang | Verdict::Crash) => Exit::Crash,
        Catch::Verdict(_) => Exit::Driver,
        Catch::Requirement(_) => Exit::Nonconformance,
    }
}

/// Why the liar around an honest driver gets away with it, if it does.
fn escapes(lie: &Lie, honest: &str) -> Option<String> {
    let cases = match lie.caught {
        Catch::Requirement(id) => {
            let mut cases = suite::cases();
            cases.retain(|case| case.proves.contains(&id));
            cases
        }
        _ => vec![&MEETING],
    };
    let (probes, ran) = meet(&format!("lying:{}:{honest}", lie.name), cases);
    let told = ran.records.iter().flat_map(|record| &record.log);
    let deed = format!("lie {} told", lie.name);
    let is_told = told.into_iter().any(|line| line.ends_with(&deed));
    let caught = match lie.caught {
        Catch::Probe(id) => probes.iter().any(|probe| probe.id == id && probe.problem.is_some()),
        Catch::Verdict(verdict) => {
            is_told && ran.records.iter().any(|record| record.verdict == verdict)
        }
        Catch::Fingerprint => {
            is_told && ran.records.iter().any(|record| !record.dishonest.is_empty())
        }
        Catch::Requirement(id) => {
            let fails = |proof: Proof, broken: &str| proof == Proof::Failed && broken == id;
            let mut proofs = ran.records.iter().flat_map(|record| &record.proofs);
            is_told && proofs.any(|proof| fails(proof.proof, &proof.requirement))
        }
        Catch::Tolerated => {
            is_told && ran.records.iter().all(|record| record.verdict == Verdict::Pass)
        }
    };
    let verdicts: Vec<String> = ran
        .records
        .iter()
        .map(|record| format!("{} {:?} {:?}", record.case, record.verdict, record.because))
        .collect();
    let exit = ran.summary.exit;
    (!caught || exit != exit_of(lie)).then(|| {
        let name = lie.name;
        format!("{name} (told: {is_told}): exit {exit:?}, {verdicts:?}, {:?}", ran.summary.reasons)
    })
}

fn every_lie_is_found_out_around(connect: &str) {
    let (probes, honest) = meet(connect, vec![&MEETING]);
    assert!(probes.iter().all(|probe| probe.problem.is_none()), "VOID: {probes:?}");
    assert_eq!(honest.summary.exit, Exit::Conformant, "VOID: {:?}", honest.summary.reasons);
    let escaped: Vec<String> = LIES.iter().filter_map(|lie| escapes(lie, connect)).collect();
    assert!(escaped.is_empty(), "{} escape:\n{}", escaped.len(), escaped.join("\n"));
    assert!(LIES.len() >= 12, "{} lies are too few to judge by", LIES.len());
}

#[test]
fn every_lie_is_found_out_where_it_must_be() {
    every_lie_is_found_out_around("inproc:reference");
}

#[test]
fn every_lie_around_a_process_is_found_out_at_the_same_place() {
    let process = env!("CARGO_BIN_EXE_reference-over-stdio");
    every_lie_is_found_out_around(&format!("exec:{process}"));
}

#[test]
fn every_question_and_every_way_out_has_a_liar() {
    let probes: BTreeSet<&str> = LIES
        .iter()
        .filter_map(|lie| match lie.caught {
            Catch::Probe(id) => Some(id),
            _ => None,
        })
        .collect();
    assert_eq!(probes, BTreeSet::from(["canary", "dead-service", "nonce", "underclaim"]));
    for verdict in [Verdict::Overclaim, Verdict::Driver, Verdict::Hang, Verdict::Crash] {
        assert!(LIES.iter().any(|lie| lie.caught == Catch::Verdict(verdict)), "{verdict:?}");
    }
}
