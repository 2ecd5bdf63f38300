//! The program over https: what it prints, what it hands on, and how it is asked.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};

use super::certificates::Own;
use super::*;
use crate::binary::{program, run};
use crate::holds::{Folder, Scratch};
use crate::socket::exchange;

/// A running program with a CA in a folder.
struct Secured {
    child: Child,
    origin: String,
    address: SocketAddr,
    caller: Caller,
}

impl Drop for Secured {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts it quietly; its first line is the base URL.
fn secured(folder: &Folder, more: &[&str]) -> Secured {
    let mut all = vec!["--quiet", "--port", "0", "--tls", "--tls-dir", text(folder)];
    all.extend(more);
    started(&mut program(&all), folder)
}

fn started(command: &mut Command, folder: &Folder) -> Secured {
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let origin = line.trim().strip_suffix("/api/v0").unwrap_or_else(|| panic!("{line:?}"));
    let (_, port) = origin.rsplit_once(':').unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()));
    let pem = std::fs::read_to_string(folder.0.join("ca.pem")).unwrap();
    Secured { child, origin: origin.to_owned(), address, caller: Caller::trusting(&pem) }
}

fn text(folder: &Folder) -> &str {
    folder.0.to_str().unwrap()
}

/// Runs it where nothing of this user's is found.
fn run_in(home: &Folder, arguments: &[&str]) -> (Option<i32>, String, String) {
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
fn the_doctor_and_the_healthcheck_know_whom_to_trust() {
    let (folder, other, home) = (Folder::new(), Folder::new(), Folder::new());
    Authority::in_folder(&other.0, &[], now()).unwrap();
    let running = secured(&folder, &[]);
    let port = running.address.port();
    let url = format!("https://localhost:{port}");
    let base = format!("{url}/api/v0");
    let ca = folder.0.join("ca.pem").display().to_string();
    let well = (Some(0), String::new(), String::new());
    for trust in [["--ca", &ca], ["--tls-dir", text(&folder)]] {
        assert_eq!(run_in(&home, &[&["healthcheck", "--url", &url], &trust[..]].concat()), well);
        let all = [&["doctor", "--base-url", &base], &trust[..]].concat();
        let (code, out, errors) = run_in(&home, &all);
        assert_eq!((code, errors.as_str()), (Some(0), ""));
        let shown = format!("ok     TLS: localhost:{port} shows a certificate of the CA in {ca}\n");
        assert!(out.contains(&shown), "{out}");
        assert!(out.contains("ok     service: mfa-mock"), "{out}");
    }
    let said = |url: &str, trust: &[&str]| {
        let (code, _, errors) = run_in(&home, &[&["healthcheck", "--url", url], trust].concat());
        assert_eq!(code, Some(1), "{errors}");
        let base = format!("{url}/api/v0");
        let (code, out, _) = run_in(&home, &[&["doctor", "--base-url", &base], trust].concat());
        assert_eq!(code, Some(1), "{out}");
        (errors, out)
    };
    let wrong = other.0.join("ca.pem").display().to_string();
    let (errors, out) = said(&url, &["--ca", &wrong]);
    let what = format!("its certificate is none of the CA in {wrong}");
    assert!(errors.contains(&what) && errors.contains("--ca FILE"), "{errors}");
    assert!(out.contains(&format!("WRONG  TLS: localhost:{port} is not trusted: {what}")), "{out}");
    let (errors, out) = said(&url, &[]);
    let what = "no CA is known here that could vouch for its certificate";
    assert!(errors.contains(what) && out.contains(what), "{errors}{out}");
    // 127.0.0.0/8 is all this machine, and the certificate is for one address of it.
    if TcpStream::connect(("localhost.localdomain", port)).is_ok() {
        let (errors, _) = said(&format!("https://localhost.localdomain:{port}"), &["--ca", &ca]);
        assert!(errors.contains("is not for localhost.localdomain; start it with --tls-name"));
    }
    let (errors, out) = said(&format!("http://localhost:{port}"), &[]);
    assert!(errors.contains("it speaks https; ask it with an https:// address"), "{errors}");
    assert!(out.contains(&format!("give the SDK {base}")), "{out}");
    let plain = crate::binary::Running::quiet(&[]);
    let (errors, out) =
        said(&format!("https://localhost:{}", plain.address.port()), &["--ca", &ca]);
    assert!(errors.contains("it speaks plain HTTP; ask it with http://"), "{errors}");
    assert!(out.contains("speaks plain HTTP") && out.contains("with --tls"), "{out}");
    for task in ["healthcheck", "doctor"] {
        let flag = if task == "doctor" { "--base-url" } else { "--url" };
        let (code, _, errors) = run_in(&home, &[task, flag, &base, "--ca", "/nonexistent.pem"]);
        assert_eq!(code, Some(2), "{errors}");
        assert!(errors.starts_with("mfa-mock: /nonexistent.pem: "), "{errors}");
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

#[test]
fn flags_that_cannot_be_are_refused() {
    let own = Own::new();
    let other = Own::new();
    let folder = Folder::new();
    let dir = text(&folder);
    let file = folder.write("file", "");
    let about = "are about https: ask for it with --tls\n";
    let both = "--tls-cert and --tls-key belong together: name both\n";
    let names = "bring a certificate with names of its own";
    for (flags, said) in [
        (vec!["--tls-dir", dir], about),
        (vec!["--tls-name", "box.lan"], about),
        (vec!["--tls-cert", &own.cert, "--tls-key", &own.key], about),
        (vec!["--tls", "--tls-cert", &own.cert], both),
        (vec!["--tls", "--tls-key", &own.key], both),
        (vec!["--tls", "--tls-cert", &own.cert, "--tls-key", &own.key, "--tls-dir", dir], names),
        (vec!["--tls", "--tls-cert", &own.cert, "--tls-key", &other.key], "is not the key of"),
        (
            vec!["--tls", "--tls-cert", "/nonexistent", "--tls-key", &own.key],
            "cannot read /nonexistent: No such file or directory (os error 2); --tls-cert names",
        ),
        (vec!["--tls", "--tls-dir", &file], "another folder for the CA is named with --tls-dir"),
    ] {
        let (code, out, errors) = run(&[&["--port", "0"], &flags[..]].concat());
        assert_eq!((code, out.as_str()), (Some(2), ""), "{flags:?}");
        assert!(errors.starts_with("mfa-mock: ") && errors.contains(said), "{flags:?}: {errors}");
    }
    for name in ["https://box.lan", "*.localhost", ""] {
        let (code, _, errors) =
            run(&["--port", "0", "--tls", "--tls-dir", dir, "--tls-name", name]);
        assert_eq!(code, Some(2));
        assert!(errors.contains("for '--tls-name <NAME>'"), "{errors}");
    }
    // A CA is made for the names that are asked for then.
    drop(secured(&folder, &[]));
    let (code, _, errors) =
        run(&["--port", "0", "--tls", "--tls-dir", dir, "--tls-name", "example.com"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("the CA may not vouch for `example.com`"), "{errors}");
    // https that is asked for nowhere is none, whatever the variables say.
    drop(crate::binary::Running::started(
        program(&["--quiet", "--port", "0", "--tls=false"]).env("MFA_MOCK_TLS_DIR", dir),
    ));
}

#[test]
fn a_file_says_what_the_flags_say() {
    let folder = Folder::new();
    let table = "quiet = true\nport = 0\n[tls]\ndir = \"kept\"\nnames = [\"box.lan\"]\n";
    let file = folder.write("mock.toml", table);
    let (code, out, errors) = run(&["validate", &file]);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{out}");
    let kept = Folder(folder.0.join("kept"));
    assert!(!kept.0.exists(), "validating makes nothing");
    let running = started(&mut program(&["--config", &file]), &kept);
    let path = format!("/api/v0/sdk/{WORLD}/healthcheck");
    running.caller.get(running.address, "box.lan", &path, "").unwrap().ok(200);
    // A flag wins: another folder, other names, a certificate of one's own, or no https at all.
    let more = ["--config", &file, "--tls-dir", text(&folder), "--tls-name", "other.lan"];
    let running = started(&mut program(&more), &folder);
    running.caller.get(running.address, "other.lan", &path, "").unwrap().ok(200);
    assert!(running.caller.get(running.address, "box.lan", &path, "").is_err());
    let own = Own::new();
    own.folder.write("ca.pem", &own.root);
    let more = ["--config", &file, "--tls-cert", &own.cert, "--tls-key", &own.key];
    let running = started(&mut program(&more), &own.folder);
    running.caller.get(running.address, "mock.example.com", &path, "").unwrap().ok(200);
    drop(crate::binary::Running::started(&mut program(&["--config", &file, "--tls=false"])));
}

#[test]
fn a_mistake_in_the_file_is_pointed_at() {
    let folder = Folder::new();
    let validated = |text: &str| {
        let file = folder.write("mock.toml", text);
        let (code, out, errors) = run(&["validate", &file]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{text}");
        errors.replace(&file, "FILE").replace(folder.0.to_str().unwrap(), "DIR")
    };
    folder.write("damaged/ca.pem", "nothing");
    folder.write("damaged/ca-key.pem", "nothing");
    Authority::in_folder(&folder.0.join("good"), &[], now()).unwrap();
    for (text, said) in [
        ("tls = true", "FILE:1:7: tls: invalid type: boolean `true`"),
        ("[tls]\ndirectory = \"a\"", "FILE:2:1: unknown field `directory`"),
        (
            "[tls]\nnames = [\"box.lan\", \"a b\"]",
            "FILE:2:21: tls.names[1]: `a b` is neither a host name nor an IP address",
        ),
        ("[tls]\ncert = \"a.pem\"", "FILE:1:1: tls: `cert` and `key` belong together: name both"),
        (
            "[tls]\ncert = \"a.pem\"\nkey = \"b.pem\"\ndir = \"c\"",
            "FILE:1:1: tls: `cert` and `key` bring a certificate with names of its own",
        ),
        ("[tls]\ncert = \"a.pem\"\nkey = \"b.pem\"", "cannot read DIR/a.pem: "),
        ("[tls]\ndir = \"damaged\"", "DIR/damaged/ca.pem holds no certificate"),
        (
            "[tls]\ndir = \"good\"\nnames = [\"example.com\"]",
            "the CA may not vouch for `example.com`",
        ),
    ] {
        let errors = validated(text);
        assert!(errors.starts_with(&format!("mfa-mock: {said}")), "{text}: {errors}");
    }
}
