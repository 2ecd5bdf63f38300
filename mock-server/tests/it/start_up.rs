//! What an SDK asks before anybody signs in: settings, nonces, keys, health.

use std::collections::BTreeSet;

use fixtures::keys;
use mock_server::policy::{Enrollment, MfaAction, ProtectedAction, TokenBehavior};
use serde_json::{Value, json};

use crate::client::{ALICE, Client, assert_snapshot, claims, keys, legacy, policy, text};

#[test]
fn the_settings_have_what_an_sdk_needs() {
    let settings =
        Client::new(policy(|_| {})).get("settings?sdkVersion=ClientSDK%2F1.27.1").ok(200);
    for array in ["chains", "kyc", "customFields", "networks", "providers"] {
        assert!(settings[array].is_array(), "{array}");
    }
    for object in ["design", "general", "privacy", "sdk", "security"] {
        assert!(settings[object].is_object(), "{object}");
    }
    // Cookie mode would make the SDK leave the bearer out.
    assert_eq!(settings["security"]["auth"]["storage"], json!(["localstorage"]));
    assert_eq!(settings["security"].get("externalAuth"), None);
    assert_eq!(settings["security"]["captcha"]["enabled"], json!(false));
    // Absent would mean true to newer clients.
    assert_eq!(settings["security"]["deviceRegistrationRequired"], json!(false));
    assert_eq!(settings["sdk"]["minApiVersion"], json!("2026_04_01"));
    assert_eq!(settings["providers"][0]["provider"], json!("emailOnly"));
    let mfa = &settings["security"]["mfa"];
    let six = ["actions", "availableMethods", "enabled", "enrollment", "methods", "required"];
    assert_eq!(keys(mfa), six);
    assert_snapshot("start_up__settings", &settings);
}

#[test]
fn the_settings_follow_the_policy() {
    let show = |change: &dyn Fn(&mut mock_server::policy::Policy)| {
        Client::new(policy(change)).get("settings").ok(200)
    };
    let life = |seconds: u32| {
        show(&move |policy| policy.session.life_seconds = seconds)["security"]["jwtDuration"]
            .clone()
    };
    assert_eq!(life(7_200), json!({ "amount": 2, "unit": "hours" }));
    assert_eq!(life(30 * 86_400), json!({ "amount": 30, "unit": "days" }));
    assert_eq!(life(5_400), json!({ "amount": 90, "unit": "minutes" }));
    assert_eq!(life(61), json!({ "amount": 2, "unit": "minutes" }));
    let mfa = show(&|policy| {
        policy.mfa.enabled = false;
        policy.mfa.enrollment = Enrollment::Signup;
        policy.mfa.methods[0].allow_backup_codes = false;
        policy.mfa.actions.push(ProtectedAction {
            action: MfaAction::WalletWaasExport,
            required: true,
            token_behavior: Some(TokenBehavior::TimeBound),
            token_expiry_seconds: None,
        });
    });
    assert_eq!(
        mfa["security"]["mfa"],
        json!({
            "enabled": false, "required": true, "enrollment": "signup",
            "availableMethods": ["totp", "passkey"],
            "methods": [
                { "type": "totp", "enabled": true, "allowBackupCodes": false },
                { "type": "passkey", "enabled": true, "allowBackupCodes": false },
            ],
            "actions": [{
                "action": "wallet.waas.export", "required": true, "tokenBehavior": "time_bound",
            }],
        })
    );
    // `required` is kept for old clients: true when enrolment is forced at all.
    let action = show(&|policy| policy.mfa.enrollment = Enrollment::Action);
    assert_eq!(action["security"]["mfa"]["required"], json!(true));
    let legacy = Client::new(legacy(|_| {})).get("settings").ok(200);
    assert_eq!(legacy["sdk"]["minApiVersion"], json!("2026_01_01"));
}

#[test]
fn nonces_are_capped_at_five_and_never_repeat() {
    let client = Client::new(policy(|_| {}));
    let mut seen = BTreeSet::new();
    let nonce = client.get("nonce").ok(200);
    assert_eq!(keys(&nonce), ["nonce"]);
    assert!(seen.insert(text(&nonce["nonce"])));
    let asked = [("", 1), ("?count=1", 1), ("?count=3", 3), ("?count=5", 5), ("?count=6", 5)];
    let large = [("?count=99", 5), ("?count=255", 5), ("?count=256", 5), ("?count=4294967296", 5)];
    let others = [("?other=9", 1), ("?count=2&count=4", 4)];
    for (query, count) in asked.into_iter().chain(large).chain(others) {
        let body = client.get(&format!("nonces{query}")).ok(200);
        let nonces = body["nonces"].as_array().unwrap();
        assert_eq!(nonces.len(), count, "{query}");
        for nonce in nonces {
            let nonce = text(nonce);
            assert!(nonce.len() == 48 && nonce.bytes().all(|byte| byte.is_ascii_hexdigit()));
            assert!(seen.insert(nonce), "a nonce came twice");
        }
    }
    for count in ["0", "abc", "-1", "1.5", "", "18446744073709551616", "%35"] {
        let before = client.state();
        let reply = client.get(&format!("nonces?count={count}"));
        reply.refused(400, None, "count: not a positive number");
        client.stays(&before);
    }
}

#[test]
fn the_key_set_verifies_a_minted_token() {
    let mut client = Client::new(policy(|_| {}));
    let jwks = client.get(".well-known/jwks");
    assert_eq!(jwks.bytes, client.get(".well-known/jwks.json").bytes);
    let keys_of_set = jwks.body["keys"].as_array().unwrap();
    assert_eq!(keys_of_set.len(), 1);
    let key = &keys_of_set[0];
    assert_eq!(keys(key), ["alg", "e", "kid", "kty", "n", "use"]);
    assert_eq!((&key["alg"], &key["kty"]), (&json!("RS256"), &json!("RSA")));
    assert_eq!((&key["use"], &key["kid"]), (&json!("sig"), &json!(keys::KEY_ID)));

    let signed_in = client.sign_in(ALICE);
    let set: jsonwebtoken::jwk::JwkSet = serde_json::from_value(jwks.body.clone()).unwrap();
    let opening = jsonwebtoken::DecodingKey::from_jwk(set.find(keys::KEY_ID).unwrap()).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::RS256);
    validation.validate_exp = false;
    validation.set_audience(&["http://localhost"]);
    for name in ["jwt", "minifiedJwt"] {
        let token = text(&signed_in[name]);
        let header = jsonwebtoken::decode_header(&token).unwrap();
        assert_eq!(header.kid.as_deref(), Some(keys::KEY_ID));
        assert_eq!(header.alg, jsonwebtoken::Algorithm::RS256);
        let opened = jsonwebtoken::decode::<Value>(&token, &opening, &validation).unwrap();
        assert_eq!(opened.claims, claims(&token));
        // Servers verify with the environment's audience; another one must not pass.
        let mut strict = validation.clone();
        strict.set_audience(&["https://elsewhere.example"]);
        assert!(jsonwebtoken::decode::<Value>(&token, &opening, &strict).is_err());
        let mut bent = token.clone();
        let last = bent.pop().unwrap();
        bent.push(if last == 'A' { 'Q' } else { 'A' });
        assert!(jsonwebtoken::decode::<Value>(&bent, &opening, &validation).is_err());
    }
}

#[test]
fn health_and_telemetry_are_answered() {
    let client = Client::new(policy(|_| {}));
    assert_eq!(client.get("healthcheck").ok(200), json!({ "status": "healthy" }));
    let before = client.state();
    let noted = client.post("sdkSettings", &json!({ "sdkVersion": "1.27.1" }));
    assert_eq!((noted.status, noted.bytes.len()), (204, 0));
    let visit = json!({ "address": "0x0", "chain": "EVM", "provider": "browserExtension",
        "walletName": "metamask" });
    let visited = client.post("connect", &visit);
    assert_eq!((visited.status, visited.bytes.len()), (202, 0));
    client.post("sdkSettings", &json!([])).refused(422, None, "the body is not a JSON object");
    client.post("connect", &json!(1)).refused(400, None, "the body is not a JSON object");
    client.stays(&before);
}
