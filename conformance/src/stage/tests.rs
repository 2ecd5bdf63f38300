//! What the stage offers to cases works against the reference SDK.

use conformance::case::Case;
use conformance::service::{Effect, Fault};
use conformance::stage::{Halt, Stage, Token};
use conformance::verdict::Verdict;
use conformance::world::{Person, World};
use serde_json::json;

use crate::scenes::{asks_state, case, plan, run};

const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const BOB: Person = Person::named("bob@example.com").with_totp(SECRET);

fn passes(case: &'static Case) {
    let ran = run(&plan("inproc:reference", vec![case]));
    let record = ran.of(case.id);
    assert_eq!(record.verdict, Verdict::Pass, "{:?}\n{:#?}", record.because, record.trace);
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
fn faults_clock_and_settings_reach_the_tenant() {
    fn play(stage: &mut Stage) -> Result<(), Halt> {
        stage.set("totp.windowSteps", 0)?;
        stage.sign_in(BOB.email)?;
        stage.inject(Fault::on("authMfaTotpDevice", Effect::status(503)))?;
        let code = stage.code_for(SECRET)?;
        let faulty = stage.act("totp.auth", json!({ "code": code }));
        faulty.expect_server_error(503, &[])?;
        let early = stage.code_at_step(SECRET, 1)?;
        let refused = stage.act("totp.auth", json!({ "code": early }));
        refused.expect_server_error(422, &["mfa_invalid_code"])?;
        let before = stage.now();
        let code = stage.next_code(SECRET)?;
        let passed = (stage.now() - before).get_seconds();
        stage.expect_equal("the step that the clock moved on", 30, passed)?;
        let taken = stage.act("totp.auth", json!({ "code": code }));
        taken.ok()?;
        let seen = taken.wire().last("authMfaTotpDevice")?;
        seen.expect_status(200)?;
        seen.expect_body("/code", code)?;
        seen.expect_no_body("/requestedScopes")?;
        seen.expect_no_header("x-mfa-auth-token")?;
        let bearer = seen.token("authorization")?;
        stage.expect("the bearer's life", "an expiry", bearer.exp(), bearer.exp().is_some())
    }
    static CASE: Case = Case { world: World::PLAIN.with(&[BOB]), ..case("stage/world", play) };
    passes(&CASE);
}

#[test]
fn a_setting_that_does_not_exist_is_the_suites_fault() {
    static CASE: Case = Case {
        world: World::PLAIN.set(&[("totp.windowStep", "0")]),
        ..case("stage/typo", asks_state)
    };
    let ran = run(&plan("inproc:reference", vec![&CASE]));
    assert_eq!(ran.of("stage/typo").verdict, Verdict::Harness);
    let because = ran.of("stage/typo").because.clone();
    assert_eq!(because.as_deref(), Some("the suite is wrong: there is no setting totp.windowStep"));
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
