//! The session MFA guide's own steps, in its order: sign in, ask, enrol or answer the challenge.

use serde_json::json;

use crate::case::{Case, Guide};
use crate::stage::{Halt, Stage};
use crate::world::{Person, World};

use super::record;

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "walk/session-mfa-enrols",
        title: "the session MFA guide, for a user without a method: sign in, enrol, acknowledge",
        proves: &["MFA-SES-003", "MFA-JWT-008"],
        counter: None,
        guides: &[Guide::SessionMfa, Guide::AccountBased],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "mfa.missing",
            "mfa.methods",
            "totp.register",
            "totp.auth",
            "recovery.pending",
            "recovery.list",
            "recovery.ack",
        ],
        world: World::MFA_REQUIRED,
        play: enrols,
    },
    Case {
        id: "walk/session-mfa-challenges",
        title: "the session MFA guide, for a user with a method: sign in, answer the challenge",
        proves: &["MFA-SES-002", "MFA-JWT-008"],
        counter: None,
        guides: &[Guide::SessionMfa],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "mfa.missing",
            "mfa.methods",
            "totp.auth",
        ],
        world: World::PLAIN.with(&[ALICE.with_totp(SECRET)]),
        play: challenges,
    },
];

fn enrols(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.proving("MFA-SES-003");
    stage.act("mfa.missing", json!({})).expect_field("/missing", true)?;
    let methods = stage.act("mfa.methods", json!({}));
    methods.expect_field("/has_verified", false)?;
    methods.expect_field("/devices", json!([]))?;
    let begun = stage.act("totp.register", json!({}));
    let (id, secret) = (begun.text("/device_id")?, begun.text("/secret")?);
    let code = stage.code_for(&secret)?;
    let passed = stage.act("totp.auth", json!({ "code": code, "device_id": id }));
    passed.ok()?;

    stage.proving("MFA-JWT-008");
    let scope = passed.wire().last("authMfaTotpDevice")?.answer("/user/scope");
    let gone = !scope.as_str().unwrap_or_default().contains("requiresAdditionalAuth");
    stage.expect("scope after enrolling", "no requiresAdditionalAuth", scope, gone)?;
    stage.act("mfa.missing", json!({})).expect_field("/missing", false)?;

    stage.proving("MFA-SES-003");
    stage.act("recovery.pending", json!({})).expect_field("/pending", true)?;
    stage.act("recovery.list", json!({})).ok()?;
    stage.act("recovery.ack", json!({})).ok()?;
    stage.act("recovery.pending", json!({})).expect_field("/pending", false)?;
    stage.act("state.get", json!({})).expect_field("/scopes", json!(["user:basic"]))?;
    let user = stage.user(ALICE.email)?;
    stage.expect_equal(
        "the device at the service is verified",
        true,
        record::at(&user, "/devices/0/verified"),
    )
}

fn challenges(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    stage.proving("MFA-SES-002");
    stage.act("mfa.missing", json!({})).expect_field("/missing", true)?;
    let methods = stage.act("mfa.methods", json!({}));
    methods.expect_field("/has_verified", true)?;
    let id = methods.text("/devices/0/id")?;
    let known = record::of(stage, ALICE.email, "/devices/0/id")?;
    stage.expect_equal("the device at the service", known, id.clone())?;

    let code = stage.next_code(SECRET)?;
    let passed = stage.act("totp.auth", json!({ "code": code, "device_id": id }));
    stage.proving("MFA-JWT-008");
    passed.ok()?;
    let scope = passed.wire().last("authMfaTotpDevice")?.answer("/user/scope");
    stage.expect_equal("scope after the challenge", "user:basic", scope)?;
    stage.act("mfa.missing", json!({})).expect_field("/missing", false)?;
    stage.act("state.get", json!({})).expect_field("/scopes", json!(["user:basic"]))
}
