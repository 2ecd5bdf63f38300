//! The shape of refusals in every room of the API, and the limit of every kind of call.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, RawAnswer, RawRequest, Stage};
use crate::world::{Person, World};

use super::raw_session::{ELEVATED, RawSession};

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const NOBODYS: &str = "6f1d4c8a-0000-4000-8000-00000000dead";
/// Three calls of each kind a minute.
const LIMITED: World = World::PLAIN.with(&[ALICE.with_totp(SECRET)]).set(&[
    ("rateLimits.enabled", "true"),
    ("rateLimits.nonces", "3"),
    ("rateLimits.signIns", "3"),
    ("rateLimits.oneTimeCodes", "3"),
    ("rateLimits.mfa", "3"),
]);

pub(super) const CASES: &[Case] = &[
    Case {
        id: "errors/shape-in-every-room",
        title: "whichever call is refused, the body is JSON, says so, and has its texts at the top",
        proves: &["MFA-ERR-001", "MFA-ERR-003", "MFA-ERR-031"],
        counter: None,
        guides: &[Guide::SessionMfa, Guide::DeviceManagement, Guide::StepUp],
        needs: &[],
        world: World::PLAIN.with(&[ALICE.with_totp(SECRET)]),
        play: shape_in_every_room,
    },
    Case {
        id: "network/each-kind-has-its-limit",
        title: "nonces, codes, sign-ins and MFA calls are each counted by themselves",
        proves: &["MFA-NET-051"],
        counter: Some("network/below-the-limit"),
        guides: &[Guide::SessionMfa, Guide::Totp],
        needs: &[],
        world: LIMITED,
        play: each_kind_has_its_limit,
    },
];

/// What is refused, room by room; a body of null stands for none.
const UNKNOWN: [(&str, &str, &str); 8] = [
    ("GET", "users/mfa/{nobodys}", ""),
    ("POST", "waas/{nobodys}/signMessage", r#"{"message":"hi"}"#),
    ("POST", "waas/{nobodys}/privateKey/export", r#"{"exportId":"k"}"#),
    ("GET", "businessAccounts/{nobodys}", ""),
    ("DELETE", "deviceRegistrations/{nobodys}", ""),
    ("GET", "waas/byWalletAddress/0x0000000000000000000000000000000000000001", ""),
    ("GET", "no/such/path", ""),
    ("POST", "users/mfa/no/such/path", "{}"),
];
const UNREADABLE: [(&str, &str, &str); 6] = [
    ("POST", "users/mfa/auth/totp", "{"),
    ("POST", "users/mfa/auth/recovery", "[]"),
    ("POST", "emailVerifications/create", "{}"),
    ("POST", "stepUp/check", r#"{"scope":7}"#),
    ("POST", "waas/create", r#"{"chain":1}"#),
    ("PUT", "users", "nothing"),
];
const OWING: [(&str, &str, &str); 5] = [
    ("DELETE", "users", ""),
    ("POST", "users/mfa/recovery", ""),
    ("POST", "waas/create", r#"{"chain":"EVM","clientKeygenIds":["k1"]}"#),
    ("POST", "businessAccounts", r#"{"name":"Acme"}"#),
    ("POST", "verify/unlink", r#"{"walletPublicKey":"alice@example.com"}"#),
];
const UNPROVEN: [(&str, &str, &str); 3] = [
    ("GET", "users/mfa/register/totp", ""),
    ("GET", "users/passkeys/register", ""),
    ("DELETE", "users/mfa/{device}", ""),
];

fn filled(stage: &Stage, (method, path, body): (&str, &str, &str), device: &str) -> RawRequest {
    let path = path.replace("{nobodys}", NOBODYS).replace("{device}", device);
    let request = stage.raw(method, &path);
    match body {
        "" => request,
        body => request.header("content-type", "application/json").text(body),
    }
}

fn shape_in_every_room(stage: &mut Stage) -> Result<(), Halt> {
    let owing = RawSession::open(stage, ALICE.email)?;
    let mut passed = RawSession::open(stage, ALICE.email)?;
    passed.pass_mfa(stage, SECRET, Value::Null)?;
    let user = stage.user(ALICE.email)?;
    let device = super::record::text(&user, "/devices/0/id")?;
    for (calls, bearer) in [
        (&UNKNOWN[..], Some(&passed.bearer)),
        (&UNREADABLE[..], Some(&passed.bearer)),
        (&OWING[..], Some(&owing.bearer)),
        (&UNPROVEN[..], Some(&passed.bearer)),
        (&OWING[..], None),
    ] {
        for call in calls {
            let request = filled(stage, *call, &device);
            let request = match bearer {
                Some(bearer) => request.bearer(bearer),
                None => request,
            };
            let what = format!("{} {}", call.0, call.1);
            judged(stage, &what, &request.send()?)?;
        }
    }
    let path = format!("users/mfa/{device}");
    let shown = passed.request(stage, "DELETE", &path).header(ELEVATED, "made-up").send()?;
    judged(stage, "DELETE with a made-up elevated token", &shown)
}

/// Judges one refusal by each of the three rules.
///
/// A call that another service grants is none; a call that it does not have is a refusal as well.
fn judged(stage: &mut Stage, what: &str, answer: &RawAnswer) -> Result<(), Halt> {
    let status = answer.status;
    if status < 400 {
        stage.remark(format!("{what} is granted here ({status})"));
        return Ok(());
    }
    let (error, code) = (answer.value("/error"), answer.value("/code"));
    stage.proving("MFA-ERR-001");
    let worded = error.as_str().is_some_and(|text| !text.is_empty());
    let told = status != 404 || code.as_str().is_some_and(|text| !text.is_empty());
    let body = answer.body.clone();
    stage.note(&format!("the {status} of {what}"), "a text `error`", body.clone(), worded)?;
    stage.note(&format!("the {status} of {what}"), "a 404 has a `code`", body.clone(), told)?;
    stage.proving("MFA-ERR-003");
    let flat = [error, code].iter().all(|value| value.is_null() || value.is_string());
    stage.note(&format!("the {status} of {what}"), "texts at the top", body, flat)?;
    stage.proving("MFA-ERR-031");
    let kind = answer.header("content-type").unwrap_or("none").to_owned();
    let is_json = kind.split(';').next().is_some_and(|it| it.trim() == "application/json");
    let is_said = is_json || answer.text.is_empty();
    stage.note(
        &format!("content type of the {status} of {what}"),
        "application/json",
        kind,
        is_said,
    )?;
    stage.proving_all();
    Ok(())
}

fn each_kind_has_its_limit(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    // What was needed to sign in is counted as well, and forgotten in a minute.
    stage.advance(60)?;
    let code = json!({ "verificationUUID": NOBODYS, "verificationToken": "000000" });
    let address = json!({ "email": ALICE.email });
    let kinds = [
        ("nonces", stage.raw("GET", "nonce")),
        ("codes that are sent", stage.raw("POST", "emailVerifications/create").json(address)),
        ("sign-ins", stage.raw("POST", "emailVerifications/signin").json(code)),
        (
            "MFA calls",
            session.request(stage, "POST", "users/mfa/auth/totp").json(json!({ "code": "1" })),
        ),
    ];
    for (kind, request) in kinds {
        for _ in 0..3 {
            let status = request.clone().send()?.status;
            let what = format!("{kind}, one of three in a minute");
            stage.note(&what, "not limited", status, status != 429)?;
        }
        let status = request.send()?.status;
        stage.note(&format!("{kind}, the fourth in a minute"), "429", status, status == 429)?;
    }
    Ok(())
}
