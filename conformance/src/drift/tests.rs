use super::*;
use crate::event::{Event, ServiceRecord};
use crate::recording::Recording;
use crate::report::tests::events;
use crate::verdict::Verdict;

/// The run that has everything, as that of a service.
fn service() -> FinishedRun {
    let mut run = Recording { events: events(), is_cut: false }.finished();
    if let Some(began) = &mut run.began {
        began.service = Some(ServiceRecord {
            target: "http://127.0.0.1:4400/api/v0".to_owned(),
            name: Some("mfa-mock 0.1.0".to_owned()),
            has_control: true,
            is_judged: true,
            left_out: 0,
        });
    }
    run
}

fn between(a: &FinishedRun, b: &FinishedRun) -> Drift {
    let rows = Requirements::load().unwrap();
    Drift::between(("a.json", a), ("b.json", b), &rows).unwrap()
}

fn row<'a>(drift: &'a Drift, id: &str) -> &'a Row {
    drift.requirements.iter().find(|row| row.id == id).unwrap()
}

/// The case that fails in the run that has everything, and the requirement that it shows.
fn failing(run: &mut FinishedRun) -> (&mut CaseRecord, String) {
    let shows = |record: &&mut CaseRecord| {
        record.verdict == Verdict::Fail && record.failures().next().is_some()
    };
    let record = run.cases.iter_mut().find(shows).unwrap();
    let id = record.proofs[0].requirement.clone();
    (record, id)
}

#[test]
fn a_service_does_not_differ_from_itself() {
    let run = service();
    let drift = between(&run, &run);
    assert!(drift.is_none(), "{}", drift.text());
    assert!(drift.of_kind(Kind::Alike).count() > 0);
    assert!(drift.text().ends_with(&format!("{}\n", drift.line())));
}

#[test]
fn what_one_holds_up_and_the_other_does_not_is_drift() {
    let (a, mut b) = (service(), service());
    let (record, id) = failing(&mut b);
    let case = record.case.clone();
    for record in &mut b.cases {
        record.proofs.iter_mut().for_each(|proof| proof.proof = Proof::Held);
    }
    let drift = between(&a, &b);
    let row = row(&drift, &id);
    assert_eq!(row.kind, Kind::Differs, "{row:?}");
    assert!(row.a.as_ref().unwrap().against.contains_key(&case));
    assert!(row.b.as_ref().unwrap().against.is_empty());
    assert!(drift.text().contains(&format!("✗ {id} ")), "{}", drift.text());
    assert!(drift.markdown().contains(&format!("| {id} ")), "{}", drift.markdown());
}

#[test]
fn another_reason_is_drift_and_an_identifier_is_none() {
    let (a, mut b) = (service(), service());
    let (record, id) = failing(&mut b);
    let failed = record.findings.iter_mut().find(|finding| !finding.holds).unwrap();
    failed.got.push_str(" c95452b8-b42b-49ab-b4b0-ff6cfbdd3b9c");
    assert!(between(&a, &b).is_none(), "an identifier differs in every run");
    let (record, _) = failing(&mut b);
    let failed = record.findings.iter_mut().find(|finding| !finding.holds).unwrap();
    failed.expected = "something else".to_owned();
    let drift = between(&a, &b);
    assert_eq!(row(&drift, &id).kind, Kind::OtherReason);
}

#[test]
fn what_does_not_apply_is_open_and_counted() {
    let (a, mut b) = (service(), service());
    for record in &mut b.cases {
        record.verdict = Verdict::Na;
    }
    b.summary.totals.na = b.cases.len();
    let drift = between(&a, &b);
    assert!(drift.is_none(), "{}", drift.text());
    assert_eq!(drift.of_kind(Kind::Alike).count(), 0);
    assert_eq!(drift.b.not_applicable, b.cases.len());
}

#[test]
fn the_report_of_an_sdk_is_refused() {
    let sdk = Recording { events: events(), is_cut: false }.finished();
    let rows = Requirements::load().unwrap();
    let problem = Drift::between(("a.json", &service()), ("b.json", &sdk), &rows).unwrap_err();
    assert!(problem.starts_with("b.json: ") && problem.contains("--service URL"), "{problem}");
    let unbegun: Vec<Event> = events().into_iter().skip(1).collect();
    let unbegun = Recording { events: unbegun, is_cut: false }.finished();
    assert!(Drift::between(("a.json", &unbegun), ("b.json", &sdk), &rows).is_err());
}
