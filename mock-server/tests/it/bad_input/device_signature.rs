//! The device's signature over a nonce: half of it, a wrong one, a nonce used twice.

use data_encoding::{HEXLOWER, HEXUPPER};
use mock_server::policy::Policy;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::json;

use crate::client::{ALICE, Client, Reply, policy, text};

const NONCE: &str = "x-dynamic-device-nonce";
const KEY: &str = "x-dynamic-device-publickey";
const SIGNED: &str = "x-dynamic-device-signed-nonce";

fn key() -> SigningKey {
    SigningKey::from_slice(&[7; 32]).unwrap()
}

fn public(compressed: bool) -> String {
    HEXLOWER.encode(key().verifying_key().to_sec1_point(compressed).as_bytes())
}

fn signed(text: &str) -> String {
    let signature: Signature = key().sign(text.as_bytes());
    HEXLOWER.encode(&signature.to_bytes())
}

fn nonce(client: &Client) -> String {
    text(&client.get("nonce").ok(200)["nonce"])
}

fn refresh(client: &Client, headers: &[(&str, &str)]) -> Reply {
    client.send("POST", "refresh", headers, "")
}

#[test]
fn a_genuine_signature_is_good_once() {
    let client = Client::authenticated(Policy::default());
    for compressed in [true, false] {
        let nonce = nonce(&client);
        let (key, signed) = (public(compressed), signed(&nonce));
        let headers = [(NONCE, nonce.as_str()), (KEY, &key), (SIGNED, &signed)];
        refresh(&client, &headers).ok(200);
        let before = client.state();
        refresh(&client, &headers).unauthorized();
        client.stays(&before);
    }
    let nonce = nonce(&client);
    let (key, signed) = (
        public(true).to_uppercase(),
        HEXUPPER.encode(&HEXLOWER.decode(signed(&nonce).as_bytes()).unwrap()),
    );
    refresh(&client, &[(NONCE, &nonce), (KEY, &key), (SIGNED, &signed)]).ok(200);
}

#[test]
fn half_a_signature_is_none() {
    let client = Client::authenticated(Policy::default());
    let nonce = nonce(&client);
    let (key, signed) = (public(true), signed(&nonce));
    let all = [(NONCE, nonce.as_str()), (KEY, key.as_str()), (SIGNED, signed.as_str())];
    let before = client.state();
    for some in 1..7_usize {
        let headers: Vec<_> = all
            .into_iter()
            .enumerate()
            .filter(|(at, _)| some >> at & 1 == 1)
            .map(|(_, header)| header)
            .collect();
        refresh(&client, &headers).unauthorized();
        // An empty header is as good as none.
        let blank: Vec<_> = all
            .into_iter()
            .enumerate()
            .map(|(at, (name, value))| (name, if some >> at & 1 == 1 { value } else { " " }))
            .collect();
        refresh(&client, &blank).unauthorized();
    }
    client.stays(&before);
    refresh(&client, &[(NONCE, ""), (KEY, ""), (SIGNED, "")]).ok(200);
    refresh(&client, &all).ok(200);
}

#[test]
fn a_wrong_signature_costs_no_nonce() {
    let client = Client::authenticated(Policy::default());
    let (nonce, other) = (nonce(&client), nonce(&client));
    let (key, good) = (public(true), signed(&nonce));
    let flipped = format!("{}{}", if good.starts_with('0') { '1' } else { '0' }, &good[1..]);
    let der: p256::ecdsa::DerSignature = key_der(&nonce);
    let der = HEXLOWER.encode(der.as_bytes());
    let stranger = SigningKey::from_slice(&[8; 32]).unwrap();
    let stranger = HEXLOWER.encode(stranger.verifying_key().to_sec1_point(true).as_bytes());
    let before = client.state();
    for (nonce, key, signature) in [
        (nonce.as_str(), key.as_str(), flipped.as_str()),
        (&nonce, &key, &signed(&other)),
        (&other, &key, &good),
        (&nonce, &stranger, &good),
        (&nonce, &key[2..], &good),
        (&nonce, &key, &good[2..]),
        (&nonce, &key, &good[1..]),
        (&nonce, &key, "nonsense"),
        (&nonce, "nonsense", &good),
        (&nonce, &key, &"0".repeat(128)),
        (&nonce, &"0".repeat(66), &good),
        (&nonce, &key, &der),
    ] {
        refresh(&client, &[(NONCE, nonce), (KEY, key), (SIGNED, signature)]).unauthorized();
    }
    client.stays(&before);
    refresh(&client, &[(NONCE, &nonce), (KEY, &key), (SIGNED, &good)]).ok(200);
}

fn key_der(nonce: &str) -> p256::ecdsa::DerSignature {
    key().sign(nonce.as_bytes())
}

#[test]
fn a_nonce_must_be_one_of_this_world_and_of_today() {
    let client = Client::authenticated(policy(|policy| policy.session.life_seconds = 30 * 86_400));
    let other = Client::of(&client.mock, "00000000-0000-4000-8000-00000000bbbb");
    let with = |nonce: &str| {
        refresh(&client, &[(NONCE, nonce), (KEY, &public(true)), (SIGNED, &signed(nonce))])
    };
    let before = client.state();
    for nonce in [nonce(&other).as_str(), "nonsense", &"0".repeat(48), &"f".repeat(48)] {
        with(nonce).unauthorized();
    }
    client.stays(&before);
    let (fresh, stale) = (nonce(&client), nonce(&client));
    client.advance(86_399);
    with(&fresh).ok(200);
    client.advance(1);
    let before = client.state();
    with(&stale).unauthorized();
    client.differs_only(&before, &["/nonces/open"]);

    // Only so many are kept; the oldest gives way.
    let client = Client::authenticated(policy(|policy| policy.limits.nonces_max = 5));
    let oldest = nonce(&client);
    client.get("nonces?count=5").ok(200);
    let headers = [(NONCE, oldest.as_str()), (KEY, &public(true)), (SIGNED, &signed(&oldest))];
    refresh(&client, &headers).unauthorized();
}

#[test]
fn texts_and_external_jwts_take_it_like_mails() {
    let mut client = Client::new(policy(crate::issuer::trust));
    client.sign_in(ALICE);
    let elevated = client.elevate_by_email(&["credential:link"]);
    let number = crate::sms::us("9171113333");
    let sent = || {
        let opened = client.post("smsVerifications/create", &number).ok(201);
        let code = client.newest_code("+19171113333");
        json!({ "verificationUUID": opened["verificationUUID"], "verificationToken": code })
    };
    let jwt = crate::issuer::sign(&json!({ "sub": "a", "exp": client.seconds() + 60 }));
    for (path, body) in [
        ("smsVerifications/signin", sent()),
        ("externalAuth/signin", json!({ "jwt": jwt })),
        // Last, because it links a number that somebody has by now, and is refused for that.
        ("smsVerifications/verify", sent()),
    ] {
        let with = |nonce: &str, signature: &str| {
            let headers = [
                (NONCE, nonce),
                (KEY, &public(true)),
                (SIGNED, signature),
                (crate::client::ELEVATED, &elevated),
            ];
            client.send("POST", path, &headers, body.to_string())
        };
        let good = nonce(&client);
        let before = client.state();
        with(&good, &signed("another")).unauthorized();
        with("unknown", &signed("unknown")).unauthorized();
        client.send("POST", path, &[(NONCE, &good)], body.to_string()).unauthorized();
        client.stays(&before);
        let reply = with(&good, &signed(&good));
        assert_eq!(reply.status, if path.ends_with("verify") { 422 } else { 200 }, "{path}");
        with(&good, &signed(&good)).unauthorized();
    }
    // Where an SDK sends none, none is looked at.
    let headers = [(NONCE, "unknown"), (KEY, "nonsense"), (SIGNED, "nonsense")];
    client.send("POST", "smsVerifications/create", &headers, number.to_string()).ok(201);
    let reply = client.send("POST", "externalAuth/verify", &headers, r#"{"jwt":"x"}"#);
    reply.refused(422, Some("invalid_external_auth"), "Invalid external auth");
}

#[test]
fn signing_in_and_verifying_look_at_it_before_the_code() {
    let client = Client::signed_in(Policy::default());
    for path in ["emailVerifications/signin", "emailVerifications/verify"] {
        let (id, code) = client.mail(ALICE);
        let body = json!({ "verificationUUID": id, "verificationToken": code }).to_string();
        let with = |nonce: &str, signature: &str| {
            let headers = [(NONCE, nonce), (KEY, &public(true)), (SIGNED, signature)];
            client.send("POST", path, &headers, body.clone())
        };
        let good = nonce(&client);
        let before = client.state();
        with(&good, &signed("another")).unauthorized();
        with("unknown", &signed("unknown")).unauthorized();
        client.send("POST", path, &[(NONCE, &good)], body.clone()).unauthorized();
        client.stays(&before);
        // A wrong code costs the nonce: it was used, rightly.
        let wrong = if code == "000000" { "000001" } else { "000000" };
        let wrong = json!({ "verificationUUID": id, "verificationToken": wrong }).to_string();
        let headers = [(NONCE, good.as_str()), (KEY, &public(true)), (SIGNED, &signed(&good))];
        let reply = client.send("POST", path, &headers, wrong);
        reply.refused(
            422,
            Some("wrong_email_verification_token"),
            "Wrong email verification token",
        );
        client.differs_only(&before, &["/nonces/open", "/attempts"]);
        with(&good, &signed(&good)).unauthorized();
        let fresh = nonce(&client);
        with(&fresh, &signed(&fresh)).ok(200);
    }
}
