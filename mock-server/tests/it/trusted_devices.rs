//! Device registration: trusted silently, asked for by mail, registered, listed, revoked.

use data_encoding::HEXLOWER;
use mock_server::policy::Policy;
use mock_server::{MessageKind, UserSeed};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};

use crate::client::{ALICE, Client, Reply, claims, keys, policy, text};

mod reach;
mod refused;
mod revoked;
mod switches;

pub(crate) const TOKEN: &str = "x-dynamic-device-registration-token";
const BOB: &str = "bob@example.com";

/// A browser or a phone: the key that it signs nonces with.
pub(crate) struct Device(SigningKey);

impl Device {
    pub(crate) fn number(number: u8) -> Self {
        Self(SigningKey::from_slice(&[number; 32]).unwrap())
    }

    /// Its signature over a fresh nonce of the client's world.
    pub(crate) fn headers(&self, client: &Client, compressed: bool) -> [(&'static str, String); 3] {
        let nonce = text(&client.get("nonce").ok(200)["nonce"]);
        let signature: Signature = self.0.sign(nonce.as_bytes());
        let point = self.0.verifying_key().to_sec1_point(compressed);
        [
            ("x-dynamic-device-signed-nonce", HEXLOWER.encode(&signature.to_bytes())),
            ("x-dynamic-device-publickey", HEXLOWER.encode(point.as_bytes())),
            ("x-dynamic-device-nonce", nonce),
        ]
    }

    /// Sends a request that this device signs.
    pub(crate) fn send(
        &self,
        client: &Client,
        method: &str,
        path: &str,
        more: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        let signed = self.headers(client, true);
        let mut headers: Vec<(&str, &str)> =
            signed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        headers.extend(more);
        client.send(method, path, &headers, body.to_owned())
    }

    /// Signs in by e-mail, in a session of its own.
    pub(crate) fn sign_in(&self, client: &Client, email: &str) -> (Client, Value) {
        let mut client = client.clone();
        client.bearer = None;
        let (id, code) = client.mail(email);
        let body = json!({ "verificationUUID": id, "verificationToken": code }).to_string();
        let agent = [("user-agent", "Browser/1.0")];
        let reply = self.send(&client, "POST", "emailVerifications/signin", &agent, &body);
        let body = client.keep(reply).ok(200);
        (client, body)
    }

    /// Answers the mail from this device.
    pub(crate) fn register(&self, client: &mut Client, token: &str) -> Reply {
        let reply = self.send(client, "POST", "deviceRegistration", &[(TOKEN, token)], "");
        client.keep(reply)
    }

    /// The trusted devices, as this device is shown them.
    pub(crate) fn list(&self, client: &Client) -> Value {
        self.send(client, "GET", "deviceRegistrations", &[], "").ok(200)
    }
}

/// A world that wants trusted devices, with changes.
pub(crate) fn wanted(change: impl FnOnce(&mut Policy)) -> Policy {
    policy(|policy| {
        policy.device_registration.required = true;
        change(policy);
    })
}

/// A world in which Alice is known, and none of her devices.
pub(crate) fn known_alice(policy: Policy) -> Client {
    let client = Client::new(policy);
    let seed = UserSeed { email: ALICE.to_owned(), ..UserSeed::default() };
    client.world.create_user(seed).unwrap();
    client
}

/// Alice at the device of that number, which waits for its mail to be answered, and its token.
pub(crate) fn waiting(client: &Client, number: u8) -> (Device, Client, String) {
    let device = Device::number(number);
    let (alice, body) = device.sign_in(client, ALICE);
    assert_eq!(body["user"]["scope"], json!("device:register"));
    let token = newest_token(&alice);
    (device, alice, token)
}

/// The token of the newest mail, which must be one about a device.
pub(crate) fn newest_token(client: &Client) -> String {
    let mail = client.world.inbox(Some(ALICE), 0).pop().unwrap();
    assert_eq!(mail.kind, MessageKind::DeviceRegistration);
    mail.code
}

fn tokens_mailed(client: &Client) -> usize {
    let mails = client.world.inbox(None, 0).into_iter();
    mails.filter(|mail| mail.kind == MessageKind::DeviceRegistration).count()
}

#[test]
fn nobody_is_asked_by_default() {
    let client = known_alice(Policy::default());
    let laptop = Device::number(1);
    let (alice, body) = laptop.sign_in(&client, ALICE);
    assert_eq!(body["user"]["scope"], json!("user:basic"));
    assert_eq!(claims(alice.bearer.as_ref().unwrap()).get("deviceRegistrationId"), None);
    assert_eq!(laptop.list(&alice), json!({ "count": 0, "deviceRegistrations": [] }));
    assert_eq!(tokens_mailed(&client), 0);
}

#[test]
fn the_device_of_a_new_user_is_trusted_silently() {
    let client = Client::new(wanted(|_| {}));
    let laptop = Device::number(1);
    let (alice, body) = laptop.sign_in(&client, ALICE);
    assert_eq!(body["user"]["scope"], json!("user:basic"));
    assert_eq!(tokens_mailed(&client), 0);
    let listed = laptop.list(&alice);
    assert_eq!(keys(&listed), ["count", "deviceRegistrations"]);
    let device = &listed["deviceRegistrations"][0];
    let expected = json!({
        "id": device["id"], "isCurrentDevice": true, "userAgent": "Browser/1.0",
        "createdAt": "2030-01-01T12:00:00.000Z",
    });
    assert_eq!((device, &listed["count"]), (&expected, &json!(1)));
    for token in ["jwt", "minifiedJwt"] {
        let claim = &claims(&text(&body[token]))["deviceRegistrationId"];
        assert_eq!(claim, &device["id"], "{token}");
    }
    // The same key in its other spelling is the same device.
    let mut again = client;
    let (id, code) = again.mail(ALICE);
    let body = json!({ "verificationUUID": id, "verificationToken": code }).to_string();
    let signed = laptop.headers(&again, false);
    let headers: Vec<_> = signed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let reply = again.send("POST", "emailVerifications/signin", &headers, body);
    assert_eq!(again.keep(reply).ok(200)["user"]["scope"], json!("user:basic"));
    assert_eq!(laptop.list(&again)["count"], json!(1));
}

#[test]
fn an_unknown_device_of_a_known_user_is_registered_by_mail() {
    let client = Client::new(wanted(|_| {}));
    let (laptop, phone) = (Device::number(1), Device::number(2));
    let (on_laptop, _) = laptop.sign_in(&client, ALICE);
    let (mut on_phone, body) = phone.sign_in(&client, ALICE);
    assert_eq!(body["user"]["scope"], json!("device:register"));
    let bearer = claims(&text(&body["minifiedJwt"]));
    assert_eq!(bearer["scope"], json!("device:register"));
    assert_eq!(bearer.get("deviceRegistrationId"), None);
    assert_eq!(on_phone.scope(), "device:register");
    // A refresh does not register anything.
    let reply = phone.send(&on_phone, "POST", "refresh", &[], "");
    assert_eq!(on_phone.keep(reply).ok(200)["user"]["scope"], json!("device:register"));

    let token = newest_token(&on_phone);
    let body = phone.register(&mut on_phone, &token).ok(200);
    assert_eq!(body["user"]["scope"], json!("user:basic"));
    assert_eq!(keys(&body), ["expiresAt", "jwt", "minifiedJwt", "user"]);
    let listed = phone.list(&on_phone);
    assert_eq!(listed["count"], json!(2));
    let current = |listed: &Value| -> Vec<bool> {
        let devices = listed["deviceRegistrations"].as_array().unwrap();
        devices.iter().map(|device| device["isCurrentDevice"].as_bool().unwrap()).collect()
    };
    assert_eq!(current(&listed), [false, true]);
    assert_eq!(current(&laptop.list(&on_laptop)), [true, false]);
    // Without a signature the session's own device stands for the calling one.
    assert_eq!(current(&on_phone.get("deviceRegistrations").ok(200)), [false, true]);
    let claim = &claims(&text(&body["minifiedJwt"]))["deviceRegistrationId"];
    assert_eq!(claim, &listed["deviceRegistrations"][1]["id"]);

    // From now on it is known, and nobody is asked again.
    let (_, body) = phone.sign_in(&client, ALICE);
    assert_eq!(body["user"]["scope"], json!("user:basic"));
    assert_eq!(tokens_mailed(&client), 1);
    // To another user it is as unknown as ever.
    let seed = UserSeed { email: BOB.to_owned(), ..UserSeed::default() };
    client.world.create_user(seed).unwrap();
    assert_eq!(phone.sign_in(&client, BOB).1["user"]["scope"], json!("device:register"));
}

#[test]
fn the_token_travels_in_either_header() {
    let client = known_alice(wanted(|_| {}));
    let (phone, alice, token) = waiting(&client, 2);
    let commented = [("x-dynamic-device-token-registration", token.as_str())];
    // A body is not read, whatever it is.
    phone.send(&alice, "POST", "deviceRegistration", &commented, "{").ok(200);
    let (tablet, alice, token) = waiting(&client, 3);
    let both = [("x-dynamic-device-token-registration", "another"), (TOKEN, token.as_str())];
    tablet.send(&alice, "POST", "deviceRegistration", &both, "").ok(200);
    let noted = alice.world.journal_after(0, false);
    let shown = format!("{noted:?}");
    assert!(!shown.contains(&token) && shown.contains(TOKEN), "the journal must mask the token");
}

#[test]
fn every_session_of_the_device_is_let_in() {
    let client = known_alice(wanted(|_| {}));
    let (phone, mut first, old) = waiting(&client, 2);
    let (_, second, new) = waiting(&client, 2);
    assert_ne!(old, new);
    let (_, elsewhere, _) = waiting(&client, 3);
    phone.register(&mut first, &new).ok(200);
    assert_eq!(second.scope(), "user:basic");
    assert_eq!(elsewhere.scope(), "device:register");
}

#[test]
fn a_world_that_is_put_back_goes_on_where_it_was() {
    let client = known_alice(wanted(|_| {}));
    let (phone, mut alice, token) = waiting(&client, 2);
    let waits = client.world.snapshot();
    phone.register(&mut alice, &token).ok(200);
    let registered = client.world.snapshot();
    client.world.restore(waits).unwrap();
    assert_eq!(alice.scope(), "device:register");
    assert_eq!(phone.register(&mut alice, &token).ok(200)["user"]["scope"], json!("user:basic"));
    client.world.restore(registered).unwrap();
    assert_eq!(alice.scope(), "user:basic");
    assert_eq!(phone.list(&alice)["count"], json!(1));
}
