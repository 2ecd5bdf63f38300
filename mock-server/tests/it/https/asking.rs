//! `doctor` and `healthcheck` over https: whom they trust, and what they say if they do not.

use super::program::{run_in, secured, text};
use super::*;
use crate::holds::Folder;

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
