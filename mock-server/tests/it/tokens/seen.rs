//! A token that was found genuine before is not looked at less closely the next time.

use jiff::SignedDuration;
use mock_server::policy::Policy;
use mock_server::{Mock, Options};
use serde_json::{Value, json};

use crate::client::{ALICE, Client, ELEVATED, WORLD, claims, forge, still_mock_with};

const BEARER_REFUSED: u16 = 401;

/// A client whose token the service has seen, and remembers.
fn known() -> (Client, String) {
    let client = Client::signed_in(Policy::default());
    let token = client.bearer.clone().unwrap();
    for _ in 0..3 {
        client.get("session").ok(204);
    }
    (client, token)
}

/// The status of a call with a token, and the rule behind a refusal as a judgement has it.
fn shown(client: &Client, token: &str) -> (u16, Option<String>) {
    let mut other = client.clone();
    other.bearer = Some(token.to_owned());
    let verdict = client.mock.judge_token(WORLD, token);
    (other.get("session").status, verdict.err().map(|reason| reason.rule))
}

#[test]
fn whatever_letter_of_a_known_token_is_changed_it_is_refused() {
    let (client, token) = known();
    assert_eq!(shown(&client, &token), (204, None));
    let letters: Vec<char> = token.chars().collect();
    for at in (0..letters.len()).step_by(7).chain(letters.len() - 20..letters.len()) {
        let mut changed = letters.clone();
        changed[at] = if changed[at] == 'A' { 'B' } else { 'A' };
        let changed: String = changed.into_iter().collect();
        assert_eq!(shown(&client, &changed), (BEARER_REFUSED, Some("J1".to_owned())), "at {at}");
    }
    for changed in [format!("{token}A"), format!(" {token} x"), token.replacen('.', "..", 1)] {
        assert_eq!(shown(&client, &changed).0, BEARER_REFUSED, "{changed}");
    }
    assert_eq!(shown(&client, &token), (204, None));
}

#[test]
fn claims_under_the_signature_of_a_known_token_are_refused() {
    let (client, token) = known();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (header, _) = message.split_once('.').unwrap();
    let mut longer = claims(&token);
    longer["exp"] = json!(longer["exp"].as_i64().unwrap() + 1);
    let payload = data_encoding::BASE64URL_NOPAD.encode(longer.to_string().as_bytes());
    assert_eq!(shown(&client, &format!("{header}.{payload}.{signature}")).0, BEARER_REFUSED);
}

#[test]
fn a_known_token_ends_with_its_second_and_with_its_session() {
    let (client, token) = known();
    let life = claims(&token)["exp"].as_i64().unwrap() - i64::try_from(client.seconds()).unwrap();
    client.world.advance_clock(SignedDuration::from_secs(life - 1)).unwrap();
    assert_eq!(shown(&client, &token), (204, None));
    client.world.advance_clock(SignedDuration::from_secs(1)).unwrap();
    assert_eq!(shown(&client, &token), (BEARER_REFUSED, Some("J15".to_owned())));
    let (client, token) = known();
    client.post("revoke", &json!({})).ok(204);
    assert_eq!(shown(&client, &token).0, BEARER_REFUSED);
}

#[test]
fn a_known_token_is_refused_from_the_moment_its_key_is_retired() {
    let (client, token) = known();
    client.world.rotate_keys().unwrap();
    assert_eq!(shown(&client, &token), (204, None), "both verify while they overlap");
    client.world.retire_key(fixtures::keys::KEY_ID).unwrap();
    assert_eq!(shown(&client, &token).0, BEARER_REFUSED);
}

#[test]
fn a_known_token_opens_no_other_environment_and_none_that_began_anew() {
    let (client, token) = known();
    let other = client.mock.fresh_environment().unwrap().id();
    let path = format!("/api/v0/sdk/{other}/session");
    let bearer = format!("Bearer {token}");
    let reply = crate::client::send(&client.mock, "GET", &path, &[("authorization", &bearer)], "");
    assert_ne!(reply.status, 204);
    assert!(client.mock.judge_token(&other, &token).is_err());
    assert!(client.mock.judge_token("nonsense", &token).is_err());
    client.world.reset().unwrap();
    assert_eq!(shown(&client, &token).0, BEARER_REFUSED);
}

#[test]
fn a_known_elevated_token_is_judged_every_time() {
    // Whole until its last second, and never with a letter changed.
    for (seconds_left, status) in [(1, 204), (0, 403)] {
        let mut client = Client::authenticated(Policy::default());
        let token = client.elevate(&["credential:unlink"]);
        let delete =
            |path: &str, token: &str| client.send("DELETE", path, &[(ELEVATED, token)], "");
        let absent = "users/mfa/00000000-0000-4000-8000-000000000000";
        for _ in 0..2 {
            delete(absent, &token).ok(404);
        }
        let device = format!("users/mfa/{}", client.device());
        for at in [40, token.len() / 2, token.len() - 9, token.len() - 2] {
            let (head, tail) = token.split_at(at);
            let letter = if tail.starts_with('A') { 'B' } else { 'A' };
            assert_eq!(
                delete(&device, &format!("{head}{letter}{}", &tail[1..])).status,
                403,
                "{at}"
            );
        }
        let life = claims(&token)["exp"].as_u64().unwrap() - client.seconds();
        client.advance(i64::try_from(life).unwrap() - seconds_left);
        assert_eq!(delete(&device, &token).status, status, "{seconds_left} left");
    }
}

#[test]
fn a_full_memory_refuses_nobody_and_lets_nobody_in() {
    for seen_tokens_max in [0, 1, 2] {
        let mock = still_mock_with(Options { seen_tokens_max, ..Options::default() });
        let client = signed_in(&mock);
        let bearer = client.bearer.clone().unwrap();
        let mut tokens = vec![bearer.clone()];
        for number in 0..4 {
            let mut other = claims(&bearer);
            other["number"] = json!(number);
            tokens.push(forge(&other));
        }
        for token in tokens.iter().chain(&tokens) {
            assert_eq!(shown(&client, token), (204, None), "{seen_tokens_max}");
        }
        let mut foreign = claims(&bearer);
        foreign["sid"] = json!("00000000-0000-4000-8000-000000000000");
        let foreign = forge(&foreign);
        for _ in 0..2 {
            assert_eq!(shown(&client, &foreign).0, BEARER_REFUSED, "{seen_tokens_max}");
        }
    }
}

#[test]
fn a_claim_that_comes_twice_makes_a_token_malformed() {
    let (client, token) = known();
    let text = claims(&token).to_string();
    for name in ["iss", "sub", "aud", "exp", "nbf", "sid"] {
        let twice = text.replacen('{', &format!(r#"{{"{name}":0,"{name}":0,"#), 1);
        let signed = signed_text(&token, &twice);
        assert_eq!(shown(&client, &signed).0, BEARER_REFUSED, "{name}");
    }
    assert_eq!(shown(&client, &signed_text(&token, &text)).0, 204, "the counter-case");
}

/// A text of claims under a genuine signature, with the header of a token of the service.
fn signed_text(token: &str, text: &str) -> String {
    use data_encoding::BASE64URL_NOPAD;
    let header = token.split('.').next().unwrap();
    let message = format!("{header}.{}", BASE64URL_NOPAD.encode(text.as_bytes()));
    let key = jsonwebtoken::EncodingKey::from_rsa_pem(fixtures::keys::SIGNING_PEM.as_bytes());
    let algorithm = jsonwebtoken::Algorithm::RS256;
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key.unwrap(), algorithm);
    format!("{message}.{}", signature.unwrap())
}

fn signed_in(mock: &Mock) -> Client {
    let mut client = Client::of(mock, WORLD);
    let body: Value = client.sign_in(ALICE);
    assert!(body.is_object());
    client
}
