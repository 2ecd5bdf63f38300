//! Every no to a device, with what stays as it was.

use mock_server::UserSeed;
use serde_json::json;

use super::{BOB, Device, TOKEN, known_alice, waiting, wanted};
use crate::client::{ALICE, Client, forge};

const NOBODYS: &str = "deviceRegistrations/00000000-0000-4000-8000-000000000000";
const NONCES: &[&str] = &["/nonces/"];
const WRONG: &str = "Invalid device registration token";

#[test]
fn a_token_registers_once_and_nothing_else() {
    let client = known_alice(wanted(|_| {}));
    let (phone, mut alice, token) = waiting(&client, 2);
    let before = client.state();
    // What is wrong with the request itself costs nothing, not even a nonce.
    let missing = format!("{TOKEN}: missing");
    alice.post("deviceRegistration", &json!({})).refused(400, None, &missing);
    alice.send("POST", "deviceRegistration", &[(TOKEN, " ")], "").refused(400, None, &missing);
    alice.send("POST", "deviceRegistration", &[(TOKEN, &token)], "").unauthorized();
    let half = [(TOKEN, token.as_str()), ("x-dynamic-device-nonce", "x")];
    alice.send("POST", "deviceRegistration", &half, "").unauthorized();
    client.stays(&before);

    let flipped = format!("{}{}", if token.starts_with('A') { 'B' } else { 'A' }, &token[1..]);
    for wrong in [flipped.as_str(), "nonsense", &token[1..], &format!("{token}A"), ALICE] {
        phone.register(&mut alice, wrong).refused(400, None, WRONG);
    }
    // Another device cannot use it, though the session is the right one.
    let thief = Device::number(9);
    thief.register(&mut alice, &token).refused(400, None, WRONG);
    client.differs_only(&before, NONCES);

    phone.register(&mut alice, &token).ok(200);
    let before = client.state();
    phone.register(&mut alice, &token).refused(400, None, WRONG);
    client.differs_only(&before, NONCES);
}

#[test]
fn a_nonce_serves_one_call() {
    let client = known_alice(wanted(|_| {}));
    let (phone, alice, token) = waiting(&client, 2);
    let signed = phone.headers(&alice, true);
    let mut headers: Vec<_> = signed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    headers.push((TOKEN, &token));
    alice.send("GET", "users", &headers, "").ok(200);
    alice.send("POST", "deviceRegistration", &headers, "").ok(200);
    let before = client.state();
    for (method, path) in [
        ("POST", "deviceRegistration"),
        ("GET", "deviceRegistrations"),
        ("DELETE", "deviceRegistrations"),
        ("DELETE", NOBODYS),
    ] {
        alice.send(method, path, &headers, "").unauthorized();
    }
    client.stays(&before);
}

#[test]
fn a_token_ends_at_its_second_and_with_the_next_mail() {
    let client = known_alice(wanted(|policy| policy.device_registration.token_life_seconds = 60));
    let (phone, mut alice, token) = waiting(&client, 2);
    client.advance(60);
    let before = client.state();
    phone.register(&mut alice, &token).refused(400, None, WRONG);
    client.differs_only(&before, NONCES);
    let (_, mut alice, token) = waiting(&client, 2);
    let (_, _, newer) = waiting(&client, 2);
    phone.register(&mut alice, &token).refused(400, None, WRONG);
    client.advance(59);
    phone.register(&mut alice, &newer).ok(200);
}

#[test]
fn a_token_is_one_users_own() {
    let client = known_alice(wanted(|_| {}));
    let seed = UserSeed { email: BOB.to_owned(), ..UserSeed::default() };
    client.world.create_user(seed).unwrap();
    let (phone, mut alice, token) = waiting(&client, 2);
    let (mut bob, _) = phone.sign_in(&client, BOB);
    let before = client.state();
    phone.register(&mut bob, &token).refused(400, None, WRONG);
    client.differs_only(&before, NONCES);
    phone.register(&mut alice, &token).ok(200);
}

#[test]
fn registrations_are_for_live_sessions_of_this_world() {
    let client = known_alice(wanted(|_| {}));
    let (phone, mut alice, token) = waiting(&client, 2);
    phone.register(&mut alice, &token).ok(200);
    let mut elsewhere = Client::of(&client.mock, "00000000-0000-4000-8000-00000000bbbb");
    elsewhere.sign_in(ALICE);
    let calls = [
        ("POST", "deviceRegistration"),
        ("GET", "deviceRegistrations"),
        ("DELETE", "deviceRegistrations"),
        ("DELETE", NOBODYS),
    ];
    let before = client.state();
    for (method, path) in calls {
        let with = |bearer: Option<&String>| {
            let mut client = alice.clone();
            client.bearer = bearer.cloned();
            client.send(method, path, &[(TOKEN, &token)], "")
        };
        with(None).refused(401, None, "No jwt provided!");
        with(elsewhere.bearer.as_ref()).unauthorized();
        let mut stranger = crate::client::claims(alice.bearer.as_ref().unwrap());
        stranger["sid"] = json!("00000000-0000-4000-8000-000000000000");
        with(Some(&forge(&stranger))).unauthorized();
        let wrong_method = alice.send("PATCH", path, &[], "");
        wrong_method.refused(405, None, "Method Not Allowed");
    }
    client.stays(&before);
    client.advance(7_200);
    for (method, path) in calls {
        alice.send(method, path, &[(TOKEN, &token)], "").unauthorized();
    }
}

#[test]
fn an_unknown_registration_is_not_found() {
    let client = Client::new(wanted(|_| {}));
    let laptop = Device::number(1);
    let (alice, _) = laptop.sign_in(&client, ALICE);
    let (bob, _) = laptop.sign_in(&client, BOB);
    let of_bob = laptop.list(&bob)["deviceRegistrations"][0]["id"].as_str().unwrap().to_owned();
    let before = client.state();
    alice.delete(NOBODYS, &[]).refused(404, Some("not_found"), "Not Found");
    alice.delete("deviceRegistrations/nonsense", &[]).refused(404, Some("not_found"), "Not Found");
    let path = format!("deviceRegistrations/{of_bob}");
    alice.delete(&path, &[]).refused(404, Some("not_found"), "Not Found");
    client.stays(&before);
    bob.delete(&path, &[]).ok(200);
}
