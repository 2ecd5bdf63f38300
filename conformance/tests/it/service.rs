//! A service in place of an SDK: the built mock over its control API, broken ones, and none at all.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use conformance::run::tenant_time;
use conformance::service::{Address, Controlled, Effect, Fault, Service, Target, Unable};
use conformance::world::Person;
use jiff::SignedDuration;
use serde_json::{Value, json};

mod docs;
mod plain;
mod wrong;

use crate::command_line::{conformance, file, text};

/// The built mock on a port of its own, which ends with the value.
pub(crate) struct Built {
    child: Child,
    pub(crate) base: String,
}

impl Built {
    pub(crate) fn start(flags: &[&str]) -> Self {
        let mut child = Command::new(binary())
            .args(["--port", "0", "--quiet"])
            .args(flags)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut base = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut base).unwrap();
        assert!(base.starts_with("http"), "{base}");
        Self { child, base: base.trim().to_owned() }
    }
}

impl Drop for Built {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The mock beside the suite in the target directory, built if only the suite was.
fn binary() -> PathBuf {
    let suite = Path::new(env!("CARGO_BIN_EXE_mfa-conformance"));
    let mock = suite.with_file_name(format!("mfa-mock{}", std::env::consts::EXE_SUFFIX));
    if !mock.exists() {
        let target = suite.parent().and_then(Path::parent).unwrap();
        let built = Command::new(env!("CARGO"))
            .args(["build", "--package", "mock-server", "--bin", "mfa-mock", "--target-dir"])
            .arg(target)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status();
        assert!(built.unwrap().success());
    }
    mock
}

/// The numbers of the last line, by their names.
pub(crate) fn number(out: &str, name: &str) -> usize {
    let last = out.lines().last().unwrap();
    let found = last.split(" · ").find_map(|part| part.strip_prefix(&format!("{name} ")));
    assert!(found.is_some(), "no {name} in {last}");
    found.unwrap().parse().unwrap()
}

#[test]
fn the_built_mock_holds_up_what_a_service_owes() {
    let mock = Built::start(&["--control-token", "s3cret"]);
    let json = file("service.json");
    let output = conformance(&[
        "--service",
        &mock.base,
        "--control-token",
        "s3cret",
        "--seed",
        "7",
        "--strict",
        "may",
        "--json",
        json.to_str().unwrap(),
    ]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{out}");
    assert!(!out.contains("s3cret"), "the token is nobody's business");
    let here = conformance(&["--service", "inproc:mock", "--seed", "7", "--strict", "may"]);
    let here = text(&here.stdout);
    assert_eq!(out.lines().last(), here.lines().last(), "elsewhere as in this process");
    assert!(number(&out, "plan") > 150 && number(&out, "na") == 0, "{out}");

    let report: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    let service = &report["run"]["service"];
    assert_eq!(service["target"], mock.base);
    assert!(service["name"].as_str().unwrap().starts_with("mfa-mock "), "{service}");
    assert_eq!(service["is_judged"], true);
    for row in report["run"]["requirements"].as_array().unwrap() {
        assert_ne!(row["side"], "sdk", "{row}");
    }
}

#[test]
fn a_setting_that_departs_is_found_in_the_running_service() {
    let config = file("departs.toml");
    fs::write(&config, "[settings.totp]\nreplay = \"allow\"\n").unwrap();
    let mock = Built::start(&["--config", config.to_str().unwrap()]);
    let json = file("departs.json");
    let output = conformance(&[
        "--service",
        &mock.base,
        "--select",
        "totp/*",
        "--select",
        "race/*",
        "--json",
        json.to_str().unwrap(),
    ]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{out}");
    let report: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    let failed: Vec<&str> = report["requirements"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["status"] == "failed")
        .map(|row| row["id"].as_str().unwrap())
        .collect();
    assert!(failed.contains(&"MFA-TOTP-019"), "{failed:?}\n{out}");
}

#[test]
fn an_sdk_is_played_against_a_service_elsewhere() {
    let mock = Built::start(&[]);
    let driver = ["--driver", "inproc:reference", "--service", &mock.base, "--select", "start/*"];
    let output = conformance(&driver);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{out}");
    assert!(out.contains("✓ honesty/dead-service") && out.contains("✓ honesty/nonce"), "{out}");
    assert_eq!((number(&out, "plan"), number(&out, "ran")), (4, 4));
    let driver = "inproc:mutant/sdk/generic-error-for-invalid-code";
    let select = ["--select", "start/*", "--strict", "should"];
    let output =
        conformance(&[&["--driver", driver, "--service", &mock.base], &select[..]].concat());
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
}

#[test]
fn a_service_that_speaks_https_is_measured_through_the_relay() {
    let folder = file("tls");
    let mock = Built::start(&["--tls", "--tls-dir", folder.to_str().unwrap()]);
    assert!(mock.base.starts_with("https://"), "{}", mock.base);
    let ca = folder.join("ca.pem");
    let select = ["--service", &mock.base, "--select", "totp/*", "--seed", "7"];
    let output = conformance(&[&select[..], &["--ca", ca.to_str().unwrap()]].concat());
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{out}");
    assert!(number(&out, "ran") > 15 && number(&out, "na") == 0, "{out}");
    // The system's own CAs know nothing of this one.
    let output = conformance(&select);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{out}");
    assert!(out.contains("--ca") || text(&output.stderr).contains("--ca"), "{out}");
}

#[test]
fn a_tenant_elsewhere_is_moved_like_one_in_this_process() {
    let mock = Built::start(&[]);
    let address = Address::parse(&mock.base).unwrap();
    let control = address.root();
    let target = Target::Controlled(Controlled { address, control, token: None, ca: None });
    let (here, there) = (Service::start(7).unwrap(), Service::attach(&target, 7).unwrap());
    let told = [here, there].map(|service| {
        let tenant = service.tenant("moved", tenant_time(1_790_000_000_000)).unwrap();
        let person =
            Person::named("alice@example.com").with_totp("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP");
        tenant.create(&person).unwrap();
        tenant.create_from(json!({ "email": "bob@example.com" })).unwrap();
        tenant.set("totp.windowSteps", json!(0)).unwrap();
        tenant.advance(SignedDuration::from_secs(61)).unwrap();
        tenant.inject(Fault::on("authMfaTotpDevice", Effect::status(503))).unwrap();
        tenant.clear_faults().unwrap();
        tenant.rotate_keys().unwrap();
        let user = tenant.user("alice@example.com").unwrap();
        let seen = (
            tenant.id(),
            tenant.now(),
            user["devices"][0]["verified"].clone(),
            tenant.user("nobody+x@example.com").unwrap(),
            tenant.newest_mail("alice@example.com", 0).unwrap(),
            tenant.faults_met().unwrap(),
            tenant.api_token().unwrap().starts_with("dyn_"),
            tenant.last_sequence(),
        );
        service.forget(&tenant.id());
        let wrong = tenant.set("totp.noSuchSetting", json!(0)).unwrap_err();
        (seen, matches!(wrong, Unable::Lacking(_)), tenant.trouble())
    });
    let [(here, here_lacks, _), (there, there_lacks, trouble)] = told;
    assert_eq!(here, there);
    // In this process it is our mistake; a service elsewhere may be of another version.
    assert_eq!((here_lacks, there_lacks, trouble), (false, true, None));
}

#[test]
fn two_services_are_held_against_each_other() {
    let config = file("drifts.toml");
    fs::write(&config, "[settings.totp]\nreplay = \"allow\"\n").unwrap();
    let mock = Built::start(&["--config", config.to_str().unwrap()]);
    let (here, there, sdk) = (file("here.json"), file("there.json"), file("sdk.json"));
    let report = |flags: &[&str], json: &Path| {
        let select = ["--select", "totp/*", "--seed", "7", "--json", json.to_str().unwrap()];
        conformance(&[flags, &select[..]].concat());
    };
    report(&["--service", "inproc:mock", "--frozen"], &here);
    report(&["--service", &mock.base], &there);
    report(&[], &sdk);
    let drift = |a: &Path, b: &Path, flags: &[&str]| {
        let files = ["drift", a.to_str().unwrap(), b.to_str().unwrap()];
        conformance(&[&files[..], flags].concat())
    };
    assert_eq!(drift(&here, &here, &[]).status.code(), Some(0));

    let output = drift(&here, &there, &[]);
    let out = text(&output.stdout);
    assert_eq!(output.status.code(), Some(8), "{out}");
    assert!(out.contains("✗ MFA-TOTP-019 MUST  A held · B failed"), "{out}");
    assert!(out.contains("B  totp/replayed-code-is-refused: "), "{out}");
    assert!(out.contains("(totp.replay)"), "{out}");

    let json: Value = serde_json::from_slice(&drift(&here, &there, &["--json"]).stdout).unwrap();
    assert_eq!((json["exit_code"].as_u64(), json["other_reason"].as_u64()), (Some(8), Some(0)));
    assert!(json["differ"].as_u64().unwrap() >= 1, "{json}");
    assert!(text(&drift(&here, &there, &["--markdown"]).stdout).contains("| MFA-TOTP-019 "));

    let output = drift(&here, &sdk, &[]);
    assert_eq!(output.status.code(), Some(2));
    let err = text(&output.stderr);
    assert!(err.contains("sdk.json") && err.contains("--service URL"), "{err}");
}
