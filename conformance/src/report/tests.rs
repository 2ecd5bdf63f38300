//! One recorded run, and what each reporter makes of it.

use super::Reporter;
use super::json::JsonReport;
use super::junit::JunitReport;
use super::terminal::Terminal;
use crate::case::Guide;
use crate::event::{CaseRecord, Event, KnownDeviation, ProofRecord, RunBegan, Summary};
use crate::exit::{self, Exit, Reason};
use crate::honesty::Probe;
use crate::requirement::Level;
use crate::score::{self, Totals};
use crate::stage::{Finding, Line, LineKind};
use crate::verdict::{Proof, Verdict};

fn record(case: &str, verdict: Verdict, because: Option<&str>, proof: Proof) -> CaseRecord {
    CaseRecord {
        case: case.into(),
        title: "a second device is refused while one is verified".into(),
        guides: vec![Guide::Totp, Guide::DeviceManagement],
        verdict,
        played: verdict,
        because: because.map(str::to_owned),
        proofs: vec![ProofRecord {
            requirement: "MFA-TOTP-013".into(),
            level: Level::Must,
            proof,
            source: Some("https://docs.example.com/mfa".into()),
            text: Some("One verified TOTP device per user.".into()),
        }],
        findings: Vec::new(),
        trace: Vec::new(),
        log: Vec::new(),
        dishonest: Vec::new(),
        known: None,
        duration_ms: 0,
    }
}

fn line(kind: LineKind, step: u64, text: &str) -> Line {
    Line { kind, step: Some(step), text: text.into() }
}

fn failing() -> CaseRecord {
    CaseRecord {
        findings: vec![
            Finding { what: "totp.auth".into(), holds: true, step: Some(1), ..Finding::default() },
            Finding {
                requirement: Some("MFA-TOTP-013".into()),
                step: Some(2),
                what: "totp.register".into(),
                expected: "err.origin=server err.http=401".into(),
                got: "ok {\"secret\":\"‹totp_secret#2›\"}".into(),
                holds: false,
            },
        ],
        trace: vec![
            line(LineKind::Ask, 2, "totp.register {}"),
            line(LineKind::Wire, 2, "GET …/users/mfa/register/totp → 401 {\"error\":\"…\"}"),
            line(LineKind::Answer, 2, "ok {\"secret\":\"‹totp_secret#2›\"}"),
        ],
        log: vec!["warn swallowed an <error>".into()],
        ..record(
            "totp/second-device-refused",
            Verdict::Fail,
            Some("totp.register: expected err.origin=server err.http=401, got ok"),
            Proof::Failed,
        )
    }
}

fn known() -> CaseRecord {
    CaseRecord {
        played: Verdict::Fail,
        known: Some(KnownDeviation {
            at: "expectations/js.toml:12".into(),
            cause: "the SDK has no such error".into(),
            issue: Some("https://issues.example.com/7".into()),
        }),
        ..record("errors/rate-limit", Verdict::Xfail, Some("err.http=429"), Proof::Failed)
    }
}

/// A run in which everything happens that reports must show.
fn events() -> Vec<Event> {
    let records = [
        record("totp/first-device", Verdict::Pass, None, Proof::Held),
        failing(),
        known(),
        record(
            "recovery/ten-codes",
            Verdict::Na,
            Some("needs recovery.list, which the driver does not declare"),
            Proof::Undecided,
        ),
        CaseRecord {
            proofs: vec![ProofRecord {
                requirement: "MFA-TOTP-020".into(),
                level: Level::Should,
                proof: Proof::Failed,
                source: None,
                text: None,
            }],
            ..record("totp/advice", Verdict::Fail, Some("totp.auth: slow"), Proof::Failed)
        },
        record(
            "totp/slow",
            Verdict::Hang,
            Some("no answer to totp.auth within 10000 ms"),
            Proof::Undecided,
        ),
    ];
    let totals = Totals::count(7, &records);
    let mut reasons = vec![Reason::new(Exit::Expectation, "UNUSED js.toml:3: totp/gone")];
    reasons.extend(score::reasons(&totals, &records, Level::Must));
    let probe = |id: &str, problem: Option<&str>| Probe {
        id: id.into(),
        title: "something that an honest driver does".into(),
        problem: problem.map(str::to_owned),
        exit: if problem.is_some() { Exit::Dishonest } else { Exit::Conformant },
    };
    let mut events = vec![
        Event::RunBegan(RunBegan {
            suite: "0.0.0".into(),
            connect: "exec:node driver.mjs".into(),
            driver: Some("js-node 0.0.0".into()),
            sdk: Some("client 1.27.1".into()),
            seed: 7,
            planned: 7,
            jobs: 2,
            undeclared: vec!["recovery.list".into()],
            scored: Level::Must,
        }),
        Event::Probed(vec![probe("canary", None), probe("nonce", Some("another secret"))]),
    ];
    events.extend(records.map(|record| Event::CaseEnded(Box::new(record))));
    events.push(Event::RunEnded(Summary {
        exit: exit::settle(&reasons),
        reasons,
        totals,
        sdk_on_wire: Some("1.27.1".into()),
        activations: None,
        duration_ms: 0,
    }));
    events
}

fn told(reporter: &mut dyn Reporter) {
    for event in events() {
        reporter.on(&event).unwrap();
    }
}

#[test]
fn terminal() {
    let mut out = Vec::new();
    told(&mut Terminal::new(&mut out, false));
    insta::assert_snapshot!(String::from_utf8(out).unwrap());
}

#[test]
fn terminal_with_every_step() {
    let mut out = Vec::new();
    told(&mut Terminal::new(&mut out, true));
    let text = String::from_utf8(out).unwrap();
    assert!(text.contains("     2   ~ GET …/users/mfa/register/totp → 401"), "{text}");
}

#[test]
fn junit() {
    let mut out = Vec::new();
    told(&mut JunitReport::new(&mut out));
    insta::assert_snapshot!(String::from_utf8(out).unwrap());
}

#[test]
fn json() {
    let mut out = Vec::new();
    told(&mut JsonReport::new(&mut out));
    insta::assert_snapshot!(String::from_utf8(out).unwrap());
}
