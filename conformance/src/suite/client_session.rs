//! What a client holds: session, user and MFA token, and what may end them.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::raw_session::MFA_TOKEN;
use super::record;
use crate::case::{Case, Guide};
use crate::service::{Effect, Fault};
use crate::stage::{Halt, Noted, Stage};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ENROLLED: World = World::LEGACY.with(&[ALICE.with_totp(SECRET)]);
const SESSION: &[Guide] = &[Guide::SessionMfa];
const DELETING: &[&str] = &["auth.email_start", "auth.email_verify", "user.delete"];

/// Time for two calls of an SDK before the first token ends.
const ROOM: SignedDuration = SignedDuration::from_millis(850);

pub(super) const CASES: &[Case] = &[
    Case {
        id: "session/refreshing-prolongs-it-in-the-sdk",
        title: "after a refresh the user stays signed in when the earlier time passes",
        proves: &["MFA-SES-030"],
        counter: None,
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "auth.refresh"],
        world: World::PLAIN.with(&[ALICE]).set(&[("session.lifeSeconds", "1")]),
        play: refreshing_prolongs,
    },
    Case {
        id: "session/deleting-the-user-signs-out",
        title: "once the user is deleted the SDK holds neither user nor tokens",
        proves: &["MFA-SES-031"],
        counter: Some("session/refused-deletion-keeps-it"),
        guides: SESSION,
        needs: DELETING,
        world: World::LEGACY.with(&[ALICE]),
        play: deleting_signs_out,
    },
    Case {
        id: "session/refused-deletion-keeps-it",
        title: "a refused deletion of the user surfaces and leaves the session as it was",
        proves: &["MFA-SES-031"],
        counter: Some("session/deleting-the-user-signs-out"),
        guides: SESSION,
        needs: DELETING,
        world: World::LEGACY.with(&[ALICE]),
        play: refused_deletion,
    },
    Case {
        id: "session/logout-outlives-a-restart",
        title: "a logout clears the storage too: the next start over it is signed out",
        proves: &["MFA-SES-004"],
        counter: Some("session/restart-restores"),
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "auth.logout", "client.restart"],
        world: World::PLAIN.with(&[ALICE]),
        play: logout_outlives_a_restart,
    },
    Case {
        id: "session/logout-needs-no-answer",
        title: "a logout that the service fails to answer still signs out here",
        proves: &["MFA-SES-004"],
        counter: Some("session/logout-ends-both-sides"),
        guides: SESSION,
        needs: &["auth.email_start", "auth.email_verify", "auth.logout"],
        world: World::PLAIN.with(&[ALICE]),
        play: logout_needs_no_answer,
    },
    Case {
        id: "mfa-token/stays-until-another-comes",
        title: "a refresh keeps the held MFA token, and a new one takes its place",
        proves: &["MFA-TOK-030"],
        counter: None,
        guides: &[Guide::ActionBased, Guide::DeviceManagement],
        needs: &["auth.email_start", "auth.email_verify", "auth.refresh", "totp.auth"],
        world: ENROLLED,
        play: stays_until_another_comes,
    },
    Case {
        id: "mfa-token/an-update-carries-and-keeps-it",
        title: "updating the user sends the held MFA token and does not use it up",
        proves: &["MFA-TOK-031"],
        counter: None,
        guides: &[Guide::ActionBased],
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "user.update"],
        world: ENROLLED,
        play: update_carries_and_keeps,
    },
];

/// The SDK's clock cannot be moved, so the first token ends within its next second and a half.
fn refreshing_prolongs(stage: &mut Stage) -> Result<(), Halt> {
    stage.act("auth.email_start", json!({ "email": ALICE.email })).ready()?;
    let code = stage.mail_code(ALICE.email)?;
    // Sign-in and refresh must both be through before that end, on a slow machine, too.
    if stage.soon().duration_since(stage.sdk_now()) < ROOM {
        stage.wait_for_sdk_time(stage.soon())?;
    }
    let end = stage.soon();
    stage.hold_clock_at(end - SignedDuration::from_secs(1))?;
    let verified = stage.act("auth.email_verify", json!({ "code": code }));
    verified.ready()?;
    let served = verified.wire().last("signInWithEmailVerification")?.answer("/expiresAt");
    stage.expect_equal("the session's first end", end.as_second(), served)?;
    stage.set("session.lifeSeconds", 600)?;
    let refreshed = stage.act("auth.refresh", json!({}));
    refreshed.ready()?;
    let later = refreshed.wire().last("refreshAuth")?.answer("/expiresAt");
    let is_later = later.as_i64().is_some_and(|later| later > end.as_second());
    stage.expect("the session's next end", "later than the first", later.clone(), is_later)?;

    stage.wait_for_sdk_time(end)?;
    let state = stage.act("state.get", json!({}));
    state.expect_field("/authenticated", true)?;
    state.expect_field("/token_exp", later)
}

fn deleting_signs_out(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let deleted = stage.act("user.delete", json!({}));
    deleted.ok()?;
    deleted.wire().exactly(1, "hardDeleteUser")?;
    let gone = stage.record(ALICE.email)?.is_null();
    stage.expect("the user at the service", "gone", gone, gone)?;
    let state = stage.act("state.get", json!({}));
    state.expect_field("/authenticated", false).noted()?;
    state.expect_field("/user_id", Value::Null).noted()?;
    state.expect_field("/token", Value::Null)
}

fn refused_deletion(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let before = stage.state()?;
    for status in [403, 500] {
        let refuses = Fault::on("hardDeleteUser", Effect::status(status));
        stage.inject(Fault { times: None, ..refuses })?;
        let refused = stage.act("user.delete", json!({}));
        refused.wire().exactly(1, "hardDeleteUser")?;
        refused.wire().never("revokeSession").noted()?;
        refused.err()?;
        stage.clear_faults();
    }
    let state = stage.act("state.get", json!({}));
    for field in ["/authenticated", "/user_id", "/token"] {
        state.expect_field(field, record::at(&before, field)).noted()?;
    }
    Ok(())
}

fn is_signed_out(stage: &mut Stage) -> Result<(), Halt> {
    let state = stage.act("state.get", json!({}));
    state.expect_field("/authenticated", false).noted()?;
    for field in ["/user_id", "/token", "/mfa_token"] {
        state.expect_field(field, Value::Null).noted()?;
    }
    Ok(())
}

fn logout_outlives_a_restart(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.act("auth.logout", json!({})).ready()?;
    stage.act("client.restart", json!({})).ready()?;
    is_signed_out(stage)
}

/// Whether the SDK tells of the failure is its own business; whoever wanted to leave has left.
fn logout_needs_no_answer(stage: &mut Stage) -> Result<(), Halt> {
    for effect in [Effect::status(500), Effect::DropBefore] {
        stage.sign_in(ALICE.email)?;
        let fails = Fault::on("revokeSession", effect);
        stage.inject(Fault { times: None, ..fails })?;
        stage.act("auth.logout", json!({})).returned()?;
        is_signed_out(stage)?;
        stage.clear_faults();
    }
    Ok(())
}

/// Authenticates for an MFA token that works more than once.
fn earns_token(stage: &mut Stage) -> Result<String, Halt> {
    let code = stage.next_code(SECRET)?;
    let wish = json!({ "code": code, "mfa_token": { "single_use": false } });
    record::text(&stage.act("totp.auth", wish).ready()?, "/mfa_token")
}

fn stays_until_another_comes(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let first = earns_token(stage)?;
    stage.act("auth.refresh", json!({})).ready()?;
    stage.act("state.get", json!({})).expect_field("/mfa_token", first.clone())?;
    stage.pass_mfa(SECRET)?;
    stage.act("state.get", json!({})).expect_field("/mfa_token", first.clone())?;
    let second = earns_token(stage)?;
    stage.expect("the second token", "another one", second != first, second != first)?;
    stage.act("state.get", json!({})).expect_field("/mfa_token", second)
}

fn update_carries_and_keeps(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let token = earns_token(stage)?;
    let updated = stage.act("user.update", json!({ "fields": { "alias": "Ada" } }));
    updated.wire().last("updateSelf")?.expect_header(MFA_TOKEN, &token).noted()?;
    updated.ok()?;
    stage.act("state.get", json!({})).expect_field("/mfa_token", token)
}
