//! The program that people start: its help, its banner, its exits.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::WORLD;
use crate::socket::exchange;

const PRINTED: &str = "00000000-0000-4000-8000-000000000000";

pub(crate) fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mfa-mock"));
    command.args(arguments).env_remove("MFA_MOCK_CONTROL_TOKEN").env("COLUMNS", "100");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs it to its end; yields the exit code and what it printed.
pub(crate) fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut child = program(arguments).spawn().unwrap();
    // One that serves where it should refuse would never end.
    for _ in 0..2_000 {
        if child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A running program, ended with the test.
pub(crate) struct Running {
    pub(crate) child: Child,
    out: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Starts it quietly; its first line is the base URL.
    pub(crate) fn quiet(arguments: &[&str]) -> Self {
        let mut all = vec!["--quiet", "--port", "0"];
        all.extend(arguments);
        Self::started(&mut program(&all))
    }

    pub(crate) fn started(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let base =
            line.trim().strip_prefix("http://").and_then(|rest| rest.strip_suffix("/api/v0"));
        let address: SocketAddr = base.unwrap_or_else(|| panic!("{line:?}")).parse().unwrap();
        // What it listens on may be every address; it is asked on this one.
        let address = SocketAddr::from(([127, 0, 0, 1], address.port()));
        Self { child, out, address }
    }

    pub(crate) fn get(&self, path: &str) -> crate::socket::Received {
        exchange(self.address, "GET", path, &[], b"")
    }

    pub(crate) fn sdk(&self, world: &str, path: &str) -> crate::socket::Received {
        self.get(&format!("/api/v0/sdk/{world}/{path}"))
    }

    fn control(&self, headers: &[(&str, &str)]) -> Option<u16> {
        exchange(self.address, "GET", "/_mock/v1/", headers, b"").status
    }
}

#[test]
fn the_help_says_how_to_use_it() {
    let (code, help, errors) = run(&["--help"]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_snapshot!("binary__help", help));
    let (code, version, _) = run(&["--version"]);
    assert_eq!((code, version), (Some(0), format!("mfa-mock {}\n", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn quietly_it_prints_a_base_url_that_answers() {
    let mut running = Running::quiet(&[]);
    assert_eq!(running.sdk(WORLD, "healthcheck").ok(200), json!({ "status": "healthy" }));
    let settings = running.sdk(PRINTED, "settings").ok(200);
    assert_eq!(settings["sdk"]["minApiVersion"], json!("2026_04_01"));
    assert_eq!(running.get("/").ok(200)["service"], json!("mfa-mock"));
    running.child.kill().unwrap();
    let mut rest = String::new();
    running.out.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn aloud_it_prints_what_one_types_next() {
    let mut child = program(&["--port", "0", "--preset", "legacy", "--seed", "7"]).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut banner = String::new();
    while !banner.contains("Ctrl-C") {
        assert!(out.read_line(&mut banner).unwrap() > 0, "{banner}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    let (_, port) = banner.split_once("http://127.0.0.1:").unwrap();
    let port = format!(":{}/", port.split('/').next().unwrap());
    let banner = banner.replace(&port, ":PORT/").replace(env!("CARGO_PKG_VERSION"), "VERSION");
    settings.bind(|| insta::assert_snapshot!("binary__banner", banner));
}

#[cfg(unix)]
#[test]
fn a_termination_signal_ends_it_well() {
    let mut running = Running::quiet(&[]);
    running.sdk(WORLD, "healthcheck").ok(200);
    let id = running.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(running.child.wait().unwrap().code(), Some(0));
}

#[test]
fn other_machines_are_let_in_only_with_a_lock() {
    for host in ["0.0.0.0", "::", "192.0.2.1"] {
        let sentence = format!(
            "mfa-mock: --host {host} lets other machines in, so the control API needs a lock: \
             add --control-token TOKEN (or set MFA_MOCK_CONTROL_TOKEN)\n"
        );
        let (code, out, errors) = run(&["--host", host, "--port", "0"]);
        assert_eq!((code, out.as_str(), errors), (Some(2), "", sentence.clone()));
        // A token of blanks is no lock.
        let (code, _, errors) = run(&["--host", host, "--port", "0", "--control-token", "  "]);
        assert_eq!((code, errors), (Some(2), sentence));
    }
    let mut command = program(&["--quiet", "--port", "0", "--host", "0.0.0.0"]);
    let mut running = Running::started(command.env("MFA_MOCK_CONTROL_TOKEN", "s3cret"));
    assert_eq!(running.control(&[]), Some(401));
    assert_eq!(running.control(&[("authorization", "Bearer wrong")]), Some(401));
    assert_eq!(
        running.control(&[("authorization", "Bearer s3cret"), ("host", "box.lan")]),
        Some(200)
    );
    running.sdk(WORLD, "healthcheck").ok(200);
    running.child.kill().unwrap();
    let mut errors = String::new();
    running.child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    let warning = "mfa-mock: warning: other machines can reach this service; its key and codes are no secrets\n";
    assert_eq!(errors, warning);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let (code, out, errors) = run(&["--port", &address.port().to_string()]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(errors.starts_with(&format!("mfa-mock: cannot listen on {address}: ")), "{errors}");
    let hint = "is another service on that port? `--port 0` takes any free one\n";
    assert!(errors.ends_with(hint), "{errors}");
}

#[test]
fn flags_that_cannot_be_are_refused() {
    for time in ["noon", "2030-01-01", "", "1969-12-31T23:59:59Z", "9999-12-31T00:00:00Z"] {
        let (code, out, errors) = run(&["--port", "0", "--hold-clock", time]);
        let sentence = format!(
            "mfa-mock: --hold-clock: {time:?} is not a time such as 2030-01-01T00:00:00Z\n"
        );
        assert_eq!((code, out.as_str(), errors), (Some(2), "", sentence));
    }
    for id in ["test-env", "", "0000ABCD-0000-4000-8000-00000000AAAA"] {
        let (code, out, errors) = run(&["--port", "0", "--environment", id]);
        let sentence = format!(
            "mfa-mock: --environment: `{id}` is no environment id: \
             36 characters of lower-case hex and dashes\n"
        );
        assert_eq!((code, out.as_str(), errors), (Some(2), "", sentence));
    }
    for flag in ["--journal-sync=always", "--journal-compact-above=1"] {
        let (code, _, errors) = run(&["--port", "0", flag]);
        assert_eq!(code, Some(2));
        assert!(errors.ends_with("name it with --journal FILE\n"), "{errors}");
    }
    for flags in [
        ["--port", "65536"],
        ["--preset", "modern"],
        ["--seed", "-1"],
        ["--host", "localhost"],
        ["--nonsense", "1"],
    ] {
        let (code, out, errors) = run(&flags);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{flags:?}");
        assert!(errors.starts_with("error: "), "{errors}");
    }
}

#[test]
fn flags_do_what_they_say() {
    let repeated = || {
        let running = Running::quiet(&["--seed", "7", "--hold-clock", "2030-01-01T00:00:00Z"]);
        let clock = format!("/_mock/v1/environments/{WORLD}/clock");
        (running.sdk(WORLD, "nonce").ok(200), running.get(&clock).ok(200))
    };
    let (nonce, clock) = repeated();
    assert_eq!(repeated(), (nonce, clock.clone()));
    assert_eq!(clock["now"], json!("2030-01-01T00:00:00Z"));

    let running = Running::quiet(&[
        "--preset",
        "legacy",
        "--journal-entries",
        "2",
        "--control-origin",
        "http://localhost:3000",
    ]);
    let settings = running.sdk(WORLD, "settings").ok(200);
    assert_eq!(settings["sdk"]["minApiVersion"], json!("2026_01_01"));
    (0..3).for_each(|_| drop(running.sdk(WORLD, "nonce")));
    let journal = running.get(&format!("/_mock/v1/environments/{WORLD}/journal")).ok(200);
    let kept: Vec<&Value> = journal["exchanges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|exchange| &exchange["sequence"])
        .collect();
    assert_eq!(kept, [&json!(3), &json!(4)]);
    assert_eq!(
        running.control(&[("origin", "http://localhost:3000"), ("sec-fetch-site", "same-site")]),
        Some(200)
    );
    assert_eq!(running.control(&[("origin", "http://localhost:3001")]), Some(403));
}

#[test]
fn strictly_only_the_printed_environment_exists() {
    let running = Running::quiet(&["--strict-environments"]);
    running.sdk(PRINTED, "settings").ok(200);
    assert_eq!(running.sdk(WORLD, "settings").status, Some(404));
    let made =
        exchange(running.address, "PUT", &format!("/_mock/v1/environments/{WORLD}"), &[], b"");
    assert_eq!(made.status, Some(204));
    running.sdk(WORLD, "settings").ok(200);

    let running = Running::quiet(&["--strict-environments", "--environment", WORLD]);
    running.sdk(WORLD, "settings").ok(200);
    assert_eq!(running.sdk(PRINTED, "settings").status, Some(404));
}
