//! E-mail sign-in and the session's ordinary life.

use mock_server::UserSeed;
use serde_json::json;

use crate::client::{ALICE, Client, NOON, claims, keys, policy, text};

mod linking;
mod profile;

const CLOSED: (u16, Option<&str>, &str) =
    (422, Some("invalid_email_verification"), "Invalid email verification");
const WRONG: (u16, Option<&str>, &str) =
    (422, Some("wrong_email_verification_token"), "Wrong email verification token");
const TOO_MANY: (u16, Option<&str>, &str) =
    (422, Some("too_many_email_verification_attempts"), "Too many email verification attempts");

/// A six-digit code that is not this one.
fn other_than(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[test]
fn a_session_from_the_mail_to_the_logout() {
    let mut client = Client::new(policy(|_| {}));
    let opened = client.post("emailVerifications/create", &json!({ "email": "Alice@Example.com" }));
    let opened = opened.ok(201);
    assert_eq!(keys(&opened), ["email", "verificationUUID"]);
    assert_eq!(opened["email"], json!(ALICE));
    let mails = client.world.inbox(Some("ALICE@example.com"), 0);
    assert_eq!((mails.len(), mails[0].sequence, mails[0].at.to_string().as_str()), (1, 1, NOON));

    let id = text(&opened["verificationUUID"]);
    let body = client.sign_in_with(&id, &mails[0].code, json!({})).ok(200);
    assert_eq!(keys(&body), ["expiresAt", "jwt", "minifiedJwt", "user"]);
    let user = &body["user"];
    assert_eq!((&user["email"], &user["scope"]), (&json!(ALICE), &json!("user:basic")));
    assert_eq!((&user["newUser"], &user["metadata"]), (&json!(true), &json!({})));
    assert_eq!(user["verifiedCredentials"].as_array().unwrap().len(), 1);
    assert_eq!(user["sessionId"], claims(client.bearer.as_ref().unwrap())["sid"]);
    assert_eq!(body["expiresAt"], claims(client.bearer.as_ref().unwrap())["exp"]);
    assert_eq!(client.get("users").ok(200), *user);

    assert_eq!(client.send("POST", "revoke", &[], "").ok(204), json!(null));
    client.get("users").unauthorized();
    client.send("POST", "revoke", &[], "").unauthorized();
    client.send("POST", "refresh", &[], "").unauthorized();
}

#[test]
fn a_returning_user_is_the_same_one() {
    let mut client = Client::new(policy(|_| {}));
    let first = client.sign_in(ALICE)["user"].clone();
    client.advance(10);
    let second = client.sign_in("ALICE@EXAMPLE.COM")["user"].clone();
    assert_eq!(first["id"], second["id"]);
    assert_ne!(first["sessionId"], second["sessionId"]);
    assert_eq!((&first["newUser"], &second["newUser"]), (&json!(true), &json!(false)));
    assert_eq!(second["firstVisit"], json!("2030-01-01T12:00:00.000Z"));
    assert_eq!(second["lastVisit"], json!("2030-01-01T12:00:10.000Z"));
    // A seeded user signs in like one who came by themself.
    client
        .world
        .create_user(UserSeed { email: "bob@example.com".into(), ..Default::default() })
        .unwrap();
    let bob = client.sign_in("bob@example.com")["user"].clone();
    assert_eq!(bob["id"], json!(client.world.user("bob@example.com").unwrap().id));
}

#[test]
fn a_wrong_code_counts_and_the_fifth_closes_the_verification() {
    let mut client = Client::new(policy(|_| {}));
    let (id, code) = client.mail(ALICE);
    for _ in 0..5 {
        let (status, word, error) = WRONG;
        client.sign_in_with(&id, other_than(&code), json!({})).refused(status, word, error);
    }
    let (status, word, error) = TOO_MANY;
    client.sign_in_with(&id, &code, json!({})).refused(status, word, error);
    client.sign_in_with(&id, &code, json!({})).refused(status, word, error);
    // Sending the code again opens the door again, with another code.
    client
        .post("emailVerifications/retry", &json!({ "verificationUUID": id, "email": ALICE }))
        .ok(201);
    let renewed = client.newest_code(ALICE);
    client.sign_in_with(&id, &renewed, json!({})).ok(200);

    // Four wrong ones do no harm, and the bound is a setting.
    let mut client = Client::new(policy(|policy| policy.email.attempts_max = 1));
    let (id, code) = client.mail(ALICE);
    client.sign_in_with(&id, other_than(&code), json!({}));
    client.sign_in_with(&id, &code, json!({})).refused(status, word, error);
    let mut client = Client::new(policy(|_| {}));
    let (id, code) = client.mail(ALICE);
    (0..4).for_each(|_| drop(client.sign_in_with(&id, other_than(&code), json!({}))));
    client.sign_in_with(&id, &code, json!({})).ok(200);
}

#[test]
fn a_code_lives_ten_minutes_and_works_once() {
    let (status, word, error) = CLOSED;
    let mut client = Client::new(policy(|_| {}));
    let (id, code) = client.mail(ALICE);
    client.advance(600);
    client.sign_in_with(&id, &code, json!({})).refused(status, word, error);

    let (id, code) = client.mail(ALICE);
    client.advance(599);
    client.sign_in_with(&id, &code, json!({})).ok(200);
    client.sign_in_with(&id, &code, json!({})).refused(status, word, error);
    let (_, other) = client.mail(ALICE);
    client.sign_in_with(&id, &other, json!({})).refused(status, word, error);

    let mut client = Client::new(policy(|policy| policy.email.code_life_seconds = 5));
    let (id, code) = client.mail(ALICE);
    client.advance(5);
    client.sign_in_with(&id, &code, json!({})).refused(status, word, error);
}

#[test]
fn sending_again_kills_the_old_code() {
    let mut client = Client::new(policy(|_| {}));
    let (id, old) = client.mail(ALICE);
    client.advance(599);
    let retry = json!({ "verificationUUID": id, "email": "ALICE@example.com" });
    let again = client.post("emailVerifications/retry", &retry).ok(201);
    assert_eq!(again, json!({ "verificationUUID": id, "email": ALICE }));
    let new = client.newest_code(ALICE);
    assert_ne!(old, new);
    let (status, word, error) = WRONG;
    client.sign_in_with(&id, &old, json!({})).refused(status, word, error);
    // The new code has a life of its own.
    client.advance(599);
    client.sign_in_with(&id, &new, json!({})).ok(200);

    let (status, word, error) = CLOSED;
    let (open, _) = client.mail(ALICE);
    let strangers = [
        json!({ "verificationUUID": id, "email": ALICE }),
        json!({ "verificationUUID": open, "email": "mallory@example.com" }),
        json!({ "verificationUUID": "00000000-0000-4000-8000-000000000000", "email": ALICE }),
    ];
    for stranger in strangers {
        let before = client.state();
        client.post("emailVerifications/retry", &stranger).refused(status, word, error);
        client.stays(&before);
    }
}

#[test]
fn an_address_may_be_typed_in_any_case_of_any_alphabet() {
    let mut client = Client::new(policy(|_| {}));
    let typed = "ÄRGER@BÜCHER.example";
    let opened = client.post("emailVerifications/create", &json!({ "email": typed })).ok(201);
    assert_eq!(opened["email"], json!("ärger@bücher.example"));
    let id = text(&opened["verificationUUID"]);
    client
        .post("emailVerifications/retry", &json!({ "verificationUUID": id, "email": typed }))
        .ok(201);
    assert_eq!(client.world.inbox(Some(typed), 0).len(), 2);
    let code = client.newest_code(typed);
    client.sign_in_with(&id, &code, json!({})).ok(200);
    // Naming one's own address is no change of it, in any case.
    let body = client.put("users", &json!({ "email": typed })).ok(200);
    assert_eq!(body["nextView"], json!("done"));
    assert!(client.world.user(typed).is_some());
}

#[test]
fn test_addresses_have_one_fixed_code() {
    for (address, is_static) in [
        ("alice+dynamic_test@example.com", true),
        ("ALICE+DYNAMIC_TEST@example.com", true),
        ("+dynamic_test@example.com", true),
        ("alice+dynamic_tests@example.com", false),
        ("alicedynamic_test@example.com", false),
        ("alice@dynamic_test.example.com", false),
    ] {
        let mut client = Client::new(policy(|policy| policy.email.static_code = "135790".into()));
        let (id, code) = client.mail(address);
        assert_eq!(code == "135790", is_static, "{address}");
        client.sign_in_with(&id, &code, json!({})).ok(200);
    }
    // Not even such an address is excused from its second factor (rule S4).
    let mut client = Client::new(policy(|_| {}));
    let email = "alice+dynamic_test@example.com".to_owned();
    let totp = mock_server::SeededTotp::Enrolled;
    client
        .world
        .create_user(UserSeed { email: email.clone(), totp, ..Default::default() })
        .unwrap();
    let (id, _) = client.mail(&email);
    let body = client.sign_in_with(&id, "424242", json!({})).ok(200);
    assert_eq!(body["user"]["scope"], json!("requiresAdditionalAuth"));
}

#[test]
fn a_refresh_moves_the_end_and_nothing_else() {
    let mut client = Client::authenticated(policy(|_| {}));
    client.put("users", &json!({ "mfaBackupCodeAcknowledgement": "complete" })).ok(200);
    let old = client.clone();
    let before = claims(old.bearer.as_ref().unwrap());
    client.advance(3_600);
    let reply = client.send("POST", "refresh", &[], "");
    let body = client.keep(reply).ok(200);
    assert_eq!(keys(&body), ["expiresAt", "jwt", "minifiedJwt", "user"]);
    let after = claims(client.bearer.as_ref().unwrap());
    assert_eq!(after["sid"], before["sid"]);
    assert_eq!(after["scope"], json!("user:basic"));
    assert_eq!(body["expiresAt"], json!(client.seconds() + 7_200));
    // The older token is good until its own end, not longer.
    client.advance(7_200 - 3_630 - 1);
    old.get("users").ok(200);
    client.advance(1);
    old.get("users").unauthorized();
    client.get("users").ok(200);
    client.advance(3_629);
    client.get("users").ok(200);
    client.advance(1);
    client.get("users").unauthorized();
}

#[test]
fn a_logout_ends_one_session_and_a_deletion_all() {
    let mut here = Client::new(policy(|_| {}));
    let user = here.sign_in(ALICE)["user"]["id"].clone();
    let there = here.elsewhere(ALICE);
    assert_eq!(here.world.user(ALICE).unwrap().sessions.len(), 2);
    here.send("POST", "revoke", &[], "").ok(204);
    here.get("users").unauthorized();
    there.get("users").ok(200);

    let mut here = there.elsewhere(ALICE);
    assert_eq!(here.delete("users", &[]).ok(204), json!(null));
    here.get("users").unauthorized();
    there.get("users").unauthorized();
    assert!(here.world.users().is_empty());
    // The address is free again, for somebody new.
    here.bearer = None;
    let again = here.sign_in(ALICE)["user"].clone();
    assert_ne!(again["id"], user);
    assert_eq!(again["newUser"], json!(true));
}

#[test]
fn bounds_make_the_oldest_give_way() {
    let mut client = Client::new(policy(|policy| {
        policy.limits.sessions_per_user_max = 2;
        policy.limits.verifications_max = 2;
        policy.limits.inbox_max = 3;
        policy.limits.users_max = 1;
    }));
    client.sign_in(ALICE);
    let mut sessions = vec![client.clone()];
    for _ in 0..2 {
        client.advance(1);
        client.sign_in(ALICE);
        sessions.push(client.clone());
    }
    sessions[0].get("users").unauthorized();
    sessions[1].get("users").ok(200);
    sessions[2].get("users").ok(200);

    let opened: Vec<_> = (0..3).map(|_| client.mail(ALICE)).collect();
    let (status, word, error) = CLOSED;
    client.sign_in_with(&opened[0].0, &opened[0].1, json!({})).refused(status, word, error);
    client.sign_in_with(&opened[1].0, &opened[1].1, json!({})).ok(200);
    let kept: Vec<u64> = client.world.inbox(None, 0).iter().map(|mail| mail.sequence).collect();
    assert_eq!(kept, [4, 5, 6]);

    // One user too many is refused, and costs neither the code nor a half-made user.
    let (id, code) = client.mail("bob@example.com");
    let before = client.state();
    let reply = client.sign_in_with(&id, &code, json!({}));
    let code_of_bound = Some("sandbox_maximum_threshold_reached");
    reply.refused(429, code_of_bound, "Sandbox maximum threshold reached");
    client.stays(&before);
}
