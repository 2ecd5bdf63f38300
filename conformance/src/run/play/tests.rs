//! What is concluded from a play: verdict, reason, and what was shown about each row.

use super::*;
use crate::run::tests::{CASE, plan, player};

const SDK: &str = "MFA-TOTP-001";
const SERVICE: &str = "MFA-TOTP-002";
const BOTH: &str = "MFA-TOTP-003";

fn found(row: Option<&str>, holds: bool) -> Finding {
    let requirement = row.map(str::to_owned);
    Finding { requirement, what: "a field".to_owned(), holds, ..Finding::default() }
}

fn played(findings: Vec<Finding>, fatal: Option<Halt>) -> Played {
    let ledger = Ledger { proves: CASE.proves, findings, fatal, ..Ledger::default() };
    Played { ledger, clients: 1, ..Played::default() }
}

/// Judges a play of a case that proves these rows.
fn judge(
    is_service_judged: bool,
    case: &'static Case,
    played: Played,
    ended: Result<(), Halt>,
) -> CaseRecord {
    let (plan, service) = (plan(is_service_judged), Service::start(7).unwrap());
    player(&plan, &service).judge(case, played, ended, Stopwatch::start())
}

fn proofs(record: &CaseRecord) -> Vec<(&str, Proof)> {
    record.proofs.iter().map(|it| (it.requirement.as_str(), it.proof)).collect()
}

#[test]
fn a_pass_holds_every_row_and_has_no_reason() {
    let record = judge(false, &CASE, played(vec![found(None, true)], None), Ok(()));
    assert_eq!((record.verdict, record.played), (Verdict::Pass, Verdict::Pass));
    assert_eq!((&record.because, &record.played_because), (&None, &None));
    assert_eq!(proofs(&record), [(SDK, Proof::Held), (SERVICE, Proof::Held)]);
}

#[test]
fn what_failed_at_the_end_leaves_the_other_rows_held() {
    let findings = || vec![found(Some(SDK), false), found(Some(SERVICE), true)];
    let to_the_end = judge(false, &CASE, played(findings(), None), Ok(()));
    assert_eq!(to_the_end.verdict, Verdict::Fail);
    assert_eq!(to_the_end.because.as_deref(), Some("a field: expected , got "));
    assert_eq!(proofs(&to_the_end), [(SDK, Proof::Failed), (SERVICE, Proof::Held)]);
    let halted = judge(false, &CASE, played(findings(), None), Err(Halt::Failed));
    assert_eq!(proofs(&halted), [(SDK, Proof::Failed), (SERVICE, Proof::Undecided)]);
    let about_all = judge(false, &CASE, played(vec![found(None, false)], None), Err(Halt::Failed));
    assert_eq!(proofs(&about_all), [(SDK, Proof::Failed), (SERVICE, Proof::Failed)]);
}

#[test]
fn a_row_that_was_never_looked_at_is_the_suites_fault() {
    let record = judge(false, &CASE, played(vec![found(Some(SDK), true)], None), Ok(()));
    assert_eq!(record.verdict, Verdict::Harness);
    let because = "the suite is wrong: the case claims MFA-TOTP-002, but checks nothing under it";
    assert_eq!(record.because.as_deref(), Some(because));
    assert_eq!(proofs(&record), [(SDK, Proof::Undecided), (SERVICE, Proof::Undecided)]);
}

#[test]
fn what_broke_outranks_what_was_found_and_a_service_that_is_gone_leaves_nothing() {
    let findings = || vec![found(Some(SDK), false)];
    let ended = || Err(Halt::Failed);
    let fault = Some(Halt::Fault("lost".to_owned()));
    let broken = judge(false, &CASE, played(findings(), fault), ended());
    assert_eq!(broken.verdict, Verdict::Driver);
    assert_eq!(broken.because.as_deref(), Some("the driver reports a fault of its own: lost"));
    assert_eq!(proofs(&broken)[0], (SDK, Proof::Failed), "it was seen before the driver broke");
    for halt in [Halt::Lacking("no clock".to_owned()), Halt::Blocked("gone".to_owned())] {
        let record = judge(false, &CASE, played(findings(), Some(halt)), ended());
        assert_eq!(proofs(&record), [(SDK, Proof::Undecided), (SERVICE, Proof::Undecided)]);
    }
}

#[test]
fn an_sdk_earns_nothing_by_what_a_service_owes_or_without_a_client() {
    let beside = |clients, findings| {
        let played = Played { clients, ..played(findings, None) };
        let record = judge(false, &CASE, played, Ok(()));
        record.proofs.iter().map(|proof| proof.beside).collect::<Vec<_>>()
    };
    assert_eq!(beside(1, vec![found(None, true)]), [false, true]);
    assert_eq!(beside(0, vec![found(None, true)]), [true, true]);
    assert_eq!(beside(0, Vec::new()), [false, true], "a case that was not played is not beside");
}

#[test]
fn a_service_is_judged_by_its_own_rows() {
    static ALL: Case = Case { proves: &[SDK, SERVICE, BOTH], ..CASE };
    let findings =
        vec![found(Some(SDK), false), found(Some(SERVICE), true), found(Some(BOTH), true)];
    let record = judge(true, &ALL, played(findings, None), Ok(()));
    assert_eq!(record.verdict, Verdict::Pass);
    assert_eq!(record.findings.len(), 2);
    assert_eq!(proofs(&record), [(SERVICE, Proof::Held), (BOTH, Proof::Held)]);
    assert!(record.proofs.iter().all(|proof| !proof.beside));

    let failing = vec![found(Some(SERVICE), false)];
    let record = judge(true, &CASE, played(failing, None), Err(Halt::Failed));
    assert_eq!((record.verdict, proofs(&record)), (Verdict::Fail, vec![(SERVICE, Proof::Failed)]));
}

#[test]
fn a_service_is_not_blamed_for_a_client_that_stopped_before_it() {
    let stopped = vec![found(Some(SERVICE), true), found(Some(SDK), false)];
    let record = judge(true, &CASE, played(stopped, None), Err(Halt::Failed));
    assert_eq!(record.verdict, Verdict::Blocked);
    let because = record.because.unwrap();
    let words =
        "could not prepare: the client did not get as far as what the service owes: a field";
    assert!(because.starts_with(words), "{because}");

    let both = vec![found(Some(SERVICE), false), found(Some(SDK), false)];
    let record = judge(true, &CASE, played(both, None), Err(Halt::Failed));
    assert_eq!(record.verdict, Verdict::Fail, "the service failed as well");
}

#[test]
fn a_case_that_lacks_something_is_not_played() {
    static NEEDY: Case = Case { needs: &["device.list"], ..CASE };
    static TYPO: Case = Case { needs: &["device.lists"], ..CASE };
    let (plan, service) = (plan(false), Service::start(7).unwrap());
    for (case, verdict) in [(&NEEDY, Verdict::Na), (&TYPO, Verdict::Harness)] {
        let mut kept = None;
        let (record, attached) = player(&plan, &service).play(case, case.id, &mut kept);
        assert_eq!((record.verdict, attached, kept.is_none()), (verdict, true, true));
        assert!(record.trace.is_empty());
    }
}

#[test]
fn a_driver_is_kept_for_the_next_case() {
    let (plan, service) = (plan(false), Service::start(7).unwrap());
    let player = player(&plan, &service);
    static STATE: Case = Case { proves: &[SDK], ..CASE };
    static WRONG: Case = Case { proves: &[SDK], play: |_| panic!("no such luck"), ..CASE };
    let mut kept = None;
    let (pass, harness) = (Verdict::Pass, Verdict::Harness);
    for (case, verdict) in [(&STATE, pass), (&WRONG, harness), (&STATE, pass)] {
        let (record, attached) = player.play(case, case.id, &mut kept);
        assert_eq!((record.verdict, attached, kept.is_some()), (verdict, true, true));
    }
    if let Some(session) = kept {
        session.part();
    }
}

#[test]
fn secrets_of_both_witnesses_are_masked_everywhere_and_long_lines_cut() {
    const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    let line = |kind, text: String| Line { kind, step: Some(1), text };
    let told = |field: &str| format!("{field} {SECRET}");
    let long = |length: usize| "l".repeat(length);
    let mut finding = found(None, false);
    (finding.what, finding.expected) = (told("what"), told("expected"));
    finding.got = long(FINDING_CHARS_MAX + 1);
    let mut play = played(vec![finding], None);
    play.ledger.trace = vec![
        line(LineKind::Answer, format!("ok {{\"secret\":\"{SECRET}\"}}")),
        line(LineKind::Note, long(LINE_CHARS_MAX + 1)),
        line(LineKind::Note, long(LINE_CHARS_MAX)),
    ];
    play.log = vec![format!("event told {SECRET}")];
    let record = judge(false, &CASE, play, Err(Halt::Failed));
    let said = serde_json::to_string(&record).unwrap();
    assert!(!said.contains(SECRET), "{said}");
    assert_eq!(said.matches("‹").count(), said.matches("›").count());
    assert!(record.findings[0].what.starts_with("what ‹"), "{}", record.findings[0].what);
    assert_eq!(record.findings[0].got, format!("{}…", long(FINDING_CHARS_MAX)));
    assert_eq!(record.trace[1].text, format!("{}…", long(LINE_CHARS_MAX)));
    assert_eq!(record.trace[2].text, long(LINE_CHARS_MAX));
    assert!(record.log[0].starts_with("event told ‹"), "{}", record.log[0]);
    assert_eq!(record.because, record.played_because);
}

#[test]
fn a_leak_is_a_finding_of_every_case() {
    const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    let mut play = played(vec![found(None, true)], None);
    let text = format!("ok {{\"secret\":\"{SECRET}\"}}");
    play.ledger.trace = vec![Line { kind: LineKind::Answer, step: Some(1), text }];
    play.log = vec![format!("debug {SECRET}")];
    let record = judge(false, &CASE, play, Ok(()));
    assert_eq!(record.verdict, Verdict::Fail);
    let last = record.proofs.last().unwrap();
    assert_eq!((last.requirement.as_str(), last.proof), (leak::REQUIREMENT, Proof::Failed));
    assert_eq!(proofs(&record)[0], (SDK, Proof::Held));
}

#[test]
fn a_halt_blames_the_service_when_nobody_answers() {
    let (plan, service) = (plan(false), Service::start(7).unwrap());
    let here = player(&plan, &service);
    assert!(matches!(here.unless_lost(Halt::Failed), Halt::Failed));
    assert!(here.lost.get().is_none());
}

#[test]
fn a_driver_that_broke_is_never_used_again() {
    static ASKS: Case = Case {
        proves: &[SDK],
        play: |stage| stage.act("mfa.missing", serde_json::json!({})).ok().map(drop),
        ..CASE
    };
    let connect = crate::driver::Connect::parse("inproc:mutant/driver/crash").unwrap();
    let plan = Plan { connect, ..plan(false) };
    let service = Service::start(7).unwrap();
    let mut kept = None;
    let (record, attached) = player(&plan, &service).play(&ASKS, ASKS.id, &mut kept);
    assert_eq!((record.verdict, attached, kept.is_none()), (Verdict::Crash, true, true));
}
