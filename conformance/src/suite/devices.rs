//! Devices: listing, describing, choosing and reading them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::record;
use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, Stage};
use crate::world::{Person, World};

const ALICE: Person = Person::named("alice@example.com");
const BOB: Person = Person::named("bob@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const BOBS_SECRET: &str = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU";
const ENROLLED: World = World::PLAIN.with(&[ALICE.with_totp(SECRET)]);
const TWO_PEOPLE: World = World::PLAIN.with(&[ALICE.with_totp(SECRET), BOB.with_totp(BOBS_SECRET)]);
const NOBODYS: &str = "6f1d4c8a-0000-4000-8000-00000000dead";

const LISTING: &[&str] = &["auth.email_start", "auth.email_verify", "device.list"];
const GUIDES: &[Guide] = &[Guide::DeviceManagement];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "devices/list-shows-the-present-state",
        title: "each list asks anew and shows a registered, a verified and a deleted device",
        proves: &["MFA-DEV-001"],
        counter: None,
        guides: &[Guide::DeviceManagement, Guide::Totp],
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.register",
            "totp.auth",
            "device.list",
            "device.delete",
        ],
        world: World::LEGACY,
        play: list_shows_the_present_state,
    },
    Case {
        id: "devices/list-shows-what-others-changed",
        title: "a list shows a device that was verified elsewhere since the list before",
        proves: &["MFA-DEV-001"],
        counter: None,
        guides: GUIDES,
        needs: LISTING,
        world: World::LEGACY.with(&[ALICE.with_unconfirmed_totp(SECRET)]),
        play: list_shows_what_others_changed,
    },
    Case {
        id: "devices/a-verified-device-tells-all",
        title: "a verified device shows id, type, rank and the time of its verification",
        proves: &["MFA-DEV-002"],
        counter: None,
        guides: GUIDES,
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.register",
            "totp.auth",
            "device.list",
        ],
        world: World::LEGACY,
        play: a_verified_device_tells_all,
    },
    Case {
        id: "devices/an-unverified-device-has-no-time",
        title: "a device that was never verified shows so, and no time of verification",
        proves: &["MFA-DEV-002"],
        counter: Some("devices/a-verified-device-tells-all"),
        guides: GUIDES,
        needs: LISTING,
        world: World::LEGACY.with(&[ALICE.with_unconfirmed_totp(SECRET)]),
        play: an_unverified_device_has_no_time,
    },
    Case {
        id: "devices/one-default-among-the-verified",
        title: "choosing the default is answered without a body, and the next list shows it",
        proves: &["MFA-DEV-003"],
        counter: None,
        guides: GUIDES,
        needs: &[
            "auth.email_start",
            "auth.email_verify",
            "totp.auth",
            "device.list",
            "device.set_default",
        ],
        world: ENROLLED,
        play: one_default,
    },
    Case {
        id: "devices/choosing-needs-no-body",
        title: "the service takes a request without a body as the wish to make it the default",
        proves: &["MFA-DEV-003"],
        counter: None,
        guides: GUIDES,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "device.list"],
        world: ENROLLED,
        play: choosing_needs_no_body,
    },
    Case {
        id: "devices/an-unknown-device-is-no-default",
        title: "choosing a device that does not exist fails and leaves the default alone",
        proves: &["MFA-DEV-003"],
        counter: Some("devices/one-default-among-the-verified"),
        guides: GUIDES,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "device.set_default"],
        world: ENROLLED,
        play: unknown_device_is_no_default,
    },
    Case {
        id: "devices/one-by-its-id",
        title: "reading a device by its id gives what the list gives",
        proves: &["MFA-DEV-004"],
        counter: None,
        guides: GUIDES,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "device.list", "device.get"],
        world: ENROLLED,
        play: one_by_its_id,
    },
    Case {
        id: "devices/one-by-its-id-at-the-service",
        title: "the service answers for one device with the very entry of the list",
        proves: &["MFA-DEV-004"],
        counter: None,
        guides: GUIDES,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "device.list"],
        world: ENROLLED,
        play: one_by_its_id_at_the_service,
    },
    Case {
        id: "devices/anothers-device-is-unknown",
        title: "another user's device is refused like one that never existed",
        proves: &["MFA-DEV-004"],
        counter: Some("devices/one-by-its-id"),
        guides: GUIDES,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth", "device.get"],
        world: TWO_PEOPLE,
        play: anothers_device_is_unknown,
    },
    Case {
        id: "devices/anothers-device-is-unknown-to-the-service",
        title: "the service answers alike for another user's device and for none at all",
        proves: &["MFA-DEV-004"],
        counter: Some("devices/one-by-its-id-at-the-service"),
        guides: GUIDES,
        needs: &["auth.email_start", "auth.email_verify", "totp.auth"],
        world: TWO_PEOPLE,
        play: anothers_device_at_the_service,
    },
];

fn list_shows_the_present_state(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    listed(stage, &json!([]))?;
    let device = stage.begin_totp()?;
    let id = device.device_id.clone();
    listed(stage, &json!([{ "id": id, "verified": false }]))?;

    let code = stage.code_for(&device.secret)?;
    let wish = json!({ "code": code, "mfa_token": { "single_use": true } });
    let token = stage.act("totp.auth", wish).ready()?;
    listed(stage, &json!([{ "id": id, "verified": true }]))?;

    let proof = json!({ "id": id, "mfa_token": record::at(&token, "/mfa_token") });
    stage.act("device.delete", proof).ready()?;
    listed(stage, &json!([]))
}

fn list_shows_what_others_changed(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let id = record::text(&record::device(stage, ALICE.email)?, "/id")?;
    listed(stage, &json!([{ "id": id, "verified": false }]))?;
    let (bearer, code) = (stage.bearer()?, stage.code_for(SECRET)?);
    let confirm = stage.raw("POST", "users/mfa/register/totp").bearer(&bearer);
    let confirmed = confirm.json(json!({ "type": "totp", "code": code })).send()?;
    if confirmed.status != 200 {
        return Err(Halt::Blocked(format!("the service did not confirm: {}", confirmed.status)));
    }
    listed(stage, &json!([{ "id": id, "verified": true }]))
}

/// Expects one request, and these ids and states in the answer and from the SDK.
fn listed(stage: &mut Stage, wanted: &Value) -> Result<(), Halt> {
    let list = stage.act("device.list", json!({}));
    let shown = states(&list.value("/devices")?);
    list.wire().exactly(1, "getUserMfaDevices")?;
    let answer = states(&list.wire().last("getUserMfaDevices")?.answer("/devices"));
    stage.expect_equal("the list of the service", wanted.clone(), answer)?;
    stage.expect_equal("the list from the SDK", wanted.clone(), shown)
}

fn states(devices: &Value) -> Value {
    let state = |device: &Value| json!({ "id": device["id"], "verified": device["verified"] });
    devices.as_array().into_iter().flatten().map(state).collect()
}

fn a_verified_device_tells_all(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let device = stage.begin_totp()?;
    stage.advance(3)?;
    let code = stage.code_for(&device.secret)?;
    stage.act("totp.auth", json!({ "code": code })).ready()?;
    let verified_at = stage.now();

    let list = stage.act("device.list", json!({}));
    list.expect_field("/devices/0/id", device.device_id)?;
    list.expect_field("/devices/0/type", "totp")?;
    list.expect_field("/devices/0/verified", true)?;
    list.expect_field("/devices/0/default", true)?;
    let said = list.value("/devices/0/verified_at")?;
    let same = moment(&said) == Some(verified_at);
    stage.expect("verified_at from the SDK", &verified_at.to_string(), said, same)?;

    let seen = list.wire().last("getUserMfaDevices")?;
    let created = seen.answer("/devices/0/createdAt");
    let earlier = moment(&created).is_some_and(|created| created < verified_at);
    stage.expect("createdAt of the service", "before the verification", created, earlier)?;
    let said = seen.answer("/devices/0/verifiedAt");
    let same = moment(&said) == Some(verified_at);
    stage.expect("verifiedAt of the service", &verified_at.to_string(), said, same)
}

fn an_unverified_device_has_no_time(stage: &mut Stage) -> Result<(), Halt> {
    stage.sign_in(ALICE.email)?;
    let list = stage.act("device.list", json!({}));
    list.expect_field("/devices/0/type", "totp")?;
    list.expect_field("/devices/0/verified", false)?;
    list.expect_field("/devices/0/verified_at", Value::Null)?;
    let seen = list.wire().last("getUserMfaDevices")?;
    stage.expect_equal(
        "verifiedAt of the service",
        Value::Null,
        seen.answer("/devices/0/verifiedAt"),
    )
}

/// A time as the API or an SDK writes it.
fn moment(text: &Value) -> Option<Timestamp> {
    text.as_str()?.parse().ok()
}

fn one_default(stage: &mut Stage) -> Result<(), Halt> {
    let id = enter(stage)?;
    let chosen = stage.act("device.set_default", json!({ "id": id }));
    chosen.ok()?;
    chosen.wire().exactly(1, "updateUserMfaDevice")?;
    let seen = chosen.wire().last("updateUserMfaDevice")?;
    seen.expect_status(204)?;
    stage.expect_equal("body of the answer", Value::Null, seen.answer(""))?;
    is_the_default(stage, &id)
}

fn choosing_needs_no_body(stage: &mut Stage) -> Result<(), Halt> {
    let id = enter(stage)?;
    let bearer = stage.bearer()?;
    let chosen = stage.raw("PUT", &format!("users/mfa/{id}")).bearer(&bearer).send()?;
    chosen.expect_status(204)?;
    stage.expect_equal("body of the answer", "", chosen.text)?;
    is_the_default(stage, &id)
}

fn unknown_device_is_no_default(stage: &mut Stage) -> Result<(), Halt> {
    let id = enter(stage)?;
    let refused = stage.act("device.set_default", json!({ "id": NOBODYS }));
    refused.expect_server_error(404, &["not_found"]).noted()?;
    refused.wire().last("updateUserMfaDevice")?.expect_status(404)?;
    let device = record::device(stage, ALICE.email)?;
    stage.expect_equal("id of the default on record", id, record::at(&device, "/id"))?;
    stage.expect_equal("it is the default", true, record::at(&device, "/default"))
}

/// The list shows this device as its only default.
fn is_the_default(stage: &mut Stage, id: &str) -> Result<(), Halt> {
    let list = stage.act("device.list", json!({}));
    let devices = list.value("/devices")?;
    let defaults: Vec<&Value> = devices
        .as_array()
        .into_iter()
        .flatten()
        .filter(|device| device["verified"] == true && device["default"] == true)
        .map(|device| &device["id"])
        .collect();
    stage.expect_equal("defaults in the list", json!([id]), json!(defaults))
}

fn one_by_its_id(stage: &mut Stage) -> Result<(), Halt> {
    let id = enter(stage)?;
    let listed = stage.act("device.list", json!({})).value("/devices/0")?;
    let read = stage.act("device.get", json!({ "id": id }));
    read.expect_field("/device", listed)?;
    read.expect_field("/device/id", id)?;
    read.wire().exactly(1, "getMfaDevice")?;
    read.wire().last("getMfaDevice")?.expect_status(200)
}

fn one_by_its_id_at_the_service(stage: &mut Stage) -> Result<(), Halt> {
    let id = enter(stage)?;
    let list = stage.act("device.list", json!({}));
    list.expect_field("/devices/0/id", id.clone())?;
    let entry = list.wire().last("getUserMfaDevices")?.answer("/devices/0");
    let bearer = stage.bearer()?;
    let read = stage.raw("GET", &format!("users/mfa/{id}")).bearer(&bearer).send()?;
    read.expect_status(200)?;
    read.expect_body("", entry)
}

fn anothers_device_is_unknown(stage: &mut Stage) -> Result<(), Halt> {
    let bobs = record::text(&record::device(stage, BOB.email)?, "/id")?;
    enter(stage)?;
    let mut refusals = Vec::new();
    for id in [bobs.as_str(), NOBODYS] {
        let read = stage.act("device.get", json!({ "id": id }));
        read.expect_server_error(404, &["not_found"]).noted()?;
        let seen = read.wire().last("getMfaDevice")?;
        seen.expect_status(404)?;
        refusals.push(seen.answer(""));
    }
    stage.expect("the two refusals", "alike", refusals.clone(), alike(&refusals))
}

fn anothers_device_at_the_service(stage: &mut Stage) -> Result<(), Halt> {
    let bobs = record::text(&record::device(stage, BOB.email)?, "/id")?;
    enter(stage)?;
    let bearer = stage.bearer()?;
    let mut refusals = Vec::new();
    for id in [bobs.as_str(), NOBODYS] {
        let read = stage.raw("GET", &format!("users/mfa/{id}")).bearer(&bearer).send()?;
        read.expect_status(404)?;
        refusals.push(read.body);
    }
    stage.expect("the two refusals", "alike", refusals.clone(), alike(&refusals))
}

fn alike(refusals: &[Value]) -> bool {
    refusals.windows(2).all(|pair| pair.first() == pair.last())
}

/// Signs in, passes the challenge and tells the id of the seeded device.
fn enter(stage: &mut Stage) -> Result<String, Halt> {
    stage.sign_in(ALICE.email)?;
    stage.pass_mfa(SECRET)?;
    record::text(&record::device(stage, ALICE.email)?, "/id")
}
