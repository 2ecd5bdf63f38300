//! Passkeys in a client's hands: what goes to the authenticator, and what goes out again.

use driver_protocol::Ceremony;
use serde_json::{Value, json};

use super::{passkey, record};
use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, Stage};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");
const PASSKEY: &[Guide] = &[Guide::Passkey];
const USES: &[&str] =
    &["passkey", "auth.email_start", "auth.email_verify", "passkey.register", "passkey.auth"];
const LEGACY: &str = "2026_01_01";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "passkey/credentials-go-out-whole",
        title: "what the authenticator made goes out whole, its client data spelt for each call",
        proves: &["MFA-PK-030", "MFA-PK-031"],
        counter: None,
        guides: PASSKEY,
        needs: USES,
        world: World::LEGACY.with(&[ALICE]),
        play: credentials_go_out_whole,
    },
    Case {
        id: "passkey/options-reach-the-authenticator",
        title: "the authenticator gets relying party, allowed passkeys and wishes of the service",
        proves: &["MFA-PK-032"],
        counter: None,
        guides: PASSKEY,
        needs: USES,
        world: World::PLAIN
            .set(&[("minApiVersion", LEGACY), ("passkey.userVerification", "required")])
            .with(&[ALICE]),
        play: options_reach_the_authenticator,
    },
    Case {
        id: "passkey/every-allowed-one-is-offered",
        title: "of two passkeys the authenticator is told of both, and may hold the second alone",
        proves: &["MFA-PK-032"],
        counter: None,
        guides: PASSKEY,
        needs: USES,
        world: World::LEGACY.with(&[ALICE]),
        play: every_allowed_one_is_offered,
    },
    Case {
        id: "passkey/list-shows-the-present-state",
        title: "each list of passkeys asks anew and shows one that was registered meanwhile",
        proves: &["MFA-PK-033"],
        counter: None,
        guides: &[Guide::Passkey, Guide::DeviceManagement],
        needs: &[
            "passkey",
            "auth.email_start",
            "auth.email_verify",
            "passkey.register",
            "passkey.list",
        ],
        world: World::LEGACY.with(&[ALICE]),
        play: list_shows_the_present_state,
    },
];

fn credentials_go_out_whole(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    // Whether the service takes what went out has cases of its own.
    let registered = stage.act("passkey.register", json!({}));
    registered.returned()?;
    let id = stage.authenticator().credential_ids().into_iter().next().unwrap_or_default();
    let posted = registered.wire().last("registerPasskey")?;
    whole(stage, &posted.body(""), &id, &["attestationObject"], "clientDataJson")?;

    registered.ready()?;
    let passed = stage.act("passkey.auth", json!({}));
    passed.returned()?;
    let posted = passed.wire().last("authenticateMfaPasskeyDevice")?;
    let parts = ["authenticatorData", "signature", "userHandle"];
    whole(stage, &posted.body(""), &id, &parts, "clientDataJSON")
}

/// Expects the parts of a credential, and its client data under the one name.
fn whole(
    stage: &mut Stage,
    posted: &Value,
    id: &str,
    parts: &[&str],
    client_data: &str,
) -> Result<(), Halt> {
    stage.proving("MFA-PK-031");
    for (pointer, wanted) in [("/id", id), ("/rawId", id), ("/type", "public-key")] {
        stage.expect_equal(pointer, wanted, record::at(posted, pointer)).noted()?;
    }
    for part in parts {
        let sent = record::at(posted, &format!("/response/{part}"));
        stage.note(part, "a text", sent.clone(), sent.is_string())?;
    }
    stage.proving("MFA-PK-030");
    let sent = record::at(posted, &format!("/response/{client_data}"));
    stage.note(client_data, "a text", sent.clone(), sent.is_string())
}

fn options_reach_the_authenticator(stage: &mut Stage) -> Result<(), Halt> {
    passkey::register(stage, false)?;
    reached(
        stage,
        (Ceremony::Create, "getPasskeyRegistrationOptions"),
        &["/rp/id", "/user/id", "/challenge"],
    )?;
    stage.act("passkey.auth", json!({})).returned()?;
    let asked = (Ceremony::Get, "getPasskeyAuthenticationOptions");
    reached(stage, asked, &["/rpId", "/challenge", "/userVerification"])?;
    let served = stage.wire().last(asked.1)?.answer("/allowCredentials/0/id");
    let told = handed_over(stage, asked.0);
    stage.expect_equal("allowed passkey", served, record::at(&told, "/allowCredentials/0/id"))
}

/// The first passkey is on another device, so only one that is told of the second can answer.
fn every_allowed_one_is_offered(stage: &mut Stage) -> Result<(), Halt> {
    passkey::register(stage, false)?;
    stage.authenticator().forget();
    stage.act("passkey.register", json!({})).ready()?;
    let passed = stage.act("passkey.auth", json!({}));
    passed.returned()?;
    let served = stage.wire().last("getPasskeyAuthenticationOptions")?.answer("/allowCredentials");
    let served = ids(&served);
    stage.expect("passkeys that the service allows", "two", json!(served), served.len() == 2)?;
    let told = ids(&record::at(&handed_over(stage, Ceremony::Get), "/allowCredentials"));
    stage.expect_equal("passkeys that the authenticator is told of", json!(served), json!(told))?;
    passed.ok().map(drop)
}

fn ids(credentials: &Value) -> Vec<Value> {
    let listed = credentials.as_array().into_iter().flatten();
    listed.map(|credential| record::at(credential, "/id")).collect()
}

/// Expects that the authenticator got these options as the service sent them.
fn reached(
    stage: &mut Stage,
    (ceremony, operation): (Ceremony, &str),
    pointers: &[&str],
) -> Result<(), Halt> {
    let told = handed_over(stage, ceremony);
    let seen = stage.wire().last(operation)?;
    for pointer in pointers {
        let (served, told) = (seen.answer(pointer), record::at(&told, pointer));
        let named = served.is_string();
        stage.expect(&format!("{pointer} of the service"), "a text", named, named)?;
        stage.expect_equal(&format!("{pointer} of {operation}"), served, told).noted()?;
    }
    Ok(())
}

/// The options of the latest ceremony of this kind.
fn handed_over(stage: &mut Stage, ceremony: Ceremony) -> Value {
    let performed = stage.authenticator().performed();
    let last = performed.iter().rfind(|(kind, _)| *kind == ceremony);
    last.map_or(Value::Null, |(_, options)| options.clone())
}

fn list_shows_the_present_state(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    for known in 0..2 {
        if known > 0 {
            stage.act("passkey.register", json!({})).ready()?;
        }
        let listed = stage.act("passkey.list", json!({}));
        listed.wire().exactly(1, "getUserPasskeys").noted()?;
        let count = listed.value("/passkeys")?.as_array().map_or(0, Vec::len);
        stage.expect_equal("passkeys in the list", known, count)?;
    }
    let known = record::of(stage, ALICE.email, "/passkeys/0/id")?;
    let listed = stage.act("passkey.list", json!({}));
    listed.expect_field("/passkeys/0/id", known)
}
