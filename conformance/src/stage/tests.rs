//! What the stage offers to cases works against the reference SDK.

pub(super) mod held;
mod world;

use serde_json::json;

use super::*;
use crate::event::{CaseRecord, Event};
use crate::run::{self, Plan};
use crate::verdict::Verdict;
use crate::world::Person;

const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const BOB: Person = Person::named("bob@example.com").with_totp(SECRET);

const fn case(id: &'static str, play: fn(&mut Stage) -> Result<(), Halt>) -> Case {
    Case { id, proves: &["MFA-TOTP-001"], play, ..run::tests::CASE }
}

fn played(case: &'static Case) -> CaseRecord {
    let plan = Plan { cases: vec![case], service: None, ..run::tests::plan(false) };
    let mut records = Vec::new();
    run::run(&plan, &mut |event| {
        if let Event::CaseEnded(record) = event {
            records.push((**record).clone());
        }
    });
    records.pop().expect("the case was played")
}

fn passes(case: &'static Case) {
    let record = played(case);
    assert_eq!(record.verdict, Verdict::Pass, "{:?}\n{:#?}", record.because, record.trace);
    // What a case shows without a client would be beside the point.
    assert!(record.proofs.iter().all(|proof| !proof.beside), "{:?}", record.proofs);
    assert!(record.dishonest.is_empty(), "{:?}", record.dishonest);
}

#[test]
fn the_scenes_lead_where_they_say() {
    fn play(stage: &mut Stage) -> Result<(), Halt> {
        stage.sign_in("alice@example.com")?;
        stage.reauthenticate("alice@example.com", &["credential:link"])?;
        let device = stage.enrol()?;
        stage.pass_mfa(&device.secret)?;
        stage.elevate(&device.secret, "credential:unlink")?;
        let held = stage.act("stepup.peek", json!({ "scope": "credential:unlink" }));
        let token = Token::decode(&held.text("/token")?).map_err(Halt::Harness)?;
        stage.expect_equal("its scopes", json!(token.scopes()), json!(["credential:unlink"]))?;
        let user = stage.user("alice@example.com")?;
        stage.expect_equal("one device", json!(device.device_id), user["devices"][0]["id"].clone())
    }
    static CASE: Case = case("stage/scenes", play);
    passes(&CASE);
}

#[test]
fn raw_requests_are_not_the_sdks() {
    fn play(stage: &mut Stage) -> Result<(), Halt> {
        stage.sign_in("alice@example.com")?;
        let bearer = stage.bearer()?;
        stage.raw("GET", "users/mfa").send()?.expect_status(401)?;
        let listed = stage.raw("GET", "users/mfa").bearer(&bearer).send()?;
        listed.expect_status(200)?;
        listed.expect_body("/devices", json!([]))?;
        stage
            .raw("POST", "users/mfa/auth/totp")
            .bearer(&bearer)
            .text("{")
            .send()?
            .expect_status(400)?;
        stage.wire().never("getUserMfaDevices")?;
        stage.wire().in_order(&["createEmailVerification", "signInWithEmailVerification"])
    }
    static CASE: Case = case("stage/raw", play);
    passes(&CASE);
}

#[test]
fn two_clients_of_one_case_are_kept_apart() {
    fn play(stage: &mut Stage) -> Result<(), Halt> {
        stage.open().ready()?;
        let first = stage.instance().unwrap_or_default().to_owned();
        stage.sign_in("alice@example.com")?;
        stage.open().ready()?;
        stage.act("state.get", json!({})).expect_field("/authenticated", false)?;
        let other = stage.act_on(&first, "state.get", json!({}));
        other.expect_field("/authenticated", true)?;
        stage.switch_to(&first);
        let restarted = stage.act("client.restart", json!({}));
        restarted.ok()?;
        stage.act("state.get", json!({})).expect_field("/authenticated", true)
    }
    static CASE: Case = Case { needs: &["instances:2"], ..case("stage/two-clients", play) };
    passes(&CASE);
}

#[test]
fn what_is_noted_fails_the_case_at_its_end() {
    fn play(stage: &mut Stage) -> Result<(), Halt> {
        stage.open().ready()?;
        stage.remark("a remark");
        stage.note("first", "yes", "no", false)?;
        stage.note("second", "yes", "yes", true)
    }
    static CASE: Case = case("stage/notes", play);
    let record = played(&CASE);
    assert_eq!(record.verdict, Verdict::Fail);
    let holds: Vec<bool> = record.findings.iter().map(|found| found.holds).collect();
    assert_eq!(holds, [false, true]);
    assert!(record.trace.iter().any(|line| line.text == "a remark"), "{:#?}", record.trace);
}

#[test]
fn what_the_driver_does_not_declare_is_not_applicable() {
    fn play(stage: &mut Stage) -> Result<(), Halt> {
        let known = [stage.can("state.get"), stage.can("totp.no-such-op")];
        stage.expect_equal("what it can", json!([true, false]), json!(known))?;
        stage.act("totp.no-such-op", json!({})).ok().map(drop)
    }
    static CASE: Case = case("stage/undeclared", play);
    let record = played(&CASE);
    assert_eq!(record.verdict, Verdict::Na, "{:?}", record.because);
    let because = "the driver does not declare totp.no-such-op";
    assert_eq!(record.because.as_deref(), Some(because));
}

#[test]
fn rows_are_named_for_a_while() {
    fn play(stage: &mut Stage) -> Result<(), Halt> {
        stage.open().ready()?;
        stage.proving("MFA-TOTP-001");
        stage.expect_equal("named", 1, 1)?;
        stage.proving_all();
        stage.expect_equal("all", 1, 1)?;
        stage.not_applicable("no more of it")
    }
    static CASE: Case = case("stage/rows", play);
    let record = played(&CASE);
    assert_eq!((record.verdict, record.because.as_deref()), (Verdict::Na, Some("no more of it")));
    let rows: Vec<Option<&str>> =
        record.findings.iter().map(|found| found.requirement.as_deref()).collect();
    assert_eq!(rows, [Some("MFA-TOTP-001"), None]);
}

#[test]
fn what_the_driver_logs_is_at_hand() {
    fn play(stage: &mut Stage) -> Result<(), Halt> {
        stage.sign_in("alice@example.com")?;
        let logs = stage.logs();
        stage.expect("log lines", "some that say something", logs.len(), !logs.is_empty())?;
        let is_event = |line: &String| line.starts_with("event ");
        stage.expect("log lines", "events of the SDK", json!(logs), logs.iter().any(is_event))
    }
    static CASE: Case = case("stage/logs", play);
    passes(&CASE);
}

#[test]
fn an_exchange_is_one_line_without_what_all_paths_share() {
    let exchange = Exchange {
        method: "GET".to_owned(),
        path: "/api/v0/sdk/env/users/mfa?x=1".to_owned(),
        status: 200,
        response_body: json!({ "devices": [] }),
        ..Exchange::default()
    };
    assert_eq!(wire_line(&exchange), r#"GET …/users/mfa?x=1 → 200 {"devices":[]}"#);
    let bare = Exchange { response_body: Value::Null, path: "/else".to_owned(), ..exchange };
    assert_eq!(wire_line(&bare), "GET /else → 200");
}

#[test]
fn what_an_sdk_asked_is_told_from_what_others_asked_for_it() {
    let of = |method: &str, header: &str| Exchange {
        method: method.to_owned(),
        request_headers: vec![(header.to_owned(), "1".to_owned())],
        ..Exchange::default()
    };
    assert!(is_of_the_sdk(&of("GET", "x-else")));
    assert!(!is_of_the_sdk(&of("OPTIONS", "x-else")));
    assert!(!is_of_the_sdk(&of("GET", RAW_MARK)));
}

#[test]
fn an_op_has_what_is_left_of_the_time_of_its_case() {
    let (short, long) = (Duration::from_secs(1), Duration::from_secs(3_600));
    assert_eq!(Patience::new(short, long).left(), short);
    let left = Patience::new(long, short).left();
    assert!(left <= short && left > Duration::ZERO, "{left:?}");
    assert_eq!(Patience::new(long, Duration::ZERO).left(), Duration::ZERO);
}

#[test]
fn steps_are_counted_from_one() {
    fn play(stage: &mut Stage) -> Result<(), Halt> {
        stage.open().ready()?;
        stage.act("state.get", json!({})).ok()?;
        stage.act("state.get", json!({})).ok().map(drop)
    }
    static CASE: Case = case("stage/steps", play);
    let trace = played(&CASE).trace;
    let of = |kind| trace.iter().filter(move |line| line.kind == kind).filter_map(|line| line.step);
    assert_eq!(of(LineKind::Ask).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(of(LineKind::Answer).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn the_authenticator_keeps_what_the_sdk_had_it_make() {
    fn play(stage: &mut Stage) -> Result<(), Halt> {
        stage.set("minApiVersion", "2026_01_01")?;
        stage.sign_in("alice@example.com")?;
        stage.act("passkey.register", json!({})).ok()?;
        let made = stage.authenticator().credential_ids().len();
        stage.expect_equal("its passkeys", 1, made)?;
        stage.authenticator().forget();
        let kept = stage.authenticator().credential_ids().len();
        stage.expect_equal("its passkeys", 0, kept)
    }
    static CASE: Case = Case { needs: &["passkey"], ..case("stage/authenticator", play) };
    passes(&CASE);
}
