//! Bearer tokens that open nothing.

use data_encoding::BASE64URL_NOPAD;
use fixtures::keys;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use mock_server::policy::Policy;
use serde_json::{Value, json};

use crate::client::{ALICE, Client, claims, forge, text};

const OTHER_WORLD: &str = "00000000-0000-4000-8000-00000000bbbb";

/// Asks for the user with one `Authorization` header.
fn ask(client: &Client, authorization: &str) -> crate::client::Reply {
    let headers = [("authorization", authorization)];
    crate::client::send(&client.mock, "GET", &client.path("users"), &headers, "")
}

fn part(value: &Value) -> String {
    BASE64URL_NOPAD.encode(value.to_string().as_bytes())
}

/// The claims of the client's bearer with one of them replaced, or removed by null.
fn bent(client: &Client, claim: &str, value: Value) -> Value {
    let mut claims = claims(client.bearer.as_ref().unwrap());
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(claim).unwrap()),
        value => claims[claim] = value,
    }
    claims
}

#[test]
fn without_a_token_nothing_is_said() {
    let mut client = Client::authenticated(Policy::default());
    let bearer = client.bearer.take().unwrap();
    let before = client.state();
    client.get("users").refused(401, None, "No jwt provided!");
    // The signature comes first: a stranger learns nothing about the shape of a body.
    client.post("users/mfa/auth/totp", &json!([])).refused(401, None, "No jwt provided!");
    client.put("users", &json!(1)).refused(401, None, "No jwt provided!");
    for header in
        ["", " ", "Bearer", "Bearer ", "Bearer  ", "Basic dXNlcjpwYXNz", &bearer, "Bearér x"]
    {
        ask(&client, header).refused(401, None, "No jwt provided!");
    }
    client.stays(&before);
    for header in [format!("bearer {bearer}"), format!("BEARER   {bearer} ")] {
        ask(&client, &header).ok(200);
    }
}

#[test]
fn forged_tokens_are_unauthorized() {
    let mut client = Client::authenticated(Policy::default());
    let elevated = client.elevate(&["wallet:sign"]);
    let body = client.pass_totp(json!({}));
    let (id_token, bearer) = (text(&body["jwt"]), text(&body["minifiedJwt"]));
    let before = client.state();
    let [head, payload, signature] =
        <[&str; 3]>::try_from(bearer.split('.').collect::<Vec<_>>()).unwrap();
    let [_, id_payload, id_signature] =
        <[&str; 3]>::try_from(id_token.split('.').collect::<Vec<_>>()).unwrap();
    let none = part(&json!({ "alg": "none", "typ": "JWT" }));
    let hs256 = Header::new(Algorithm::HS256);
    let with_public_key = |secret: &str| {
        let key = EncodingKey::from_secret(secret.as_bytes());
        jsonwebtoken::encode(&hs256, &claims(&bearer), &key).unwrap()
    };
    let public = keys::SIGNING_PUBLIC_PEM;
    let other_hash = {
        let key = EncodingKey::from_rsa_pem(keys::SIGNING_PEM.as_bytes()).unwrap();
        jsonwebtoken::encode(&Header::new(Algorithm::RS512), &claims(&bearer), &key).unwrap()
    };
    let half = signature.len() / 2;
    for (what, token) in [
        ("none", format!("{none}.{payload}.")),
        ("none, with a signature", format!("{none}.{payload}.{signature}")),
        ("HS256 with the public key", with_public_key(public)),
        ("HS256 with the trimmed public key", with_public_key(public.trim_end())),
        ("HS256 with nothing", with_public_key("")),
        ("RS512", other_hash),
        ("no signature", format!("{head}.{payload}.")),
        ("two parts", format!("{head}.{payload}")),
        ("four parts", format!("{bearer}.{signature}")),
        ("half a signature", format!("{head}.{payload}.{}", &signature[..half])),
        ("the ID token's payload", format!("{head}.{id_payload}.{signature}")),
        ("the ID token's signature", format!("{head}.{payload}.{id_signature}")),
        ("parts in another order", format!("{payload}.{head}.{signature}")),
        (
            "a changed payload",
            format!("{head}.{}.{signature}", part(&bent(&client, "sub", json!("x")))),
        ),
        ("padding", format!("{head}.{payload}.{signature}=")),
        ("dots", "..".to_owned()),
        ("a word", "nonsense".to_owned()),
        ("two tokens", format!("{bearer} {bearer}")),
        ("an elevated token", elevated),
    ] {
        let reply = ask(&client, &format!("Bearer {token}"));
        assert_eq!(reply.status, 401, "{what}");
        reply.unauthorized();
    }
    client.stays(&before);
    ask(&client, &format!("Bearer {bearer}")).ok(200);
}

#[test]
fn genuine_signatures_over_wrong_claims_are_unauthorized() {
    let mut client = Client::authenticated(Policy::default());
    let bob = client.elsewhere("bob@example.com").get("users").ok(200);
    // The session is over although the token below says otherwise.
    let ended = client.elsewhere(ALICE);
    ended.send("POST", "revoke", &[], "").ok(204);
    let ended = claims(ended.bearer.as_ref().unwrap())["sid"].clone();
    let before = client.state();
    let now = client.seconds();
    let unknown = json!("00000000-0000-4000-8000-000000000000");
    for (claim, value) in [
        ("exp", json!(now)),
        ("exp", json!(now - 1)),
        ("exp", json!(0)),
        ("exp", json!(-1)),
        ("exp", json!("9999999999")),
        ("exp", json!(i64::MAX)),
        ("exp", json!(u64::MAX)),
        ("exp", json!(1e300)),
        ("exp", Value::Null),
        ("sid", unknown.clone()),
        ("sid", bob["sessionId"].clone()),
        ("sid", ended),
        ("sid", json!("")),
        ("sid", json!(1)),
        ("sid", Value::Null),
        ("sub", unknown),
        ("sub", bob["id"].clone()),
        ("sub", Value::Null),
        ("environment_id", json!(OTHER_WORLD)),
        ("environment_id", json!("nonsense")),
        ("environment_id", Value::Null),
        ("last_verified_credential_id", json!("")),
        ("last_verified_credential_id", Value::Null),
    ] {
        let token = forge(&bent(&client, claim, value.clone()));
        let reply = ask(&client, &format!("Bearer {token}"));
        assert_eq!(reply.status, 401, "{claim} {value}");
        reply.unauthorized();
    }
    client.stays(&before);
    // The session's own claims, signed by anybody, are as good as the service's.
    let own = forge(&claims(client.bearer.as_ref().unwrap()));
    ask(&client, &format!("Bearer {own}")).ok(200);
    // However long a token claims to live, it does not outlive its session.
    let long = forge(&bent(&client, "exp", json!(now + 1_000_000)));
    ask(&client, &format!("Bearer {long}")).ok(200);
    client.advance(7_200);
    ask(&client, &format!("Bearer {long}")).unauthorized();
    client.bearer = None;
    client.sign_in(ALICE);
}

#[test]
fn a_token_opens_the_world_that_it_names() {
    let here = Client::authenticated(Policy::default());
    let there = Client::of(&here.mock, OTHER_WORLD);
    let bearer = format!("Bearer {}", here.bearer.as_ref().unwrap());
    let before = there.state();
    ask(&there, &bearer).unauthorized();
    there.stays(&before);
    // Nor does the same user with the same session elsewhere help.
    let mut snapshot = here.world.snapshot();
    let other = snapshot.to_string().replace(&here.world.id(), OTHER_WORLD);
    snapshot = serde_json::from_str(&other).unwrap();
    there.world.restore(snapshot).unwrap();
    ask(&there, &bearer).unauthorized();
    ask(&here, &bearer).ok(200);
}
