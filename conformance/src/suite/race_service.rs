//! Races at the service: what works once works once, also when it is asked for at the same moment.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, RawAnswer, Stage, race};
use crate::world::{Person, World};

use super::raw_session::{ELEVATED, MFA_TOKEN, RawSession, email_proof, prepared, text};
use super::record;
use super::recovery::unused;

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ENROLLED: World = World::PLAIN.with(&[ALICE.with_totp(SECRET)]);
/// Requests at the same moment; fewer than the wrong codes that close a door.
const RACERS: usize = 4;

pub(super) const CASES: &[Case] = &[
    Case {
        id: "race/single-use-elevated-token",
        title: "a single-use elevated token that is shown four times at once opens one call",
        proves: &["MFA-STEP-014"],
        counter: Some("elevated/time-bound-is-taken-again"),
        guides: &[Guide::StepUp],
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: single_use_elevated_token,
    },
    Case {
        id: "race/single-use-mfa-token",
        title: "a single-use MFA token that is shown four times at once opens one action",
        proves: &["MFA-TOK-005"],
        counter: Some("mfa-token/multi-use-is-taken-again"),
        guides: &[Guide::ActionBased],
        needs: &[],
        world: World::LEGACY.with(&[ALICE.with_totp(SECRET)]).set(&[
            ("minApiVersion", "2026_01_01"),
            ("mfa.actions", r#"[{"action":"wallet.waas.sign","required":true}]"#),
        ]),
        play: single_use_mfa_token,
    },
    Case {
        id: "race/totp-code",
        title: "a code that is typed four times at once passes once",
        proves: &["MFA-TOTP-019"],
        counter: Some("start/first-totp-device"),
        guides: &[Guide::Totp],
        needs: &[],
        world: ENROLLED,
        play: totp_code,
    },
    Case {
        id: "race/recovery-code",
        title: "a recovery code that is typed four times at once passes once",
        proves: &["MFA-REC-003"],
        counter: Some("recovery/typed-as-people-type"),
        guides: &[Guide::RecoveryCodes],
        needs: &[],
        world: ENROLLED,
        play: recovery_code,
    },
    Case {
        id: "race/new-set-against-a-use",
        title: "whichever comes first, a use or a new set, the old set is dead afterwards",
        proves: &["MFA-REC-005"],
        counter: Some("recovery/typed-as-people-type"),
        guides: &[Guide::RecoveryCodes],
        needs: &[],
        world: ENROLLED,
        play: new_set_against_a_use,
    },
    Case {
        id: "race/mailed-code",
        title: "a mailed code that is typed four times at once opens one session",
        proves: &["MFA-SES-033"],
        counter: Some("session/every-mail-signs-in"),
        guides: &[Guide::SessionMfa],
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: mailed_code,
    },
    Case {
        id: "race/registrations-leave-one-device",
        title: "of devices that are begun at the same moment one is left, and its code confirms it",
        proves: &["MFA-TOTP-015"],
        counter: Some("start/first-totp-device"),
        guides: &[Guide::Totp],
        needs: &[],
        world: World::LEGACY.with(&[ALICE]),
        play: registrations_leave_one_device,
    },
];

/// Expects that one of the answers is a yes.
fn one_wins(stage: &Stage, answers: &[RawAnswer]) -> Result<(), Halt> {
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    let won = statuses.iter().filter(|status| (200..300).contains(*status)).count();
    let lost = statuses.iter().filter(|status| (400..500).contains(*status)).count();
    let holds = won == 1 && lost == RACERS - 1;
    stage.expect("answers to the race", "one 2xx, all others 4xx", json!(statuses), holds)
}

fn single_use_elevated_token(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let scopes = ["credential:link", "wallet:sign"];
    let token = session.reauthenticate(stage, ALICE.email, &scopes)?;
    let request = session.request(stage, "GET", "users/mfa/register/totp").header(ELEVATED, &token);
    one_wins(stage, &request.race(RACERS)?)
}

fn single_use_mfa_token(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let token = session.mfa_token(stage, SECRET, true)?;
    let body = json!({ "chain": "EVM", "clientKeygenIds": ["k1"] });
    let made = prepared(session.request(stage, "POST", "waas/create").json(body))?;
    let path = format!("waas/{}/signMessage", text(&made, "/walletId")?);
    let request = session.request(stage, "POST", &path).header(MFA_TOKEN, &token);
    one_wins(stage, &request.json(json!({ "message": "hi" })).race(RACERS)?)
}

fn totp_code(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    let body = json!({ "code": stage.next_code(SECRET)? });
    let request = session.request(stage, "POST", "users/mfa/auth/totp").json(body);
    one_wins(stage, &request.race(RACERS)?)
}

fn recovery_code(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    let body = json!({ "code": unused(stage, ALICE.email, 0)? });
    let request = session.request(stage, "POST", "users/mfa/auth/recovery").json(body);
    one_wins(stage, &request.race(RACERS)?)?;
    let left = record::of(stage, ALICE.email, "/recoveryCodes")?;
    stage.expect_equal("codes left", 9, left.as_array().map_or(0, Vec::len))
}

fn new_set_against_a_use(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    session.pass_mfa(stage, SECRET, Value::Null)?;
    let old = record::of(stage, ALICE.email, "/recoveryCodes")?;
    let code = |nth: usize| json!({ "code": old.get(nth).cloned().unwrap_or_default() });
    let used = session.request(stage, "POST", "users/mfa/auth/recovery").json(code(0));
    let renewed = session.request(stage, "POST", "users/mfa/recovery");
    let answers = race(vec![used, renewed])?;
    let made = answers.get(1).map_or(Value::Null, |made| made.value("/recoveryCodes"));
    let on_record = record::of(stage, ALICE.email, "/recoveryCodes")?;
    stage.expect_equal("the set on record", made, on_record)?;
    let late = session.request(stage, "POST", "users/mfa/auth/recovery").json(code(1)).send()?;
    stage.expect(
        "an old code afterwards",
        "refused",
        late.status,
        (400..500).contains(&late.status),
    )
}

fn mailed_code(stage: &mut Stage) -> Result<(), Halt> {
    let typed = email_proof(stage, ALICE.email)?;
    let request = stage.raw("POST", "emailVerifications/signin").json(typed);
    one_wins(stage, &request.race(RACERS)?)?;
    let sessions = record::of(stage, ALICE.email, "/sessions")?;
    stage.expect_equal("sessions on record", 1, sessions.as_array().map_or(0, Vec::len))
}

fn registrations_leave_one_device(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let begun = session.request(stage, "GET", "users/mfa/register/totp").race(RACERS)?;
    let devices = record::of(stage, ALICE.email, "/devices")?;
    stage.expect_equal("devices on record", 1, devices.as_array().map_or(0, Vec::len))?;
    let left = record::at(&devices, "/0/id");
    let winner = begun.iter().find(|answer| answer.value("/id") == left);
    let secret = winner.map(|answer| text(answer, "/secret")).transpose()?;
    let told = secret.is_some();
    stage.expect("the device that is left", "one that was answered", left, told)?;
    session.pass_mfa(stage, &secret.unwrap_or_default(), Value::Null)?;
    let verified = record::of(stage, ALICE.email, "/devices/0/verified")?;
    stage.expect_equal("it is verified by its code", true, verified)
}
