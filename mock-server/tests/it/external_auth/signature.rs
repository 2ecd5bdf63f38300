//! Whose signature it is: the key decides the algorithm, never the JWT (RFC 8725).

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use fixtures::keys;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use mock_server::policy::Policy;
use serde_json::{Value, json};

use super::{SUB, invalid, sign_in_with, ticket, trusting};
use crate::client::Client;
use crate::issuer;

fn part(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

/// A JWT with a header and a signature of one's own.
fn made(header: &Value, claims: &Value, signature: &str) -> String {
    format!("{}.{}.{signature}", part(header), part(claims))
}

#[test]
fn only_the_issuer_s_own_key_and_algorithm_pass() {
    let mut client = Client::new(trusting(|_| {}));
    let good = issuer::sign(&ticket(&client));
    let claims = ticket(&client);
    let [head, payload, signature] =
        <[&str; 3]>::try_from(good.split('.').collect::<Vec<_>>()).unwrap();
    let kid = keys::ISSUER_KEY_ID;
    let header = |alg: &str| json!({ "alg": alg, "kid": kid, "typ": "JWT" });
    let hmac = |secret: &[u8], alg: Algorithm| {
        let header = Header { kid: Some(kid.into()), ..Header::new(alg) };
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(secret)).unwrap()
    };
    let rsa = EncodingKey::from_rsa_pem(keys::SIGNING_PEM.as_bytes()).unwrap();
    let by_rsa = |kid: &str| {
        let header = Header { kid: Some(kid.into()), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, &claims, &rsa).unwrap()
    };
    let bent = format!("{head}.{}.{signature}", part(&json!({ "sub": "admin", "exp": 1e10 })));
    let mut cut = good.clone();
    cut.truncate(good.len() - 4);
    let named = |name: Option<&str>| {
        issuer::sign_with(&Header { kid: name.map(str::to_owned), ..issuer::header() }, &claims)
    };
    let critical = Header { crit: Some(vec!["exp".into()]), ..issuer::header() };
    let swapped = json!({ "alg": "RS256", "kid": kid,
        "jwk": serde_json::from_str::<Value>(keys::JWKS_JSON).unwrap()["keys"][0] });
    let before = client.state();
    for (jwt, why) in [
        (made(&header("none"), &claims, ""), "none"),
        (made(&header("None"), &claims, ""), "None"),
        (made(&header("none"), &claims, signature), "none with a signature"),
        (made(&header("ES384"), &claims, signature), "another curve"),
        (made(&header("es256"), &claims, signature), "an algorithm in lower case"),
        (made(&swapped, &claims, signature), "a key of its own"),
        (made(&json!({ "kid": kid }), &claims, signature), "no algorithm"),
        (hmac(keys::ISSUER_PUBLIC_PEM.as_bytes(), Algorithm::HS256), "the public key as a secret"),
        (hmac(keys::ISSUER_JWKS_JSON.as_bytes(), Algorithm::HS512), "the key set as a secret"),
        (hmac(b"", Algorithm::HS256), "no secret"),
        (by_rsa(kid), "another key under this one's name"),
        (by_rsa(keys::KEY_ID), "the service's own key"),
        (named(None), "no key named"),
        (named(Some("")), "an empty name"),
        (named(Some("mfa-mock-issuer-2")), "a key that nobody knows"),
        (issuer::sign_with(&critical, &claims), "a critical extension"),
        (bent, "claims that were not signed"),
        (format!("{head}.{payload}."), "no signature"),
        (format!("{head}.{payload}"), "two parts"),
        (format!("{good}.{signature}"), "four parts"),
        (format!("{head}.{payload}.{signature}="), "padding"),
        (cut, "half a signature"),
        (made(&header("ES256"), &claims, &BASE64URL_NOPAD.encode(&[0; 64])), "zeroes"),
        ("nonsense".to_owned(), "no JWT"),
        ("..".to_owned(), "three empty parts"),
        ("é.é.é".to_owned(), "no base64"),
        (issuer::sign(&json!([claims])), "claims that are a list"),
        (issuer::sign(&json!("text")), "claims that are a text"),
    ] {
        invalid(&sign_in_with(&mut client, &jwt));
        client.stays(&before);
        let reason = client.world.journal().pop().unwrap().refusal.unwrap().reason;
        assert!(reason.starts_with("the external JWT cannot be used: "), "{why}: {reason}");
    }
    sign_in_with(&mut client, &good).ok(200);
}

#[test]
fn a_token_of_the_service_is_none_of_the_issuer() {
    let mut client = Client::new(trusting(|_| {}));
    let bearer = {
        client.sign_in(crate::client::ALICE);
        client.bearer.clone().unwrap()
    };
    invalid(&sign_in_with(&mut client, &bearer));
    // Nor does the issuer's key open a session by itself.
    client.bearer = Some(issuer::sign(&crate::client::claims(&bearer)));
    client.get("users").unauthorized();
}

/// The key pair of RFC 8037, appendix A, as PKCS #8.
fn ed25519() -> (EncodingKey, Value) {
    let seed = BASE64URL_NOPAD.decode(b"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
    let der = [HEXLOWER.decode(b"302e020100300506032b657004220420").unwrap(), seed].concat();
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    let public = json!({ "kid": "ed", "kty": "OKP", "crv": "Ed25519", "x": x });
    (EncodingKey::from_ed_der(&der), public)
}

#[test]
fn three_kinds_of_keys_can_be_trusted_at_once() {
    let (ed, public) = ed25519();
    let set = |json: &str| serde_json::from_str::<Value>(json).unwrap()["keys"][0].clone();
    let all = json!({ "keys": [set(keys::ISSUER_JWKS_JSON), set(keys::JWKS_JSON), public] });
    let mut client = Client::new(trusting(|policy: &mut Policy| {
        policy.external_auth.jwks = issuer::key_set(&all.to_string());
    }));
    let claims = ticket(&client);
    let rsa = EncodingKey::from_rsa_pem(keys::SIGNING_PEM.as_bytes()).unwrap();
    let ec = EncodingKey::from_ec_pem(keys::ISSUER_PEM.as_bytes()).unwrap();
    let rows = [
        (Algorithm::RS256, &rsa, keys::KEY_ID),
        (Algorithm::ES256, &ec, keys::ISSUER_KEY_ID),
        (Algorithm::EdDSA, &ed, "ed"),
    ];
    for (algorithm, key, own) in rows {
        for (_, _, kid) in rows {
            let header = Header { kid: Some(kid.into()), ..Header::new(algorithm) };
            let jwt = jsonwebtoken::encode(&header, &claims, key).unwrap();
            let reply = sign_in_with(&mut client, &jwt);
            match kid == own {
                true => drop(reply.ok(200)),
                false => invalid(&reply),
            }
        }
    }
    // A stronger hash of the same key is another algorithm.
    let header = Header { kid: Some(keys::KEY_ID.into()), ..Header::new(Algorithm::RS512) };
    let jwt = jsonwebtoken::encode(&header, &claims, &rsa).unwrap();
    invalid(&sign_in_with(&mut client, &jwt));
    assert_eq!(client.world.user(SUB).unwrap().sessions.len(), 3);
}

#[test]
fn a_key_that_was_taken_away_opens_nothing() {
    let mut client = Client::new(trusting(|_| {}));
    let jwt = issuer::sign(&ticket(&client));
    sign_in_with(&mut client, &jwt).ok(200);
    let other = |policy: &mut Policy| {
        policy.external_auth.jwks = issuer::key_set(keys::JWKS_JSON);
    };
    client.world.set_policy(trusting(other)).unwrap();
    invalid(&sign_in_with(&mut client, &jwt));
    // The sessions that it opened are the service's own, and go on.
    client.get("users").ok(200);
}
