//! Passkeys in the suite's own hands: ceremonies without an SDK.
//!
//! What only prepares blocks the case; the calls whose refusal may be the point hand over their
//! answer.

use driver_protocol::{Authenticator as _, Ceremony};
use serde_json::{Map, Value, json};

use crate::stage::{Halt, RawAnswer, RawRequest, Stage};

use super::raw_session::{ELEVATED, RawSession, prepared, text};

/// Lets the person do what the options ask for.
pub(super) fn perform(
    stage: &mut Stage,
    ceremony: Ceremony,
    options: &Value,
) -> Result<Value, Halt> {
    let performed = stage.authenticator().perform(ceremony, options);
    performed.map_err(|declined| Halt::Blocked(format!("the authenticator: {}", declined.name)))
}

/// Tries to register a passkey; the answer is that of the first call that refused, or the last.
pub(super) fn try_to_register(
    stage: &mut Stage,
    session: &RawSession,
    elevated: Option<&str>,
) -> Result<RawAnswer, Halt> {
    let begun = session.request(stage, "GET", "users/passkeys/register").send()?;
    if begun.status != 200 {
        return Ok(begun);
    }
    let request = registration(stage, session, begun.body)?;
    let request = elevated.into_iter().fold(request, |request, it| request.header(ELEVATED, it));
    request.send()
}

/// The call that posts a new passkey, made after these options.
pub(super) fn registration(
    stage: &mut Stage,
    session: &RawSession,
    mut options: Value,
) -> Result<RawRequest, Halt> {
    // The person takes a new device each time, which has none of the passkeys so far.
    if let Some(options) = options.as_object_mut() {
        options.insert("excludeCredentials".to_owned(), json!([]));
    }
    let mut made = perform(stage, Ceremony::Create, &options)?;
    // This call spells the client data differently than WebAuthn and than the other call.
    if let Some(response) = made.pointer_mut("/response").and_then(Value::as_object_mut)
        && let Some(client_data) = response.remove("clientDataJSON")
    {
        response.insert("clientDataJson".to_owned(), client_data);
    }
    Ok(session.request(stage, "POST", "users/passkeys/register").json(made))
}

/// Registers a passkey; the session goes on with the token of the answer.
pub(super) fn register(
    stage: &mut Stage,
    session: &mut RawSession,
    elevated: Option<&str>,
) -> Result<(), Halt> {
    let registered = try_to_register(stage, session, elevated)?;
    if registered.status != 200 {
        let status = registered.status;
        return Err(Halt::Blocked(format!("registering a passkey was answered {status}")));
    }
    session.bearer = text(&registered, "/minifiedJwt")?;
    Ok(())
}

/// The options of an authentication.
pub(super) fn options(stage: &Stage, session: &RawSession) -> Result<Value, Halt> {
    Ok(prepared(session.request(stage, "GET", "users/passkeys/authenticate"))?.body)
}

/// Posts an assertion; `wishes` are further fields of the body.
pub(super) fn show(
    stage: &Stage,
    session: &RawSession,
    assertion: Value,
    wishes: Value,
) -> Result<RawAnswer, Halt> {
    let mut body = Map::new();
    for part in [assertion, wishes] {
        if let Value::Object(part) = part {
            body.extend(part);
        }
    }
    session.request(stage, "POST", "users/mfa/auth/passkey").json(body).send()
}

/// Authenticates with a passkey of the person, over a challenge of its own.
pub(super) fn authenticate(
    stage: &mut Stage,
    session: &RawSession,
    wishes: Value,
) -> Result<RawAnswer, Halt> {
    let options = options(stage, session)?;
    let assertion = perform(stage, Ceremony::Get, &options)?;
    show(stage, session, assertion, wishes)
}

/// Passes MFA with a passkey; the session goes on with the token of the answer.
pub(super) fn pass(
    stage: &mut Stage,
    session: &mut RawSession,
    wishes: Value,
) -> Result<RawAnswer, Halt> {
    let passed = authenticate(stage, session, wishes)?;
    if passed.status != 200 {
        return Err(Halt::Blocked(format!("a passkey was answered {}", passed.status)));
    }
    session.bearer = text(&passed, "/minifiedJwt")?;
    Ok(passed)
}

/// The ids of the passkeys that the service lists.
pub(super) fn listed(stage: &Stage, session: &RawSession) -> Result<Vec<Value>, Halt> {
    let list = prepared(session.request(stage, "GET", "users/passkeys"))?.value("/passkeys");
    Ok(list.as_array().into_iter().flatten().map(|it| it["id"].clone()).collect())
}

/// Deletes a passkey by its id with one header beside the bearer, or with none.
pub(super) fn delete(
    stage: &Stage,
    session: &RawSession,
    id: &Value,
    proof: Option<(&str, &str)>,
) -> Result<RawAnswer, Halt> {
    let request = session.request(stage, "DELETE", "users/passkeys");
    let request = proof.into_iter().fold(request, |request, (name, it)| request.header(name, it));
    request.json(json!({ "passkeyId": id })).send()
}
