//! Passkeys: what one ceremony is, what it costs, and what the service refuses.

use driver_protocol::{Ceremony, Declined};
use serde_json::{Value, json};

use super::record;
use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, Stage};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");
const PASSKEY: &[Guide] = &[Guide::Passkey];
const STEPS: &[&str] = &["passkey", "auth.email_start", "auth.email_verify", "passkey.register"];
const USES: &[&str] = &[
    "passkey",
    "auth.email_start",
    "auth.email_verify",
    "auth.logout",
    "passkey.register",
    "passkey.auth",
];
const REGISTERED: &str = "registerPasskey";
const AUTHENTICATED: &str = "authenticateMfaPasskeyDevice";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "passkey/registering-is-one-ceremony",
        title: "registering asks for options, performs one ceremony with them and posts its result",
        proves: &["MFA-PK-001", "MFA-PK-010"],
        counter: None,
        guides: PASSKEY,
        needs: &[
            "passkey",
            "auth.email_start",
            "auth.email_verify",
            "passkey.register",
            "passkey.list",
        ],
        world: World::PLAIN.with(&[ALICE]),
        play: registering_is_one_ceremony,
    },
    Case {
        id: "passkey/registering-without-a-token-is-refused",
        title: "where step-up is enforced, a passkey is refused without an elevated token",
        proves: &["MFA-PK-010"],
        counter: Some("passkey/registering-is-one-ceremony"),
        guides: &[Guide::Passkey, Guide::StepUp],
        needs: STEPS,
        world: World::PLAIN.with(&[ALICE]),
        play: registering_without_a_token,
    },
    Case {
        id: "passkey/registering-passes-the-factor",
        title: "a session that owes a second factor owes none once a passkey is registered",
        proves: &["MFA-PK-002", "MFA-PK-009"],
        counter: None,
        guides: &[Guide::Passkey, Guide::AccountBased],
        needs: &[
            "passkey",
            "auth.email_start",
            "auth.email_verify",
            "passkey.register",
            "mfa.missing",
            "mfa.methods",
            "device.list",
        ],
        world: World::MFA_REQUIRED,
        play: registering_passes_the_factor,
    },
    Case {
        id: "passkey/each-ceremony-has-its-challenge",
        title: "two authentications sign two challenges, each taken from its own options",
        proves: &["MFA-PK-004"],
        counter: None,
        guides: PASSKEY,
        needs: USES,
        world: World::LEGACY.with(&[ALICE]),
        play: each_ceremony_has_its_challenge,
    },
    Case {
        id: "passkey/an-old-challenge-is-refused",
        title: "an assertion over a challenge that was used before is refused",
        proves: &["MFA-PK-004"],
        counter: Some("passkey/each-ceremony-has-its-challenge"),
        guides: PASSKEY,
        needs: USES,
        world: World::LEGACY.with(&[ALICE]),
        play: an_old_challenge_is_refused,
    },
    Case {
        id: "passkey/another-origin-is-refused",
        title: "an assertion made for another site is refused, and the session stays",
        proves: &["MFA-PK-011"],
        counter: Some("passkey/each-ceremony-has-its-challenge"),
        guides: PASSKEY,
        needs: USES,
        world: World::LEGACY.with(&[ALICE]),
        play: another_origin_is_refused,
    },
    Case {
        id: "passkey/a-counter-that-stands-still-is-refused",
        title: "an assertion whose counter has not grown is refused",
        proves: &["MFA-PK-012"],
        counter: Some("passkey/each-ceremony-has-its-challenge"),
        guides: PASSKEY,
        needs: USES,
        world: World::LEGACY.with(&[ALICE]),
        play: a_standing_counter_is_refused,
    },
    Case {
        id: "passkey/none-is-reported-without-a-request",
        title: "a user without a passkey is told so: no ceremony, nothing posted",
        proves: &["MFA-PK-005"],
        counter: Some("passkey/each-ceremony-has-its-challenge"),
        guides: PASSKEY,
        needs: &["passkey", "auth.email_start", "auth.email_verify", "passkey.auth"],
        world: World::LEGACY.with(&[ALICE]),
        play: none_is_reported,
    },
    Case {
        id: "passkey/cancelling-costs-nothing",
        title: "a cancelled registration posts nothing and keeps session and elevated token",
        proves: &["MFA-PK-008"],
        counter: Some("passkey/registering-is-one-ceremony"),
        guides: PASSKEY,
        needs: &[
            "passkey",
            "auth.email_start",
            "auth.email_verify",
            "passkey.register",
            "stepup.peek",
        ],
        world: World::PLAIN
            .set(&[("elevation.singleUseScopes", "[\"credential:link\"]")])
            .with(&[ALICE]),
        play: cancelling_costs_nothing,
    },
    Case {
        id: "passkey/signs-in",
        title: "a passkey alone opens a session of its user",
        proves: &["MFA-PK-014"],
        counter: None,
        guides: PASSKEY,
        needs: &[
            "passkey",
            "auth.email_start",
            "auth.email_verify",
            "auth.logout",
            "passkey.register",
            "passkey.sign_in",
        ],
        world: World::LEGACY.with(&[ALICE]),
        play: signs_in,
    },
];

/// Signs in and registers a passkey, with the elevated token that this needs where enforced.
pub(super) fn register(stage: &mut Stage, elevated: bool) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    if elevated {
        stage.reauthenticate(ALICE.email, &["credential:link"])?;
        record::holds_elevated(stage, "credential:link")?;
    }
    stage.act("passkey.register", json!({})).ready().map(drop)
}

/// A new session of the user, which owes a second factor.
fn return_owing(stage: &mut Stage) -> Result<(), Halt> {
    stage.act("auth.logout", json!({})).ready()?;
    stage.sign_in(ALICE.email)
}

fn registering_is_one_ceremony(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.reauthenticate(ALICE.email, &["credential:link"])?;
    let begun = stage.act("passkey.register", json!({}));
    // What went out comes first: a service that refuses it would hide who was wrong.
    stage.proving("MFA-PK-010");
    let options = begun.wire().last("getPasskeyRegistrationOptions")?;
    options.proves("MFA-PK-010").expect_no_header("x-dyn-elevated-access-token").noted()?;
    let seen = begun.wire().last(REGISTERED)?;
    let presents =
        seen.header("x-dyn-elevated-access-token").is_some_and(|token| !token.is_empty());
    stage.expect(
        "the call that posts the credential",
        "carries an elevated token",
        presents,
        presents,
    )?;
    stage.proving("MFA-PK-001");
    begun.ok()?;
    begun.wire().in_order(&["getPasskeyRegistrationOptions", REGISTERED])?;
    let offered = begun.wire().last("getPasskeyRegistrationOptions")?.answer("/challenge");
    let performed: Vec<Value> = stage
        .authenticator()
        .performed()
        .iter()
        .filter(|(ceremony, _)| *ceremony == Ceremony::Create)
        .map(|(_, options)| record::at(options, "/challenge"))
        .collect();
    stage.expect_equal("challenges handed to the authenticator", json!([offered]), performed)?;
    let ids = stage.authenticator().credential_ids();
    seen.expect_body("/id", ids.first().cloned().unwrap_or_default())?;
    seen.expect_status(200)?;
    let listed = stage.act("passkey.list", json!({}));
    let count = listed.value("/passkeys")?.as_array().map_or(0, Vec::len);
    stage.expect_equal("passkeys in the list", 1, count)
}

fn registering_without_a_token(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let refused = stage.act("passkey.register", json!({}));
    let statuses: Vec<u16> = refused
        .wire()
        .exchanges()
        .iter()
        .filter(|seen| seen.path.contains("/passkeys/register"))
        .map(|seen| seen.status)
        .collect();
    let is_refused = statuses.last() == Some(&403);
    stage.expect("the registration", "refused with 403", json!(statuses), is_refused)?;
    refused.expect_server_error(403, &["elevated_access_token_required"])?;
    let known = record::at(&stage.user(ALICE.email)?, "/passkeys");
    stage.expect_equal("passkeys on record", json!([]), known)
}

fn registering_passes_the_factor(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.proving("MFA-PK-002");
    stage.act("mfa.missing", json!({})).expect_field("/missing", true)?;
    let begun = stage.act("passkey.register", json!({}));
    begun.ok()?;
    let scope = begun.wire().last(REGISTERED)?.answer("/user/scope");
    // A service for which a passkey is no method grants neither; that is told below, under its own
    // requirement.
    stage.expect_equal("scope after registering", "user:basic", scope).noted()?;
    stage.act("mfa.missing", json!({})).expect_field("/missing", false).noted()?;

    stage.proving("MFA-PK-009");
    let methods = stage.act("mfa.methods", json!({}));
    methods.expect_field("/has_verified", true)?;
    let count = methods.value("/passkeys")?.as_array().map_or(0, Vec::len);
    stage.expect_equal("passkeys among the methods", 1, count)?;
    stage.act("device.list", json!({})).expect_field("/devices", json!([]))
}

fn each_ceremony_has_its_challenge(stage: &mut Stage) -> Result<(), Halt> {
    register(stage, false)?;
    let mut challenges = Vec::new();
    for _ in 0..2 {
        let passed = stage.act("passkey.auth", json!({}));
        passed.ok()?;
        passed.wire().exactly(1, AUTHENTICATED)?;
        let offered = passed.wire().last("getPasskeyAuthenticationOptions")?.answer("/challenge");
        let last = stage.authenticator().performed().last().cloned();
        let signed = last.map_or(Value::Null, |(_, options)| record::at(&options, "/challenge"));
        stage.expect_equal("the challenge that was signed", offered.clone(), signed)?;
        challenges.push(offered);
    }
    let differ = challenges.first() != challenges.last();
    stage.expect("the two challenges", "different", json!(challenges), differ)
}

fn an_old_challenge_is_refused(stage: &mut Stage) -> Result<(), Halt> {
    register(stage, false)?;
    let passed = stage.act("passkey.auth", json!({}));
    let used = passed.wire().last("getPasskeyAuthenticationOptions")?.answer("/challenge");
    passed.ready()?;
    return_owing(stage)?;
    stage.authenticator().habits.challenge = used.as_str().map(str::to_owned);
    is_refused(stage)
}

fn another_origin_is_refused(stage: &mut Stage) -> Result<(), Halt> {
    register(stage, false)?;
    return_owing(stage)?;
    // Each begins or ends like the honest one and belongs to somebody else.
    for origin in
        ["http://localhost.example.org", "http://evillocalhost", "http://localhost@evil.example"]
    {
        let habits = &mut stage.authenticator().habits;
        habits.origin = origin.to_owned();
        // The relying party is the honest one, as on a page whose browser does not look.
        habits.checks_rp = false;
        is_refused(stage)?;
    }
    Ok(())
}

fn a_standing_counter_is_refused(stage: &mut Stage) -> Result<(), Halt> {
    register(stage, false)?;
    stage.act("passkey.auth", json!({})).ready()?;
    return_owing(stage)?;
    stage.authenticator().habits.counts = false;
    is_refused(stage)
}

fn is_refused(stage: &mut Stage) -> Result<(), Halt> {
    let step = stage.act("passkey.auth", json!({}));
    let status = step.wire().last(AUTHENTICATED)?.exchange().status;
    let refused = (400..500).contains(&status);
    stage.expect("the service's answer", "a refusal", status, refused)?;
    let reported = !step.returned()?;
    stage.expect("what the SDK reports", "an error", reported, reported)?;
    let owes = stage.state_of("mfa_pending")?;
    stage.expect_equal("the session still owes the factor", true, owes)
}

fn none_is_reported(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let told = stage.act("passkey.auth", json!({}));
    told.expect_client_error()?;
    told.wire().never(AUTHENTICATED)?;
    let performed = stage.authenticator().performed().len();
    stage.expect_equal("ceremonies", 0, performed)
}

fn cancelling_costs_nothing(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.reauthenticate(ALICE.email, &["credential:link"])?;
    record::holds_elevated(stage, "credential:link")?;
    let before = stage.bearer()?;
    let declined = Declined::new("NotAllowedError", "the person cancelled");
    stage.authenticator().habits.declines = Some(declined);
    let cancelled = stage.act("passkey.register", json!({}));
    cancelled.wire().never(REGISTERED)?;
    let error = cancelled.err()?;
    let is_the_persons = error.origin == driver_protocol::ErrorOrigin::User;
    stage.expect("whose doing it is", "the person's", error.origin.to_string(), is_the_persons)?;
    let bearer = stage.bearer()?;
    stage.expect("the session", "unchanged", bearer == before, bearer == before)?;
    let held = stage.act("stepup.peek", json!({ "scope": "credential:link" }));
    let token = held.value("/token")?;
    stage.expect("the elevated token", "still there", token.is_string(), token.is_string())
}

fn signs_in(stage: &mut Stage) -> Result<(), Halt> {
    register(stage, false)?;
    let user = stage.state_of("user_id")?;
    stage.act("auth.logout", json!({})).ready()?;
    let signed_in = stage.act("passkey.sign_in", json!({}));
    signed_in.ok()?;
    signed_in.wire().last("signinWithPasskey")?.expect_status(200)?;
    let now = stage.state_of("user_id")?;
    stage.expect_equal("who is signed in", user, now)
}
