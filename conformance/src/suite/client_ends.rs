//! How sessions begin and end in a client: storage, cookies, reasons, and what comes too late.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::service::{Effect, Fault};
use crate::stage::{Halt, Noted, Stage};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");
const SESSION: &[Guide] = &[Guide::SessionMfa];
const EVERY: &[Guide] =
    &[Guide::Totp, Guide::SessionMfa, Guide::ActionBased, Guide::StepUp, Guide::DeviceManagement];
const REASON: &str = "x-dyn-logout-reason";
const NONCE: &str = "x-dynamic-device-nonce";
/// Time for one call of an SDK before its session ends.
const ROOM: SignedDuration = SignedDuration::from_millis(700);
/// The longest life of that session here; the late answer comes after it.
const MOST: SignedDuration = SignedDuration::from_millis(1_300);
/// Time between the end of a session and the answer that comes after it.
const LATE: SignedDuration = SignedDuration::from_millis(200);

pub(super) const CASES: &[Case] = &[
    Case {
        id: "network/a-start-asks-once",
        title: "a start asks for the settings once, naming its version, and then for nonces once",
        proves: &["MFA-NET-060"],
        counter: None,
        guides: EVERY,
        needs: &["auth.email_start", "auth.email_verify"],
        world: World::PLAIN.with(&[ALICE]),
        play: start_asks_once,
    },
    Case {
        id: "network/a-start-without-settings-goes-no-further",
        title: "a start that gets no settings ends with the refusal and asks for no nonces",
        proves: &["MFA-NET-061"],
        counter: Some("network/a-start-asks-once"),
        guides: EVERY,
        needs: &[],
        world: World::PLAIN,
        play: start_without_settings,
    },
    Case {
        id: "network/a-restart-lives-from-its-storage",
        title: "a restart with a live session asks for neither settings nor user",
        proves: &["MFA-NET-062"],
        counter: Some("network/a-start-asks-once"),
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "client.restart"],
        world: World::PLAIN.with(&[ALICE]),
        play: restart_lives_from_its_storage,
    },
    Case {
        id: "session/a-start-looks-for-a-cookie",
        title: "where sessions live in cookies, a start asks for one and takes a no for an answer",
        proves: &["MFA-SES-060"],
        counter: Some("network/a-start-asks-once"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN.set(&[("auth.storage", r#"["cookie"]"#)]),
        play: start_looks_for_a_cookie,
    },
    Case {
        id: "session/an-end-is-told-with-its-reason",
        title: "logging out and deleting the user each tell the service once, and why",
        proves: &["MFA-SES-062"],
        counter: None,
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "auth.logout", "user.delete"],
        world: World::LEGACY.with(&[ALICE]),
        play: end_is_told,
    },
    Case {
        id: "session/logout-works-without-the-service",
        title: "a logout ends the session in the SDK although the service fails to hear of it",
        proves: &["MFA-SES-063"],
        counter: Some("session/logout-ends-both-sides"),
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "auth.logout"],
        world: World::PLAIN.with(&[ALICE]),
        play: logout_without_the_service,
    },
    Case {
        id: "session/refreshing-can-shorten-it",
        title: "when a refresh brings an earlier end, the user is signed out at that end",
        proves: &["MFA-SES-064"],
        counter: Some("session/refreshing-prolongs-it-in-the-sdk"),
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "auth.refresh"],
        world: World::PLAIN.with(&[ALICE]),
        play: refreshing_shortens,
    },
    Case {
        id: "session/what-was-ended-stays-ended",
        title: "an answer that comes after the SDK ended its session does not bring it back",
        proves: &["MFA-SES-065"],
        counter: Some("session/ends-in-the-sdk"),
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "auth.refresh"],
        world: World::PLAIN.with(&[ALICE]).set(&[("session.lifeSeconds", "1")]),
        play: ended_stays_ended,
    },
];

fn start_asks_once(stage: &mut Stage) -> Result<(), Halt> {
    stage.open().ok()?;
    // An SDK may answer before it has its nonces; when somebody signs in it must have them.
    stage.sign_in(ALICE.email)?;
    let wire = stage.wire();
    wire.exactly(1, "getEnvironmentSettings").noted()?;
    wire.exactly(1, "getNonces").noted()?;
    wire.in_order(&["getEnvironmentSettings", "getNonces"])?;
    let path = wire.last("getEnvironmentSettings")?.exchange().path.clone();
    let named = path.split_once("sdkVersion=").is_some_and(|(_, version)| !version.is_empty());
    stage.expect("the request for the settings", "names a version", path, named)
}

fn start_without_settings(stage: &mut Stage) -> Result<(), Halt> {
    let fails = Fault::on("getEnvironmentSettings", Effect::status(500));
    stage.inject(Fault { times: None, ..fails })?;
    let opened = stage.open();
    opened.wire().last("getEnvironmentSettings")?.expect_status(500)?;
    opened.wire().never("getNonces").noted()?;
    opened.expect_server_error(500, &[])
}

fn restart_lives_from_its_storage(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let before = stage.bearer()?;
    let restarted = stage.act("client.restart", json!({}));
    restarted.ok()?;
    for operation in ["getEnvironmentSettings", "getAuthenticatedUser", "refreshAuth"] {
        restarted.wire().never(operation).noted()?;
    }
    let state = stage.act("state.get", json!({}));
    state.expect_field("/authenticated", true)?;
    state.expect_field("/token", before)
}

fn start_looks_for_a_cookie(stage: &mut Stage) -> Result<(), Halt> {
    let opened = stage.open();
    opened.wire().exactly(1, "refreshAuth")?;
    let seen = opened.wire().last("refreshAuth")?;
    seen.expect_no_header(NONCE).noted()?;
    seen.expect_status(401)?;
    opened.ok()?;
    stage.act("state.get", json!({})).expect_field("/authenticated", false)
}

fn end_is_told(stage: &mut Stage) -> Result<(), Halt> {
    for (op, reason) in [("auth.logout", "user-intent"), ("user.delete", "user-deleted")] {
        stage.sign_in(ALICE.email)?;
        let ended = stage.act(op, json!({}));
        ended.ok()?;
        ended.wire().exactly(1, "revokeSession")?;
        ended.wire().last("revokeSession")?.expect_header(REASON, reason).noted()?;
    }
    Ok(())
}

fn logout_without_the_service(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let fails = Fault::on("revokeSession", Effect::status(500));
    stage.inject(Fault { times: None, ..fails })?;
    let ended = stage.act("auth.logout", json!({}));
    ended.ok()?;
    ended.wire().last("revokeSession")?.expect_status(500)?;
    let state = stage.act("state.get", json!({}));
    state.expect_field("/authenticated", false).noted()?;
    state.expect_field("/token", Value::Null).noted()?;
    stage.clear_faults();
    let again = stage.act("auth.logout", json!({}));
    again.returned()?;
    again.wire().never("revokeSession")
}

/// The SDK's clock cannot be moved, so the refreshed token ends within its next second and a half.
fn refreshing_shortens(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.set("session.lifeSeconds", 1)?;
    let end = stage.soon();
    stage.hold_clock_at(end - SignedDuration::from_secs(1))?;
    let refreshed = stage.act("auth.refresh", json!({}));
    refreshed.ready()?;
    let served = refreshed.wire().last("refreshAuth")?.answer("/expiresAt");
    stage.expect_equal("the session's new end", end.as_second(), served)?;
    stage.wait_for_sdk_time(end)?;
    let state = stage.act("state.get", json!({}));
    state.expect_field("/authenticated", false)
}

/// The session ends in the SDK while the answer to a refresh is under way, which would prolong it.
fn ended_stays_ended(stage: &mut Stage) -> Result<(), Halt> {
    stage.act("auth.email_start", json!({ "email": ALICE.email })).ready()?;
    let code = stage.mail_code(ALICE.email)?;
    // The sign-in must be through and the refresh under way before that end, on a slow machine,
    // too; and nobody waits for it longer than need be.
    let left = stage.soon().duration_since(stage.sdk_now());
    if left < ROOM {
        stage.wait_for_sdk_time(stage.soon())?;
    } else if left > MOST {
        stage.wait_for_sdk_time(stage.sdk_now())?;
    }
    let end = stage.soon();
    stage.hold_clock_at(end - SignedDuration::from_secs(1))?;
    stage.act("auth.email_verify", json!({ "code": code })).ready()?;
    stage.set("session.lifeSeconds", 600)?;
    let left = end.duration_since(stage.sdk_now()) + LATE;
    let milliseconds = u64::try_from(left.as_millis()).unwrap_or(0);
    stage.inject(Fault::on("refreshAuth", Effect::Delay { milliseconds }))?;
    let late = stage.act("auth.refresh", json!({}));
    late.returned()?;
    let served = late.wire().last("refreshAuth")?.answer("/expiresAt");
    let is_later = served.as_i64().is_some_and(|served| served > end.as_second());
    stage.expect("the end in the late answer", "later than the first", served, is_later)?;
    let authenticated = stage.state_of("authenticated")? == true;
    let ended = stage.wire().count("revokeSession")? > 0;
    let shown = format!("told of an end: {ended}, signed in: {authenticated}");
    stage.expect("after the late answer", "not both", shown, !(ended && authenticated))
}
