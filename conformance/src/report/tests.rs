//! One recorded run, and what each reporter makes of it.

use super::terminal::{Look, Terminal};
use super::{Format, Live, Reporter};
use crate::case::Guide;
use crate::event::{
    CaseRecord, Event, KnownDeviation, ProofRecord, RequirementRecord, RunBegan, Summary,
};
use crate::exit::{self, Exit, Reason};
use crate::guide_page;
use crate::honesty::Probe;
use crate::likeness::Likeness;
use crate::recording::Recording;
use crate::requirement::{Backing, Basis, Level, Side};
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
        played_because: because.map(str::to_owned),
        proofs: vec![ProofRecord {
            requirement: "MFA-TOTP-013".into(),
            level: Level::Must,
            proof,
            beside: false,
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

fn row(id: &str, level: Level, cases: usize) -> RequirementRecord {
    RequirementRecord {
        id: id.into(),
        title: "a second device is refused".into(),
        text: "One verified TOTP device per user.".into(),
        level,
        basis: Basis::Documented,
        side: Side::Both,
        source: Some("https://docs.example.com/mfa".into()),
        guides: vec![Guide::Totp],
        cases,
        backing: if cases > 0 { Backing::Proven } else { Backing::Untested },
    }
}

fn began() -> RunBegan {
    RunBegan {
        suite: "0.0.0".into(),
        connect: "exec:node driver.mjs".into(),
        driver: Some("js-node 0.0.0".into()),
        sdk: Some("client 1.27.1".into()),
        sdk_version: Some("1.27.1".into()),
        platform: Some("node".into()),
        language: Some("javascript".into()),
        seed: 7,
        planned: 7,
        complete: true,
        service: None,
        broken_service: None,
        judged_anew: false,
        is_frozen: false,
        jobs: 2,
        undeclared: vec!["recovery.list".into()],
        scored: Level::Must,
        set: None,
        guides: guide_page::pages(Some("node")),
        requirements: vec![
            row("MFA-TOTP-013", Level::Must, 4),
            row("MFA-TOTP-020", Level::Should, 1),
            row("MFA-TOTP-021", Level::May, 0),
        ],
    }
}

/// The judged cases of [`events`].
pub(crate) fn records() -> Vec<CaseRecord> {
    vec![
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
                beside: false,
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
    ]
}

/// A run in which everything happens that reports must show.
pub(crate) fn events() -> Vec<Event> {
    let records = records();
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
        Event::RunBegan(Box::new(began())),
        Event::Probed(vec![probe("canary", None), probe("nonce", Some("another secret"))]),
    ];
    events.extend(records.into_iter().map(|record| Event::CaseEnded(Box::new(record))));
    events.push(Event::RunEnded(Summary {
        exit: exit::settle(&reasons),
        reasons,
        totals,
        sdk_on_wire: Some("1.27.1".into()),
        activations: None,
        likely: vec![Likeness {
            case: failing().case,
            mutant: "sdk/swallow-401".into(),
            sin: "Takes a refusal for success.".into(),
            shared: 4,
            of: 5,
        }],
        duration_ms: 0,
    }));
    events
}

fn told(reporter: &mut dyn Reporter) {
    for event in events() {
        reporter.on(&event).unwrap();
    }
}

fn rendered(format: Format) -> String {
    let run = Recording { events: events(), is_cut: false }.finished();
    String::from_utf8(format.render(&run).unwrap()).unwrap()
}

fn shown(look: Look) -> String {
    let mut out = Vec::new();
    told(&mut Terminal::new(&mut out, look));
    String::from_utf8(out).unwrap()
}

#[test]
fn terminal() {
    insta::assert_snapshot!(shown(Look::default()));
}

#[test]
fn terminal_with_every_step() {
    let text = shown(Look { trace: true, ..Look::default() });
    assert!(text.contains("     2   ~ GET …/users/mfa/register/totp → 401"), "{text}");
}

#[test]
fn colours_add_nothing_but_colours() {
    let coloured = shown(Look { colours: true, ..Look::default() });
    assert!(coloured.contains("\u{1b}[31m✗\u{1b}[0m totp/slow  HANG"), "{coloured}");
    let bare = ["32", "31", "33", "0"]
        .iter()
        .fold(coloured, |text, code| text.replace(&format!("\u{1b}[{code}m"), ""));
    assert_eq!(bare, shown(Look::default()));
}

#[test]
fn a_live_line_stands_for_the_cases_that_need_no_attention() {
    let text = shown(Look { live: Some(Live::start()), ..Look::default() });
    assert!(!text.contains("✓ totp/first-device"), "{text}");
    assert!(text.contains("\r\u{1b}[2K✗ totp/slow  HANG"), "{text:?}");
    assert!(text.contains("\r\u{1b}[2K6/7 · 3 red · "), "{text:?}");
    assert!(text.ends_with("not-run 1\n"), "{text:?}");
}

#[test]
fn junit() {
    insta::assert_snapshot!(rendered(Format::Junit));
}

#[test]
fn json() {
    insta::assert_snapshot!(rendered(Format::Json));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(rendered(Format::Markdown));
}

#[test]
fn tap() {
    insta::assert_snapshot!(rendered(Format::Tap));
}

#[test]
fn badge() {
    insta::assert_snapshot!(rendered(Format::Badge));
}

#[test]
fn annotations() {
    insta::assert_snapshot!(rendered(Format::Annotations));
}

#[test]
fn html() {
    insta::assert_snapshot!(rendered(Format::Html));
}

const EVERY: [Format; 7] = [
    Format::Json,
    Format::Junit,
    Format::Html,
    Format::Markdown,
    Format::Tap,
    Format::Badge,
    Format::Annotations,
];

#[test]
fn a_recording_in_which_anything_is_missing_still_gives_every_report() {
    for missing in 0..events().len() {
        let mut events = events();
        events.remove(missing);
        let run = Recording { events: events.clone(), is_cut: false }.finished();
        for format in EVERY {
            assert!(!format.render(&run).unwrap().is_empty(), "{format:?} without {missing}");
        }
        let mut out = Vec::new();
        let mut terminal = Terminal::new(&mut out, Look::default());
        for event in &events {
            terminal.on(event).unwrap();
        }
        assert!(!out.is_empty());
    }
}

#[test]
fn no_more_annotations_than_are_shown() {
    let mut events = events();
    let end = events.pop().unwrap();
    for number in 0..20 {
        let record = CaseRecord { case: format!("totp/more-{number}"), ..failing() };
        events.push(Event::CaseEnded(Box::new(record)));
    }
    events.push(end);
    let run = Recording { events, is_cut: false }.finished();
    let text = String::from_utf8(Format::Annotations.render(&run).unwrap()).unwrap();
    let errors: Vec<&str> = text.lines().filter(|line| line.starts_with("::error ")).collect();
    assert_eq!(errors.len(), 10, "of 24: 22 cases, and two reasons beside them\n{text}");
    assert_eq!(errors[9], "::error title=mfa-conformance::15 more are in the report");
}
