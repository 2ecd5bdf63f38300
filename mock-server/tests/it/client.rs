//! A client of one world: requests at the service's front door, with the bearer that it answered.
//!
//! It keeps the last `minifiedJwt` as the SDK does, and knows nothing else.

use jiff::SignedDuration;
use mock_server::bytes::Bytes;
use mock_server::http::{HeaderMap, Method, Request};
use mock_server::policy::{MfaAction, Policy, PolicyError, ProtectedAction};
use mock_server::{Clock, Hosting, Mock, Options, SettingsError, UserSeed};
use serde_json::{Value, json};

use crate::oracle;
use crate::reply::differences;
pub(crate) use crate::reply::{Reply, assert_snapshot, claims, forge, keys, text};

pub(crate) const NOON: &str = "2030-01-01T12:00:00Z";
pub(crate) const WORLD: &str = "00000000-0000-4000-8000-00000000aaaa";
pub(crate) const ALICE: &str = "alice@example.com";
/// The secret of every seeded device: that of RFC 6238, so the published vectors apply.
pub(crate) const SECRET: &str = fixtures::rfc6238::SHA1_SEED_BASE32;
pub(crate) const MFA_TOKEN: &str = "x-mfa-auth-token";
pub(crate) const ELEVATED: &str = "x-dyn-elevated-access-token";

/// A service whose every answer is fixed: seed 7, all clocks held at noon.
pub(crate) fn still_mock(policy: Policy) -> Mock {
    still_mock_with(Options { policy, ..Options::default() })
}

/// The same with other options; seed and clock are set here.
pub(crate) fn still_mock_with(options: Options) -> Mock {
    let clock = Clock::held_at(NOON.parse().unwrap());
    Mock::new(Options { seed: Some(7), clock, ..options }).unwrap()
}

/// The default policy with changes.
pub(crate) fn policy(change: impl FnOnce(&mut Policy)) -> Policy {
    let mut policy = Policy::default();
    change(&mut policy);
    policy
}

/// The policy without step-up, with changes.
pub(crate) fn legacy(change: impl FnOnce(&mut Policy)) -> Policy {
    let mut policy = Policy::legacy();
    change(&mut policy);
    policy
}

/// An action that asks for a second factor, on the usual terms.
pub(crate) fn protect(action: MfaAction) -> ProtectedAction {
    ProtectedAction { action, required: true, token_behavior: None, token_expiry_seconds: None }
}

/// Action-based MFA alone: exporting is protected, and no session owes a factor.
pub(crate) fn by_action(policy: &mut Policy) {
    policy.mfa.enabled = false;
    policy.mfa.actions = vec![protect(MfaAction::WalletWaasExport)];
}

/// Sends one request to the front door.
pub(crate) fn send(
    mock: &Mock,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Reply {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = mock.answer(&request.body(body.into()).unwrap()).response;
    let (head, bytes) = response.into_parts();
    let body = match bytes.is_empty() {
        true => Value::Null,
        false if is_page(&head.headers) => {
            Value::String(String::from_utf8(bytes.to_vec()).unwrap())
        }
        false => serde_json::from_slice(&bytes).unwrap(),
    };
    Reply { status: head.status.as_u16(), headers: head.headers, bytes, body }
}

/// Whether an answer is a page for people, the only answers that are no JSON.
pub(crate) fn is_page(headers: &HeaderMap) -> bool {
    headers.get("content-type").is_some_and(|kind| kind == "text/html; charset=utf-8")
}

/// Somebody who uses one world.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) mock: Mock,
    pub(crate) world: Hosting,
    pub(crate) bearer: Option<String>,
    /// The TOTP secret, once known.
    pub(crate) secret: String,
}

impl Client {
    /// A client of a world of its own, in a service of its own.
    pub(crate) fn new(policy: Policy) -> Self {
        Self::of(&still_mock(policy), WORLD)
    }

    pub(crate) fn of(mock: &Mock, world: &str) -> Self {
        let world = mock.environment(world).unwrap();
        Self { mock: mock.clone(), world, bearer: None, secret: SECRET.to_owned() }
    }

    /// Alice, signed in, without any second factor.
    pub(crate) fn signed_in(policy: Policy) -> Self {
        let mut client = Self::new(policy);
        client.sign_in(ALICE);
        client
    }

    /// Alice, enrolled with [`SECRET`] and signed in; her session still owes the second factor.
    pub(crate) fn challenged(policy: Policy) -> Self {
        let mut client = Self::new(policy);
        client.seed_alice();
        client.sign_in(ALICE);
        client
    }

    /// Alice, enrolled, signed in and past her second factor; the next code is fresh.
    pub(crate) fn authenticated(policy: Policy) -> Self {
        let mut client = Self::challenged(policy);
        client.pass_totp(json!({}));
        client
    }

    /// Another device of the same person: same world, own session.
    pub(crate) fn elsewhere(&self, email: &str) -> Self {
        let mut other = self.clone();
        other.bearer = None;
        other.sign_in(email);
        other
    }

    pub(crate) fn seed_alice(&self) {
        let totp_secret = Some(SECRET.to_owned());
        let seed = UserSeed { email: ALICE.to_owned(), totp_secret, ..UserSeed::default() };
        self.world.create_user(seed).unwrap();
    }

    /// Sends a request to the world, with the bearer if there is one.
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Reply {
        let bearer = self.bearer.as_ref().map(|bearer| format!("Bearer {bearer}"));
        let mut all = vec![("content-type", "application/json")];
        all.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        all.extend(headers);
        send(&self.mock, method, &self.path(path), &all, body)
    }

    pub(crate) fn path(&self, path: &str) -> String {
        format!("/api/v0/sdk/{}/{path}", self.world.id())
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], "")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, &[], body.to_string())
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Reply {
        self.send("PUT", path, &[], body.to_string())
    }

    pub(crate) fn delete(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.send("DELETE", path, headers, "")
    }

    /// Opens an e-mail verification and yields its id and the code that was mailed.
    pub(crate) fn mail(&self, email: &str) -> (String, String) {
        let opened = self.post("emailVerifications/create", &json!({ "email": email })).ok(201);
        let id = opened["verificationUUID"].as_str().unwrap().to_owned();
        (id, self.newest_code(email))
    }

    pub(crate) fn newest_code(&self, email: &str) -> String {
        self.world.inbox(Some(email), 0).pop().unwrap().code
    }

    /// Signs in by e-mail and keeps the bearer.
    pub(crate) fn sign_in(&mut self, email: &str) -> Value {
        let (id, code) = self.mail(email);
        self.sign_in_with(&id, &code, json!({})).ok(200)
    }

    pub(crate) fn sign_in_with(&mut self, id: &str, code: &str, more: Value) -> Reply {
        let mut body = json!({ "verificationUUID": id, "verificationToken": code });
        merge(&mut body, more);
        let reply = self.post("emailVerifications/signin", &body);
        self.keep(reply)
    }

    /// Proves an address in the running session.
    pub(crate) fn verify_email(&mut self, email: &str, more: Value) -> Reply {
        let (id, code) = self.mail(email);
        let mut body = json!({ "verificationUUID": id, "verificationToken": code });
        merge(&mut body, more);
        let reply = self.post("emailVerifications/verify", &body);
        self.keep(reply)
    }

    /// Keeps the bearer of a verify-style answer, as the SDK does.
    pub(crate) fn keep(&mut self, reply: Reply) -> Reply {
        if let Some(bearer) = reply.body["minifiedJwt"].as_str() {
            self.bearer = Some(bearer.to_owned());
        }
        reply
    }

    /// What the authenticator app shows now, computed apart from the service.
    pub(crate) fn code(&self) -> String {
        oracle::code(&self.secret, self.seconds())
    }

    /// A code of the current step that is certainly wrong in all three steps of the window.
    pub(crate) fn wrong_code(&self) -> String {
        let now = self.seconds();
        let near = [now - 30, now, now + 30].map(|at| oracle::code(&self.secret, at));
        (0..).map(|number| format!("{number:06}")).find(|code| !near.contains(code)).unwrap()
    }

    pub(crate) fn seconds(&self) -> u64 {
        u64::try_from(self.world.now().as_second()).unwrap()
    }

    pub(crate) fn advance(&self, seconds: i64) {
        self.world.advance_clock(SignedDuration::from_secs(seconds)).unwrap();
    }

    /// Posts a TOTP code and keeps the bearer.
    pub(crate) fn totp(&mut self, code: &str, more: Value) -> Reply {
        let mut body = json!({ "code": code });
        merge(&mut body, more);
        let reply = self.post("users/mfa/auth/totp", &body);
        self.keep(reply)
    }

    /// Passes TOTP with the current code, then lets the step end, so that the next is fresh.
    pub(crate) fn pass_totp(&mut self, more: Value) -> Value {
        let body = self.totp(&self.code(), more).ok(200);
        self.advance(30);
        body
    }

    /// Passes TOTP for an elevated token of these scopes.
    pub(crate) fn elevate(&mut self, scopes: &[&str]) -> String {
        text(&self.pass_totp(json!({ "requestedScopes": scopes }))["elevatedAccessToken"])
    }

    /// Passes TOTP for a legacy MFA token.
    pub(crate) fn mfa_token(&mut self, single_use: bool) -> String {
        let body = self.pass_totp(json!({ "createMfaToken": { "singleUse": single_use } }));
        text(&body["mfaToken"])
    }

    /// Re-authenticates by e-mail for an elevated token of these scopes.
    pub(crate) fn elevate_by_email(&mut self, scopes: &[&str]) -> String {
        let body = self.verify_email(ALICE, json!({ "requestedScopes": scopes })).ok(200);
        text(&body["elevatedAccessToken"])
    }

    /// Registers a TOTP device and remembers its secret.
    pub(crate) fn register(&mut self, headers: &[(&str, &str)]) -> Reply {
        let reply = self.send("GET", "users/mfa/register/totp", headers, "");
        if let Some(secret) = reply.body["secret"].as_str() {
            self.secret = secret.to_owned();
        }
        reply
    }

    /// The id of the user's only device.
    pub(crate) fn device(&self) -> String {
        text(&self.get("users/mfa").ok(200)["devices"][0]["id"])
    }

    /// Scopes of the session, as its user shows them.
    pub(crate) fn scope(&self) -> String {
        text(&self.get("users").ok(200)["scope"])
    }

    /// The world without what every command moves: the number of commands so far.
    /// The setting for which these are refused, and nothing is changed.
    #[track_caller]
    pub(crate) fn refused_setting(&self, policy: Policy) -> PolicyError {
        let before = self.state();
        let refused = self.world.set_policy(policy);
        self.stays(&before);
        match refused {
            Err(SettingsError::Policy(error)) => error,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn state(&self) -> Value {
        let mut state = self.world.snapshot();
        assert!(state["commands"].take().is_u64());
        state
    }

    /// Checks that nothing has changed since [`Self::state`] was taken.
    #[track_caller]
    pub(crate) fn stays(&self, before: &Value) {
        self.differs_only(before, &[]);
    }

    /// Checks that nothing has changed but at these paths, and that each of them did.
    #[track_caller]
    pub(crate) fn differs_only(&self, before: &Value, paths: &[&str]) {
        let mut found = Vec::new();
        differences("", before, &self.state(), &mut found);
        let stray: Vec<&String> =
            found.iter().filter(|line| !paths.iter().any(|path| line.contains(path))).collect();
        assert!(stray.is_empty(), "{stray:#?}");
        for path in paths {
            assert!(found.iter().any(|line| line.contains(path)), "{path} did not change");
        }
    }
}

fn merge(body: &mut Value, more: Value) {
    let Value::Object(more) = more else { panic!("not an object: {more}") };
    body.as_object_mut().unwrap().extend(more);
}
