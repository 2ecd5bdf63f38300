//! Who lives in the scene, and what they hold.

use mock_server::bytes::Bytes;
use mock_server::http::Request;
use mock_server::{Hosting, Mock, PasskeySeed, Permission, SeededTotp, UserSeed};
use serde_json::{Value, json};

use super::WORLD;
use crate::spelling::Words;

const ALICE: &str = "alice@example.com";
const STRANGER: &str = "stranger@example.com";
/// The secret of Alice's device: that of RFC 6238.
const SECRET: &str = fixtures::rfc6238::SHA1_SEED_BASE32;
/// The secret of the stranger's device.
const STRANGERS: &str = "KRUGS4ZANFZSA3TPMJXWI6JHOMQHGZLD";
const NUMBER: &str = "+19175551234";

/// Somebody at the service's front door.
struct Client<'scene> {
    mock: &'scene Mock,
    world: &'scene Hosting,
    bearer: Option<String>,
}

/// Lives in the world and leaves; yields every secret that must stay theirs.
pub(super) fn stranger(mock: &Mock, world: &Hosting) -> Vec<String> {
    let mut client = Client::enrolled(mock, world, STRANGER, STRANGERS);
    client.sign_in(STRANGER);
    let granted = client.pass(STRANGER);
    let mut secrets: Vec<String> = ["jwt", "minifiedJwt", "mfaToken", "elevatedAccessToken"]
        .iter()
        .map(|field| text(&granted[*field]))
        .collect();
    secrets.push(STRANGERS.to_owned());
    secrets.extend(world.user(STRANGER).unwrap().recovery_codes);
    secrets
}

/// Moves in with everything that a user can have; yields what inputs call it.
pub(super) fn protagonist(mock: &Mock, world: &Hosting) -> Words {
    let mut client = Client::enrolled(mock, world, ALICE, SECRET);
    let closed = world.policy();
    let mut open = closed.clone();
    open.elevation.required_scopes = [].into_iter().collect();
    world.set_policy(open).unwrap();
    client.sign_in(ALICE);
    client.pass(ALICE);
    let wallet = client.post("waas/create", json!({ "chain": "EVM", "clientKeygenIds": ["k"] }));
    let wallet = text(&wallet["walletId"]);
    let account = text(&client.post("businessAccounts", json!({ "name": "Acme" }))["id"]);
    let linked = json!({ "walletId": wallet, "businessAccountId": account });
    client.post("businessAccounts/linkWallet", linked);
    world.set_policy(closed).unwrap();
    let granted = client.pass(ALICE);
    let bearer = text(&granted["minifiedJwt"]);
    let user = world.user(ALICE).unwrap();
    let mail = client.post("emailVerifications/create", json!({ "email": ALICE }));
    let phone = json!({
        "isoCountryCode": "US", "phoneCountryCode": "1", "phoneNumber": &NUMBER[2..],
    });
    let sent = client.post("smsVerifications/create", phone);
    let newest = |to| world.inbox(Some(to), 0).pop().unwrap().code;
    let admin = world.create_api_token("", &[] as &[Permission]).unwrap().token.unwrap();
    let parts: Vec<&str> = bearer.split('.').collect();
    Words::from([
        ("env", WORLD.to_owned()),
        ("nobody", "00000000-0000-4000-8000-000000000000".to_owned()),
        ("head", parts[0].to_owned()),
        ("claims", parts[1].to_owned()),
        ("signature", parts[2].to_owned()),
        ("full", text(&granted["jwt"])),
        ("elevated", text(&granted["elevatedAccessToken"])),
        ("mfa", text(&granted["mfaToken"])),
        ("admin", admin),
        ("code", world.totp_display(ALICE).unwrap().code),
        ("recovery", user.recovery_codes[0].clone()),
        ("user", user.id),
        ("session", user.sessions[0].clone()),
        ("device", user.devices[0].id.clone()),
        ("friend", world.user(STRANGER).unwrap().id),
        ("passkey", user.passkeys[0].id.clone()),
        ("verification", text(&mail["verificationUUID"])),
        ("mailed", newest(ALICE)),
        ("text", text(&sent["verificationUUID"])),
        ("texted", newest(NUMBER)),
        ("nonce", text(&client.get("nonce")["nonce"])),
        ("creation", text(&client.get("users/passkeys/register")["challenge"])),
        ("request", text(&client.get("users/passkeys/authenticate")["challenge"])),
        ("wallet", wallet),
        ("account", account),
        ("bearer", bearer),
    ])
}

impl<'scene> Client<'scene> {
    fn enrolled(mock: &'scene Mock, world: &'scene Hosting, email: &str, secret: &str) -> Self {
        let seed = UserSeed {
            email: email.to_owned(),
            totp_secret: Some(secret.to_owned()),
            totp: SeededTotp::Enrolled,
            passkeys: passkeys(email),
            ..UserSeed::default()
        };
        world.create_user(seed).unwrap();
        Self { mock, world, bearer: None }
    }

    fn sign_in(&mut self, email: &str) {
        let opened = self.post("emailVerifications/create", json!({ "email": email }));
        let code = self.world.inbox(Some(email), 0).pop().unwrap().code;
        let body = json!({
            "verificationUUID": opened["verificationUUID"], "verificationToken": code,
        });
        let granted = self.post("emailVerifications/signin", body);
        self.bearer = Some(text(&granted["minifiedJwt"]));
    }

    /// Passes the second factor for every kind of token, and waits for the next code.
    fn pass(&mut self, email: &str) -> Value {
        let body = json!({
            "code": self.world.totp_display(email).unwrap().code,
            "createMfaToken": { "singleUse": false },
            "requestedScopes": [
                "wallet:sign", "wallet:export", "credential:link", "credential:unlink",
                "user:update",
            ],
        });
        let granted = self.post("users/mfa/auth/totp", body);
        self.bearer = Some(text(&granted["minifiedJwt"]));
        self.world.advance_clock(jiff::SignedDuration::from_secs(30)).unwrap();
        granted
    }

    fn get(&self, path: &str) -> Value {
        self.send("GET", path, Bytes::new())
    }

    #[expect(clippy::needless_pass_by_value, reason = "every body is made for one call")]
    fn post(&self, path: &str, body: Value) -> Value {
        self.send("POST", path, body.to_string().into())
    }

    fn send(&self, method: &str, path: &str, body: Bytes) -> Value {
        let mut request =
            Request::builder().method(method).uri(format!("/api/v0/sdk/{WORLD}/{path}"));
        if let Some(bearer) = &self.bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        let response = self.mock.answer(&request.body(body).unwrap()).response;
        let said = String::from_utf8_lossy(response.body());
        assert!(response.status().is_success(), "{method} {path}: {said}");
        serde_json::from_str(&said).unwrap()
    }
}

/// Alice's passkey is the published one; a stranger has none.
fn passkeys(email: &str) -> Vec<PasskeySeed> {
    let seed: Value = serde_json::from_str(fixtures::seed("passkey").unwrap()).unwrap();
    let seed = seed["users"][0].clone();
    match seed["email"] == email {
        true => serde_json::from_value(seed["passkeys"].clone()).unwrap(),
        false => Vec::new(),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}
