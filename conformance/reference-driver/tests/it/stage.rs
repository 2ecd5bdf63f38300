//! A driver, a stub, a clock, and the words that tests need.

use data_encoding::BASE64URL_NOPAD;
use driver_protocol::{Authenticator, Ceremony, Declined, Driver, Outcome, Request, SdkError};
use reference_driver::{Clock, ReferenceDriver, SABOTAGES};
use serde_json::{Value, json};

use crate::stub::Stub;

pub(crate) const NOW_S: u64 = 1_790_000_000;
pub(crate) const ENVIRONMENT: &str = "0123abcd-0123-4567-89ab-0123456789ab";

/// Gives the challenge back as if it were a credential, or cancels when the options say so.
struct Echo;

impl Authenticator for Echo {
    fn perform(&mut self, _: Ceremony, options: &Value) -> Result<Value, Declined> {
        match options["cancel"].as_bool() {
            Some(true) => Err(Declined::new("NotAllowedError", "cancelled")),
            _ => Ok(json!({ "id": "p", "challenge": options["challenge"], "response": {} })),
        }
    }
}

pub(crate) struct Stage {
    pub(crate) stub: Stub,
    pub(crate) clock: Clock,
    pub(crate) driver: ReferenceDriver,
}

impl Stage {
    /// A stage with a client, and with one sin if it is named.
    pub(crate) fn new(sabotage: Option<&str>) -> Self {
        let sabotage =
            sabotage.map(|name| SABOTAGES.iter().find(|sabotage| sabotage.name == name).unwrap());
        let clock = Clock::held_at(NOW_S * 1000);
        let driver = ReferenceDriver::new(clock.clone(), sabotage);
        let mut stage = Self { stub: Stub::start(), clock, driver };
        let config = json!({
            "environment_id": ENVIRONMENT, "base_url": stage.stub.base_url(),
            "origin": "http://localhost:3000"
        });
        assert_eq!(stage.ok("client.new", config), json!({ "inst": "c1" }));
        stage
    }

    /// A stage on which somebody is signed in.
    pub(crate) fn signed_in(sabotage: Option<&str>) -> Self {
        let mut stage = Self::new(sabotage);
        stage.sign_in();
        stage
    }

    pub(crate) fn sign_in(&mut self) {
        self.stub.answer("POST emailVerifications/signin", 200, &verified("one", json!({})));
        self.ok("auth.email_start", json!({ "email": "ada@example.com" }));
        self.ok("auth.email_verify", json!({ "code": "123456" }));
    }

    /// Authenticates with TOTP; the answer carries the given fields too.
    pub(crate) fn upgrade(&mut self, more: Value, args: Value) {
        self.stub.answer("POST users/mfa/auth/totp", 200, &verified("two", more));
        self.ok("totp.auth", args);
    }

    /// Holds an elevated token of these claims and answers the token.
    pub(crate) fn hold_elevated(&mut self, claims: &Value) -> String {
        let token = jwt(claims);
        let more = json!({ "elevatedAccessToken": token });
        self.upgrade(more, json!({ "code": "1", "scopes": ["x"] }));
        token
    }

    pub(crate) fn act(&mut self, op: &str, args: Value) -> Outcome {
        let mut request = Request::new(1, op, args);
        if op != "client.new" {
            request = request.on("c1");
        }
        self.send(&request)
    }

    pub(crate) fn send(&mut self, request: &Request) -> Outcome {
        self.driver.call(request, &mut Echo)
    }

    pub(crate) fn ok(&mut self, op: &str, args: Value) -> Value {
        match self.act(op, args) {
            Outcome::Ok(value) => value,
            other => panic!("{op}: {other:?}"),
        }
    }

    pub(crate) fn err(&mut self, op: &str, args: Value) -> SdkError {
        match self.act(op, args) {
            Outcome::Err(error) => error,
            other => panic!("{op}: {other:?}"),
        }
    }

    pub(crate) fn state(&mut self) -> Value {
        self.ok("state.get", json!({}))
    }
}

/// What sign-in, refresh and authentication answer, with more fields.
pub(crate) fn verified(token: &str, more: Value) -> Value {
    let mut answer = json!({
        "user": { "id": "u-1", "verifiedCredentials": [], "scope": "user:basic" },
        "minifiedJwt": token, "jwt": "for the client's eyes", "expiresAt": NOW_S + 3600
    });
    if let Value::Object(more) = more {
        answer.as_object_mut().unwrap().extend(more);
    }
    answer
}

pub(crate) fn jwt(claims: &Value) -> String {
    format!("e30.{}.c2ln", BASE64URL_NOPAD.encode(claims.to_string().as_bytes()))
}
