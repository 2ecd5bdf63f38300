//! First contact names the mistake of a driver, and what its author does next.

use std::time::Duration;

use conformance::driver::Connect;
use conformance::exit::Exit;
use conformance::smoke::{Check, Found, Pace, Sheet, smoke};

use crate::command_line::{conformance, text};
use crate::scenes::bad;

fn contact(connect: &str) -> Sheet {
    let pace = Pace { hello: Duration::from_secs(20), op: Duration::from_secs(20) };
    smoke(&Connect::parse(connect).unwrap(), pace).unwrap()
}

/// The first check that fails: its problem, and what to do.
fn first(sheet: &Sheet) -> Option<(Check, String, String)> {
    Check::ALL.into_iter().find_map(|check| match sheet.of(check) {
        Found::Fails { problem, remedy } => Some((check, problem, remedy)),
        _ => None,
    })
}

#[test]
fn the_reference_driver_is_met_without_a_complaint() {
    let sheet = contact("inproc:reference");
    for check in Check::ALL {
        assert_eq!(sheet.of(check), Found::Holds, "{check:?}");
    }
    assert_eq!((sheet.exit(), sheet.undeclared.len()), (Exit::Conformant, 0));
}

#[test]
fn each_mistake_is_named_at_its_check_with_what_to_do() {
    for (mode, check, wrong, next) in [
        ("exit", Check::Start, "exits at once (exit status: 3)", "run the command by hand"),
        ("hello-malformed", Check::Hello, "missing field `sdk`", "schema driver-protocol"),
        ("hello-unknown-cap", Check::Hello, "did you mean \"totp.register\"?", "correct the ok"),
        ("hello-unknown-guide", Check::Hello, "unknown guide \"recovery-code\"", "correct the ok"),
        ("id-as-string", Check::Id, "id came back as the string", "copy the id of the request"),
        ("wrong-id", Check::Id, "an answer to nobody", "with its own id"),
        ("invents", Check::Unknown, "canary.sings was answered ok", "\"unsupported\""),
        ("bypass", Check::Client, "sent without x-dyn-version", "let the SDK send every request"),
        ("good", Check::Error, "auth.email_start is not filled in", "args {email}"),
        ("believes", Check::Error, "the service was not asked to mail", "call the SDK"),
        ("crash", Check::State, "segmentation fault", "catch whatever the SDK throws"),
        ("garbage", Check::State, "not JSON", "logs on stderr"),
        ("bad-utf8", Check::State, "invalid UTF-8", "write UTF-8"),
        ("long-line", Check::State, "a line has at most", "nothing around it"),
        ("fault", Check::State, "answered fault: import failed", "the driver's own code"),
        ("no-mail", Check::State, "\"user_id\" is missing", "user_id: string or null"),
    ] {
        let sheet = contact(&bad(mode));
        let Found::Fails { problem, remedy } = sheet.of(check) else {
            panic!("{mode}: {check:?} does not fail");
        };
        assert!(problem.contains(wrong), "{mode}: {problem}");
        assert!(remedy.contains(next), "{mode}: {remedy}");
        assert_eq!(sheet.exit(), Exit::Driver, "{mode}");
    }
}

#[test]
fn lies_about_the_protocol_are_named_before_any_case() {
    let process = format!("exec:{}", env!("CARGO_BIN_EXE_reference-over-stdio"));
    for honest in ["inproc:reference", process.as_str()] {
        for (lie, check, wrong, next) in [
            ("id-as-string", Check::Id, "id came back as the string", "copy the id of the request"),
            ("reply-to-the-previous-request", Check::Id, "an answer to nobody", "with its own id"),
            ("broken-line", Check::State, "not JSON", "logs on stderr"),
            ("two-outcomes", Check::State, "unsupported", "exactly one of"),
            ("overclaim", Check::State, "mfa.missing was answered unsupported", "mfa.missing"),
            ("hang", Check::State, "no answer to mfa.missing", "answer every request"),
            ("swallow-errors", Check::Error, "the driver answered ok", "what the SDK throws"),
        ] {
            let sheet = contact(&format!("lying:{lie}:{honest}"));
            let Found::Fails { problem, remedy } = sheet.of(check) else {
                panic!("{lie}: {check:?} does not fail: {}", sheet.text());
            };
            assert!(problem.contains(wrong), "{lie}: {problem}");
            assert!(remedy.contains(next), "{lie}: {remedy}");
            assert_eq!(sheet.exit(), Exit::Driver, "{lie}");
        }
        assert_eq!(contact(&format!("lying:chatty:{honest}")).exit(), Exit::Conformant);
    }
}

#[test]
fn an_end_that_is_none_is_named() {
    for (mode, wrong, next) in [
        ("lingers", "still runs after 2000 ms", "end the process by yourself"),
        ("ends-badly", "ended with exit status: 7", "end with status 0"),
    ] {
        let Found::Fails { problem, remedy } = contact(&bad(mode)).of(Check::Bye) else {
            panic!("{mode}: bye holds");
        };
        assert!(problem.contains(wrong), "{mode}: {problem}");
        assert!(remedy.contains(next), "{mode}: {remedy}");
    }
    assert_eq!(contact(&bad("good")).of(Check::Bye), Found::Holds);
}

#[test]
fn silence_is_named() {
    let pace = Pace { hello: Duration::from_millis(300), op: Duration::from_millis(300) };
    let sheet = |mode| smoke(&Connect::parse(&bad(mode)).unwrap(), pace).unwrap();
    let (at, problem, remedy) = first(&sheet("no-hello")).unwrap();
    assert_eq!(at, Check::Hello);
    assert!(problem.contains("did not answer hello within 300 ms"), "{problem}");
    assert!(remedy.contains("flush stdout"), "{remedy}");
    let (at, problem, remedy) = first(&sheet("hang")).unwrap();
    assert_eq!((at, problem.as_str()), (Check::State, "no answer to state.get within 300 ms"));
    assert!(remedy.contains("answer every request"), "{remedy}");
}

#[test]
fn what_an_sdk_cannot_do_is_no_mistake_of_its_driver() {
    let sheet = contact(&bad("no-mail"));
    let why = "the SDK has no auth.email_start: passkeys only";
    assert_eq!(sheet.of(Check::Error), Found::Open(why.to_owned()));
    assert_eq!(sheet.of(Check::SignIn), Found::Open(why.to_owned()));
}

#[test]
fn the_command_prints_the_sheet_and_ends_with_0_or_3() {
    let fine = conformance(&["smoke", "--driver", "inproc:reference"]);
    assert_eq!(fine.status.code(), Some(0));
    assert!(
        text(&fine.stdout)
            .ends_with("9 of 9 hold\nnext: mfa-conformance run --driver 'inproc:reference'\n")
    );

    let broken = conformance(&["smoke", "--driver", "exec:no-such-program-anywhere"]);
    let out = text(&broken.stdout);
    assert_eq!(broken.status.code(), Some(3), "{out}");
    assert!(out.starts_with(
        "✗ the driver starts\n    wrong  the driver exits at once (exit status: 127)"
    ));
    assert!(out.ends_with("0 of 9 hold\nnext: the shell does not find the program: correct the path, which counts from this folder\n"), "{out}");

    let usage = conformance(&["smoke", "--driver", "node driver.mjs"]);
    assert_eq!(usage.status.code(), Some(2));
}
