//! The proof that the suite can fail can itself fail.
//!
//! `mfa-conformance prove` meets every mutant, in CI and by hand; here stand the rules by which it
//! would be wrong to count one as caught, and that what is kept of an earlier proof is whole.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use conformance::case::Case;
use conformance::driver::Catch;
use conformance::prove::fate::{self, Fate};
use conformance::prove::hunt::{Ground, Reach};
use conformance::prove::kept::Kept;
use conformance::prove::mutant::{Family, Must, Mutant, mutants};
use conformance::prove::{self, page};
use conformance::requirement::{Requirements, Side};
use conformance::suite;
use conformance::verdict::Verdict;

fn ground<'a>(requirements: &'a Requirements, cases: &'a [&'static Case]) -> Ground<'a> {
    Ground { requirements, cases, reach: Reach::Deciding, seed: 7 }
}

/// What becomes of a mutant that must be caught in another way than its own.
fn fate_of(id: &str, must: Must) -> Fate {
    let (requirements, cases) = (Requirements::load().unwrap(), suite::cases());
    let mutant = Mutant { must, ..named(id) };
    fate::of(must, &ground(&requirements, &cases).hunt(&mutant))
}

fn named(id: &str) -> Mutant {
    mutants().into_iter().find(|mutant| mutant.id() == id).unwrap()
}

#[test]
fn a_mutant_of_each_family_is_caught() {
    for family in Family::ALL {
        let Some(canary) = family.canary() else { continue };
        let id = format!("{}/{canary}", family.name());
        let fate = fate_of(&id, named(&id).must);
        assert!(matches!(fate, Fate::Caught(_)), "{id}: {fate:?}");
    }
}

#[test]
fn a_sin_against_another_requirement_does_not_count() {
    for id in ["sdk/generic-error-for-invalid-code", "service/accept-any-code"] {
        let fate = fate_of(id, Must::Fail("MFA-DEV-001"));
        assert!(!fate.is_right(), "{id}: {fate:?}");
    }
    let fate = fate_of("driver/fabricate-ok", Must::BeFoundOut(Catch::Verdict(Verdict::Hang)));
    assert!(!fate.is_right(), "{fate:?}");
}

#[test]
fn a_crash_catches_only_the_sdk_whose_sin_it_is() {
    let crashing = "sdk/crash-without-error-text";
    let Must::Crash(breaks) = named(crashing).must else { panic!("it must crash") };
    assert!(fate_of(crashing, Must::Crash(breaks)).is_right());
    assert!(!fate_of(crashing, Must::Fail(breaks)).is_right());
    let Must::Fail(breaks) = named("sdk/swallow-401").must else { panic!("it must fail") };
    assert!(!fate_of("sdk/swallow-401", Must::Crash(breaks)).is_right());
}

#[test]
fn the_honest_sdk_is_taken_for_nobody() {
    let (requirements, all) = (Requirements::load().unwrap(), suite::cases());
    let ground = ground(&requirements, &all);
    let Must::Fail(breaks) = named("sdk/swallow-401").must else { panic!("it must fail") };
    let mut cases = all.clone();
    cases.retain(|case| case.proves.contains(&breaks));
    let seen = ground.honest(cases, Some("sabotage swallow-401 active"));
    assert_eq!(fate::of(Must::Fail(breaks), &seen), Fate::NotApplied);
}

#[test]
fn nothing_counts_when_the_honest_sdk_is_red() {
    static RED: Case =
        crate::scenes::case("small/red", |stage| stage.expect_equal("two and two", 5, 4));
    let (requirements, cases) = (Requirements::load().unwrap(), vec![&RED]);
    let void = prove::hunt(&ground(&requirements, &cases), &mutants(), 1, &mut |_| {}).unwrap_err();
    assert_eq!(
        void.to_string(),
        "the honest SDK against the honest service is not green: FAIL small/red"
    );
}

#[test]
fn nothing_counts_when_a_canary_lives() {
    let requirements = Requirements::load().unwrap();
    let mut cases = suite::cases();
    cases.retain(|case| case.id == "start/state-needs-no-request");
    let void = prove::hunt(&ground(&requirements, &cases), &mutants(), 1, &mut |_| {}).unwrap_err();
    assert!(void.to_string().starts_with("the canary sdk/"), "{void}");
}

#[test]
fn every_requirement_of_an_sdk_alone_is_broken_by_an_sdk() {
    let rows = Requirements::load().unwrap();
    let broken: BTreeSet<&str> = mutants()
        .iter()
        .filter(|mutant| mutant.family == Family::Sdk)
        .filter_map(|mutant| mutant.must.requirement())
        .collect();
    let unbroken: Vec<&str> = rows
        .iter()
        .filter(|row| row.side == Side::Sdk && row.excluded.is_none())
        .map(|row| row.id.as_str())
        .filter(|id| !broken.contains(id))
        .collect();
    assert_eq!(unbroken, Vec::<&str>::new());
}

#[test]
fn what_is_kept_is_about_every_mutant_and_about_nobody_else() {
    let met: BTreeSet<String> = mutants().iter().map(Mutant::id).collect();
    let kept: BTreeSet<String> = Kept::ours().trails().map(|trail| trail.mutant.clone()).collect();
    let advice = "`cargo xtask prove` brings it up to date";
    assert_eq!(met.difference(&kept).collect::<Vec<_>>(), Vec::<&String>::new(), "{advice}");
    assert_eq!(kept.difference(&met).collect::<Vec<_>>(), Vec::<&String>::new(), "{advice}");
    let cases: BTreeSet<&str> = suite::cases().iter().map(|case| case.id).collect();
    let played: BTreeSet<&str> = Kept::ours().cases().collect();
    let advice = "`cargo xtask prove --missing` plays the new ones";
    assert_eq!(cases.difference(&played).collect::<Vec<_>>(), Vec::<&&str>::new(), "{advice}");
    assert_eq!(played.difference(&cases).collect::<Vec<_>>(), Vec::<&&str>::new(), "{advice}");
}

#[test]
fn the_published_matrix_is_what_is_kept() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/kill-matrix.md");
    let published = fs::read_to_string(file).unwrap();
    let page = page::markdown(&Requirements::load().unwrap(), Kept::ours());
    let differs = page.lines().zip(published.lines()).find(|(ours, theirs)| ours != theirs);
    let advice = "`cargo xtask prove` writes it";
    assert_eq!(differs, None, "{advice}");
    assert_eq!(page.lines().count(), published.lines().count(), "{advice}");
}

fn prove(args: &[&str]) -> (Output, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_mfa-conformance"))
        .arg("prove")
        .args(args)
        .output()
        .unwrap();
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (output, String::from_utf8(text).unwrap())
}

#[test]
fn the_command_tells_what_it_met() {
    let (output, text) = prove(&["--mutant", "sdk/swallow-401", "--mutant", "driver/hang"]);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("proven    ✓ sdk/swallow-401"), "{text}");
    assert!(text.contains("✓ lying drivers    1/1  100 %  (gate 100 %)"), "{text}");
    assert!(text.contains("\nmutants 2/2\n"), "{text}");
    assert!(!text.contains("UNPROVEN"), "{text}");

    let (output, text) = prove(&["--mutant", "sdk/swalow-401"]);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("did you mean \"sdk/swallow-401\"?"), "{text}");
    let (output, text) = prove(&["--keep", "kills.ndjson"]);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("--whole"), "{text}");
}
