//! The program over https: what it prints, what it hands on, and how it is asked.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};

use super::certificates::Own;
use super::*;
use crate::binary::{program, run};
use crate::holds::{Folder, Scratch};
use crate::socket::exchange;

/// A running program with a CA in a folder.
pub(super) struct Secured {
    pub(super) child: Child,
    pub(super) origin: String,
    pub(super) address: SocketAddr,
    pub(super) caller: Caller,
}

impl Drop for Secured {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts it quietly; its first line is the base URL.
pub(super) fn secured(folder: &Folder, more: &[&str]) -> Secured {
    let mut all = vec!["--quiet", "--port", "0", "--tls", "--tls-dir", text(folder)];
    all.extend(more);
    started(&mut program(&all), folder)
}

pub(super) fn started(command: &mut Command, folder: &Folder) -> Secured {
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let origin = line.trim().strip_suffix("/api/v0").unwrap_or_else(|| panic!("{line:?}"));
    let (_, port) = origin.rsplit_once(':').unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()));
    let pem = std::fs::read_to_string(folder.0.join("ca.pem")).unwrap();
    Secured { child, origin: origin.to_owned(), address, caller: Caller::trusting(&pem) }
}

pub(super) fn text(folder: &Folder) -> &str {
    folder.0.to_str().unwrap()
}

/// Runs it where nothing of this user's is found.
pub(super) fn run_in(home: &Folder, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = program(arguments);
    command.env("XDG_DATA_HOME", &home.0).env_remove("MFA_MOCK_CA");
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn users_and_the_ca_are_still_there_after_a_restart() {
    let (folder, journal) = (Folder::new(), Scratch::new());
    let more = ["--journal", journal.text(), "--hold-clock", "2030-01-01T00:00:00Z"];
    let first = secured(&folder, &more);
    let port = first.address.port();
    assert_eq!(first.origin, format!("https://127.0.0.1:{port}"));
    let nonce = format!("/api/v0/sdk/{WORLD}/nonce");
    first.caller.get(first.address, "localhost", &nonce, "").unwrap().ok(200);
    let state = |running: &Secured, caller: &Caller| {
        let path = format!("/_mock/v1/environments/{WORLD}/snapshot");
        caller.get(running.address, "localhost", &path, "").unwrap().ok(200)
    };
    let before = state(&first, &first.caller);
    let caller = first.caller.clone();
    drop(first);
    let second = secured(&folder, &more);
    assert_eq!(state(&second, &caller), before);
}

#[test]
fn the_default_folder_is_the_user_s_own() {
    let home = Folder::new();
    let kept = Folder(home.0.join("mfa-mock"));
    let mut command = program(&["--quiet", "--port", "0", "--tls"]);
    let running = started(command.env("XDG_DATA_HOME", &home.0), &kept);
    let url = running.origin.replace("127.0.0.1", "localhost");
    assert_eq!(
        run_in(&home, &["healthcheck", "--url", &url]),
        (Some(0), String::new(), String::new())
    );
    let (code, out, _) = run_in(&home, &["doctor", "--base-url", &format!("{url}/api/v0")]);
    assert_eq!(code, Some(0), "{out}");
}

#[test]
fn aloud_it_says_whom_to_trust() {
    let folder = Folder::new();
    let all = ["--port", "0", "--seed", "7", "--tls", "--tls-dir", text(&folder)];
    let mut child = program(&all).spawn().unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut banner = String::new();
    while !banner.contains("Ctrl-C") {
        assert!(out.read_line(&mut banner).unwrap() > 0, "{banner}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let (_, port) = banner.split_once("https://127.0.0.1:").unwrap();
    let port = format!(":{}/", port.split('/').next().unwrap());
    let banner = banner.replace(&port, ":PORT/").replace(env!("CARGO_PKG_VERSION"), "VERSION");
    let banner = banner.replace(text(&folder), "DIR");
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("../snapshots");
    settings.bind(|| insta::assert_snapshot!("https__banner", banner));
}

#[cfg(unix)]
#[test]
fn a_command_is_told_whom_to_trust() {
    let folder = Folder::new();
    let ca = folder.0.join("ca.pem").display().to_string();
    let script = "echo $MFA_MOCK_URL; echo $MFA_MOCK_BASE_URL; echo $MFA_MOCK_CONTROL_URL; \
                  echo $MFA_MOCK_CA; echo $NODE_EXTRA_CA_CERTS; echo \"[$SSL_CERT_FILE]\"";
    let exec = |flags: &[&str], script: &str| {
        let mut all = vec!["exec", "--quiet"];
        all.extend(flags);
        all.extend(["--", "sh", "-c", script]);
        let mut command = program(&all);
        command.env_remove("SSL_CERT_FILE").env_remove("NODE_EXTRA_CA_CERTS");
        command
    };
    let done = |mut command: Command| {
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let tls = ["--tls", "--tls-dir", text(&folder)];
    let (code, out, errors) = done(exec(&tls, script));
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let lines: Vec<&str> = out.lines().collect();
    let [url, base, control, told, node, others] = lines[..] else { panic!("{out}") };
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    assert_eq!((base, control), (&*format!("{url}/api/v0"), &*format!("{url}/_mock/v1")));
    assert_eq!((told, node, others), (ca.as_str(), ca.as_str(), "[]"));
    // What is told is all that it takes.
    let healthcheck = format!("{} healthcheck", env!("CARGO_BIN_EXE_mfa-mock"));
    assert_eq!(done(exec(&tls, &healthcheck)), (Some(0), String::new(), String::new()));
    // Without https nothing of it is said.
    assert_eq!(done(exec(&[], script)).1.lines().nth(3), Some(""));
    // Node takes one file, and somebody needs the other one: it gets one of both.
    let others = Own::new();
    let corporate = others.folder.write("corporate.pem", &others.root);
    let with = |file: &str| {
        let mut command = exec(&tls, "echo $NODE_EXTRA_CA_CERTS");
        command.env("NODE_EXTRA_CA_CERTS", file);
        let (code, out, errors) = done(command);
        assert_eq!((code, errors.as_str()), (Some(0), ""));
        out.trim().to_owned()
    };
    let both = with(&corporate);
    let pem = std::fs::read_to_string(&both).unwrap();
    assert!(pem.contains(&others.root) && pem.contains(&std::fs::read_to_string(&ca).unwrap()));
    assert_eq!(both.split_once("node-").unwrap().0, format!("{}/", text(&folder)));
    let count = || std::fs::read_dir(&folder.0).unwrap().count();
    let files = count();
    assert_eq!((with(&corporate), count()), (both.clone(), files), "written once");
    assert_eq!((with(&both), count()), (both, files), "one that holds it will do");
    assert_eq!((with("/nonexistent.pem"), count()), (ca, files));
}

#[cfg(unix)]
#[test]
fn a_command_that_fails_is_told_what_went_wrong_before_it_asked() {
    let folder = Folder::new();
    let empty = Folder::new();
    let ask = format!(
        "unset MFA_MOCK_CA; XDG_DATA_HOME={} {} healthcheck; exit 3",
        text(&empty),
        env!("CARGO_BIN_EXE_mfa-mock")
    );
    let all = ["exec", "--quiet", "--tls", "--tls-dir", text(&folder), "--", "sh", "-c", &ask];
    let (code, _, errors) = run(&all);
    assert_eq!(code, Some(3));
    let ca = folder.0.join("ca.pem");
    for said in [
        "no CA is known here that could vouch for its certificate; name its CA with --ca",
        "mfa-mock: a client did not accept the certificate (UnknownCA): it must trust ",
        "nothing was asked of any environment",
        &format!("    1 × a client did not accept the certificate: trust {}", ca.display()),
    ] {
        assert!(errors.contains(said), "{said} in {errors}");
    }
}

#[test]
fn a_plain_service_says_when_somebody_speaks_tls() {
    let mut child = program(&["--quiet", "--port", "0"]).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("http://").unwrap().strip_suffix("/api/v0").unwrap();
    for _ in 0..3 {
        let caller = Caller::trusting("");
        assert!(caller.get(address.parse().unwrap(), "localhost", "/", "").is_err());
    }
    child.kill().unwrap();
    let errors = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
    let once = "mfa-mock: a client speaks TLS, and this port plain HTTP: give it an http:// \
                address, or start with --tls (said once)\n";
    assert_eq!(errors, once);
}

#[test]
fn a_certificate_of_one_s_own_is_taken() {
    let own = Own::new();
    let all = ["--quiet", "--port", "0", "--tls", "--tls-cert", &own.cert, "--tls-key", &own.key];
    own.folder.write("ca.pem", &own.root);
    let running = started(&mut program(&all), &own.folder);
    let path = format!("/api/v0/sdk/{WORLD}/healthcheck");
    running.caller.get(running.address, "mock.example.com", &path, "").unwrap().ok(200);
    let refused = exchange(running.address, "GET", &path, &[], b"");
    assert_eq!(refused.status, Some(400));
    // An expired one is somebody's wish, and told of.
    let old = Own::expired();
    let all = ["--quiet", "--port", "0", "--tls", "--tls-cert", &old.cert, "--tls-key", &old.key];
    old.folder.write("ca.pem", &old.root);
    let mut running = started(&mut program(&all), &old.folder);
    running.child.kill().unwrap();
    let mut errors = String::new();
    running.child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    let warning = format!("warning: {} has expired, so no client will accept it", old.cert);
    assert!(errors.contains(&warning), "{errors}");
}

#[test]
fn a_service_for_other_machines_is_called_by_a_name_of_its_certificate() {
    let folder = Folder::new();
    let more =
        ["--host", "0.0.0.0", "--control-token", "s3cret", "--tls-name", "box.lan,192.168.1.7"];
    let running = secured(&folder, &more);
    assert_eq!(running.origin, format!("https://localhost:{}", running.address.port()));
    let path = format!("/api/v0/sdk/{WORLD}/healthcheck");
    for host in ["localhost", "box.lan", "192.168.1.7"] {
        running.caller.get(running.address, host, &path, "").unwrap().ok(200);
    }
}
