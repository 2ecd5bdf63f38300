//! Races whose order is known: both requests are with the service before either is decided, and
//! whichever is decided first wins, be it the one that came first or the one that came last.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::service::Order;
use crate::stage::{Halt, RawAnswer, Stage};
use crate::world::{Person, World};

use super::raw_session::{ELEVATED, MFA_TOKEN, RawSession, prepared, text};
use super::record;

const ALICE: Person = Person::named("alice@example.com");
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

const ELEVATED_TWICE: Case = Case {
    id: "race/elevated-token-first-come",
    title: "of two calls with one single-use elevated token the one that came first is granted",
    proves: &["MFA-STEP-014"],
    counter: Some("elevated/time-bound-is-taken-again"),
    guides: &[Guide::StepUp],
    needs: &[],
    world: World::PLAIN.with(&[ALICE]),
    play: |stage| elevated_twice(stage, Order::FirstCome),
};

const MFA_TOKEN_TWICE: Case = Case {
    id: "race/mfa-token-first-come",
    title: "of two actions with one single-use MFA token the one that came first is performed",
    proves: &["MFA-TOK-005"],
    counter: Some("mfa-token/multi-use-is-taken-again"),
    guides: &[Guide::ActionBased],
    needs: &[],
    world: World::LEGACY.with(&[ALICE.with_totp(SECRET)]).set(&[
        ("minApiVersion", "2026_01_01"),
        ("mfa.actions", r#"[{"action":"wallet.waas.sign","required":true}]"#),
    ]),
    play: |stage| mfa_token_twice(stage, Order::FirstCome),
};

const NEW_SET: Case = Case {
    id: "race/a-use-before-the-new-set",
    title: "a recovery code that was used before its set was renewed passes, and the set is dead",
    proves: &["MFA-REC-002", "MFA-REC-005"],
    counter: Some("race/a-use-after-the-new-set"),
    guides: &[Guide::RecoveryCodes],
    needs: &[],
    world: World::PLAIN.with(&[ALICE.with_totp(SECRET)]),
    play: a_use_before_the_new_set,
};

const REGISTRATIONS: Case = Case {
    id: "race/registrations-first-come",
    title: "of two devices that are begun at once the one that came last is left",
    proves: &["MFA-TOTP-015"],
    counter: Some("start/first-totp-device"),
    guides: &[Guide::Totp],
    needs: &[],
    world: World::LEGACY.with(&[ALICE]),
    play: |stage| registrations(stage, Order::FirstCome),
};

pub(super) const CASES: &[Case] = &[
    ELEVATED_TWICE,
    Case {
        id: "race/elevated-token-last-come",
        title: "of two calls with one single-use elevated token the one that overtook is granted",
        play: |stage| elevated_twice(stage, Order::LastCome),
        ..ELEVATED_TWICE
    },
    MFA_TOKEN_TWICE,
    Case {
        id: "race/mfa-token-last-come",
        title: "of two actions with one single-use MFA token the one that overtook is performed",
        play: |stage| mfa_token_twice(stage, Order::LastCome),
        ..MFA_TOKEN_TWICE
    },
    NEW_SET,
    Case {
        id: "race/a-use-after-the-new-set",
        title: "a recovery code whose set was renewed while it was on its way is refused",
        proves: &["MFA-REC-005"],
        counter: Some("race/a-use-before-the-new-set"),
        play: a_use_after_the_new_set,
        ..NEW_SET
    },
    REGISTRATIONS,
    Case {
        id: "race/registrations-last-come",
        title: "of two devices that are begun at once the one that was overtaken is left",
        play: |stage| registrations(stage, Order::LastCome),
        ..REGISTRATIONS
    },
];

fn is_granted(answer: &RawAnswer) -> bool {
    (200..300).contains(&answer.status)
}

fn is_refused(answer: &RawAnswer) -> bool {
    (400..500).contains(&answer.status)
}

/// The answer that was decided first, and the other one.
fn in_turn<T>(order: Order, answers: Vec<T>) -> Result<[T; 2], Halt> {
    let [first, second] = <[T; 2]>::try_from(answers)
        .map_err(|_| Halt::Harness("a race of two has two answers".to_owned()))?;
    Ok(match order {
        Order::FirstCome => [first, second],
        Order::LastCome => [second, first],
    })
}

/// Expects that the one that was decided first is granted, and the other one refused.
fn first_wins(stage: &Stage, earlier: &RawAnswer, later: &RawAnswer) -> Result<(), Halt> {
    let holds = is_granted(earlier) && is_refused(later);
    let statuses = json!([earlier.status, later.status]);
    stage.expect("answers in the order of decision", "2xx, then 4xx", statuses, holds)
}

fn elevated_twice(stage: &mut Stage, order: Order) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let scopes = ["credential:link", "wallet:sign"];
    let token = session.reauthenticate(stage, ALICE.email, &scopes)?;
    let request = session.request(stage, "GET", "users/mfa/register/totp").header(ELEVATED, &token);
    let answers = stage.race_in_order(vec![request.clone(), request], order)?;
    let [earlier, later] = in_turn(order, answers)?;
    first_wins(stage, &earlier, &later)?;
    let device = record::device(stage, ALICE.email)?;
    stage.expect_equal("the device on record", earlier.value("/id"), record::at(&device, "/id"))
}

fn mfa_token_twice(stage: &mut Stage, order: Order) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let token = session.mfa_token(stage, SECRET, true)?;
    let body = json!({ "chain": "EVM", "clientKeygenIds": ["k1"] });
    let made = prepared(session.request(stage, "POST", "waas/create").json(body))?;
    let path = format!("waas/{}/signMessage", text(&made, "/walletId")?);
    let sign = |message: &str| {
        let request = session.request(stage, "POST", &path).header(MFA_TOKEN, &token);
        request.json(json!({ "message": message }))
    };
    let requests = vec![sign("one"), sign("two")];
    let [earlier, later] = in_turn(order, stage.race_in_order(requests, order)?)?;
    first_wins(stage, &earlier, &later)
}

/// Uses a code of the set in one session while another one renews the set.
struct Renewal {
    used: RawAnswer,
    renewed: RawAnswer,
    /// A session that owes a factor, and a code of the old set that nobody used.
    session: RawSession,
    unused: Value,
}

fn renewal(stage: &mut Stage, order: Order) -> Result<Renewal, Halt> {
    let mut renewing = RawSession::open(stage, ALICE.email)?;
    renewing.pass_mfa(stage, SECRET, Value::Null)?;
    let using = RawSession::open(stage, ALICE.email)?;
    let session = RawSession::open(stage, ALICE.email)?;
    let old = record::of(stage, ALICE.email, "/recoveryCodes")?;
    let code = json!({ "code": record::text(&old, "/0")? });
    let requests = vec![
        using.request(stage, "POST", "users/mfa/auth/recovery").json(code),
        renewing.request(stage, "POST", "users/mfa/recovery"),
    ];
    let answers = stage.race_in_order(requests, order)?;
    let [used, renewed] = in_turn(Order::FirstCome, answers)?;
    Ok(Renewal { used, renewed, session, unused: record::at(&old, "/1") })
}

impl Renewal {
    /// Expects that the new set is the one that counts, whole, and no code of the old one.
    fn old_set_is_dead(&self, stage: &Stage) -> Result<(), Halt> {
        let told = self.renewed.value("/recoveryCodes");
        let on_record = record::of(stage, ALICE.email, "/recoveryCodes")?;
        stage.expect_equal("the set on record", told.clone(), on_record)?;
        let attempt = |code: &Value| {
            let request = self.session.request(stage, "POST", "users/mfa/auth/recovery");
            request.json(json!({ "code": code })).send()
        };
        let late = attempt(&self.unused)?;
        stage.expect("an old code afterwards", "4xx", late.status, is_refused(&late))?;
        let new = attempt(&record::at(&told, "/0"))?;
        stage.expect("a code of the new set", "2xx", new.status, is_granted(&new))
    }
}

fn a_use_before_the_new_set(stage: &mut Stage) -> Result<(), Halt> {
    let race = renewal(stage, Order::FirstCome)?;
    stage.proving("MFA-REC-002");
    let used = &race.used;
    stage.expect("the use that came first", "2xx", used.status, is_granted(used))?;
    stage.proving("MFA-REC-005");
    race.old_set_is_dead(stage)
}

fn a_use_after_the_new_set(stage: &mut Stage) -> Result<(), Halt> {
    let race = renewal(stage, Order::LastCome)?;
    let used = &race.used;
    stage.expect("the use that was overtaken", "4xx", used.status, is_refused(used))?;
    race.old_set_is_dead(stage)
}

fn registrations(stage: &mut Stage, order: Order) -> Result<(), Halt> {
    let mut session = RawSession::open(stage, ALICE.email)?;
    let register = session.request(stage, "GET", "users/mfa/register/totp");
    let answers = stage.race_in_order(vec![register.clone(), register], order)?;
    let [earlier, later] = in_turn(order, answers)?;
    let statuses = json!([earlier.status, later.status]);
    let both = is_granted(&earlier) && is_granted(&later);
    stage.expect("answers in the order of decision", "2xx, then 2xx", statuses, both)?;
    let device = record::device(stage, ALICE.email)?;
    stage.expect_equal("the device on record", later.value("/id"), record::at(&device, "/id"))?;
    let dead = json!({ "code": stage.next_code(&text(&earlier, "/secret")?)? });
    let tried = session.request(stage, "POST", "users/mfa/auth/totp").json(dead).send()?;
    stage.expect("a code of the device that is gone", "4xx", tried.status, is_refused(&tried))?;
    session.pass_mfa(stage, &text(&later, "/secret")?, Value::Null)?;
    let verified = record::of(stage, ALICE.email, "/devices/0/verified")?;
    stage.expect_equal("it is verified by its code", true, verified)
}
