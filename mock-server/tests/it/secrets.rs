//! No answer to one user ever holds a secret of another, whatever both of them do.

use std::collections::BTreeSet;

use mock_server::Mock;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::client::{Client, ELEVATED, MFA_TOKEN, Reply, WORLD, legacy, still_mock};

const PEOPLE: [&str; 2] = ["alice@example.com", "bob@example.com"];

/// What one of the two does next.
#[derive(Clone, Copy, Debug)]
enum Deed {
    SignIn,
    Refresh,
    LogOut,
    ReadUser,
    UpdateUser,
    Register,
    Confirm,
    Authenticate,
    AuthenticateForTokens,
    AuthenticateWithRecovery,
    ListDevices,
    ReadDeviceOfTheOther,
    DeleteDeviceOfTheOther,
    DeleteDevice,
    ListMethods,
    ReadCodes,
    RotateCodes,
    CheckStepUp,
    LinkAddressOfTheOther,
}

/// One of the two, with what they hold in their hands.
struct Person {
    email: &'static str,
    client: Client,
    elevated: Option<String>,
    mfa_token: Option<String>,
    /// Everything that only this person may see.
    secrets: BTreeSet<String>,
}

/// Fields of an answer that are secrets of whoever is answered.
const SECRET_FIELDS: [&str; 6] =
    ["jwt", "minifiedJwt", "mfaToken", "elevatedAccessToken", "secret", "uri"];

impl Person {
    fn new(mock: &Mock, email: &'static str) -> Self {
        let client = Client::of(mock, WORLD);
        Self { email, client, elevated: None, mfa_token: None, secrets: BTreeSet::new() }
    }

    /// Does it; the answers are what this person has seen.
    fn perform(&mut self, deed: Deed, other: &Seen) -> Vec<Reply> {
        let code = self.client.code();
        let proof = |person: &Self| {
            let header = |name, token: &Option<String>| token.clone().map(|token| (name, token));
            let both = [header(MFA_TOKEN, &person.mfa_token), header(ELEVATED, &person.elevated)];
            both.into_iter().flatten().collect::<Vec<_>>()
        };
        let send = |person: &Self, method: &str, path: &str, body: &Value| {
            let headers = proof(person);
            let headers: Vec<_> = headers.iter().map(|(name, text)| (*name, &text[..])).collect();
            let body = if body.is_null() { String::new() } else { body.to_string() };
            person.client.send(method, path, &headers, body)
        };
        let wish = json!({ "createMfaToken": { "singleUse": false }, "requestedScopes": ["credential:unlink"] });
        let mut body = json!({ "code": code });
        match deed {
            Deed::SignIn => {
                self.client.bearer = None;
                let (id, code) = self.client.mail(self.email);
                vec![self.client.sign_in_with(&id, &code, json!({}))]
            }
            Deed::Refresh => vec![send(self, "POST", "refresh", &Value::Null)],
            Deed::LogOut => vec![send(self, "POST", "revoke", &Value::Null)],
            Deed::ReadUser => vec![send(self, "GET", "users", &Value::Null)],
            Deed::UpdateUser => vec![send(self, "PUT", "users", &json!({ "alias": "me" }))],
            Deed::Register => vec![self.client.register(&[])],
            Deed::Confirm => {
                body["type"] = json!("totp");
                vec![send(self, "POST", "users/mfa/register/totp", &body)]
            }
            Deed::Authenticate => vec![send(self, "POST", "users/mfa/auth/totp", &body)],
            Deed::AuthenticateForTokens => {
                body["createMfaToken"] = wish["createMfaToken"].clone();
                body["requestedScopes"] = wish["requestedScopes"].clone();
                vec![send(self, "POST", "users/mfa/auth/totp", &body)]
            }
            Deed::AuthenticateWithRecovery => {
                let own = self.client.world.user(self.email);
                let code = own.and_then(|user| user.recovery_codes.first().cloned());
                body["code"] = json!(code.unwrap_or_default());
                vec![send(self, "POST", "users/mfa/auth/recovery", &body)]
            }
            Deed::ListDevices => vec![send(self, "GET", "users/mfa", &Value::Null)],
            Deed::ReadDeviceOfTheOther => {
                vec![send(self, "GET", &format!("users/mfa/{}", other.device), &Value::Null)]
            }
            Deed::DeleteDeviceOfTheOther => {
                vec![send(self, "DELETE", &format!("users/mfa/{}", other.device), &Value::Null)]
            }
            Deed::DeleteDevice => {
                let listed = self.client.get("users/mfa");
                let id = listed.body["devices"][0]["id"].as_str().unwrap_or("none").to_owned();
                vec![listed, send(self, "DELETE", &format!("users/mfa/{id}"), &Value::Null)]
            }
            Deed::ListMethods => vec![send(self, "GET", "users/mfa/methods", &Value::Null)],
            Deed::ReadCodes => vec![send(self, "GET", "users/mfa/recovery", &Value::Null)],
            Deed::RotateCodes => vec![send(self, "POST", "users/mfa/recovery", &Value::Null)],
            Deed::CheckStepUp => {
                vec![send(self, "POST", "stepUp/check", &json!({ "scope": "credential:unlink" }))]
            }
            Deed::LinkAddressOfTheOther => {
                let (id, code) = self.client.mail(other.email);
                let body = json!({ "verificationUUID": id, "verificationToken": code });
                vec![send(self, "POST", "emailVerifications/verify", &body)]
            }
        }
    }

    /// Remembers what an answer has brought.
    fn learn(&mut self, reply: &Reply) {
        for field in SECRET_FIELDS {
            self.secrets.extend(reply.body[field].as_str().map(str::to_owned));
        }
        let codes = reply.body["recoveryCodes"].as_array().into_iter().flatten();
        self.secrets.extend(codes.filter_map(Value::as_str).map(str::to_owned));
        if let Some(bearer) = reply.body["minifiedJwt"].as_str() {
            self.client.bearer = Some(bearer.to_owned());
        }
        let kept = |field: &str| reply.body[field].as_str().map(str::to_owned);
        self.mfa_token = kept("mfaToken").or(self.mfa_token.take());
        self.elevated = kept("elevatedAccessToken").or(self.elevated.take());
    }
}

/// What anybody may know of the other: an address, and the id of a device.
struct Seen {
    email: &'static str,
    device: String,
}

fn deeds() -> impl Strategy<Value = Vec<(bool, Deed)>> {
    let deed = prop_oneof![
        3 => Just(Deed::SignIn),
        1 => Just(Deed::Refresh),
        1 => Just(Deed::LogOut),
        1 => Just(Deed::ReadUser),
        1 => Just(Deed::UpdateUser),
        3 => Just(Deed::Register),
        1 => Just(Deed::Confirm),
        3 => Just(Deed::Authenticate),
        2 => Just(Deed::AuthenticateForTokens),
        1 => Just(Deed::AuthenticateWithRecovery),
        1 => Just(Deed::ListDevices),
        1 => Just(Deed::ReadDeviceOfTheOther),
        1 => Just(Deed::DeleteDeviceOfTheOther),
        1 => Just(Deed::DeleteDevice),
        1 => Just(Deed::ListMethods),
        1 => Just(Deed::ReadCodes),
        1 => Just(Deed::RotateCodes),
        1 => Just(Deed::CheckStepUp),
        1 => Just(Deed::LinkAddressOfTheOther),
    ];
    prop::collection::vec((any::<bool>(), deed), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn nobody_sees_what_is_anothers(story in deeds()) {
        let mock = still_mock(legacy(|policy| policy.totp.failures_max = 1_000));
        let mut people = PEOPLE.map(|email| Person::new(&mock, email));
        for person in &mut people {
            // Both have an account from the start: an address that nobody has yet may be linked by
            // whoever reads its mail, and then it is not another's.
            let seen = Seen { email: person.email, device: String::new() };
            for reply in person.perform(Deed::SignIn, &seen) {
                person.learn(&reply);
            }
        }
        let mut answers = 0;
        for (is_alice, deed) in story {
            let [alice, bob] = &mut people;
            let (actor, other) = if is_alice { (alice, bob) } else { (bob, alice) };
            let device = other.client.world.user(other.email);
            let device = device.and_then(|user| user.devices.first().map(|known| known.id.clone()));
            let seen = Seen { email: other.email, device: device.unwrap_or_default() };
            for reply in actor.perform(deed, &seen) {
                let text = String::from_utf8_lossy(&reply.bytes).into_owned();
                for secret in &other.secrets {
                    prop_assert!(!text.contains(secret), "{deed:?} shows {secret}: {text}");
                }
                actor.learn(&reply);
                answers += 1;
            }
            actor.client.advance(31);
        }
        prop_assert!(answers > 0);
    }
}

#[test]
fn the_story_tells_secrets() {
    // The law above would hold of a service that never answers anything.
    let mock = still_mock(legacy(|_| {}));
    let mut alice = Person::new(&mock, PEOPLE[0]);
    let nobody = Seen { email: PEOPLE[1], device: String::new() };
    for deed in [Deed::SignIn, Deed::Register, Deed::AuthenticateForTokens, Deed::ReadCodes] {
        for reply in alice.perform(deed, &nobody) {
            assert_eq!(reply.status, 200, "{deed:?}: {}", reply.body);
            alice.learn(&reply);
        }
    }
    // Two sessions' worth of JWTs, a TOTP secret with its URI, two tokens, ten codes.
    assert_eq!(alice.secrets.len(), 2 + 2 + 2 + 2 + 10);
}
