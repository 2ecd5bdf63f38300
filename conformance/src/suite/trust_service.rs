//! Trusted devices and the app's own issuer, at the service.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, RawAnswer, Stage, Token};
use crate::world::{Person, World};

use super::answered::refused;
use super::app_issuer::{self, signed};
use super::raw_session::{ELEVATED, RawSession, prepared, text};
use super::signing_device::Device;

const ALICE: Person = Person::named("alice@example.com");
const STEP_UP: &[Guide] = &[Guide::StepUp];
const DEVICES: &[Guide] = &[Guide::DeviceManagement];
const WANTED: World = World::PLAIN.with(&[ALICE]).set(&[("deviceRegistration.required", "true")]);
/// The user's id with the app.
const SUBJECT: &str = "app-user-1";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "devices/answered-mail-registers",
        title: "a new device that answers its mail is registered and fully signed in",
        proves: &["MFA-DEV-032"],
        counter: None,
        guides: DEVICES,
        needs: &[],
        world: WANTED,
        play: answered_mail_registers,
    },
    Case {
        id: "devices/unknown-device-waits",
        title: "a session of a device that was never registered says device:register",
        proves: &["MFA-DEV-032"],
        counter: Some("devices/answered-mail-registers"),
        guides: DEVICES,
        needs: &[],
        world: WANTED,
        play: unknown_device_waits,
    },
    Case {
        id: "devices/revoked-registration-is-gone",
        title: "a device whose registration was revoked is unknown again at its next sign-in",
        proves: &["MFA-DEV-033"],
        counter: Some("devices/answered-mail-registers"),
        guides: DEVICES,
        needs: &[],
        world: WANTED,
        play: revoked_registration,
    },
    Case {
        id: "devices/revocation-ends-its-sessions",
        title: "the open session of a revoked device is over, that of the other one is not",
        proves: &["MFA-DEV-034"],
        counter: Some("devices/answered-mail-registers"),
        guides: DEVICES,
        needs: &[],
        world: WANTED,
        play: revocation_ends_sessions,
    },
    Case {
        id: "devices/revocation-ends-all-its-sessions",
        title: "of three sessions of a revoked device none is open any longer",
        proves: &["MFA-DEV-034"],
        counter: Some("devices/answered-mail-registers"),
        guides: DEVICES,
        needs: &[],
        world: WANTED,
        play: revocation_ends_all_sessions,
    },
    Case {
        id: "devices/mail-registers-the-asking-device",
        title: "the token in a mail registers the device that asked for it and no other",
        proves: &["MFA-DEV-035"],
        counter: Some("devices/answered-mail-registers"),
        guides: DEVICES,
        needs: &[],
        world: WANTED,
        play: mail_registers_the_asking_device,
    },
    Case {
        id: "elevated/assertion-elevates",
        title: "an assertion of the app's issuer is exchanged for a token of its scope",
        proves: &["MFA-STEP-036", "MFA-STEP-037"],
        counter: None,
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN,
        play: assertion_elevates,
    },
    Case {
        id: "elevated/assertion-lacks-a-claim",
        title: "an assertion without subject, scope, id or end, or of somebody else, is refused",
        proves: &["MFA-STEP-036"],
        counter: Some("elevated/assertion-elevates"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN,
        play: assertion_lacks_a_claim,
    },
    Case {
        id: "devices/all-revoked-wait-again",
        title: "after every registration was revoked at once no device is known any longer",
        proves: &["MFA-DEV-033"],
        counter: Some("devices/answered-mail-registers"),
        guides: DEVICES,
        needs: &[],
        world: WANTED,
        play: all_revoked_wait_again,
    },
    Case {
        id: "devices/all-revoked-end-sessions",
        title: "revoking every registration at once ends the sessions of the other devices",
        proves: &["MFA-DEV-034"],
        counter: Some("devices/answered-mail-registers"),
        guides: DEVICES,
        needs: &[],
        world: WANTED,
        play: all_revoked_end_sessions,
    },
    Case {
        id: "devices/each-has-its-mail",
        title: "of two devices that wait, an answered mail registers the one it is about",
        proves: &["MFA-DEV-035"],
        counter: Some("devices/answered-mail-registers"),
        guides: DEVICES,
        needs: &[],
        world: WANTED,
        play: each_device_has_its_mail,
    },
    Case {
        id: "elevated/assertion-serves-once",
        title: "an assertion that was exchanged is refused the second time, in every session",
        proves: &["MFA-STEP-037"],
        counter: Some("elevated/assertion-elevates"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN,
        play: assertion_serves_once,
    },
];

fn answered_mail_registers(stage: &mut Stage) -> Result<(), Halt> {
    let laptop = Device::new(1)?;
    let (mut session, _) = laptop.sign_in(stage)?;
    let registered = laptop.register(stage, &mut session)?;
    registered.expect_status(200)?;
    registered.expect_body("/user/scope", "user:basic")?;
    let (_, scope) = laptop.sign_in(stage)?;
    stage.expect_equal("scope at its next sign-in", "user:basic", scope)
}

fn unknown_device_waits(stage: &mut Stage) -> Result<(), Halt> {
    let laptop = Device::new(1)?;
    let (session, scope) = laptop.sign_in(stage)?;
    stage.expect_equal("scope at an unknown device", "device:register", scope)?;
    let claims = Token::decode(&session.bearer).map_err(Halt::Blocked)?;
    stage.expect_equal("scope of its token", "device:register", claims.claim("scope"))
}

/// Alice at her laptop and at her phone, both registered; the phone is then revoked.
struct Revoked {
    laptop: Device,
    on_laptop: RawSession,
    phone: Device,
    on_phone: RawSession,
}

impl Revoked {
    fn play(stage: &mut Stage) -> Result<Self, Halt> {
        let (laptop, phone) = (Device::new(1)?, Device::new(2)?);
        let (mut on_laptop, _) = laptop.sign_in(stage)?;
        registered(&laptop.register(stage, &mut on_laptop)?)?;
        let (mut on_phone, _) = phone.sign_in(stage)?;
        registered(&phone.register(stage, &mut on_phone)?)?;
        revoke_the_other(stage, &laptop, &on_laptop)?;
        Ok(Self { laptop, on_laptop, phone, on_phone })
    }
}

/// Revokes the one registration that is not that of the asking device.
fn revoke_the_other(stage: &mut Stage, here: &Device, session: &RawSession) -> Result<(), Halt> {
    let request = session.request(stage, "GET", "deviceRegistrations");
    let listed = prepared(here.sign(stage, request)?)?.value("/deviceRegistrations");
    let mut others = listed.as_array().into_iter().flatten();
    let other = others.find(|it| it["isCurrentDevice"] == false);
    let id = other.and_then(|it| it["id"].as_str()).unwrap_or_default().to_owned();
    let request = session.request(stage, "DELETE", &format!("deviceRegistrations/{id}"));
    let revoked = here.sign(stage, request)?.send()?;
    stage.expect("revoking", "done", revoked.status, (200..300).contains(&revoked.status))
}

fn revoked_registration(stage: &mut Stage) -> Result<(), Halt> {
    let Revoked { laptop, phone, .. } = Revoked::play(stage)?;
    let (_, scope) = phone.sign_in(stage)?;
    stage.expect_equal("scope at the revoked device", "device:register", scope)?;
    stage.mail_code(ALICE.email)?;
    let (_, scope) = laptop.sign_in(stage)?;
    stage.expect_equal("scope at the other one", "user:basic", scope)
}

fn revocation_ends_sessions(stage: &mut Stage) -> Result<(), Halt> {
    let Revoked { on_laptop, on_phone, .. } = Revoked::play(stage)?;
    on_phone.request(stage, "GET", "users").send()?.expect_status(401)?;
    on_laptop.request(stage, "GET", "users").send()?.expect_status(200)
}

fn revocation_ends_all_sessions(stage: &mut Stage) -> Result<(), Halt> {
    let (laptop, phone) = (Device::new(1)?, Device::new(2)?);
    let (mut on_phone, _) = phone.sign_in(stage)?;
    registered(&phone.register(stage, &mut on_phone)?)?;
    let mut sessions = vec![on_phone];
    for _ in 0..2 {
        sessions.push(phone.sign_in(stage)?.0);
    }
    let (mut on_laptop, _) = laptop.sign_in(stage)?;
    registered(&laptop.register(stage, &mut on_laptop)?)?;
    for session in &sessions {
        prepared(session.request(stage, "GET", "users"))?;
    }
    revoke_the_other(stage, &laptop, &on_laptop)?;
    for (position, session) in sessions.iter().enumerate() {
        let status = session.request(stage, "GET", "users").send()?.status;
        stage.expect_equal(&format!("session {}", position + 1), 401, status).noted()?;
    }
    on_laptop.request(stage, "GET", "users").send()?.expect_status(200)
}

fn mail_registers_the_asking_device(stage: &mut Stage) -> Result<(), Halt> {
    let (laptop, phone) = (Device::new(1)?, Device::new(2)?);
    let (mut on_laptop, _) = laptop.sign_in(stage)?;
    // The phone answers the mail that the laptop caused.
    let tried = phone.register(stage, &mut on_laptop)?;
    refused(stage, "answering at another device", &tried)?;
    let (_, scope) = phone.sign_in(stage)?;
    stage.expect_equal("scope at that device", "device:register", scope)
}

/// Both devices wait; the mail about the laptop is answered at the laptop.
fn each_device_has_its_mail(stage: &mut Stage) -> Result<(), Halt> {
    let (laptop, phone) = (Device::new(1)?, Device::new(2)?);
    let (mut on_laptop, _) = laptop.sign_in(stage)?;
    let about_laptop = stage.mail_code(ALICE.email)?;
    phone.sign_in(stage)?;
    let request = on_laptop
        .request(stage, "POST", "deviceRegistration")
        .header("x-dynamic-device-registration-token", &about_laptop);
    let answered = laptop.sign(stage, request)?.send()?;
    answered.expect_status(200)?;
    on_laptop.bearer = text(&answered, "/minifiedJwt")?;
    let (_, scope) = laptop.sign_in(stage)?;
    stage.expect_equal("scope at the device that the mail was about", "user:basic", scope)?;
    let (_, scope) = phone.sign_in(stage)?;
    stage.expect_equal("scope at the other one", "device:register", scope)
}

/// Alice at two registered devices; the laptop then revokes every registration.
fn revoked_at_once(stage: &mut Stage) -> Result<(Device, Device, RawSession), Halt> {
    let (laptop, phone) = (Device::new(1)?, Device::new(2)?);
    let (mut on_laptop, _) = laptop.sign_in(stage)?;
    registered(&laptop.register(stage, &mut on_laptop)?)?;
    let (mut on_phone, _) = phone.sign_in(stage)?;
    registered(&phone.register(stage, &mut on_phone)?)?;
    prepared(on_phone.request(stage, "GET", "users"))?;
    let request = on_laptop.request(stage, "DELETE", "deviceRegistrations");
    let revoked = laptop.sign(stage, request)?.send()?;
    stage.expect("revoking all", "done", revoked.status, (200..300).contains(&revoked.status))?;
    Ok((laptop, phone, on_phone))
}

fn all_revoked_wait_again(stage: &mut Stage) -> Result<(), Halt> {
    let (laptop, phone, _) = revoked_at_once(stage)?;
    for (device, what) in [(phone, "scope at the phone"), (laptop, "scope at the laptop")] {
        let (_, scope) = device.sign_in(stage)?;
        stage.expect_equal(what, "device:register", scope)?;
    }
    Ok(())
}

fn all_revoked_end_sessions(stage: &mut Stage) -> Result<(), Halt> {
    let (_, _, on_phone) = revoked_at_once(stage)?;
    on_phone.request(stage, "GET", "users").send()?.expect_status(401)
}

/// Blocks a case whose scene was to register a device and did not.
fn registered(answer: &RawAnswer) -> Result<(), Halt> {
    match answer.status {
        200 => Ok(()),
        status => Err(Halt::Blocked(format!("registering a device was answered {status}"))),
    }
}

/// Somebody who came by a JWT of the app's own issuer, which the environment trusts.
fn came_from_the_app(stage: &mut Stage) -> Result<RawSession, Halt> {
    app_issuer::trust(stage)?;
    comes_again(stage)
}

/// A further session of the same user.
fn comes_again(stage: &Stage) -> Result<RawSession, Halt> {
    let claims = json!({ "sub": SUBJECT, "exp": stage.now().as_second() + 60 });
    let body = json!({ "jwt": signed(&claims)? });
    let signed_in = prepared(stage.raw("POST", "externalAuth/signin").json(body))?;
    Ok(RawSession { bearer: text(&signed_in, "/minifiedJwt")? })
}

/// Everything that an assertion must have.
fn assertion(stage: &Stage, jti: &str) -> Value {
    json!({
        "sub": SUBJECT, "scope": "credential:link", "jti": jti,
        "exp": stage.now().as_second() + 60,
    })
}

fn exchange(stage: &Stage, session: &RawSession, claims: &Value) -> Result<RawAnswer, Halt> {
    let body = json!({ "jwt": signed(claims)? });
    session.request(stage, "POST", "externalAuth/verify").json(body).send()
}

fn assertion_elevates(stage: &mut Stage) -> Result<(), Halt> {
    let session = came_from_the_app(stage)?;
    stage.proving("MFA-STEP-036");
    let exchanged = exchange(stage, &session, &assertion(stage, "1"))?;
    exchanged.expect_status(200)?;
    let token = text(&exchanged, "/elevatedAccessToken")?;
    let claims = Token::decode(&token).map_err(Halt::Blocked)?;
    stage.expect_equal("scopes", json!(["credential:link"]), claims.scopes())?;
    // Before the token is used: whether a device that is only begun changes anything is not asked.
    stage.proving("MFA-STEP-037");
    exchange(stage, &session, &assertion(stage, "2"))?.expect_status(200)?;
    stage.proving("MFA-STEP-036");
    let request = session.request(stage, "GET", "users/mfa/register/totp");
    request.header(ELEVATED, &token).send()?.expect_status(200)
}

fn assertion_lacks_a_claim(stage: &mut Stage) -> Result<(), Halt> {
    let session = came_from_the_app(stage)?;
    for (number, (claim, value)) in [
        ("sub", Value::Null),
        ("sub", json!("app-user-2")),
        ("scope", Value::Null),
        ("jti", Value::Null),
        ("exp", Value::Null),
        ("exp", json!(stage.now().as_second())),
    ]
    .into_iter()
    .enumerate()
    {
        let mut claims = assertion(stage, &number.to_string());
        if let Some(claims) = claims.as_object_mut() {
            claims.remove(claim);
            if !value.is_null() {
                claims.insert(claim.to_owned(), value.clone());
            }
        }
        let status = exchange(stage, &session, &claims)?.status;
        let is_refused = (400..500).contains(&status);
        stage.expect(&format!("{claim} {value}"), "refused", status, is_refused).noted()?;
    }
    Ok(())
}

fn assertion_serves_once(stage: &mut Stage) -> Result<(), Halt> {
    let session = came_from_the_app(stage)?;
    let claims = assertion(stage, "1");
    exchange(stage, &session, &claims)?.expect_status(200)?;
    refused(stage, "the same assertion again", &exchange(stage, &session, &claims)?)?;
    let elsewhere = comes_again(stage)?;
    let again = exchange(stage, &elsewhere, &claims)?;
    refused(stage, "the same assertion in another session", &again)?;
    exchange(stage, &elsewhere, &assertion(stage, "2"))?.expect_status(200)
}
