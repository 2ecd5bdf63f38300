//! Start and sign-in: paths, headers, signatures, nonces.

use std::collections::BTreeSet;

use data_encoding::HEXLOWER;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use serde_json::json;

use crate::stage::{Stage, verified};
use crate::stub::Recorded;

/// Does the device's signature over the nonce hold?
pub(crate) fn is_well_signed(request: &Recorded) -> bool {
    let hex = |name: &str| HEXLOWER.decode(request.header(name).unwrap().as_bytes()).unwrap();
    let key = VerifyingKey::from_sec1_bytes(&hex("x-dynamic-device-publickey")).unwrap();
    let nonce = request.header("x-dynamic-device-nonce").unwrap();
    match Signature::from_slice(&hex("x-dynamic-device-signed-nonce")) {
        Ok(signature) => key.verify(nonce.as_bytes(), &signature).is_ok(),
        Err(_) => false,
    }
}

#[test]
fn a_start_fetches_settings_then_nonces() {
    let stage = Stage::new(None);
    assert_eq!(
        stage.stub.routes(),
        ["GET settings?sdkVersion=ReferenceSDK%2F0.0.0", "GET nonces?count=5"]
    );
    for request in stage.stub.requests() {
        assert_eq!(request.header("x-dyn-session-public-key"), None);
        assert_eq!(request.header("authorization"), None);
        assert_eq!(request.header("content-type"), Some("application/json"));
    }
}

#[test]
fn a_start_survives_two_failures_of_the_settings_and_no_third() {
    let route = "GET settings?sdkVersion=ReferenceSDK%2F0.0.0";
    let mut stage = Stage::new(None);
    stage.stub.answer(route, 500, &json!({ "error": "down" }));
    stage.stub.forget_requests();
    let config = json!({
        "environment_id": "e", "base_url": stage.stub.base_url(), "origin": "http://localhost"
    });
    let error = stage.err("client.new", config);
    assert_eq!((error.http, error.message.as_str()), (Some(500), "down"));
    assert_eq!(stage.stub.routes(), [route; 3]);
}

#[test]
fn signing_in_sends_the_code_with_all_headers_and_a_good_signature() {
    let mut stage = Stage::new(None);
    stage.stub.forget_requests();
    stage.stub.answer("POST emailVerifications/signin", 200, &verified("one", json!({})));
    let started = stage.ok("auth.email_start", json!({ "email": "ada@example.com" }));
    assert_eq!(started, json!({ "email": "ada@example.com", "verification_id": "v-1" }));
    let args = json!({ "code": "012345", "scopes": ["a"], "allow_new_mfa_linking": true });
    assert_eq!(stage.ok("auth.email_verify", args), json!({}));

    let [create, signin] = stage.stub.requests().try_into().unwrap();
    assert_eq!(
        (create.method.as_str(), create.path.as_str()),
        ("POST", "emailVerifications/create")
    );
    assert_eq!(create.json(), json!({ "email": "ada@example.com" }));
    assert_eq!(create.header("x-dynamic-device-nonce"), None);
    assert_eq!(signin.path, "emailVerifications/signin");
    assert_eq!(
        signin.json(),
        json!({ "verificationUUID": "v-1", "verificationToken": "012345", "allowNewMFALinking": true })
    );
    assert!(is_well_signed(&signin));
    for (name, value) in [
        ("x-dyn-version", "ReferenceSDK/0.0.0"),
        ("x-dynamic-platform", "reference"),
        ("origin", "http://localhost:3000"),
        ("content-type", "application/json"),
        ("x-dynamic-device-nonce", "nonce-0"),
    ] {
        assert_eq!(signin.header(name), Some(value), "{name}");
    }
    assert!(signin.header("x-dyn-api-version").unwrap().starts_with("API/"));
    assert_eq!(signin.header("x-dyn-session-public-key").unwrap().len(), 66);
    assert_eq!(signin.header("x-dyn-session-id"), create.header("x-dyn-session-id"));
    let ids = [&create, &signin].map(|request| request.header("x-dyn-request-id").unwrap());
    assert!(ids.iter().all(|id| id.len() == 50) && ids[0] != ids[1]);
    assert_eq!(signin.header("authorization"), None);
}

#[test]
fn signed_in_the_code_re_authenticates_and_names_the_scopes() {
    let mut stage = Stage::signed_in(None);
    stage.stub.answer("POST emailVerifications/verify", 200, &verified("two", json!({})));
    let args = json!({ "code": "1", "scopes": ["credential:link"], "allow_new_mfa_linking": true });
    stage.ok("auth.email_verify", args);
    let verify = stage.stub.last();
    assert_eq!(verify.path, "emailVerifications/verify");
    assert_eq!(
        verify.json(),
        json!({ "verificationUUID": "v-1", "verificationToken": "1", "requestedScopes": ["credential:link"] })
    );
    assert_eq!(verify.header("authorization"), Some("Bearer one"));
    assert!(is_well_signed(&verify));
}

#[test]
fn every_signed_request_has_a_fresh_nonce_also_beyond_one_pool() {
    let mut stage = Stage::signed_in(None);
    stage.stub.answer("POST refresh", 200, &verified("next", json!({})));
    for _ in 0..11 {
        stage.ok("auth.refresh", json!({}));
    }
    let requests = stage.stub.requests();
    let signed: Vec<_> =
        requests.iter().filter(|seen| seen.header("x-dynamic-device-nonce").is_some()).collect();
    let nonces: BTreeSet<_> =
        signed.iter().map(|seen| seen.header("x-dynamic-device-nonce")).collect();
    assert_eq!((signed.len(), nonces.len()), (12, 12));
    assert!(signed.iter().all(|request| is_well_signed(request)));
    let refresh = stage.stub.last();
    assert_eq!((refresh.body.as_str(), refresh.header("content-length")), ("", Some("0")));
}

#[test]
fn without_nonces_a_sign_in_is_not_sent() {
    let mut stage = Stage::new(None);
    stage.stub.answer("GET nonces?count=5", 200, &json!({ "nonces": [] }));
    stage.stub.answer("POST refresh", 500, &json!({}));
    for _ in 0..5 {
        stage.err("auth.refresh", json!({}));
    }
    stage.stub.forget_requests();
    let error = stage.err("auth.refresh", json!({}));
    assert_eq!(error.class.as_deref(), Some("UnreadableAnswerError"));
    assert_eq!(stage.stub.routes(), ["GET nonces?count=5"]);
}
