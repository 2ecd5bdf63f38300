//! The world behind the SDK: clock, codes, mail, people, keys, faults, races.

use jiff::Timestamp;
use serde_json::json;

use super::{BOB, SECRET, case, passes, played};
use crate::case::Case;
use crate::service::{Effect, Fault, Order};
use crate::stage::{Halt, Stage, Token};
use crate::verdict::Verdict;
use crate::world::{Person, World};
use serde_json::Value;

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
        ..case("stage/typo", |stage| stage.act("state.get", json!({})).ok().map(drop))
    };
    let record = played(&CASE);
    assert_eq!(record.verdict, Verdict::Harness);
    assert_eq!(
        record.because.as_deref(),
        Some("the suite is wrong: there is no setting totp.windowStep")
    );
}

#[test]
fn the_world_behind_the_sdk_can_be_moved_and_looked_at() {
    fn play(stage: &mut Stage) -> Result<(), Halt> {
        stage.open().ready()?;
        stage.add_person(&Person::named("carol@example.com"))?;
        stage.add_user(json!({ "email": "dave@example.com", "totpSecret": SECRET }))?;
        for email in ["carol@example.com", "dave@example.com"] {
            let user = stage.user(email)?;
            let same = stage.record(email)?;
            stage.expect_equal(
                "a user and their record",
                user["id"].clone(),
                same["id"].clone(),
            )?;
            stage.expect("the user's id", "a text", user["id"].clone(), user["id"].is_string())?;
        }
        stage.expect_equal("nobody", Value::Null, stage.record("nobody@example.com")?)?;
        let nobody = stage.user("nobody@example.com");
        stage.expect("nobody's record", "none", false, matches!(nobody, Err(Halt::Blocked(_))))?;
        let none = stage.mail_code("carol@example.com");
        stage.expect("her mail", "none yet", false, matches!(none, Err(Halt::Blocked(_))))?;
        let moment = Timestamp::from_second(1_900_000_000).unwrap_or_default();
        stage.hold_clock_at(moment)?;
        stage.expect_equal("the tenant's time", moment.as_second(), stage.now().as_second())?;
        let unset = stage.set("totp.windowStep", 0);
        stage.expect("a misspelt setting", "a fault", false, matches!(unset, Err(Halt::Harness(_))))
    }
    static CASE: Case = case("stage/world-behind", play);
    passes(&CASE);
}

#[test]
fn mail_is_read_once_and_the_newest_first() {
    fn play(stage: &mut Stage) -> Result<(), Halt> {
        let email = "alice@example.com";
        for _ in 0..2 {
            stage.act("auth.email_start", json!({ "email": email })).ready()?;
        }
        let newest = stage.mail_code(email)?;
        let none = stage.mail_code(email);
        stage.expect(
            "the older mail",
            "passed over",
            false,
            matches!(none, Err(Halt::Blocked(_))),
        )?;
        stage.act("auth.email_verify", json!({ "code": newest })).ok().map(drop)
    }
    static CASE: Case = case("stage/mail", play);
    passes(&CASE);
}

#[test]
fn keys_tokens_and_faults_are_at_hand() {
    fn play(stage: &mut Stage) -> Result<(), Halt> {
        let token = stage.api_token()?;
        let path = "{env}/users";
        stage.raw_admin("GET", path).bearer(&token).send()?.expect_status(200)?;
        stage.raw_admin("GET", path).bearer("dyn_nobodys").send()?.expect_status(401)?;
        let before = stage.newest_exchange();
        stage.sign_in("alice@example.com")?;
        stage.expect("newest exchange", "later", before, stage.newest_exchange() > before)?;
        let kid = |stage: &mut Stage| {
            let token = Token::decode(&stage.bearer()?).map_err(Halt::Blocked)?;
            stage.expect_equal("home", token.claim("environment_id"), stage.environment())?;
            Ok::<_, Halt>(token.header["kid"].clone())
        };
        let first = kid(stage)?;
        let retired = stage.retire_key(first.as_str().unwrap_or_default());
        stage.expect("retiring the key that signs", "refused", false, retired.is_err())?;
        stage.rotate_keys()?;
        stage.act("auth.logout", json!({})).ready()?;
        stage.sign_in("alice@example.com")?;
        let second = kid(stage)?;
        stage.expect("the key after the first", "another", second.clone(), first != second)?;
        stage.retire_key(first.as_str().unwrap_or_default())?;
        stage
            .inject(Fault { times: None, ..Fault::on("getUserMfaDevices", Effect::status(503)) })?;
        stage.act("device.list", json!({})).err()?;
        let met = stage.faults_met()?;
        stage.expect("calls that met a fault", "one or more", met, met > 0)?;
        stage.clear_faults();
        stage.expect_equal("calls that met a fault", 0, stage.faults_met()?)?;
        stage.act("device.list", json!({})).ok().map(drop)
    }
    static CASE: Case = case("stage/keys", play);
    passes(&CASE);
}

#[test]
fn no_case_waits_long_for_the_clock_of_the_sdk() {
    fn play(stage: &mut Stage) -> Result<(), Halt> {
        stage.open().ready()?;
        let (now, soon) = (stage.sdk_now(), stage.soon());
        let ahead = soon.as_millisecond() - now.as_millisecond();
        stage.expect("soon", "0.3 to 1.4 s ahead", ahead, (300..=1_400).contains(&ahead))?;
        stage.expect_equal("its milliseconds", 0, soon.as_millisecond() % 1_000)?;
        stage.wait_for_sdk_time(soon)?;
        let late = stage.sdk_now().as_millisecond() - soon.as_millisecond();
        stage.expect("the time after the wait", "past that moment", late, late >= 100)?;
        stage.wait_for_sdk_time(soon)?;
        let far = Timestamp::from_millisecond(stage.sdk_now().as_millisecond() + 1_500);
        let refused = stage.wait_for_sdk_time(far.unwrap_or_default());
        stage.expect("a longer wait", "refused", false, matches!(refused, Err(Halt::Harness(_))))
    }
    static CASE: Case = case("stage/waits", play);
    passes(&CASE);
}

#[test]
fn wrong_codes_are_wrong_and_neighbours_are_neighbours() {
    fn play(stage: &mut Stage) -> Result<(), Halt> {
        stage.sign_in(BOB.email)?;
        let wrong = stage.wrong_code(SECRET)?;
        stage.expect("a wrong code", "six digits", wrong.clone(), wrong.len() == 6)?;
        stage.act("totp.auth", json!({ "code": wrong })).expect_server_error(422, &[])?;
        let (now, later) = (stage.code_for(SECRET)?, stage.code_at_step(SECRET, 1)?);
        stage.expect_equal(
            "the code of no step away",
            now.clone(),
            stage.code_at_step(SECRET, 0)?,
        )?;
        let next = stage.next_code(SECRET)?;
        stage.expect_equal("the code of the next step", later, next)?;
        stage.expect_equal("the code of the step before", now, stage.code_at_step(SECRET, -1)?)
    }
    static CASE: Case = Case { world: World::PLAIN.with(&[BOB]), ..case("stage/codes", play) };
    passes(&CASE);
}

#[test]
fn a_race_is_decided_in_the_order_that_was_asked_for() {
    fn play(stage: &mut Stage) -> Result<(), Halt> {
        stage.sign_in(BOB.email)?;
        let bearer = stage.bearer()?;
        for (order, statuses) in [(Order::FirstCome, [200, 422]), (Order::LastCome, [422, 200])] {
            let code = json!({ "code": stage.next_code(SECRET)? });
            let request = stage.raw("POST", "users/mfa/auth/totp").bearer(&bearer).json(code);
            let answers = stage.race_in_order(vec![request.clone(), request], order)?;
            let got: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
            stage.expect_equal(&format!("{order:?}"), json!(statuses), json!(got))?;
        }
        let code = json!({ "code": stage.next_code(SECRET)? });
        let request = stage.raw("POST", "users/mfa/auth/totp").bearer(&bearer).json(code);
        let mut got: Vec<u16> = request.race(3)?.iter().map(|answer| answer.status).collect();
        got.sort_unstable();
        stage.expect_equal("a race in no order", json!([200, 422, 422]), json!(got))
    }
    static CASE: Case = Case { world: World::PLAIN.with(&[BOB]), ..case("stage/races", play) };
    passes(&CASE);
}
