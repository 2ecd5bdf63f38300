//! Recovery codes at the service: what a set is worth, to whom, and until when.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, Noted, RawAnswer, Stage};
use crate::world::{Person, World};

use super::answered::{granted, refused};
use super::gate_service::{self, call_on, every_action};
use super::raw_session::{RawSession, prepared, text};
use super::record;
use super::recovery::unused;

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
const ENROLLED: World = World::PLAIN.with(&[ALICE.with_totp(SECRET)]);
/// Two known codes, so that a case can use up the set.
const TWO_CODES: World =
    World::PLAIN.with(&[ALICE.with_totp(SECRET).with_recovery(&["FIRSTCODES", "LASTCODESS"])]);
const CODES: &[Guide] = &[Guide::RecoveryCodes];
const PENDING: &[Person] = &[ALICE.with_totp(SECRET).owing_acknowledgement()];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "recovery/every-set-has-ten",
        title: "the first set and every later one have ten different codes",
        proves: &["MFA-REC-001"],
        counter: None,
        guides: CODES,
        needs: &[],
        world: ENROLLED,
        play: every_set_has_ten,
    },
    Case {
        id: "recovery/typed-as-people-type",
        title: "a code is taken in lower case and with blanks around it",
        proves: &["MFA-REC-032"],
        counter: None,
        guides: CODES,
        needs: &[],
        world: ENROLLED,
        play: typed_as_people_type,
    },
    Case {
        id: "recovery/unknown-code-is-refused",
        title: "a code that is in no set is refused, and the session still owes its factor",
        proves: &["MFA-REC-033"],
        counter: Some("recovery/typed-as-people-type"),
        guides: CODES,
        needs: &[],
        world: ENROLLED,
        play: unknown_code_is_refused,
    },
    Case {
        id: "recovery/nothing-without-a-method",
        title: "codes of a user without any method pass nothing",
        proves: &["MFA-REC-051"],
        counter: Some("recovery/typed-as-people-type"),
        guides: CODES,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: nothing_without_a_method,
    },
    Case {
        id: "recovery/nothing-beside-a-begun-device",
        title: "codes of a user who has only begun to register a device pass nothing",
        proves: &["MFA-REC-051"],
        counter: Some("recovery/typed-as-people-type"),
        guides: CODES,
        needs: &[],
        world: World::LEGACY.with(&[ALICE]),
        play: nothing_beside_a_begun_device,
    },
    Case {
        id: "recovery/each-use-counts",
        title: "after each of three uses the set has one code less than before",
        proves: &["MFA-REC-004"],
        counter: None,
        guides: CODES,
        needs: &[],
        world: ENROLLED,
        play: each_use_counts,
    },
    Case {
        id: "recovery/every-used-code-stays-used",
        title: "of three used codes none works again, neither the last one nor an earlier one",
        proves: &["MFA-REC-003"],
        counter: Some("recovery/each-use-counts"),
        guides: CODES,
        needs: &[],
        world: ENROLLED,
        play: every_used_code_stays_used,
    },
    Case {
        id: "recovery/used-codes-are-not-shown",
        title: "the list shows the codes that are left and no used one",
        proves: &["MFA-REC-034"],
        counter: None,
        guides: CODES,
        needs: &[],
        world: ENROLLED,
        play: used_codes_are_not_shown,
    },
    Case {
        id: "recovery/exhausted-set-is-renewed",
        title: "who has used up a set makes a new one, and its codes work",
        proves: &["MFA-REC-035"],
        counter: None,
        guides: CODES,
        needs: &[],
        world: TWO_CODES,
        play: exhausted_set_is_renewed,
    },
    Case {
        id: "recovery/wallets-wait-for-acknowledgement",
        title: "while codes wait to be acknowledged, wallet calls are refused",
        proves: &["MFA-REC-036"],
        counter: Some("recovery/acknowledged-codes-open-wallets"),
        guides: CODES,
        needs: &[],
        world: World::PLAIN.with(PENDING),
        play: wallets_wait,
    },
    Case {
        id: "recovery/acknowledged-codes-open-wallets",
        title: "once the codes are acknowledged, wallet calls work",
        proves: &["MFA-REC-036"],
        counter: None,
        guides: CODES,
        needs: &[],
        world: World::PLAIN.with(PENDING),
        play: wallets_open,
    },
    Case {
        id: "recovery/every-wallet-call-waits",
        title: "a wallet from before waits with its owner's codes, whichever call is made on it",
        proves: &["MFA-REC-036"],
        counter: Some("recovery/acknowledged-codes-open-wallets"),
        guides: CODES,
        needs: &[],
        world: World::LEGACY.with(&[ALICE]),
        play: every_wallet_call_waits,
    },
];

/// Tries a recovery code in a session.
fn try_code(stage: &Stage, session: &RawSession, code: &str) -> Result<RawAnswer, Halt> {
    let request = session.request(stage, "POST", "users/mfa/auth/recovery");
    request.json(json!({ "code": code })).send()
}

/// Passes with a recovery code; the session goes on with the new token.
fn pass(stage: &Stage, session: &mut RawSession, code: &str) -> Result<(), Halt> {
    let passed = try_code(stage, session, code)?;
    passed.expect_status(200)?;
    passed.expect_body("/user/scope", "user:basic")?;
    session.bearer = text(&passed, "/minifiedJwt")?;
    Ok(())
}

fn codes(answer: &RawAnswer) -> Vec<String> {
    let codes = answer.value("/recoveryCodes");
    let texts = codes.as_array().into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}

fn read(stage: &Stage, session: &RawSession) -> Result<RawAnswer, Halt> {
    prepared(session.request(stage, "GET", "users/mfa/recovery"))
}

fn rotate(stage: &Stage, session: &RawSession) -> Result<RawAnswer, Halt> {
    prepared(session.request(stage, "POST", "users/mfa/recovery"))
}

fn every_set_has_ten(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    session.pass_mfa(stage, SECRET, Value::Null)?;
    for set in [read(stage, &session)?, rotate(stage, &session)?, rotate(stage, &session)?] {
        set.expect_body("/count", 10).noted()?;
        let different: BTreeSet<String> = codes(&set).into_iter().collect();
        stage.expect_equal("different codes", 10, different.len())?;
    }
    Ok(())
}

fn typed_as_people_type(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let code = unused(stage, ALICE.email, 0)?;
    pass(stage, &mut session, &format!(" {} ", code.to_lowercase()))
}

fn unknown_code_is_refused(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let code = unused(stage, ALICE.email, 0)?;
    // The right letters in another order, so that only the set can tell.
    let turned: String = code.chars().rev().chain(['Q']).collect();
    let tried = try_code(stage, &session, &turned)?;
    tried.expect_status(422)?;
    tried.expect_body("/code", "mfa_invalid_code")?;
    let owed = prepared(session.request(stage, "GET", "users"))?;
    owed.expect_body("/scope", "requiresAdditionalAuth")?;
    pass(stage, &mut session, &code)
}

fn nothing_without_a_method(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    let code = a_code(stage, &session)?;
    passes_nothing(stage, &session, &code)
}

fn nothing_beside_a_begun_device(stage: &mut Stage) -> Result<(), Halt> {
    let session = RawSession::open(stage, ALICE.email)?;
    let code = a_code(stage, &session)?;
    prepared(session.request(stage, "GET", "users/mfa/register/totp"))?;
    passes_nothing(stage, &session, &code)
}

/// A code of the set that reading makes.
fn a_code(stage: &Stage, session: &RawSession) -> Result<String, Halt> {
    let set = codes(&read(stage, session)?);
    set.first().cloned().ok_or_else(|| Halt::Blocked("no codes were made".into()))
}

fn passes_nothing(stage: &Stage, session: &RawSession, code: &str) -> Result<(), Halt> {
    let tried = try_code(stage, session, code)?;
    refused(stage, "a code of a user without a method", &tried)?;
    stage.expect_equal("a session token for it", Value::Null, tried.value("/minifiedJwt"))
}

fn every_used_code_stays_used(stage: &mut Stage) -> Result<(), Halt> {
    let mut used = Vec::new();
    for _ in 0..3 {
        let mut session = RawSession::open(stage, ALICE.email)?;
        let code = unused(stage, ALICE.email, 0)?;
        pass(stage, &mut session, &code)?;
        used.push(code);
    }
    for (position, code) in used.iter().enumerate() {
        let session = RawSession::open(stage, ALICE.email)?;
        let tried = try_code(stage, &session, code)?;
        refused(stage, &format!("used code {}", position + 1), &tried).noted()?;
    }
    Ok(())
}

fn each_use_counts(stage: &mut Stage) -> Result<(), Halt> {
    for used in 0..3 {
        let mut session = RawSession::open(stage, ALICE.email)?;
        let code = unused(stage, ALICE.email, 0)?;
        pass(stage, &mut session, &code)?;
        let left = 9 - used;
        read(stage, &session)?.expect_body("/count", left)?;
        let record = record::of(stage, ALICE.email, "/recoveryCodes")?;
        let unused = record.as_array().into_iter().flatten().filter(|it| it["used"] != true);
        stage.expect_equal("unused codes on record", left, unused.count())?;
        let shown = codes(&read(stage, &session)?).len();
        stage.expect_equal("codes shown", left, shown)?;
    }
    Ok(())
}

fn used_codes_are_not_shown(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let code = unused(stage, ALICE.email, 4)?;
    pass(stage, &mut session, &code)?;
    let shown = codes(&read(stage, &session)?);
    stage.expect_equal("codes shown", 9, shown.len())?;
    stage.expect_equal("the used one among them", false, shown.contains(&code))
}

fn exhausted_set_is_renewed(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    for code in ["FIRSTCODES", "LASTCODESS"] {
        let passed = try_code(stage, &session, code)?;
        if passed.status != 200 {
            return Err(Halt::Blocked(format!("a good code was answered {}", passed.status)));
        }
        session.bearer = text(&passed, "/minifiedJwt")?;
    }
    stage.expect_equal("codes left", json!([]), codes(&read(stage, &session)?))?;
    // Whether there is a new set at all is what the requirement is about.
    let renewed = session.request(stage, "POST", "users/mfa/recovery").send()?;
    granted(stage, "renewing", &renewed)?;
    let made = codes(&renewed);
    stage.expect_equal("codes of the new set", 10, made.len())?;
    let first = made.first().cloned().unwrap_or_default();
    pass(stage, &mut session, &first)
}

/// Makes an embedded wallet, which needs no elevated token.
fn make_wallet(stage: &Stage, session: &RawSession) -> Result<RawAnswer, Halt> {
    let body = json!({ "chain": "EVM", "clientKeygenIds": ["k1"] });
    session.request(stage, "POST", "waas/create").json(body).send()
}

fn wallets_wait(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    session.pass_mfa(stage, SECRET, Value::Null)?;
    refused(stage, "making a wallet before", &make_wallet(stage, &session)?)
}

fn wallets_open(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    session.pass_mfa(stage, SECRET, Value::Null)?;
    acknowledge(stage, &session)?;
    make_wallet(stage, &session)?.expect_status(200)
}

fn acknowledge(stage: &Stage, session: &RawSession) -> Result<(), Halt> {
    let body = json!({ "mfaBackupCodeAcknowledgement": "complete" });
    prepared(session.request(stage, "PUT", "users").json(body)).map(drop)
}

fn every_wallet_call_waits(stage: &mut Stage) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let wallet = gate_service::make_wallet(stage, &session)?;
    // The first device brings the codes.
    session.enrol(stage)?;
    for call in every_action() {
        let tried = call_on(stage, &session, &wallet, &call, &[])?;
        refused(stage, &format!("{} before", call.0), &tried).noted()?;
    }
    acknowledge(stage, &session)?;
    for call in every_action() {
        let done = call_on(stage, &session, &wallet, &call, &[])?;
        granted(stage, &format!("{} afterwards", call.0), &done).noted()?;
    }
    Ok(())
}
