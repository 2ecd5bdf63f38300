//! `PUT users`: which fields, how long, and the acknowledgement.

use mock_server::policy::Policy;
use serde_json::{Value, json};

use crate::client::{ALICE, Client, keys};

const TEXTS: [&str; 9] = [
    "alias",
    "country",
    "firstName",
    "lastName",
    "jobTitle",
    "phoneNumber",
    "tShirtSize",
    "team",
    "username",
];

#[test]
fn every_field_is_kept_and_cleared() {
    let client = Client::signed_in(Policy::default());
    for field in TEXTS {
        assert_eq!(client.get("users").ok(200)[field], json!(null), "{field}");
        let text = if field == "country" { "DE" } else { "Zoë" };
        let updated = client.put("users", &json!({ field: text })).ok(200);
        assert_eq!(updated["user"][field], json!(text), "{field}");
        // An absent field stays.
        client.put("users", &json!({})).ok(200);
        assert_eq!(client.get("users").ok(200)[field], json!(text), "{field}");
        let clearing = if field == "alias" { json!("") } else { json!(null) };
        client.put("users", &json!({ field: clearing })).ok(200);
        assert_eq!(client.get("users").ok(200)[field], json!(null), "{field}");
    }
    for consent in [true, false] {
        client.put("users", &json!({ "policiesConsent": consent })).ok(200);
        client.put("users", &json!({ "policiesConsent": null })).ok(200);
        assert_eq!(client.get("users").ok(200)["policiesConsent"], json!(consent));
    }
    let metadata = json!({ "theme": "dark", "deep": { "list": [1, null, "ü"] } });
    client.put("users", &json!({ "metadata": metadata })).ok(200);
    assert_eq!(client.get("users").ok(200)["metadata"], metadata);
    client.put("users", &json!({ "metadata": {} })).ok(200);
    assert_eq!(client.get("users").ok(200)["metadata"], json!({}));
}

#[test]
fn a_text_has_255_characters_at_most() {
    let client = Client::signed_in(Policy::default());
    for field in TEXTS.into_iter().filter(|field| !matches!(*field, "country" | "username")) {
        client.put("users", &json!({ field: "ü".repeat(255) })).ok(200);
        let before = client.state();
        let reply =
            client.put("users", &json!({ field: "ü".repeat(256), "policiesConsent": true }));
        reply.refused(422, None, &format!("{field}: longer than 255 characters"));
        client.stays(&before);
    }
}

#[test]
fn country_and_username_have_a_shape() {
    let client = Client::signed_in(Policy::default());
    for (field, good) in [("country", "DE"), ("username", "ada"), ("username", "Zoë_1-2")] {
        client.put("users", &json!({ field: good })).ok(200);
    }
    let before = client.state();
    for bad in ["de", "D", "DEU", "D1", "ÄÖ"] {
        let reply = client.put("users", &json!({ "country": bad }));
        reply.refused(422, None, "country: not two upper-case letters");
    }
    for bad in ["ab", "a b c", "ada!", &"x".repeat(21)] {
        let reply = client.put("users", &json!({ "username": bad }));
        reply.refused(422, None, "username: not 3 to 20 letters, digits, `_` or `-`");
    }
    client.stays(&before);
}

#[test]
fn wrong_types_are_named_and_unknown_fields_ignored() {
    let client = Client::signed_in(Policy::default());
    let before = client.state();
    for (field, value) in [
        ("alias", json!(1)),
        ("country", json!(["DE"])),
        ("policiesConsent", json!("yes")),
        ("metadata", json!("text")),
        ("email", json!({})),
        ("mfaBackupCodeAcknowledgement", json!("done")),
    ] {
        let reply = client.put("users", &json!({ field: value }));
        assert_eq!((reply.status, keys(&reply.body)), (422, vec!["error"]), "{field}");
        let error = reply.body["error"].as_str().unwrap();
        assert!(error.starts_with(&format!("{field}: ")), "{error}");
    }
    for email in ["nonsense", "a@b@c", "a b@c.example", "@example.com", "alice@"] {
        let reply = client.put("users", &json!({ "email": email }));
        reply.refused(422, None, "email: not an e-mail address");
    }
    client.stays(&before);
    client.put("users", &json!({ "btcWallet": 1, "captchaToken": "x", "next": [] })).ok(200);
    client.stays(&before);
}

#[test]
fn an_update_answers_like_a_verification() {
    let mut client = Client::signed_in(Policy::default());
    client.advance(5);
    let reply = client.put("users", &json!({ "firstName": "Ada", "username": "ada" }));
    let body = client.keep(reply).ok(200);
    assert_eq!(keys(&body), ["expiresAt", "jwt", "minifiedJwt", "nextView", "user"]);
    let claims = |name: &str| crate::client::claims(body[name].as_str().unwrap());
    assert_eq!(claims("jwt")["given_name"], json!("Ada"));
    assert_eq!(claims("minifiedJwt")["username"], json!("ada"));
    assert_eq!(claims("minifiedJwt").get("given_name"), None);
    client.get("users").ok(200);
}

#[test]
fn acknowledging_completes_the_onboarding() {
    let mut client = Client::signed_in(Policy::legacy());
    client.register(&[]).ok(200);
    let upgraded = client.pass_totp(json!({}));
    assert_eq!(upgraded["user"]["mfaBackupCodeAcknowledgement"], json!("pending"));
    assert_eq!(upgraded["user"]["scope"], json!(""));
    // Saying that it is still pending is allowed and changes nothing; nor does null.
    for word in [json!("pending"), Value::Null] {
        let body = client.put("users", &json!({ "mfaBackupCodeAcknowledgement": word })).ok(200);
        assert_eq!(body["user"]["mfaBackupCodeAcknowledgement"], json!("pending"));
    }
    let reply = client.put("users", &json!({ "mfaBackupCodeAcknowledgement": "complete" }));
    let body = client.keep(reply).ok(200);
    assert_eq!(body["user"]["mfaBackupCodeAcknowledgement"], json!("complete"));
    assert_eq!(body["user"]["scope"], json!("user:basic"));
    assert_eq!(
        crate::client::claims(client.bearer.as_ref().unwrap())["scope"],
        json!("user:basic")
    );
    assert_eq!(client.world.user(ALICE).unwrap().mfa_backup_code_acknowledgement, Some("complete"));
}
