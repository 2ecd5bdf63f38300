//! The ring of signing keys: overlap, retirement, and what the tokens of a retired key open.

use mock_server::KeyReport;
use mock_server::engine::KeyState;
use mock_server::policy::Policy;
use serde_json::{Value, json};

use crate::client::{ALICE, Client, ELEVATED, claims, send, text};

/// The names in the key set, in its order.
fn published(client: &Client) -> Vec<String> {
    let set = client.get(".well-known/jwks").ok(200);
    set["keys"].as_array().unwrap().iter().map(|key| text(&key["kid"])).collect()
}

fn states(keys: &[KeyReport]) -> Vec<(&'static str, KeyState)> {
    keys.iter().map(|key| (key.kid, key.state)).collect()
}

/// The `kid` of a token, in its header and in its payload.
fn kids(token: &str) -> (String, String) {
    let header = jsonwebtoken::decode_header(token).unwrap();
    (header.kid.unwrap(), text(&claims(token)["kid"]))
}

/// Opens a token with one key of the set and with a PEM, as a server of an app would.
fn verifies(client: &Client, token: &str) -> bool {
    let set: jsonwebtoken::jwk::JwkSet =
        serde_json::from_value(client.get(".well-known/jwks").ok(200)).unwrap();
    let kid = kids(token).0;
    let Some(key) = set.find(&kid) else { return false };
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    (validation.validate_exp, validation.validate_aud) = (false, false);
    let by_set = jsonwebtoken::DecodingKey::from_jwk(key).unwrap();
    let pem = client.world.keys().into_iter().find(|key| key.kid == kid).unwrap().public_key_pem;
    let by_pem = jsonwebtoken::DecodingKey::from_rsa_pem(pem.as_bytes()).unwrap();
    let open = |key| jsonwebtoken::decode::<Value>(token, key, &validation).is_ok();
    assert_eq!(open(&by_set), open(&by_pem));
    open(&by_set)
}

#[test]
fn a_new_environment_signs_with_the_first_key_alone() {
    let mut client = Client::signed_in(Policy::default());
    assert_eq!(states(&client.world.keys()), [("mfa-mock-1", KeyState::Signing)]);
    assert_eq!(published(&client), ["mfa-mock-1"]);
    let granted = client.sign_in(ALICE);
    for name in ["jwt", "minifiedJwt"] {
        let token = text(&granted[name]);
        assert_eq!(kids(&token), ("mfa-mock-1".to_owned(), "mfa-mock-1".to_owned()));
        assert!(verifies(&client, &token));
    }
}

#[test]
fn keys_overlap_after_a_rotation() {
    let mut client = Client::authenticated(Policy::default());
    let old = client.bearer.clone().unwrap();
    let elevated = client.elevate(&["credential:unlink"]);
    assert_eq!(
        states(&client.world.rotate_keys().unwrap()),
        [("mfa-mock-1", KeyState::Verifying), ("mfa-mock-2", KeyState::Signing)]
    );
    assert_eq!(published(&client), ["mfa-mock-1", "mfa-mock-2"]);
    // The old bearer is still good, and what is signed from now on is signed by the new key.
    client.bearer = Some(old.clone());
    client.get("users").ok(200);
    let reply = client.send("POST", "refresh", &[], "");
    let fresh = text(&client.keep(reply).ok(200)["minifiedJwt"]);
    assert_eq!(kids(&fresh), ("mfa-mock-2".to_owned(), "mfa-mock-2".to_owned()));
    assert!(verifies(&client, &old) && verifies(&client, &fresh));
    let path = format!("users/mfa/{}", client.device());
    client.delete(&path, &[(ELEVATED, &elevated)]).ok(204);
}

#[test]
fn tokens_of_a_retired_key_are_refused_at_once() {
    let mut client = Client::authenticated(Policy::default());
    let elevated = client.elevate(&["credential:unlink"]);
    let old = client.bearer.clone().unwrap();
    client.world.rotate_keys().unwrap();
    let reply = client.send("POST", "refresh", &[], "");
    client.keep(reply).ok(200);
    let fresh = client.bearer.clone().unwrap();
    client.world.retire_key("mfa-mock-1").unwrap();
    assert_eq!(published(&client), ["mfa-mock-2"]);
    assert!(!verifies(&client, &old) && verifies(&client, &fresh));

    let before = client.state();
    client.bearer = Some(old);
    client.get("users").unauthorized();
    let noted = client.world.journal().pop().unwrap().refusal.unwrap();
    assert_eq!(noted.rule, "J2");
    assert_eq!(
        noted.reason,
        "the token was signed with a key that is retired, or was never used here"
    );
    // The session itself lives on under the new key; an elevated token of the old one does not.
    client.bearer = Some(fresh);
    client.get("users").ok(200);
    let path = format!("users/mfa/{}", client.device());
    client.delete(&path, &[(ELEVATED, &elevated)]).wants_elevation();
    let noted = client.world.journal().pop().unwrap().refusal.unwrap();
    assert!(noted.reason.ends_with("signed with a retired key"), "{}", noted.reason);
    client.stays(&before);
    let elevated = client.elevate(&["credential:unlink"]);
    client.delete(&path, &[(ELEVATED, &elevated)]).ok(204);
}

#[test]
fn keys_of_the_service_that_were_never_used_here_open_nothing() {
    let client = Client::signed_in(Policy::default());
    let here = claims(client.bearer.as_ref().unwrap());
    let sign = |key: &fixtures::keys::PublishedKey, kid: Option<&str>| {
        let pem = jsonwebtoken::EncodingKey::from_rsa_pem(key.signing_pem.as_bytes()).unwrap();
        let mut header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::RS256);
        header.kid = kid.map(str::to_owned);
        jsonwebtoken::encode(&header, &here, &pem).unwrap()
    };
    let ask = |token: String| {
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str())];
        send(&client.mock, "GET", &client.path("users"), &headers, "")
    };
    let [first, second, third] = &fixtures::keys::PUBLISHED;
    let before = client.state();
    for (key, kid) in [
        (second, Some("mfa-mock-2")),
        (third, Some("mfa-mock-3")),
        (second, None),
        // A name that is not the key's own, and one that nobody has.
        (second, Some("mfa-mock-1")),
        (first, Some("mfa-mock-2")),
        (first, Some("mfa-mock-4")),
        (first, Some("")),
    ] {
        let reply = ask(sign(key, kid));
        assert_eq!(reply.status, 401, "{} as {kid:?}", key.id);
        reply.unauthorized();
    }
    client.stays(&before);
    ask(sign(first, None)).ok(200);
    ask(sign(first, Some("mfa-mock-1"))).ok(200);
    client.world.rotate_keys().unwrap();
    ask(sign(second, None)).ok(200);
    ask(sign(third, Some("mfa-mock-3"))).unauthorized();
}

#[test]
fn each_environment_has_a_ring_of_its_own_which_survives_a_snapshot() {
    let mut client = Client::signed_in(Policy::default());
    let mut other = Client::of(&client.mock, "00000000-0000-4000-8000-00000000bbbb");
    client.world.rotate_keys().unwrap();
    client.world.retire_key("mfa-mock-1").unwrap();
    let granted = other.sign_in(ALICE);
    assert_eq!(kids(&text(&granted["jwt"])).0, "mfa-mock-1");
    other.get("users").ok(200);

    let old = client.bearer.take().unwrap();
    let snapshot = client.world.snapshot();
    client.world.reset().unwrap();
    assert_eq!(published(&client), ["mfa-mock-1"]);
    client.world.restore(snapshot).unwrap();
    assert_eq!(published(&client), ["mfa-mock-2"]);
    client.bearer = Some(old);
    client.get("users").unauthorized();
    client.bearer = None;
    assert_eq!(kids(&text(&client.sign_in(ALICE)["jwt"])).0, "mfa-mock-2");
}

#[test]
fn rotations_end_with_the_last_published_key() {
    let client = Client::new(Policy::default());
    let world = &client.world;
    let refused = |result: Result<Vec<KeyReport>, mock_server::InterventionError>| {
        let before = client.state();
        let reason = result.unwrap_err().to_string();
        client.stays(&before);
        reason
    };
    assert_eq!(refused(world.retire_key("mfa-mock-1")), "the key signs new tokens; rotate first");
    assert_eq!(
        refused(world.retire_key("mfa-mock-2")),
        "the environment never used a key of that name"
    );
    world.rotate_keys().unwrap();
    world.rotate_keys().unwrap();
    assert_eq!(published(&client), ["mfa-mock-1", "mfa-mock-2", "mfa-mock-3"]);
    let all_used = "every published key was used here, and none may come back; reset begins anew";
    assert_eq!(refused(world.rotate_keys()), all_used);
    world.retire_key("mfa-mock-1").unwrap();
    assert_eq!(refused(world.rotate_keys()), all_used, "a retired key must not come back");
    world.reset().unwrap();
    assert_eq!(published(&client), ["mfa-mock-1"]);
    assert_eq!(client.get(".well-known/jwks").ok(200), json!({ "keys": [jwk(1)] }));
}

/// The published form of a key.
fn jwk(number: usize) -> Value {
    let set: Value = serde_json::from_str(fixtures::keys::PUBLISHED[number - 1].jwks_json).unwrap();
    set["keys"][0].clone()
}
