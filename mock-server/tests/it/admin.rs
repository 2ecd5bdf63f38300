//! The administrators' API: what an app's own server asks, with an API token.

use mock_server::bytes::Bytes;
use mock_server::policy::Policy;
use serde_json::{Value, json};

use crate::client::{ALICE, Client, SECRET, policy, send, text};
use crate::reply::{Reply, keys};

mod door;
mod sessions;
mod users;

pub(crate) const NOBODY: &str = "00000000-0000-4000-8000-00000000dead";

/// An app's server: it knows an environment and holds an API token of it.
#[derive(Clone)]
pub(crate) struct Backend {
    pub(crate) client: Client,
    pub(crate) token: String,
}

impl Backend {
    pub(crate) fn new(policy: Policy) -> Self {
        Self::of(Client::new(policy))
    }

    pub(crate) fn of(client: Client) -> Self {
        let made = client.world.create_api_token("tests", &[]).unwrap();
        Self { client, token: made.token.unwrap() }
    }

    /// Asks below `/api/v0/`; `{env}` in the path is the environment.
    pub(crate) fn ask(&self, method: &str, path: &str, body: impl Into<Bytes>) -> Reply {
        self.ask_with(&format!("Bearer {}", self.token), method, path, body)
    }

    fn ask_with(
        &self,
        authorization: &str,
        method: &str,
        path: &str,
        body: impl Into<Bytes>,
    ) -> Reply {
        let path = path.replace("{env}", &format!("environments/{}", self.client.world.id()));
        let headers = [("authorization", authorization), ("content-type", "application/json")];
        send(&self.client.mock, method, &format!("/api/v0/{path}"), &headers, body)
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, "")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Reply {
        self.ask("POST", path, body.to_string())
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Reply {
        self.ask("PUT", path, body.to_string())
    }

    pub(crate) fn delete(&self, path: &str) -> Reply {
        self.ask("DELETE", path, "")
    }

    /// The id of Alice.
    pub(crate) fn alice(&self) -> String {
        self.client.world.user(ALICE).unwrap().id
    }
}

#[test]
fn resetting_mfa_removes_every_factor_and_leaves_the_sessions() {
    for (method, path) in [("POST", "users/{id}/mfa/reset"), ("DELETE", "users/{id}/mfa")] {
        let backend = Backend::of(Client::authenticated(Policy::default()));
        let (alice, client) = (backend.alice(), &backend.client);
        let shown = backend.get(&format!("{{env}}/users/{alice}")).ok(200);
        assert_eq!(shown["user"]["mfaDevices"][0]["type"], json!("totp"));
        let reply = backend.ask(method, &path.replace("{id}", &alice), "");
        assert_eq!((reply.status, reply.bytes.len()), (204, 0));
        let user = client.world.user(ALICE).unwrap();
        assert_eq!((user.devices.len(), user.recovery_codes.len()), (0, 0));
        assert_eq!(user.mfa_backup_code_acknowledgement, None);
        assert_eq!(user.sessions.len(), 1);
        // The session lives on; nothing is left that it could owe.
        assert_eq!(client.scope(), "user:basic");
        assert_eq!(client.get("users/mfa").ok(200)["count"], json!(0));
        client.clone().totp(&client.code(), json!({})).refused(
            422,
            Some("mfa_device_not_found"),
            "MFA device not found",
        );
        let shown = backend.get(&format!("{{env}}/users/{alice}")).ok(200);
        assert_eq!(shown["user"]["mfaDevices"], json!([]));
        // Once more is no mistake.
        assert_eq!(backend.ask(method, &path.replace("{id}", &alice), "").status, 204);
    }
}

#[test]
fn a_reset_user_enrols_again_where_that_is_forced() {
    let forced = policy(|policy| policy.mfa.enrollment = mock_server::policy::Enrollment::Signup);
    let mut backend = Backend::of(Client::authenticated(forced));
    let alice = backend.alice();
    let device = backend.client.device();
    assert!(backend.client.scope().contains("user:basic"));
    backend.post(&format!("users/{alice}/mfa/reset"), &json!({})).ok(204);
    let client = &mut backend.client;
    assert_eq!(client.scope(), "requiresAdditionalAuth");
    client.get("users/mfa/recovery").refused(403, None, "Access Forbidden");
    // The first enrolment is exempt from step-up again (rule U23).
    client.register(&[]).ok(200);
    assert_ne!(client.secret, SECRET);
    client.pass_totp(json!({}));
    assert_ne!(client.device(), device);
}

#[test]
fn a_pending_challenge_is_gone_with_the_factor() {
    let backend = Backend::of(Client::challenged(Policy::default()));
    assert_eq!(backend.client.scope(), "requiresAdditionalAuth");
    backend.delete(&format!("users/{}/mfa", backend.alice())).ok(204);
    assert_eq!(backend.client.scope(), "user:basic");
}

#[test]
fn a_reset_in_the_middle_of_everything_survives_a_snapshot() {
    let backend = Backend::of(Client::authenticated(Policy::default()));
    let alice = backend.alice();
    let before = backend.client.world.snapshot();
    backend.delete(&format!("users/{alice}/mfa")).ok(204);
    let after = backend.client.world.snapshot();
    backend.client.world.restore(before).unwrap();
    assert_eq!(backend.client.get("users/mfa").ok(200)["count"], json!(1));
    backend.client.world.restore(after).unwrap();
    assert_eq!(backend.client.get("users/mfa").ok(200)["count"], json!(0));
    // The API token is part of the world, so it is still good.
    backend.get("{env}/users").ok(200);
}

#[test]
fn the_key_of_the_environment_comes_as_pem_in_base64() {
    let backend = Backend::of(Client::signed_in(Policy::default()));
    let shown = backend.get("{env}/keys").ok(200);
    assert_eq!((keys(&shown), keys(&shown["key"])), (vec!["key"], vec!["id", "publicKey"]));
    assert_eq!(shown["key"]["id"], json!("mfa-mock-1"));
    let pem = data_encoding::BASE64.decode(text(&shown["key"]["publicKey"]).as_bytes()).unwrap();
    let key = jsonwebtoken::DecodingKey::from_rsa_pem(&pem).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    (validation.validate_exp, validation.validate_aud) = (false, false);
    let bearer = backend.client.bearer.clone().unwrap();
    jsonwebtoken::decode::<Value>(&bearer, &key, &validation).unwrap();
    backend.client.world.rotate_keys().unwrap();
    assert_eq!(backend.get("{env}/keys").ok(200)["key"]["id"], json!("mfa-mock-2"));
}

#[test]
fn the_test_account_can_be_closed_and_opened() {
    let backend = Backend::new(Policy::default());
    let path = "{env}/test/account";
    let address = "bob+dynamic_test@example.com";
    let open = json!({ "code": "424242", "email": "alice+dynamic_test@example.com" });
    assert_eq!(backend.get(path).ok(200), open);
    assert_eq!(backend.client.mail(address).1, "424242");
    let before = backend.client.state();
    backend.post(path, &json!({})).refused(422, None, "Test account already exists");
    backend.client.stays(&before);
    backend.delete(path).ok(204);
    assert_ne!(backend.client.mail(address).1, "424242");
    for method in ["GET", "DELETE"] {
        backend.ask(method, path, "").refused(404, Some("not_found"), "Not Found");
    }
    assert_eq!(backend.ask("POST", path, "").ok(201), open);
    assert_eq!(backend.client.mail(address).1, "424242");
}
