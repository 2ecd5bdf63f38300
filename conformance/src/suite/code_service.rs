//! Codes that are mailed and texted, at the service: whom they sign in, and how often.

use serde_json::{Map, Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, RawAnswer, Stage};
use crate::world::{Person, World};

use super::raw_session::{RawSession, email_proof, prepared, text_proof};

const ALICE: Person = Person::named("alice@example.com");
const BOB: Person = Person::named("bob@example.com");
/// An address that the vendor's pages reserve for tests.
const TEST_ADDRESS: &str = "alice+dynamic_test@example.com";
const SESSION: &[Guide] = &[Guide::SessionMfa];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "session/every-mail-signs-in",
        title: "each mail's code signs its address in, and so does the next mail's",
        proves: &["MFA-SES-033", "MFA-SES-034"],
        counter: None,
        guides: SESSION,
        needs: &[],
        world: World::PLAIN.with(&[ALICE, BOB]),
        play: every_mail_signs_in,
    },
    Case {
        id: "session/mailed-code-works-once",
        title: "a mailed code that has signed somebody in signs nobody in again",
        proves: &["MFA-SES-033"],
        counter: Some("session/every-mail-signs-in"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: mailed_code_works_once,
    },
    Case {
        id: "session/code-belongs-to-its-address",
        title: "a code that went to one address signs in nobody at another",
        proves: &["MFA-SES-034"],
        counter: Some("session/every-mail-signs-in"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN.with(&[ALICE, BOB]),
        play: code_belongs_to_its_address,
    },
    Case {
        id: "session/text-signs-in",
        title: "a texted code signs its number in",
        proves: &["MFA-SES-035"],
        counter: None,
        guides: SESSION,
        needs: &[],
        world: World::PLAIN,
        play: text_signs_in,
    },
    Case {
        id: "session/code-belongs-to-its-number",
        title: "a code that went to one number signs in nobody at another",
        proves: &["MFA-SES-035"],
        counter: Some("session/text-signs-in"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN,
        play: code_belongs_to_its_number,
    },
    Case {
        id: "session/unknown-address-looks-known",
        title: "asking for a code tells nobody whether the address has an account",
        proves: &["MFA-SES-036"],
        counter: None,
        guides: SESSION,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: unknown_address_looks_known,
    },
    Case {
        id: "sign-in/a-code-sent-again-ends-too",
        title: "a code that was sent again signs in at once, and nobody an hour later",
        proves: &["MFA-SES-008"],
        counter: Some("session/every-mail-signs-in"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN.with(&[ALICE, BOB]),
        play: code_sent_again_ends,
    },
    Case {
        id: "session/test-account-has-one-code",
        title: "a test address signs in with the same code each time",
        proves: &["MFA-SES-037"],
        counter: None,
        guides: SESSION,
        needs: &[],
        world: World::PLAIN,
        play: test_account,
    },
];

/// Longer than any mailed code lives, by the pages: ten minutes.
const AN_HOUR: i64 = 3_600;

type Typed = Map<String, Value>;

/// Signs in by mail with what was typed.
fn by_mail(stage: &Stage, typed: Typed) -> Result<RawAnswer, Halt> {
    stage.raw("POST", "emailVerifications/signin").json(typed).send()
}

fn by_text(stage: &Stage, typed: Typed) -> Result<RawAnswer, Halt> {
    stage.raw("POST", "smsVerifications/signin").json(typed).send()
}

/// Expects a refusal that carries no session.
fn refused(stage: &Stage, what: &str, answer: &RawAnswer) -> Result<(), Halt> {
    stage.expect(what, "refused", answer.status, (400..500).contains(&answer.status))?;
    stage.expect_equal("a session for it", Value::Null, answer.value("/minifiedJwt"))
}

/// The same body with the code of another.
fn with_code_of(typed: &Typed, other: &Typed) -> Typed {
    let mut mixed = typed.clone();
    mixed.extend(
        other
            .iter()
            .filter(|(name, _)| *name == "verificationToken")
            .map(|(name, code)| (name.clone(), code.clone())),
    );
    mixed
}

fn every_mail_signs_in(stage: &mut Stage) -> Result<(), Halt> {
    for email in [ALICE.email, BOB.email, ALICE.email] {
        let typed = email_proof(stage, email)?;
        let signed_in = by_mail(stage, typed)?;
        signed_in.expect_status(200)?;
        signed_in.expect_body("/user/email", email)?;
    }
    Ok(())
}

fn mailed_code_works_once(stage: &mut Stage) -> Result<(), Halt> {
    let typed = email_proof(stage, ALICE.email)?;
    by_mail(stage, typed.clone())?.expect_status(200)?;
    let again = by_mail(stage, typed.clone())?;
    refused(stage, "the same code again", &again)?;
    // Neither does it prove anything to a session that asks for scopes.
    let session = RawSession::open(stage, ALICE.email)?;
    let mut typed = typed;
    typed.insert("requestedScopes".to_owned(), json!(["credential:link"]));
    let shown = session.request(stage, "POST", "emailVerifications/verify").json(typed).send()?;
    let refused = (400..500).contains(&shown.status);
    stage.expect("the used code for scopes", "refused", shown.status, refused)?;
    let granted = shown.value("/elevatedAccessToken");
    stage.expect_equal("an elevated token for it", Value::Null, granted)
}

fn code_belongs_to_its_address(stage: &mut Stage) -> Result<(), Halt> {
    let (alice, bob) = (email_proof(stage, ALICE.email)?, email_proof(stage, BOB.email)?);
    let tried = by_mail(stage, with_code_of(&alice, &bob))?;
    refused(stage, "the code of another address", &tried)?;
    by_mail(stage, alice)?.expect_status(200)
}

const FIRST: &str = "9171113333";
const SECOND: &str = "9171114444";

fn text_signs_in(stage: &mut Stage) -> Result<(), Halt> {
    let typed = text_proof(stage, FIRST)?;
    let signed_in = by_text(stage, typed)?;
    signed_in.expect_status(200)?;
    let token = signed_in.value("/minifiedJwt");
    stage.expect("the session", "a token", token.is_string(), token.is_string())
}

fn code_belongs_to_its_number(stage: &mut Stage) -> Result<(), Halt> {
    let (first, second) = (text_proof(stage, FIRST)?, text_proof(stage, SECOND)?);
    let tried = by_text(stage, with_code_of(&first, &second))?;
    refused(stage, "the code of another number", &tried)?;
    by_text(stage, first)?.expect_status(200)
}

fn unknown_address_looks_known(stage: &mut Stage) -> Result<(), Halt> {
    let ask = |email: &str| {
        stage.raw("POST", "emailVerifications/create").json(json!({ "email": email })).send()
    };
    let (known, unknown) = (ask(ALICE.email)?, ask("nobody@example.com")?);
    stage.expect_equal("status for an unknown address", known.status, unknown.status)?;
    let names = |answer: &RawAnswer| {
        answer.body.as_object().map(|body| body.keys().cloned().collect::<Vec<_>>())
    };
    stage.expect_equal("fields for an unknown address", json!(names(&known)), names(&unknown))
}

fn code_sent_again_ends(stage: &mut Stage) -> Result<(), Halt> {
    for (email, wait) in [(ALICE.email, 0), (BOB.email, AN_HOUR)] {
        let mut typed = email_proof(stage, email)?;
        let again = json!({ "email": email, "verificationUUID": typed.get("verificationUUID") });
        prepared(stage.raw("POST", "emailVerifications/retry").json(again))?;
        typed.insert("verificationToken".to_owned(), json!(stage.mail_code(email)?));
        if wait == 0 {
            by_mail(stage, typed)?.expect_status(200)?;
        } else {
            stage.advance(wait)?;
            refused(stage, "the code that was sent again, an hour later", &by_mail(stage, typed)?)?;
        }
    }
    Ok(())
}

fn test_account(stage: &mut Stage) -> Result<(), Halt> {
    let first = email_proof(stage, TEST_ADDRESS)?;
    let second = email_proof(stage, TEST_ADDRESS)?;
    let code = |typed: &Typed| typed.get("verificationToken").cloned().unwrap_or_default();
    stage.expect_equal("the code of the second mail", code(&first), code(&second))?;
    // By chance a code can be that one; two in a row are no chance.
    let mut others = Vec::new();
    for _ in 0..2 {
        others.push(code(&email_proof(stage, ALICE.email)?));
    }
    let apart = others.iter().any(|other| *other != code(&first));
    stage.expect("the codes of another address", "others", json!(others), apart)?;
    let uuid = second.get("verificationUUID");
    let uuid = json!({ "email": TEST_ADDRESS, "verificationUUID": uuid });
    prepared(stage.raw("POST", "emailVerifications/retry").json(uuid))?;
    let resent = stage.mail_code(TEST_ADDRESS)?;
    stage.expect_equal("the code that is sent again", code(&first), json!(resent))?;
    by_mail(stage, second)?.expect_status(200)
}
