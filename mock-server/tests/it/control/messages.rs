//! Texts beside mails, and users who have a number or an external id.

use serde_json::{Value, json};

use super::Control;
use crate::client::{ALICE, keys};
use crate::sms::{DIGITS, NUMBER, text_to};

#[test]
fn texts_stand_beside_mails_and_are_found_by_number() {
    let control = Control::new();
    let client = control.client();
    client.mail(ALICE);
    let (_, code) = text_to(&client, DIGITS);
    let read = |query: &str| -> Vec<Value> {
        let body = control.of_world("GET", &format!("/inbox{query}"), "").ok(200);
        body["mails"].as_array().unwrap().clone()
    };
    let all = read("");
    // A mail looks as it did before there were texts.
    assert_eq!(keys(&all[0]), ["at", "code", "kind", "sequence", "to"]);
    let text = json!({ "sequence": 2, "channel": "sms", "to": NUMBER, "kind": "verification_code", "code": code,
        "at": "2030-01-01T12:00:00Z" });
    assert_eq!((all.len(), &all[1]), (2, &text));
    for query in ["?to=%2B19171113333", "?to=+19171113333", "?to=%2019171113333", "?after=1"] {
        let found = read(query);
        assert_eq!((found.len(), &found[0]), (1, &text), "{query}");
    }
    for query in ["?to=19171113333", "?to=9171113333", "?to=%2B19171113333&after=2"] {
        assert!(read(query).is_empty(), "{query}");
    }
    assert_eq!(read("?to=alice@example.com").len(), 1);
}

#[test]
fn a_user_is_seeded_and_found_by_number_and_external_id() {
    let control = Control::new();
    let make = |body: Value| control.of_world("POST", "/users", &body.to_string()).ok(201);
    let phone = json!({ "phoneCountryCode": "1", "phoneNumber": "917-111-3333",
        "isoCountryCode": "us" });
    let alice = make(json!({ "email": ALICE, "phone": phone, "externalId": "a b/c" }));
    assert_eq!(alice["emails"], json!([ALICE]));
    assert_eq!(alice["phones"], json!([NUMBER]));
    assert_eq!(alice["externalIds"], json!(["a b/c"]));
    let find = |who: &str| {
        let path = "/_mock/v1/environments/{environmentId}/users/{id}";
        control.call("GET", path, who, "")
    };
    for who in [NUMBER, "%2B19171113333", "a%20b%2Fc", ALICE] {
        assert_eq!(find(who).ok(200), alice, "{who}");
    }
    for who in ["19171113333", "A%20B%2FC", "phone:+19171113333"] {
        find(who).ok(404);
    }
    // One of the three is enough, and each belongs to one user.
    let external = make(json!({ "externalId": "only" }));
    assert_eq!((&external["emails"], &external["phones"]), (&json!([]), &json!([])));
    let other = json!({ "phoneCountryCode": "49", "phoneNumber": "15112345",
        "isoCountryCode": "DE" });
    assert_eq!(make(json!({ "phone": other }))["phones"], json!(["+4915112345"]));
    let before = control.client().state();
    for (body, error) in [
        (json!({ "email": "b@example.com", "phone": phone }), "another user has this phoneNumber"),
        (json!({ "email": "b@example.com", "externalId": "only" }), "another user has this extern"),
        (json!({ "externalId": "" }), "externalId: not 1 to 255 bytes long"),
        (json!({ "externalId": "x".repeat(256) }), "externalId: not 1 to 255 bytes long"),
        (json!({ "phone": "+1917" }), "phone: invalid type: string"),
        (json!({ "phone": { "phoneNumber": "1" } }), "phone: missing field `phoneCountryCode`"),
        (
            json!({ "phone": { "phoneCountryCode": "1", "phoneNumber": "1",
                "isoCountryCode": "US" } }),
            "phone: phoneNumber: not 4 to 14 digits, 15 with the country's",
        ),
    ] {
        let refused = control.of_world("POST", "/users", &body.to_string()).ok(400);
        let problem = refused["error"].as_str().unwrap();
        assert!(problem.starts_with(error), "{body}: {problem}");
    }
    control.client().stays(&before);
}

#[test]
fn an_issuer_is_trusted_by_a_patch() {
    let control = Control::new();
    let mut client = control.client();
    let jwks: Value = serde_json::from_str(fixtures::keys::ISSUER_JWKS_JSON).unwrap();
    let patch = |external: Value| {
        let body = json!({ "externalAuth": external }).to_string();
        control.of_world("PATCH", "/settings", &body)
    };
    let refused = patch(json!({ "enabled": true })).ok(400);
    let error = "setting `externalAuth.jwks`: there is no key, so no signature could be genuine";
    assert_eq!(refused["error"], json!(error));
    let mut shown = jwks.clone();
    shown["keys"][0]["x5t"] = json!("what readers do not know they ignore");
    let settings = patch(json!({ "enabled": true, "jwks": shown })).ok(200);
    assert_eq!(settings["externalAuth"]["jwks"], jwks);
    let ticket = crate::external_auth::ticket(&client);
    let jwt = crate::issuer::sign(&ticket);
    crate::external_auth::sign_in_with(&mut client, &jwt).ok(200);
    // Null takes a name away again.
    patch(json!({ "cookieName": "a" })).ok(200);
    let settings = patch(json!({ "cookieName": null })).ok(200);
    assert_eq!(settings["externalAuth"]["cookieName"], json!(null));
}
