//! Passkeys from their options to their end.

use mock_server::policy::{Enrollment, Policy};
use serde_json::{Value, json};

use crate::authenticator::Authenticator;
use crate::client::{
    ALICE, Client, ELEVATED, Reply, WORLD, assert_snapshot, claims, keys, legacy, still_mock, text,
};

mod assertion;
mod challenge;
mod enrolment;
mod forms;
mod keeping;
mod registration;
mod seeded;
mod sign_in;

pub(super) const BOB: &str = "bob@example.com";
pub(super) const REGISTER: &str = "users/passkeys/register";
pub(super) const AUTHENTICATE: &str = "users/mfa/auth/passkey";
pub(super) const SIGN_IN: &str = "users/passkeys/signin";

impl Client {
    /// Creation options.
    pub(super) fn creation(&self) -> Value {
        self.get(REGISTER).ok(200)
    }

    /// Request options for the second factor.
    pub(super) fn request(&self) -> Value {
        self.get("users/passkeys/authenticate").ok(200)
    }

    /// Posts a registration and keeps the bearer.
    pub(super) fn enrol(&mut self, body: &Value, headers: &[(&str, &str)]) -> Reply {
        let reply = self.send("POST", REGISTER, headers, body.to_string());
        self.keep(reply)
    }

    /// Posts an assertion and keeps the bearer.
    pub(super) fn assert(&mut self, mut body: Value, more: Value) -> Reply {
        let Value::Object(more) = more else { panic!("not an object: {more}") };
        body.as_object_mut().unwrap().extend(more);
        let reply = self.post(AUTHENTICATE, &body);
        self.keep(reply)
    }

    /// Passes the second factor.
    pub(super) fn pass_passkey(&mut self, authenticator: &mut Authenticator, more: Value) -> Value {
        let body = authenticator.sign_in(&self.request());
        self.assert(body, more).ok(200)
    }

    /// The user's passkeys.
    pub(super) fn passkeys(&self) -> Vec<Value> {
        self.get("users/passkeys").ok(200)["passkeys"].as_array().unwrap().clone()
    }

    /// Rule and reason of the latest refusal, as the journal has them.
    pub(super) fn reason(&self) -> (String, String) {
        let refusal = self.world.journal().pop().unwrap().refusal.unwrap();
        (refusal.rule, refusal.reason)
    }
}

/// Alice without step-up, with one passkey, past her second factor.
pub(super) fn enrolled(policy: Policy) -> (Client, Authenticator) {
    let mut client = Client::signed_in(policy);
    let authenticator = enrol(&mut client, 1);
    (client, authenticator)
}

/// Adds a passkey where no token is asked for.
pub(super) fn enrol(client: &mut Client, number: u8) -> Authenticator {
    let mut authenticator = Authenticator::new(number);
    let body = authenticator.make(&client.creation());
    client.enrol(&body, &[]).ok(200);
    authenticator
}

#[test]
fn the_guide_from_registration_to_step_up() {
    let mut client = Client::signed_in(Policy::default());
    let mut authenticator = Authenticator::new(1);
    let mut told = vec![("creation options", client.creation())];
    let link = client.elevate_by_email(&["credential:link"]);
    let body = authenticator.make(&told[0].1);
    let headers = [(ELEVATED, link.as_str()), ("user-agent", "Browser/1.0")];
    let granted = client.enrol(&body, &headers).ok(200);
    assert_eq!(claims(&text(&granted["minifiedJwt"]))["scope"], json!("user:basic"));
    told.push(("credentials", granted["user"]["verifiedCredentials"].clone()));
    told.push(("passkeys", client.get("users/passkeys").ok(200)));
    told.push(("methods", client.get("users/mfa/methods").ok(200)));
    told.push(("devices", client.get("users/mfa").ok(200)));

    // The next session owes the second factor, and the passkey pays.
    let mut next = client.elsewhere(ALICE);
    assert_eq!(next.scope(), "requiresAdditionalAuth");
    let scope = json!({ "scope": "credential:unlink" });
    told.push(("step-up", next.post("stepUp/check", &scope).ok(200)));
    told.push(("request options", next.request()));
    let assertion = authenticator.sign_in(&told[6].1);
    let wishes = json!({
        "requestedScopes": ["credential:unlink"], "createMfaToken": { "singleUse": true },
    });
    let granted = next.assert(assertion, wishes).ok(200);
    assert_eq!(next.scope(), "user:basic");
    let elevated = claims(&text(&granted["elevatedAccessToken"]));
    assert_eq!(elevated["scope"], json!("credential:unlink"));
    let shown = ["elevatedAccessToken", "expiresAt", "jwt", "mfaToken", "minifiedJwt", "user"];
    assert_eq!(keys(&granted), shown);
    let seen = next.world.user(ALICE).unwrap().passkeys;
    told.push(("control", serde_json::to_value(seen).unwrap()));
    assert_snapshot("passkeys__guide", &json!(told));
}

#[test]
fn a_world_put_back_in_the_middle_goes_on() {
    let mut client = Client::signed_in(legacy(|_| {}));
    let mut authenticator = Authenticator::new(1);
    let creation = client.creation();
    let moved = |client: &Client| {
        let written = client.world.snapshot();
        let mut there = Client::of(&still_mock(legacy(|_| {})), WORLD);
        there.world.restore(written.clone()).unwrap();
        there.bearer.clone_from(&client.bearer);
        assert_eq!(there.world.snapshot(), written);
        there
    };
    let mut there = moved(&client);
    there.enrol(&authenticator.make(&creation), &[]).ok(200);
    let request = there.request();
    client = moved(&there);
    let body = authenticator.sign_in(&request);
    client.assert(body.clone(), json!({})).ok(200);
    // Spent there is spent in what is written of it, too.
    let mut again = moved(&client);
    assert_eq!(again.assert(body, json!({})).status, 422);
    assert_eq!(again.passkeys(), client.passkeys());
}

#[test]
fn whoever_has_no_session_gets_no_passkey() {
    let (client, _) = enrolled(legacy(|_| {}));
    let calls = [
        ("GET", REGISTER),
        ("POST", REGISTER),
        ("GET", "users/mfa/register/passkey"),
        ("POST", "users/mfa/register/passkey"),
        ("GET", "users/passkeys/authenticate"),
        ("POST", AUTHENTICATE),
        ("GET", "users/passkeys"),
        ("PUT", "users/passkeys"),
        ("DELETE", "users/passkeys"),
    ];
    let mut stranger = client.clone();
    stranger.bearer = None;
    let mut foreign = Client::of(&client.mock, "00000000-0000-4000-8000-00000000bbbb");
    foreign.sign_in(ALICE);
    let mut mistaken = client.clone();
    mistaken.bearer.clone_from(&foreign.bearer);
    let before = client.state();
    for (method, path) in calls {
        let reply = stranger.send(method, path, &[], "{}");
        reply.refused(401, None, "No jwt provided!");
        let reply = mistaken.send(method, path, &[], body_for(path, method));
        reply.unauthorized();
    }
    client.advance(2 * 3_600);
    client.get("users/passkeys").unauthorized();
    client.world.hold_clock_at(crate::client::NOON.parse().unwrap()).unwrap();
    client.stays(&before);
}

/// A body of the right shape, since the shape is looked at before the session.
fn body_for(path: &str, method: &str) -> String {
    let ceremony = json!({
        "id": "AA", "rawId": "AA", "type": "public-key", "clientExtensionResults": {},
        "response": {
            "clientDataJSON": "AA", "attestationObject": "AA", "authenticatorData": "AA",
            "signature": "AA",
        },
    });
    let id = "00000000-0000-4000-8000-000000000000";
    match (path, method) {
        ("users/mfa/register/passkey", "POST") => json!({ "id": id, "attestation": ceremony }),
        ("users/passkeys", _) => json!({ "id": id, "passkeyId": id }),
        _ => ceremony,
    }
    .to_string()
}

#[test]
fn a_session_that_owes_mfa_reaches_what_finishes_it() {
    let (client, mut authenticator) = enrolled(legacy(|_| {}));
    let mut partial = client.elsewhere(ALICE);
    assert_eq!(partial.scope(), "requiresAdditionalAuth");
    assert_eq!(partial.passkeys().len(), 1);
    let before = partial.state();
    let id = &partial.passkeys()[0]["id"];
    let body = json!({ "id": id, "passkeyId": id, "alias": "x" }).to_string();
    for method in ["PUT", "DELETE"] {
        let reply = partial.send(method, "users/passkeys", &[], body.clone());
        reply.refused(403, None, "Access Forbidden");
    }
    partial.stays(&before);
    partial.pass_passkey(&mut authenticator, json!({}));
    assert_eq!(partial.scope(), "user:basic");
    partial.send("PUT", "users/passkeys", &[], body).ok(200);
}

#[test]
fn passkeys_count_as_methods_only_where_they_are_a_second_factor() {
    let off = |policy: &mut Policy| policy.mfa.methods[1].enabled = false;
    let (client, mut authenticator) = enrolled(legacy(off));
    let none = json!({ "devices": [], "passkeys": [], "userHasVerifiedMfaMethods": false });
    assert_eq!(client.get("users/mfa/methods").ok(200), none);
    assert_eq!(client.passkeys().len(), 1);
    let mut next = client.elsewhere(ALICE);
    assert_eq!(next.scope(), "user:basic");
    let body = authenticator.sign_in(&next.request());
    let before = next.state();
    let error = "Passkeys are not enabled for this environment";
    let code = Some("mfa_invalid_request");
    next.assert(body.clone(), json!({})).refused(422, code, error);
    next.stays(&before);
    let mut on = next.world.policy();
    on.mfa.methods[1].enabled = true;
    on.mfa.enrollment = Enrollment::None;
    next.world.set_policy(on).unwrap();
    next.assert(body, json!({})).ok(200);
}
