//! First contact: what every driver must do before a verdict on its SDK means anything.
//!
//! Nine checks in the order in which the author of a driver meets them. Each one that does not
//! hold says what is wrong and what to do next; what cannot be asked yet says why.

mod sheet;

use std::time::Duration;

use driver_protocol::{Capability, ErrorOrigin, Op, Outcome, op};
use serde_json::{Value, json};

use crate::driver::{Connect, Greeting, Mistake, Session};
use crate::honesty::{self, ADA, Visit};
use crate::service::{Door, Service};
use crate::stage::{Patience, describe_error};

use sheet::fails;
pub use sheet::{Check, Found, Sheet};

/// Seed of the service behind the checks; nothing here is left to chance.
const SEED: u64 = 1;

/// All ops of a first contact together may take this many times the deadline of one.
const DEADLINES: u32 = 12;

/// How long the driver has.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Time for the handshake.
    pub hello: Duration,
    /// Time for each later op.
    pub op: Duration,
}

/// Makes first contact with a driver.
///
/// # Errors
/// The service behind the checks does not work, in words; the driver's mistakes are in the sheet.
pub fn smoke(connect: &Connect, pace: Pace) -> Result<Sheet, String> {
    let greeting = Greeting { run: "smoke".to_owned(), seed: SEED, within: pace.hello };
    let patience = Patience::new(pace.op, pace.op * DEADLINES);
    let mut sheet = Sheet::default();
    let mut session = match connect.attach(&greeting) {
        Ok(session) => session,
        Err(mistake) => {
            sheet.not_attached(&mistake);
            return Ok(sheet);
        }
    };
    sheet.put(Check::Start, Found::Holds);
    sheet.put(Check::Hello, Found::Holds);
    sheet.undeclared = session.hello().undeclared();
    match contact(&mut session, patience, &mut sheet)? {
        Ok(()) => sheet.put(Check::Bye, bye(session)),
        Err((check, mistake)) => sheet.broke(check, &mistake),
    }
    Ok(sheet)
}

/// What ended the contact: the check under way, and the driver's mistake.
type Broken = (Check, Mistake);

fn contact(
    session: &mut Session,
    patience: Patience,
    sheet: &mut Sheet,
) -> Result<Result<(), Broken>, String> {
    match honesty::canary(session, patience) {
        Err(mistake) => return Ok(Err((Check::Unknown, mistake))),
        Ok(probe) => {
            sheet.put(Check::Id, Found::Holds);
            sheet.put(
                Check::Unknown,
                match probe.problem {
                    None => Found::Holds,
                    Some(problem) => fails(
                        problem,
                        "answer {\"id\":…,\"unsupported\":{\"why\":\"…\",\"issue\":null}} to every op that you do not know",
                    ),
                },
            );
        }
    }
    let service = Service::start(SEED)?;
    let (door, tenant) = honesty::enter(&service, session.now_ms())?;
    let mut visit = Visit::new(session, tenant, patience);
    Ok(with_client(&mut visit, &door, sheet))
}

fn with_client(visit: &mut Visit<'_>, door: &Door, sheet: &mut Sheet) -> Result<(), Broken> {
    let at = |check: Check| move |mistake: Mistake| (check, mistake);
    let made = client(visit, door).map_err(at(Check::Client))?;
    let has_client = visit.instance.is_some();
    sheet.put(Check::Client, made);
    if !has_client {
        return Ok(());
    }
    let before = state(visit, None).map_err(at(Check::State))?;
    let is_told = matches!(before, Found::Holds);
    // What is wrong before anybody has signed in is the thing to mend first.
    if !is_told {
        sheet.put(Check::State, before);
    }
    sheet.put(Check::Error, refusal(visit).map_err(at(Check::Error))?);
    let signed_in = sign_in(visit).map_err(at(Check::SignIn))?;
    let user = seen(visit).get("id").and_then(Value::as_str).map(str::to_owned);
    let is_there = user.is_some();
    let is_in = matches!(signed_in, Found::Holds);
    sheet.put(Check::SignIn, signed_in);
    if is_told {
        let who = if is_in { user } else { None };
        sheet.put(
            Check::State,
            match (is_in, state(visit, who.as_deref()).map_err(at(Check::State))?) {
                // Somebody is in, whatever the answer looked like: nobody knows what to expect.
                (false, _) if is_there => Found::Open("sign-in has to be mended before".to_owned()),
                (false, Found::Holds) => Found::Open("only seen signed out so far".to_owned()),
                (_, found) => found,
            },
        );
    }
    Ok(())
}

fn client(visit: &mut Visit<'_>, door: &Door) -> Result<Found, Mistake> {
    let outcome = visit.open(door)?;
    let sent = visit.sent();
    let value = match granted("client.new", outcome) {
        Ok(value) => value,
        Err(Found::Fails { problem, .. })
            if problem.contains("answered err") && sent.is_empty() =>
        {
            let problem =
                format!("{problem}; nothing has reached the service at {}", door.base_url());
            return Ok(fails(problem, BASE_URL));
        }
        Err(found) => return Ok(found),
    };
    visit.instance = value.get("inst").and_then(Value::as_str).map(str::to_owned);
    if sent.is_empty() {
        let problem =
            format!("client.new was answered ok, but nothing has reached {}", door.base_url());
        return Ok(fails(problem, BASE_URL));
    }
    Ok(match honesty::marks(&sent, 1).problem {
        None => Found::Holds,
        Some(problem) => fails(
            problem,
            "let the SDK send every request; a driver that speaks to the service itself is not judged",
        ),
    })
}

/// Lets the service refuse a wrong code, which the driver must report as the SDK's error.
fn refusal(visit: &mut Visit<'_>) -> Result<Found, Mistake> {
    let code = match mailed(visit)? {
        Ok(code) => code,
        Err(found) => return Ok(found),
    };
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let before = visit.sent().len();
    let outcome = visit.call("auth.email_verify", json!({ "code": wrong }))?;
    let refused = visit.sent().into_iter().skip(before).find(|seen| seen.status >= 400);
    let error = match outcome {
        Outcome::Err(error) => error,
        Outcome::Ok(_) => {
            let status = refused.map_or(0, |seen| seen.status);
            return Ok(fails(
                format!(
                    "the service refused a wrong code with {status}, and the driver answered ok"
                ),
                "hand on what the SDK throws as err, with origin server and its class, code and status",
            ));
        }
        other => return Ok(granted("auth.email_verify", other).err().unwrap_or(Found::Holds)),
    };
    let Some(refused) = refused else {
        let problem = format!(
            "a wrong code was answered {}, but no request was refused",
            describe_error(&error)
        );
        return Ok(fails(problem, "let the SDK ask the service; check no code in the driver"));
    };
    if error.origin != ErrorOrigin::Server {
        let problem = format!(
            "the service refused a wrong code with {}, and the driver calls that origin \"{}\"",
            refused.status, error.origin
        );
        return Ok(fails(
            problem,
            "origin is \"server\" when the SDK's error stands for an answer of the service",
        ));
    }
    match error.http {
        Some(told) if told != refused.status => Ok(fails(
            format!("the service answered {}, and the driver says http {told}", refused.status),
            "take http from the SDK's error, or say null when the SDK does not tell it",
        )),
        _ => Ok(Found::Holds),
    }
}

fn sign_in(visit: &mut Visit<'_>) -> Result<Found, Mistake> {
    let code = match mailed(visit)? {
        Ok(code) => code,
        Err(Found::Fails { .. }) => {
            return Ok(Found::Open("it needs the code from the mail".to_owned()));
        }
        Err(found) => return Ok(found),
    };
    let answer = visit.call("auth.email_verify", json!({ "code": code }))?;
    if let Err(found) = granted("auth.email_verify", answer) {
        return Ok(found);
    }
    Ok(match seen(visit).is_null() {
        false => Found::Holds,
        true => fails(
            "auth.email_verify was answered ok, but nobody has signed in at the service".to_owned(),
            "call the SDK with args.code, and answer when its call is done",
        ),
    })
}

/// The service's record of who signs in here.
fn seen(visit: &Visit<'_>) -> Value {
    // The mock in this process always tells.
    visit.tenant.user(ADA).unwrap_or_default()
}

fn newest_mail(visit: &Visit<'_>, after: u64) -> Option<(u64, String)> {
    visit.tenant.newest_mail(ADA, after).unwrap_or_default()
}

/// Asks for a mail and reads it from the service's inbox.
fn mailed(visit: &mut Visit<'_>) -> Result<Result<String, Found>, Mistake> {
    for needed in ["auth.email_start", "auth.email_verify"] {
        if let Some(found) = visit.lacks(needed) {
            return Ok(Err(found));
        }
    }
    let before = newest_mail(visit, 0).map_or(0, |(number, _)| number);
    let answer = visit.call("auth.email_start", json!({ "email": ADA }))?;
    if let Err(found) = granted("auth.email_start", answer) {
        return Ok(Err(found));
    }
    Ok(newest_mail(visit, before).map(|(_, code)| code).ok_or_else(|| {
        fails(
            format!(
                "auth.email_start was answered ok, but the service was not asked to mail {ADA}"
            ),
            "call the SDK with args.email, and answer when its call is done",
        )
    }))
}

impl Visit<'_> {
    /// What speaks against asking for an op that is a capability.
    fn lacks(&self, name: &str) -> Option<Found> {
        match self.capability(name) {
            Some(Capability::No(why)) => Some(Found::Open(format!("the SDK has no {name}: {why}"))),
            Some(_) => None,
            None => Some(fails(
                format!("{name} is not filled in: the caps of hello do not declare it"),
                fill_in(name),
            )),
        }
    }
}

fn state(visit: &mut Visit<'_>, user: Option<&str>) -> Result<Found, Mistake> {
    let told = match granted("state.get", visit.call("state.get", json!({}))?) {
        Ok(told) => told,
        Err(found) => return Ok(found),
    };
    let expected = [("authenticated", json!(user.is_some())), ("user_id", json!(user))];
    let wrong = expected.iter().find(|(field, value)| told.get(*field) != Some(value));
    Ok(match wrong {
        None if user.is_some() => missing(visit)?,
        None => Found::Holds,
        Some((field, value)) => fails(
            format!(
                "state.get says {field} {}, and the service knows {value}",
                told.get(*field).unwrap_or(&Value::Null)
            ),
            "tell what the SDK itself holds at this moment; keep no copy in the driver",
        ),
    })
}

/// Asks one more op that only looks, if the driver has it: no check before meets a capability that
/// is a question to the SDK alone. What it says is the SDK's affair, which the cases judge.
fn missing(visit: &mut Visit<'_>) -> Result<Found, Mistake> {
    if visit.lacks("mfa.missing").is_some() {
        return Ok(Found::Holds);
    }
    let answer = visit.call("mfa.missing", json!({}))?;
    Ok(granted("mfa.missing", answer).err().unwrap_or(Found::Holds))
}

fn bye(session: Session) -> Found {
    match session.say_bye() {
        Ok(outcome) => granted("bye", outcome).err().unwrap_or(Found::Holds),
        Err(mistake) => fails(mistake.to_string(), mistake.remedy()),
    }
}

/// The `ok` of an op, or what is wrong with any other answer.
fn granted(name: &'static str, outcome: Outcome) -> Result<Value, Found> {
    match outcome {
        Outcome::Ok(value) => {
            let misfits = op(name).map(|op| op.misfits(&value)).unwrap_or_default();
            match misfits.is_empty() {
                true => Ok(value),
                false => Err(fails(
                    format!("{name} was answered ok, but {}", misfits.join("; ")),
                    gives(name),
                )),
            }
        }
        Outcome::Err(error) => Err(fails(
            format!("{name} was answered err: {}", describe_error(&error)),
            "mend it where the SDK or the driver says; the requests are shown by mfa-conformance run --driver … --case sign-in/wrong-code-surfaces --trace",
        )),
        Outcome::Unsupported { why, .. } => {
            Err(fails(format!("{name} was answered unsupported: {why}"), fill_in(name)))
        }
        Outcome::Fault { message, .. } => Err(fails(
            format!("{name} was answered fault: {message}"),
            "that is a mistake in the driver's own code: mend it there",
        )),
    }
}

/// What there is to write for an op, from the table of the protocol.
#[must_use]
pub fn fill_in(name: &str) -> String {
    let Some(Op { args, returns, meaning, .. }) = op(name) else {
        return format!("fill in {name}");
    };
    let names = |fields: &[driver_protocol::Field]| -> String {
        let names: Vec<String> = fields
            .iter()
            .map(|field| format!("{}{}", field.name, if field.is_optional { "?" } else { "" }))
            .collect();
        format!("{{{}}}", names.join(", "))
    };
    format!("fill in {name}: {meaning}; args {} → ok {}", names(args), names(returns))
}

fn gives(name: &str) -> String {
    let fields = op(name).map(|op| op.returns).unwrap_or_default();
    let fields: Vec<String> =
        fields.iter().map(|field| format!("{}: {}", field.name, field.form.word())).collect();
    format!("answer {name} with exactly {{{}}}", fields.join(", "))
}

const BASE_URL: &str = "initialise the SDK here, and hand it args.base_url where it reads it; \
    an SDK that ignores an option it does not know talks to the real service instead";
