//! A hook edits what goes in, what comes out, and what leaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;
use mock_server::bytes::Bytes;
use mock_server::engine::{Command, Environment, Outcome, Refusal};
use mock_server::http::{Request, Response, StatusCode};
use mock_server::{Effect, Fault, Hook, Options, Order};
use serde_json::json;

use crate::client::{ALICE, Client, NOON, WORLD, keys, still_mock_with};

fn hooked(hook: impl Hook + 'static) -> Client {
    let options = Options { hook: Some(Arc::new(hook)), ..Options::default() };
    Client::of(&still_mock_with(options), WORLD)
}

/// Mails go to another address than the one that was asked for.
struct Redirect;

impl Hook for Redirect {
    fn before(&self, environment: &mut Environment, command: &mut Command, now: Timestamp) {
        assert_eq!(environment.id().to_string(), WORLD);
        assert_eq!(now.to_string(), NOON);
        if let Command::StartEmailVerification { email } = command {
            *email = "mallory@example.com".into();
        }
    }
}

#[test]
fn the_command_can_be_changed() {
    let client = hooked(Redirect);
    let body = client.post("emailVerifications/create", &json!({ "email": ALICE })).ok(201);
    assert_eq!(body["email"], json!("mallory@example.com"));
    assert_eq!(client.world.inbox(None, 0)[0].to, "mallory@example.com");
}

/// Nobody is ever told that they have a second factor, and deletions always succeed.
struct Forgetful;

impl Hook for Forgetful {
    fn after(&self, _: &mut Environment, result: &mut Result<Outcome, Refusal>, _: Timestamp) {
        match result {
            Ok(Outcome::Methods { devices, has_verified, .. }) => {
                devices.clear();
                *has_verified = false;
            }
            Err(Refusal::ElevationMissing { .. }) => *result = Ok(Outcome::Done),
            _ => {}
        }
    }
}

#[test]
fn the_outcome_can_be_changed() {
    let mut client = hooked(Forgetful);
    client.seed_alice();
    client.sign_in(ALICE);
    client.pass_totp(json!({}));
    let methods = client.get("users/mfa/methods").ok(200);
    assert_eq!(methods["userHasVerifiedMfaMethods"], json!(false));
    // A no that was turned into a yes changes the answer, not the world.
    client.delete(&format!("users/mfa/{}", client.device()), &[]).ok(204);
    assert_eq!(client.get("users/mfa").ok(200)["count"], json!(1));
    // Every other no stays one.
    client.totp(&client.wrong_code(), json!({})).wrong_code();
}

/// Every answer says how many there were, and the third is a teapot.
#[derive(Default)]
struct Counting(AtomicUsize);

impl Hook for Counting {
    fn answer(&self, request: &Request<Bytes>, response: &mut Response<Bytes>) {
        let count = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        response.headers_mut().insert("x-count", count.into());
        if count == 3 {
            *response.status_mut() = StatusCode::IM_A_TEAPOT;
            *response.body_mut() = Bytes::from(json!(request.uri().path()).to_string());
        }
    }
}

#[test]
fn the_answer_can_be_changed_whoever_made_it() {
    let client = hooked(Counting::default());
    assert_eq!(client.get("healthcheck").headers["x-count"], "1");
    // Also one that never reached the engine.
    let refused = client.get("nonsense");
    assert_eq!((refused.status, refused.headers["x-count"].to_str().unwrap()), (404, "2"));
    let third = client.get("healthcheck");
    assert_eq!((third.status, third.body), (418, json!(client.path("healthcheck"))));
    assert_eq!(client.send("OPTIONS", "users", &[], "").headers["x-count"], "4");
}

/// A service whose session tokens lack the address.
struct Terse;

impl Hook for Terse {
    fn after(&self, _: &mut Environment, result: &mut Result<Outcome, Refusal>, _: Timestamp) {
        if let Ok(Outcome::Session(grant)) = result {
            grant.user.credentials.clear();
        }
    }
}

#[test]
fn what_is_signed_is_what_the_hook_left() {
    let mut client = hooked(Terse);
    let body = client.sign_in(ALICE);
    let claims = crate::client::claims(client.bearer.as_ref().unwrap());
    assert_eq!((claims.get("email"), &claims["verifiedCredentialsHashes"]), (None, &json!({})));
    assert_eq!(body["user"]["verifiedCredentials"], json!([]));
    client.get("users").ok(200);
}

/// A hook that does nothing, which is what every method does unless it is written.
struct Idle;

impl Hook for Idle {}

#[test]
fn an_idle_hook_changes_nothing() {
    let plain = Client::of(&still_mock_with(Options::default()), WORLD);
    let mut clients = [plain, hooked(Idle)];
    let bodies = clients.each_mut().map(|client| client.sign_in(ALICE));
    assert_eq!(bodies[0], bodies[1]);
    assert_eq!(keys(&bodies[0]), ["expiresAt", "jwt", "minifiedJwt", "user"]);
    assert_eq!(clients[0].state(), clients[1].state());
}

/// Counts the calls that a fault holds, and those that came to a decision.
#[derive(Default)]
struct Watching {
    held: AtomicUsize,
    decided: AtomicUsize,
}

impl Hook for Watching {
    fn held(&self, environment: &Environment, request: &Request<Bytes>) {
        assert_eq!(environment.id().to_string(), WORLD);
        assert!(request.uri().path().ends_with("/nonce"));
        assert_eq!(self.decided.load(Ordering::Relaxed), 0);
        self.held.fetch_add(1, Ordering::Relaxed);
    }

    fn after(&self, _: &mut Environment, _: &mut Result<Outcome, Refusal>, _: Timestamp) {
        self.decided.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_call_that_is_held_is_told_before_it_is_decided() {
    let watching = Arc::new(Watching::default());
    let options = Options { hook: Some(watching.clone()), ..Options::default() };
    let client = Client::of(&still_mock_with(options), WORLD);
    let (order, milliseconds) = (Order::FirstCome, 10);
    let effect = Effect::Meet { calls: 2, order, milliseconds, name: None };
    let fault = Fault { times: Some(2), ..Fault::on("getNonce", effect) };
    client.world.inject_fault(fault).unwrap();
    client.get("nonce").ok(200);
    assert_eq!([&watching.held, &watching.decided].map(|it| it.load(Ordering::Relaxed)), [1, 1]);
    client.world.clear_faults().unwrap();
    client.get("nonce").ok(200);
    assert_eq!([&watching.held, &watching.decided].map(|it| it.load(Ordering::Relaxed)), [1, 2]);
}
