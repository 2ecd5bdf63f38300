//! The forms that bodies come in: two spellings, two wrappings, an older pair of calls.

use mock_server::policy::Policy;
use serde_json::{Value, json};

use super::{AUTHENTICATE, REGISTER, enrolled};
use crate::authenticator::Authenticator;
use crate::client::{Client, keys, legacy};

const OLDER: &str = "users/mfa/register/passkey";

/// The same body with the other spelling of the client data.
fn respelt(mut body: Value) -> Value {
    let response = body["response"].as_object_mut().unwrap();
    let (old, new) = match response.contains_key("clientDataJson") {
        true => ("clientDataJson", "clientDataJSON"),
        false => ("clientDataJSON", "clientDataJson"),
    };
    let text = response.remove(old).unwrap();
    response.insert(new.to_owned(), text);
    body
}

#[test]
fn both_spellings_of_the_client_data_are_read_everywhere() {
    let (mut client, mut authenticator) = enrolled(legacy(|_| {}));
    let body = respelt(Authenticator::new(2).make(&client.creation()));
    client.enrol(&body, &[]).ok(200);
    let body = respelt(authenticator.sign_in(&client.request()));
    client.assert(body, json!({})).ok(200);
    let body = respelt(authenticator.sign_in(&client.get("users/passkeys/signin").ok(200)));
    client.post("users/passkeys/signin", &body).ok(200);
    // Both at once contradict each other, whatever they say.
    let mut body = authenticator.sign_in(&client.request());
    body["response"]["clientDataJson"] = body["response"]["clientDataJSON"].clone();
    let error = "response: duplicate field `clientDataJSON`";
    client.post(AUTHENTICATE, &body).refused(422, Some("mfa_invalid_request"), error);
}

#[test]
fn an_assertion_may_come_in_a_wrapping() {
    let (mut client, mut authenticator) = enrolled(legacy(|_| {}));
    let id = "00000000-0000-4000-8000-000000000000";
    let assertion = authenticator.sign_in(&client.request());
    let wrapped = json!({
        "id": id, "assertion": assertion, "createMfaToken": { "singleUse": true },
        "requestedScopes": ["user:update"],
    });
    let reply = client.post(AUTHENTICATE, &wrapped);
    let granted = client.keep(reply).ok(200);
    assert!(granted["mfaToken"].is_string() && granted["elevatedAccessToken"].is_string());
    let mut assertion = authenticator.sign_in(&client.request());
    assertion["createMfaToken"] = json!({ "singleUse": true });
    let wrapped = json!({ "id": id, "assertion": assertion });
    assert!(client.post(AUTHENTICATE, &wrapped).ok(200)["mfaToken"].is_string());
}

#[test]
fn the_older_calls_name_their_registration() {
    let mut client = Client::signed_in(legacy(|_| {}));
    let begun = client.get(OLDER).ok(200);
    assert_eq!(keys(&begun), ["id", "registration", "type"]);
    assert_eq!(begun["type"], json!("passkey"));
    let mut authenticator = Authenticator::new(1);
    let attestation = respelt(authenticator.make(&begun["registration"]));
    let before = client.state();
    let stranger = json!({
        "id": "00000000-0000-4000-8000-000000000000", "attestation": attestation,
    });
    let error = "Passkey registration could not be verified";
    client.post(OLDER, &stranger).refused(422, Some("mfa_invalid_request"), error);
    assert_eq!(client.reason().0, "P4");
    let bare = client.post(OLDER, &attestation);
    bare.refused(422, Some("mfa_invalid_request"), "missing field `attestation`");
    client.stays(&before);
    let named = json!({ "id": begun["id"], "attestation": attestation });
    let reply = client.post(OLDER, &named);
    let granted = client.keep(reply).ok(200);
    assert_eq!(granted["user"]["lastVerifiedCredentialId"], begun["id"]);
    assert_eq!(client.passkeys()[0]["id"], begun["id"]);
    client.pass_passkey(&mut authenticator, json!({}));
}

#[test]
fn the_older_call_needs_the_same_token() {
    let mut client = Client::signed_in(Policy::default());
    let begun = client.get(OLDER).ok(200);
    let attestation = Authenticator::new(1).make(&begun["registration"]);
    let body = json!({ "id": begun["id"], "attestation": attestation }).to_string();
    client.send("POST", OLDER, &[], body.clone()).wants_elevation();
    let link = client.elevate_by_email(&["credential:link"]);
    client.send("POST", OLDER, &[(crate::client::ELEVATED, &link)], body).ok(200);
}

#[test]
fn what_the_api_does_not_know_is_passed_over() {
    let mut client = Client::signed_in(legacy(|_| {}));
    let mut body = Authenticator::new(1).make(&client.creation());
    body["response"]["transports"] = json!(["telepathy", "usb", "usb"]);
    body["clientExtensionResults"] = json!({ "credProps": { "rk": true }, "new": [1] });
    body["new"] = json!(1);
    client.enrol(&body, &[("user-agent", &"x".repeat(256))]).ok(200);
    let allowed = client.request()["allowCredentials"].clone();
    assert_eq!(allowed[0]["transports"], json!(["usb"]));
    assert!(client.passkeys()[0].get("userAgent").is_none());
}

#[test]
fn each_wrong_shape_is_named() {
    let (client, mut authenticator) = enrolled(legacy(|_| {}));
    let good = authenticator.sign_in(&client.request());
    let made = Authenticator::new(2).make(&client.creation());
    let before = client.state();
    let wrong: [(&str, Value, &str); 9] = [
        ("/rawId", json!("AAAA"), "rawId: not the same as id"),
        ("/rawId", json!(1), "rawId: invalid type: integer `1`, expected a string"),
        ("/type", json!("password"), "type: unknown variant `password`, expected `public-key`"),
        ("/clientExtensionResults", json!(null), "clientExtensionResults: invalid type: null"),
        ("/response/clientDataJSON", json!("+/8="), "response.clientDataJSON: not base64url"),
        ("/response/signature", json!(""), "response.signature: not base64url without padding"),
        ("/response/authenticatorData", json!("A"), "response.authenticatorData: not base64url"),
        ("/response/userHandle", json!("AB"), "response.userHandle: not base64url"),
        ("/authenticatorAttachment", json!("implant"), "authenticatorAttachment: unknown variant"),
    ];
    for (pointer, value, error) in wrong {
        let mut body = good.clone();
        *body.pointer_mut(pointer).unwrap() = value;
        let reply = client.post(AUTHENTICATE, &body);
        assert_eq!((reply.status, &reply.body["code"]), (422, &json!("mfa_invalid_request")));
        let told = reply.body["error"].as_str().unwrap();
        assert!(told.starts_with(error), "{pointer}: {told}");
    }
    for (field, status) in [("attestationObject", 400), ("clientDataJson", 400)] {
        let mut body = made.clone();
        body["response"].as_object_mut().unwrap().remove(field);
        let reply = client.post(REGISTER, &body);
        assert_eq!(reply.status, status);
        assert!(reply.body["error"].as_str().unwrap().contains("missing field"), "{}", reply.body);
    }
    client.stays(&before);
}
