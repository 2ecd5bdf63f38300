//! Every way in which a driver process can be wrong has a name of its own.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use conformance::case::Case;
use conformance::exit::Exit;
use conformance::run::Plan;
use conformance::stage::{Halt, Stage};
use conformance::verdict::Verdict;
use serde_json::json;

use crate::scenes::{Ran, STATE, asks_state, bad, case, plan, run};

fn ran(mode: &str) -> Ran {
    run(&plan(&bad(mode), vec![&STATE]))
}

#[test]
fn a_good_process_passes() {
    let ran = ran("good");
    assert_eq!(ran.of("small/state").verdict, Verdict::Pass);
    assert_eq!(ran.summary.exit, Exit::Conformant, "{:?}", ran.summary.reasons);
    assert_eq!(ran.summary.sdk_on_wire.as_deref(), Some("1.2.3"));
}

#[test]
fn each_mistake_in_a_case_is_named() {
    for (mode, verdict, exit, words) in [
        ("crash", Verdict::Crash, Exit::Crash, "died during state.get (exit status: 139)"),
        ("id-as-string", Verdict::Driver, Exit::Driver, "id came back as the string"),
        ("wrong-id", Verdict::Driver, Exit::Driver, "an answer to nobody"),
        ("garbage", Verdict::Driver, Exit::Driver, "not JSON"),
        ("long-line", Verdict::Driver, Exit::Driver, "a line has at most 1048576"),
        ("bad-utf8", Verdict::Driver, Exit::Driver, "invalid UTF-8 at byte"),
        ("fault", Verdict::Driver, Exit::Driver, "import failed"),
        ("nameless", Verdict::Driver, Exit::Driver, "client.new answered without \"inst\""),
    ] {
        let ran = ran(mode);
        let record = ran.of("small/state");
        let because = record.because.clone().unwrap_or_default();
        assert_eq!(record.verdict, verdict, "{mode}: {because}");
        assert!(because.contains(words), "{mode}: {because}");
        assert_eq!(ran.summary.exit, exit, "{mode}: {:?}", ran.summary.reasons);
    }
}

#[test]
fn last_words_are_kept() {
    let ran = ran("crash");
    let record = ran.of("small/state");
    assert!(record.because.as_ref().unwrap().contains("segmentation fault, more or less"));
    assert!(record.log.iter().any(|line| line.contains("segmentation fault")), "{:?}", record.log);
}

#[test]
fn each_mistake_before_a_case_is_named() {
    for (mode, words) in [
        (
            "exit",
            "exits at once (exit status: 3), before it answered hello; its last words: no SDK",
        ),
        (
            "hello-braces",
            "breaks the protocol: not JSON: key must be a string at line 1 column 2; the line was `{not json}`",
        ),
        ("hello-malformed", "hello is malformed: missing field `sdk`"),
        ("hello-unknown-cap", "unknown op \"totp.registr\"; did you mean \"totp.register\"?"),
        (
            "hello-unknown-guide",
            "unknown guide \"recovery-code\" (did you mean \"recovery-codes\"?)",
        ),
    ] {
        let ran = ran(mode);
        assert_eq!(ran.summary.exit, Exit::Driver, "{mode}");
        let text = &ran.summary.reasons[0].text;
        assert!(text.contains(words), "{mode}: {text}");
        assert_eq!((ran.summary.totals.planned, ran.summary.totals.not_run), (1, 1));
    }
}

#[test]
fn a_command_that_does_not_exist_is_named() {
    let ran = run(&plan("exec:/no/such/driver", vec![&STATE]));
    assert_eq!(ran.summary.exit, Exit::Driver);
    let text = &ran.summary.reasons[0].text;
    assert!(text.contains("exit status: 127") && text.contains("/no/such/driver"), "{text}");
}

#[test]
fn chatter_is_log_and_nothing_else() {
    let ran = ran("chatty");
    let record = ran.of("small/state");
    assert_eq!(record.verdict, Verdict::Pass, "{:?}", record.because);
    let unmarked = r#"{"id":40,"ok":{}}"#;
    for line in ["> Task :app:compile", "warn slow disk", "{not json at all}", unmarked] {
        assert!(record.log.iter().any(|kept| kept == line), "{line} is not in {:?}", record.log);
    }
}

fn hasty(mode: &str, cases: Vec<&'static Case>) -> Plan {
    let op_within = Duration::from_millis(1_500);
    Plan { op_within, ..plan(&bad(mode), cases) }
}

#[test]
fn a_hang_is_ended_and_the_next_case_gets_a_fresh_driver() {
    static QUIET: Case = case("small/quiet", |stage: &mut Stage| stage.open().ok().map(drop));
    let ran = run(&hasty("hang", vec![&STATE, &QUIET]));
    let record = ran.of("small/state");
    assert_eq!(record.verdict, Verdict::Hang);
    assert_eq!(record.because.as_deref(), Some("no answer to state.get within 1500 ms"));
    assert_eq!(ran.of("small/quiet").verdict, Verdict::Pass);
    assert_eq!(ran.summary.exit, Exit::Crash);
}

#[test]
fn a_spoilt_answer_is_shown_when_none_comes() {
    let ran = run(&hasty("spoilt", vec![&STATE]));
    let record = ran.of("small/state");
    assert_eq!(record.verdict, Verdict::Hang);
    let because = record.because.as_deref().unwrap_or_default();
    assert!(
        because.starts_with("no answer to state.get within 1500 ms; it printed 1 line that is no protocol line: \"partial: {\"id\":"),
        "{because}"
    );
}

#[test]
fn the_last_words_of_a_crash_name_the_error() {
    let ran = run(&plan(&bad("node-crash"), vec![&STATE]));
    let record = ran.of("small/state");
    assert_eq!(record.verdict, Verdict::Crash);
    let because = record.because.as_deref().unwrap_or_default();
    let words = "its last words: TypeError: terminated / at load (file:///app/sdk.mjs:3:9)";
    assert!(because.ends_with(words), "{because}");
}

#[cfg(unix)]
#[test]
fn drivers_that_start_only_alone_are_tried_alone_and_the_report_says_what_helps() {
    fn slow(stage: &mut Stage) -> Result<(), Halt> {
        // Long enough for the other worker to take its case meanwhile.
        thread::sleep(Duration::from_millis(700));
        stage.open().ok().map(drop)
    }
    static ONE: Case = case("small/one", slow);
    static TWO: Case = case("small/two", slow);
    let lock = std::env::temp_dir().join(format!("mfa-conformance-lock-{}", std::process::id()));
    let good = bad("good").replacen("exec:", "", 1);
    let lock = lock.display();
    let command = format!("exec:mkdir {lock} || exit 3; {good}; rmdir {lock}");
    let ran = run(&Plan { jobs: 2, ..plan(&command, vec![&ONE, &TWO]) });
    let verdicts = ["small/one", "small/two"].map(|id| ran.of(id).verdict);
    assert!(
        verdicts.contains(&Verdict::Pass) && verdicts.contains(&Verdict::Flaky),
        "{verdicts:?}"
    );
    let flaky = ran.records.iter().find(|record| record.verdict == Verdict::Flaky).unwrap();
    let because = flaky.because.as_deref().unwrap_or_default();
    assert!(because.starts_with("DRIVER in company (the driver exits at once"), "{because}");
    let hint = "PASS alone; 2 drivers start at once, and fewer --jobs would help";
    assert!(because.ends_with(hint), "{because}");
}

#[test]
fn a_hang_in_company_is_played_again_alone() {
    let ran = run(&Plan { jobs: 2, ..hasty("hang", vec![&STATE]) });
    assert_eq!(ran.records.len(), 1, "the second play replaces the first");
    assert_eq!(ran.of("small/state").verdict, Verdict::Hang);
}

#[cfg(target_os = "linux")]
#[test]
fn the_whole_process_group_is_killed() {
    let ran = run(&hasty("hang-with-child", vec![&STATE]));
    let record = ran.of("small/state");
    assert_eq!(record.verdict, Verdict::Hang);
    let child = record.log.iter().find_map(|line| line.strip_prefix("child ")).unwrap();
    // The signal is sent before the verdict is, but a busy machine may take a while to carry it out.
    let gone = || {
        let stat = fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        // A killed orphan that nobody has reaped yet is still listed, as a zombie.
        stat.is_empty() || stat.contains(") Z ")
    };
    let died = (0..1_000).any(|_| {
        thread::sleep(Duration::from_millis(10));
        gone()
    });
    assert!(died, "the driver's child {child} survived");
}

#[test]
fn a_declared_op_that_is_unsupported_is_an_overclaim() {
    static MISSING: Case = case("small/missing", |stage: &mut Stage| {
        stage.act("mfa.missing", json!({})).ok().map(drop)
    });
    let ran = run(&plan(&bad("overclaim"), vec![&MISSING]));
    assert_eq!(ran.of("small/missing").verdict, Verdict::Overclaim);
    assert_eq!(ran.summary.exit, Exit::Dishonest);
}

#[test]
fn an_undeclared_op_makes_a_case_not_applicable() {
    static MISSING: Case = case("small/missing", |stage: &mut Stage| {
        stage.act("mfa.missing", json!({})).ok().map(drop)
    });
    static NEEDS: Case = Case { needs: &["device.list"], ..case("small/needs", asks_state) };
    let ran = run(&plan(&bad("good"), vec![&MISSING, &NEEDS]));
    assert_eq!(ran.of("small/missing").verdict, Verdict::Na);
    let because = ran.of("small/needs").because.clone();
    assert_eq!(because.as_deref(), Some("needs device.list, which the driver does not declare"));
    assert_eq!(ran.summary.exit, Exit::Vacuous, "nothing was played at all");
}

#[test]
fn a_wrong_case_is_the_suites_fault_and_the_others_are_played() {
    static PANICS: Case = case("small/panics", |_| panic!("no such luck"));
    static EMPTY: Case = case("small/empty", |_| Ok(()));
    static TYPO: Case = case("small/typo", |stage: &mut Stage| stage.wire().never("authMfaTotp"));
    static STRANGE: Case = case("small/strange", |stage: &mut Stage| {
        stage.act("state.get", json!({})).proves("MFA-REC-001").ok().map(drop)
    });
    let ran = run(&plan(&bad("good"), vec![&PANICS, &EMPTY, &TYPO, &STRANGE, &STATE]));
    for (case, words) in [
        ("small/panics", "the case panicked: no such luck"),
        ("small/empty", "claims MFA-TOTP-001, but checks nothing under it"),
        ("small/typo", "unknown operation \"authMfaTotp\""),
        ("small/strange", "names MFA-REC-001, which the case does not prove"),
    ] {
        let record = ran.of(case);
        assert_eq!(record.verdict, Verdict::Harness, "{case}");
        assert!(record.because.as_ref().unwrap().contains(words), "{:?}", record.because);
    }
    assert_eq!(ran.of("small/state").verdict, Verdict::Pass);
    assert_eq!(ran.summary.exit, Exit::Harness);
}

#[test]
fn a_hang_that_does_not_come_back_is_flaky() {
    let mode = format!("hang-once {}", fresh_file("hang-once").display());
    let ran = run(&Plan { jobs: 2, ..hasty(&mode, vec![&STATE]) });
    let record = ran.of("small/state");
    assert_eq!(record.verdict, Verdict::Flaky);
    let because = record.because.as_deref().unwrap();
    assert!(because.starts_with("HANG in company") && because.ends_with("PASS alone"), "{because}");
    assert_eq!(ran.summary.exit, Exit::Crash);
}

#[test]
fn a_driver_that_stops_starting_gives_up_the_run() {
    static SECOND: Case = case("small/second", asks_state);
    static THIRD: Case = case("small/third", asks_state);
    static FOURTH: Case = case("small/fourth", asks_state);
    let mode = format!("greet-once {}", fresh_file("greet-once").display());
    let ran = run(&plan(&bad(&mode), vec![&STATE, &SECOND, &THIRD, &FOURTH]));
    for case in ["small/state", "small/second", "small/third"] {
        assert_eq!(ran.of(case).verdict, Verdict::Driver, "{case}");
    }
    assert_eq!(ran.of("small/fourth").verdict, Verdict::Notrun);
    assert_eq!(ran.summary.totals.not_run, 1);
    assert_eq!(ran.summary.exit, Exit::Driver);
}

#[test]
fn answers_that_were_made_up_are_dishonest() {
    let ran = ran("invents");
    assert_eq!(ran.summary.exit, Exit::Dishonest);
    let reasons: Vec<&str> =
        ran.summary.reasons.iter().map(|reason| reason.text.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "honesty/canary: canary.sings was answered ok",
            "honesty/nonce: totp.register reports another id or secret than was issued",
            "honesty/dead-service: totp.register, device.list still succeed",
        ]
    );
}

#[test]
fn requests_beside_the_sdk_are_dishonest() {
    let ran = ran("bypass");
    assert_eq!(ran.summary.exit, Exit::Dishonest);
    let record = ran.of("small/state");
    assert_eq!(record.verdict, Verdict::Pass, "the case alone cannot see it");
    assert_eq!(record.dishonest[0], "getEnvironmentSettings was sent without x-dyn-version");
    assert!(ran.summary.reasons[0].text.starts_with("honesty/fingerprint: "));
}

fn fresh_file(name: &str) -> PathBuf {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    // It is only there after an earlier run of the tests.
    let _ = fs::remove_file(&file);
    file
}

#[test]
fn a_preparing_step_blocks_and_a_noted_one_goes_on() {
    static BLOCKED: Case =
        case("small/blocked", |stage: &mut Stage| stage.mail_code("nobody@example.com").map(drop));
    static NOTED: Case = case("small/noted", |stage: &mut Stage| {
        stage.note("one", "1", 2, false)?;
        stage.act("state.get", json!({})).ok()?;
        Err(Halt::Blocked("so the case went on".into()))
    });
    let ran = run(&plan(&bad("good"), vec![&BLOCKED, &NOTED]));
    assert_eq!(ran.of("small/blocked").verdict, Verdict::Blocked);
    let noted = ran.of("small/noted");
    assert_eq!(noted.verdict, Verdict::Fail);
    assert_eq!(noted.because.as_deref(), Some("one: expected 1, got 2"));
    assert_eq!(noted.findings.len(), 2);
}
