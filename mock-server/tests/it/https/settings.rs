//! What flags, variables and the configuration file say about https, and what they cannot say.

use super::certificates::Own;
use super::program::{secured, started, text};
use super::*;
use crate::binary::{program, run};
use crate::holds::Folder;

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
