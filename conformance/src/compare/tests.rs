//! Each kind of change, and which of them count.

use super::*;
use crate::event::ProofRecord;

fn record(case: &str, played: Verdict, because: &str, level: Level) -> CaseRecord {
    let proof = match played {
        Verdict::Pass => Proof::Held,
        Verdict::Fail => Proof::Failed,
        _ => Proof::Undecided,
    };
    CaseRecord {
        case: case.into(),
        title: String::new(),
        guides: Vec::new(),
        verdict: played,
        played,
        because: Some(because.into()),
        played_because: (played != Verdict::Pass).then(|| because.to_owned()),
        proofs: vec![ProofRecord {
            requirement: format!("MFA-{case}"),
            level,
            proof,
            beside: false,
            source: None,
            text: None,
        }],
        findings: Vec::new(),
        trace: Vec::new(),
        log: Vec::new(),
        dishonest: Vec::new(),
        known: None,
        duration_ms: 0,
    }
}

fn case(played: Verdict, because: &str) -> CaseRecord {
    record("a/b", played, because, Level::Must)
}

/// What became of something, and whether that counts.
type Said = Option<(Kind, bool)>;

/// What is said about the one case and about its requirement.
fn said(before: &[CaseRecord], after: &[CaseRecord]) -> (Said, Said) {
    let compared = Comparison::of(before, after);
    let first = |list: &[Change]| list.first().map(|change| (change.kind, change.counts));
    (first(&compared.cases), first(&compared.requirements))
}

#[test]
fn the_table_of_changes() {
    use Verdict::{Crash, Fail, Na, Notrun, Pass};
    let (pass, fail) = (case(Pass, ""), case(Fail, "x: expected ok, got err.http=400 \"one\""));
    let newly = Some((Kind::NewlyFailing, true));
    let gone = |kind| Some((kind, false));
    for (before, after, wanted) in [
        (&pass, &pass, (None, None)),
        (&pass, &fail, (newly, newly)),
        (&pass, &case(Crash, "it died"), (newly, Some((Kind::NoLongerShown, true)))),
        (&pass, &case(Na, "no call"), (Some((Kind::NoLongerShown, true)), gone(Kind::Vanished))),
        (
            &pass,
            &case(Notrun, "given up"),
            (Some((Kind::NoLongerShown, true)), gone(Kind::Vanished)),
        ),
        (&fail, &pass, (gone(Kind::NewlyPassing), gone(Kind::NewlyPassing))),
        (&fail, &case(Fail, "x: expected ok, got err.http=400 \"two\""), (None, None)),
        (&fail, &case(Fail, "x: expected ok, got err.http=500"), (gone(Kind::ChangedReason), None)),
        (&fail, &case(Crash, "it died"), (gone(Kind::ChangedReason), None)),
    ] {
        let (before, after) = (std::slice::from_ref(before), std::slice::from_ref(after));
        assert_eq!(said(before, after), wanted, "{:?} {:?}", before[0].played, after[0].played);
    }
    assert_eq!(said(&[], std::slice::from_ref(&fail)).0, gone(Kind::Appeared));
    assert_eq!(said(std::slice::from_ref(&pass), &[]).0, gone(Kind::Vanished));
}

#[test]
fn a_known_deviation_and_a_may_do_not_count() {
    let pass = case(Verdict::Pass, "");
    let known = CaseRecord { verdict: Verdict::Xfail, ..case(Verdict::Fail, "known") };
    let quiet = Some((Kind::NewlyFailing, false));
    assert_eq!(said(std::slice::from_ref(&pass), &[known]), (quiet, quiet));
    let may = |played| record("a/b", played, "because", Level::May);
    assert_eq!(said(&[may(Verdict::Pass)], &[may(Verdict::Fail)]), (quiet, quiet));
    let should = |played| record("a/b", played, "because", Level::Should);
    let loud = Some((Kind::NewlyFailing, true));
    assert_eq!(said(&[should(Verdict::Pass)], &[should(Verdict::Fail)]), (loud, loud));
}

#[test]
fn a_regression_is_a_reason_in_words() {
    let compared = Comparison::of(
        &[case(Verdict::Pass, "")],
        &[case(Verdict::Fail, "x: expected ok, got no")],
    );
    let reasons: Vec<Reason> = compared.reasons().collect();
    assert_eq!(reasons.len(), 2);
    assert_eq!(reasons[0].text, "newly failing MFA-a/b (held → failed): a/b");
    assert_eq!(reasons[1].text, "newly failing a/b (PASS → FAIL): x: expected ok, got no");
    assert!(reasons.iter().all(|reason| reason.exit == Exit::Regression));
}

#[test]
fn a_change_for_the_better_tells_what_was_wrong() {
    let compared =
        Comparison::of(&[case(Verdict::Fail, "it was late")], &[case(Verdict::Pass, "")]);
    assert_eq!(compared.cases[0].because.as_deref(), Some("it was late"));
    assert_eq!(compared.cases[0].kind, Kind::NewlyPassing);
    let vanished = Comparison::of(&[case(Verdict::Fail, "it was late")], &[]);
    assert_eq!(vanished.cases[0].because.as_deref(), Some("it was late"));
    assert_eq!(vanished.requirements[0].kind, Kind::Vanished);
    let appeared = Comparison::of(&[], &[case(Verdict::Fail, "it is late")]);
    assert_eq!(appeared.requirements[0].kind, Kind::Appeared);
    assert_eq!(appeared.cases[0].because.as_deref(), Some("it is late"));
}

#[test]
fn a_requirement_names_only_the_cases_that_show_it_no_longer() {
    let about_r = |case: &str, played| {
        let mut record = record(case, played, "because", Level::Must);
        record.proofs[0].requirement = "MFA-R".to_owned();
        record
    };
    let before = [about_r("a/a", Verdict::Pass), about_r("a/b", Verdict::Pass)];
    let after =
        [about_r("a/a", Verdict::Pass), about_r("a/b", Verdict::Fail), case(Verdict::Fail, "x")];
    let after =
        [after[0].clone(), after[1].clone(), CaseRecord { case: "c/d".into(), ..after[2].clone() }];
    let compared = Comparison::of(&before, &after);
    let change = compared.requirements.iter().find(|change| change.id == "MFA-R").unwrap();
    assert_eq!(change.because.as_deref(), Some("a/b"));
}
