//! Codes that are sent again, and numbers that look alike, at the service.

use serde_json::{Map, Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, RawAnswer, Stage};
use crate::world::{Person, World};

use super::answered::refused;
use super::raw_session::{email_proof, prepared, text, text_proof};

const ALICE: Person = Person::named("alice@example.com");
const SESSION: &[Guide] = &[Guide::SessionMfa];
const FIRST: &str = "9171113333";
const SECOND: &str = "9171114444";

pub(super) const CASES: &[Case] = &[
    Case {
        id: "session/a-code-sent-elsewhere-opens-nothing-here",
        title: "a code that was sent again, to another number or address, opens nothing at the first",
        proves: &["MFA-SES-034", "MFA-SES-035"],
        counter: Some("session/text-signs-in"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN,
        play: code_sent_elsewhere,
    },
    Case {
        id: "session/numbers-of-two-countries",
        title: "one number in two countries is two people",
        proves: &["MFA-SES-035"],
        counter: Some("session/text-signs-in"),
        guides: SESSION,
        needs: &[],
        world: World::PLAIN,
        play: numbers_of_two_countries,
    },
    Case {
        id: "session/sending-again-tells-nothing",
        title: "asking for another code tells nobody whether the address has an account",
        proves: &["MFA-SES-036"],
        counter: None,
        guides: SESSION,
        needs: &[],
        world: World::PLAIN.with(&[ALICE]),
        play: sending_again_tells_nothing,
    },
];

type Typed = Map<String, Value>;

fn number(country: (&str, &str), digits: &str) -> Value {
    let (iso, calling) = country;
    json!({ "isoCountryCode": iso, "phoneCountryCode": calling, "phoneNumber": digits })
}

const AMERICA: (&str, &str) = ("US", "1");
const BRITAIN: (&str, &str) = ("GB", "44");

/// A kind of message, and whom the second one is wanted for.
struct Kind {
    requirement: &'static str,
    calls: &'static str,
    /// The body that asks for it, and where it is to be found.
    elsewhere: (Value, String),
}

fn code_sent_elsewhere(stage: &mut Stage) -> Result<(), Halt> {
    let typed = email_proof(stage, ALICE.email)?;
    let other = "mallory@example.com";
    let by_mail = Kind {
        requirement: "MFA-SES-034",
        calls: "emailVerifications",
        elsewhere: (json!({ "email": other }), other.to_owned()),
    };
    opens_nothing(stage, typed, by_mail)?;
    let typed = text_proof(stage, FIRST)?;
    let by_text = Kind {
        requirement: "MFA-SES-035",
        calls: "smsVerifications",
        elsewhere: (number(AMERICA, SECOND), format!("+1{SECOND}")),
    };
    opens_nothing(stage, typed, by_text)
}

fn opens_nothing(stage: &mut Stage, mut typed: Typed, kind: Kind) -> Result<(), Halt> {
    stage.proving(kind.requirement);
    let (mut again, place) = kind.elsewhere;
    if let Some(again) = again.as_object_mut() {
        again.insert("verificationUUID".to_owned(), json!(typed.get("verificationUUID")));
    }
    let asked = stage.raw("POST", &format!("{}/retry", kind.calls)).json(again).send()?;
    let sign_in = format!("{}/signin", kind.calls);
    if (200..300).contains(&asked.status) {
        typed.insert("verificationToken".to_owned(), json!(stage.mail_code(&place)?));
        let tried = stage.raw("POST", &sign_in).json(typed).send()?;
        return refused(stage, "the code that went elsewhere", &tried);
    }
    // Nothing went elsewhere, so the first code is the only one, and as good as before.
    stage.raw("POST", &sign_in).json(typed).send()?.expect_status(200)
}

fn numbers_of_two_countries(stage: &mut Stage) -> Result<(), Halt> {
    let mut people = Vec::new();
    for country in [AMERICA, BRITAIN] {
        let begun = stage.raw("POST", "smsVerifications/create").json(number(country, FIRST));
        let begun = prepared(begun)?;
        let code = stage.mail_code(&format!("+{}{FIRST}", country.1))?;
        let typed = json!({
            "verificationUUID": begun.value("/verificationUUID"), "verificationToken": code,
        });
        let signed_in = prepared(stage.raw("POST", "smsVerifications/signin").json(typed))?;
        people.push(text(&signed_in, "/user/id")?);
    }
    let [american, british] = people.as_slice() else {
        return Err(Halt::Harness("two people were to sign in".to_owned()));
    };
    stage.expect("the user in Britain", "another one", british.as_str(), american != british)
}

fn sending_again_tells_nothing(stage: &mut Stage) -> Result<(), Halt> {
    let mut answers = Vec::new();
    for email in [ALICE.email, "nobody@example.com"] {
        let typed = email_proof(stage, email)?;
        let again = json!({ "email": email, "verificationUUID": typed.get("verificationUUID") });
        answers.push(stage.raw("POST", "emailVerifications/retry").json(again).send()?);
    }
    let [known, unknown] = answers.as_slice() else {
        return Err(Halt::Harness("two addresses were to be asked about".to_owned()));
    };
    stage.expect_equal("status for an unknown address", known.status, unknown.status)?;
    let names = |answer: &RawAnswer| {
        answer.body.as_object().map(|body| body.keys().cloned().collect::<Vec<_>>())
    };
    stage.expect_equal("fields for an unknown address", json!(names(known)), json!(names(unknown)))
}
