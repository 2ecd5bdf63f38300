//! Services that are none, go away, or must not be touched: what is said, and the exit code.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread;

use super::{Built, number};
use crate::command_line::{conformance, text};

const ENVIRONMENT: &str = "6f1f3c1e-58a1-4b8f-9e53-0f5f3a4f9d10";

/// Something that answers every request with the same bytes, for as long as the tests run.
fn answering(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, answer) = (stream.unwrap(), answer.clone());
            thread::spawn(move || {
                let mut asked = [0; 16_384];
                if stream.read(&mut asked).is_ok_and(|read| read > 0) {
                    // Whoever has heard enough may hang up.
                    let _ = stream.write_all(&answer);
                }
            });
        }
    });
    format!("http://127.0.0.1:{port}/api/v0")
}

fn http(status: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

fn without_control(base: &str) -> Vec<&str> {
    vec!["--service", base, "--no-control", "--environment", ENVIRONMENT]
}

/// Exit code and all that was printed.
fn said(args: &[&str]) -> (Option<i32>, String) {
    let output = conformance(args);
    (output.status.code(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn what_is_no_service_is_exit_3_with_what_to_do_next() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}/api/v0", closed.local_addr().unwrap());
    drop(closed);
    let elsewhere = "location: http://127.0.0.1:9/elsewhere\r\n";
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(9 << 20));
    for (what, base, with_control, without) in [
        ("nobody", nobody, "start the service", "start the service"),
        ("not found", answering(http("404 Not Found", "", "no")), "no control API", "answered 404"),
        ("a page", answering(http("200 OK", "", "<html>")), "no control API", "not in JSON"),
        ("elsewhere", answering(http("302 Found", elsewhere, "")), "answered 302", "answered 302"),
        ("too long", answering(http("200 OK", "", &long)), "8 MiB", "8 MiB"),
        ("no HTTP", answering(b"SSH-2.0-OpenSSH\r\n".to_vec()), "in HTTP", "in HTTP"),
        ("hangs up", answering(Vec::new()), "does not answer", "does not answer"),
    ] {
        for (flags, says) in
            [(vec!["--service", &base], with_control), (without_control(&base), without)]
        {
            let (code, out) = said(&flags);
            assert_eq!(code, Some(3), "{what}: {out}");
            assert!(out.contains(says), "{what}: {out}");
            assert!(!out.contains("panicked"), "{what}: {out}");
            assert_eq!(number(&out, "ran"), 0, "{what}");
        }
    }
}

#[test]
fn the_way_to_a_mock_is_shown() {
    let mock = Built::start(&["--control-token", "s3cret"]);
    let origin = mock.base.trim_end_matches("/api/v0").to_owned();
    let token = ["--control-token", "s3cret"];
    for (flags, says) in [
        (vec!["--service", &mock.base], "wants a token; give it with --control-token"),
        (vec!["--service", &mock.base, "--control-token", "wrong"], "refuses the control token"),
        (vec!["--service", &origin, token[0], token[1]], "ends in /api/v0"),
    ] {
        let (code, out) = said(&flags);
        assert_eq!(code, Some(3), "{flags:?}: {out}");
        assert!(out.contains(says), "{flags:?}: {out}");
        assert!(!out.contains("s3cret"), "{out}");
    }
    let other = Built::start(&[]);
    let (code, out) =
        said(&["--service", &mock.base, "--control", &other.base.replace("/api/v0", "")]);
    assert_eq!(code, Some(3), "{out}");
    assert!(out.contains("have to be the same service"), "{out}");
    // A slash at the end is what people write.
    let slash = format!("{}/", mock.base);
    let select = ["--select", "start/*"];
    let (code, out) = said(&[&["--service", &slash], &token[..], &select[..]].concat());
    assert_eq!(code, Some(0), "{out}");
    assert!(number(&out, "ran") > 0, "{out}");
}

#[test]
fn what_cannot_be_meant_is_exit_2_before_anything_is_sent() {
    let local = "http://127.0.0.1:9/api/v0";
    let url = |url: &'static str| vec!["--service", url];
    let plain = |more: &[&'static str]| -> Vec<&'static str> {
        let start = ["--service", local, "--no-control"];
        start.into_iter().chain(more.iter().copied()).collect()
    };
    let id = ["--environment", ENVIRONMENT];
    for (flags, says) in [
        (url("localhost:4400"), "is no URL"),
        (url("ftp://localhost/api/v0"), "no URL of http"),
        (url("http://localhost/api/v0?x=1"), "a query"),
        (url("https://box.example/api/v0"), "--yes-this-is-a-sandbox"),
        (url("http://192.168.1.7:4400/api/v0"), "is not this machine"),
        (vec!["--service", local, "--control", "http://box.example"], "is not this machine"),
        (vec!["--service", local, "--control", "nowhere"], "--control: \"nowhere\" is no URL"),
        (plain(&[]), "--environment"),
        (plain(&["--environment", "my-environment"]), "is a UUID"),
        (plain(&[id[0], id[1], "--email", "me@example.com", "--code", "1"]), "no {n}"),
        (plain(&[id[0], id[1], "--email", "me+{n}@example.com"]), "--code"),
        (vec!["--no-control"], "--service"),
        (vec!["--service", local, "--email", "me+{n}@example.com", "--code", "1"], "--no-control"),
        (vec!["--service", local, "--broken-service", "replay-allowed"], "in this process only"),
        (vec!["--service", "inproc:mock", "--case", "network/retries-nothing"], "unknown case"),
        (vec!["--service", "inproc:mock", "--no-control", id[0], id[1]], "needs no --control"),
        (vec!["--service", "https://localhost/api/v0", "--ca", "/no/such/file"], "/no/such/file"),
    ] {
        let (code, out) = said(&flags);
        let wanted = if flags.contains(&"--ca") { 3 } else { 2 };
        assert_eq!(code, Some(wanted), "{flags:?}: {out}");
        assert!(out.contains(says), "{flags:?}: {out}");
    }
}

#[test]
fn a_token_for_a_mock_stops_no_other_run() {
    let run = |args: &[&str]| {
        let mut suite = Command::new(env!("CARGO_BIN_EXE_mfa-conformance"));
        suite.env("MFA_MOCK_CONTROL_TOKEN", "s3cret").args(args).output().unwrap()
    };
    let select = ["--select", "start/*"];
    assert_eq!(run(&select).status.code(), Some(0));
    let mock = Built::start(&["--control-token", "s3cret"]);
    assert_eq!(run(&[&["--service", &mock.base], &select[..]].concat()).status.code(), Some(0));
    let plain = [&without_control(&mock.base)[..], &["--select", "network/*"]].concat();
    assert_eq!(run(&plain).status.code(), Some(0));
}

#[test]
fn a_case_about_sdks_alone_is_not_played_against_a_service() {
    let sdk_only = ["--service", "inproc:mock", "--case", "sweep/enrol/reset"];
    let (only, only_out) = said(&sdk_only);
    assert_eq!(only, Some(2), "{only_out}");
    assert!(only_out.contains("about SDKs only"), "{only_out}");
}

/// Plays against a mock, kills it after the first case, and hears the rest.
fn killed_in_the_middle(flags: impl Fn(&str) -> Vec<String>) -> (Option<i32>, String) {
    let mock = Built::start(&[]);
    let mut suite = Command::new(env!("CARGO_BIN_EXE_mfa-conformance"))
        .args(flags(&mock.base))
        .args(["--jobs", "1", "--seed", "7"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(suite.stdout.take().unwrap());
    let mut all = String::new();
    while !all.contains("\n✓ ") {
        assert!(out.read_line(&mut all).unwrap() > 0, "{all}");
    }
    drop(mock);
    out.read_to_string(&mut all).unwrap();
    (suite.wait().unwrap().code(), all)
}

#[test]
fn a_service_that_dies_ends_the_run_and_fails_nothing() {
    let owned = |flags: Vec<&str>| flags.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let with = killed_in_the_middle(|base| owned(vec!["--service", base]));
    let without = killed_in_the_middle(|base| {
        let mut flags = without_control(base);
        flags.extend(["--email", "me+{n}+dynamic_test@box.example.com", "--code", "424242"]);
        owned(flags)
    });
    for (code, out) in [with, without] {
        assert_eq!(code, Some(3), "{out}");
        assert!(out.contains("the service no longer answers"), "{out}");
        assert!(number(&out, "not-run") > 50, "{out}");
        assert!(!out.contains("  FAIL"), "{out}");
    }
}
