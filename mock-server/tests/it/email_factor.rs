//! A mailed code as the second factor: for whom, from which address, and what it brings.

use mock_server::policy::{EmailCounts, Enrollment, Method, MethodKind, Policy, SameAddress};
use mock_server::{SeededTotp, UserSeed};
use serde_json::{Value, json};

use crate::client::{
    ALICE, Client, ELEVATED, MFA_TOKEN, Reply, claims, keys, legacy, policy, text,
};
use crate::sms::{self, DIGITS, seed, text_to, typed};

const PATH: &str = "users/mfa/auth/email";
const SECOND: &str = "alice@work.example";
const CLOSED: (u16, Option<&str>, &str) =
    (422, Some("invalid_email_verification"), "Invalid email verification");
const WRONG: (u16, Option<&str>, &str) =
    (422, Some("wrong_email_verification_token"), "Wrong email verification token");
const SAME: (u16, Option<&str>, &str) =
    (422, Some("mfa_invalid_request"), "The second factor must differ from the first");

#[track_caller]
fn refused(reply: &Reply, (status, code, error): (u16, Option<&str>, &str)) {
    reply.refused(status, code, error);
}

fn allow(policy: &mut Policy) {
    let kind = MethodKind::Email;
    policy.mfa.methods.push(Method { kind, enabled: true, allow_backup_codes: false });
}

/// A world with the method, with changes.
fn allowing(change: impl FnOnce(&mut Policy)) -> Policy {
    policy(|policy| {
        allow(policy);
        change(policy);
    })
}

/// Alice, who has a number as well, signed in by text.
fn by_text(policy: Policy, totp: SeededTotp) -> Client {
    let mut client = Client::new(policy);
    client.world.create_user(seed(ALICE, DIGITS, totp)).unwrap();
    sms::sign_in(&mut client, DIGITS);
    client
}

fn with(id: &str, code: &str, more: Value) -> Value {
    let mut body = typed(id, code);
    if let Value::Object(more) = more {
        body.as_object_mut().unwrap().extend(more);
    }
    body
}

/// Passes the second factor with a code that is mailed now.
fn pass(client: &mut Client, email: &str, more: Value) -> Reply {
    let (id, code) = client.mail(email);
    let reply = client.post(PATH, &with(&id, &code, more));
    client.keep(reply)
}

fn other_than(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[test]
fn a_mailed_code_upgrades_the_session_and_earns_tokens() {
    let mut client = by_text(allowing(|_| {}), SeededTotp::None);
    assert_eq!(client.scope(), "requiresAdditionalAuth");
    let body = pass(&mut client, ALICE, json!({})).ok(200);
    assert_eq!(keys(&body), ["expiresAt", "jwt", "minifiedJwt", "user"]);
    assert_eq!(body["user"]["scope"], json!("user:basic"));
    assert_eq!(claims(client.bearer.as_ref().unwrap())["scope"], json!("user:basic"));
    // The credential of the session stays the one that opened it.
    let number = &body["user"]["verifiedCredentials"][1];
    assert_eq!(number["format"], json!("phoneNumber"));
    assert_eq!(body["user"]["lastVerifiedCredentialId"], number["id"]);

    let wishes = json!({ "createMfaToken": { "singleUse": true },
        "requestedScopes": ["credential:link"] });
    let body = pass(&mut client, ALICE, wishes).ok(200);
    let all = ["elevatedAccessToken", "expiresAt", "jwt", "mfaToken", "minifiedJwt", "user"];
    assert_eq!(keys(&body), all);
    let token = text(&body["elevatedAccessToken"]);
    assert_eq!(claims(&token)["scope"], json!("credential:link"));
    // Both tokens are worth what those of any factor are worth.
    client.register(&[(ELEVATED, &token)]).ok(200);
    let path = format!("users/mfa/{}", client.device());
    client.delete(&path, &[(MFA_TOKEN, &text(&body["mfaToken"]))]).ok(204);
}

#[test]
fn the_method_must_be_enabled() {
    let off = (422, Some("mfa_invalid_request"), "MFA is not enabled for this environment");
    for settings in [
        Policy::default(),
        allowing(|policy| policy.mfa.methods[2].enabled = false),
        allowing(|policy| policy.mfa.enabled = false),
    ] {
        let client = by_text(settings, SeededTotp::None);
        assert_eq!(client.scope(), "user:basic");
        let (id, code) = client.mail(ALICE);
        let before = client.state();
        refused(&client.post(PATH, &typed(&id, &code)), off);
        client.stays(&before);
        client.world.set_policy(allowing(|_| {})).unwrap();
        client.post(PATH, &typed(&id, &code)).ok(200);
    }
    let settings = Client::new(allowing(|_| {})).get("settings").ok(200);
    assert_eq!(
        settings["security"]["mfa"]["availableMethods"],
        json!(["totp", "passkey", "email"])
    );
}

#[test]
fn the_address_that_opened_the_session_is_no_second_factor() {
    let mut client = Client::new(allowing(|_| {}));
    client.world.create_user(seed(ALICE, DIGITS, SeededTotp::Enrolled)).unwrap();
    client.sign_in(ALICE);
    let (id, code) = client.mail(ALICE);
    let before = client.state();
    refused(&client.post(PATH, &typed(&id, &code)), SAME);
    // Neither code nor guesses were lost: in another session the same code passes.
    client.stays(&before);
    let mut other = client.clone();
    sms::sign_in(&mut other, DIGITS);
    other.post(PATH, &typed(&id, &code)).ok(200);

    let same = |policy: &mut Policy| policy.email_factor.same_address = SameAddress::Allow;
    client.world.set_policy(allowing(same)).unwrap();
    let body = pass(&mut client, ALICE, json!({})).ok(200);
    assert_eq!(body["user"]["scope"], json!("user:basic"));
}

#[test]
fn only_an_address_of_the_user_s_own_passes() {
    let mut client = by_text(allowing(|_| {}), SeededTotp::None);
    client.world.create_user(UserSeed { email: SECOND.into(), ..UserSeed::default() }).unwrap();
    let (strangers, strange_code) = client.mail(SECOND);
    let (nobodys, nobodys_code) = client.mail("nobody@example.com");
    let (sent, text_code) = text_to(&client, DIGITS);
    let before = client.state();
    for (id, code) in [
        (&strangers, &strange_code),
        (&nobodys, &nobodys_code),
        (&sent, &text_code),
        (&"00000000-0000-4000-8000-000000000000".to_owned(), &strange_code),
    ] {
        refused(&client.post(PATH, &typed(id, code)), CLOSED);
    }
    client.stays(&before);
    pass(&mut client, ALICE, json!({})).ok(200);
    // The others are still good for what they are.
    client.sign_in_with(&strangers, &strange_code, json!({})).ok(200);
}

#[test]
fn a_code_is_good_once_and_for_ten_minutes() {
    let client = by_text(allowing(|_| {}), SeededTotp::None);
    let (id, code) = client.mail(ALICE);
    client.advance(600);
    let before = client.state();
    refused(&client.post(PATH, &typed(&id, &code)), CLOSED);
    client.stays(&before);
    let (id, code) = client.mail(ALICE);
    client.advance(599);
    client.post(PATH, &typed(&id, &code)).ok(200);
    let before = client.state();
    refused(&client.post(PATH, &typed(&id, &code)), CLOSED);
    for path in ["emailVerifications/verify", "emailVerifications/signin"] {
        refused(&client.post(path, &typed(&id, &code)), CLOSED);
    }
    client.stays(&before);
    // A request that could not be granted costs no code.
    let (id, code) = client.mail(ALICE);
    let before = client.state();
    let unknown = with(&id, &code, json!({ "requestedScopes": ["wallet:*"] }));
    client.post(PATH, &unknown).refused(422, Some("invalid_scopes"), "Invalid scopes");
    client.stays(&before);
    client.post(PATH, &typed(&id, &code)).ok(200);
}

#[test]
fn guesses_count_with_those_at_other_factors() {
    let mut client = by_text(allowing(|_| {}), SeededTotp::Enrolled);
    let limited = (429, Some("mfa_rate_limited"), "Too many MFA attempts");
    // A new mail brings no new guesses: the verification forgets them, the user's lock does not.
    for _ in 0..3 {
        let (id, code) = client.mail(ALICE);
        let before = client.state();
        refused(&client.post(PATH, &typed(&id, other_than(&code))), WRONG);
        client.differs_only(&before, &["/attempts", "/failures"]);
    }
    for _ in 0..2 {
        client.totp(&client.wrong_code(), json!({})).wrong_code();
    }
    let (id, code) = client.mail(ALICE);
    let before = client.state();
    let reply = client.post(PATH, &typed(&id, &code));
    refused(&reply, limited);
    assert_eq!(reply.headers["retry-after"], "300");
    refused(&client.totp(&client.code(), json!({})), limited);
    client.stays(&before);
    client.advance(300);
    let (id, code) = client.mail(ALICE);
    refused(&client.post(PATH, &typed(&id, other_than(&code))), WRONG);
    client.post(PATH, &typed(&id, &code)).ok(200);
    // A success forgets them all.
    for _ in 0..5 {
        client.totp(&client.wrong_code(), json!({})).wrong_code();
    }
    refused(&client.totp(&client.wrong_code(), json!({})), limited);
}

#[test]
fn an_address_counts_only_where_it_could_be_used() {
    let has_method = |client: &Client| {
        client.get("users/mfa/methods").ok(200)["userHasVerifiedMfaMethods"].clone()
    };
    // Signed in by the only address: there is no second factor, so none is owed.
    let client = Client::signed_in(allowing(|_| {}));
    assert_eq!((client.scope().as_str(), has_method(&client)), ("user:basic", json!(false)));
    // Signed in by something else: there is one.
    let client = by_text(allowing(|_| {}), SeededTotp::None);
    assert_eq!(client.scope(), "requiresAdditionalAuth");
    assert_eq!(has_method(&client), json!(true));
    // An address is no device.
    assert_eq!(client.get("users/mfa").ok(200), json!({ "count": 0, "devices": [] }));

    let never = |policy: &mut Policy| policy.email_factor.counts = EmailCounts::Never;
    let mut client = by_text(allowing(never), SeededTotp::None);
    assert_eq!((client.scope().as_str(), has_method(&client)), ("user:basic", json!(false)));
    pass(&mut client, ALICE, json!({})).ok(200);
    // It still passes for those who owe one for another reason.
    let mut client = by_text(allowing(never), SeededTotp::Enrolled);
    assert_eq!(client.scope(), "requiresAdditionalAuth");
    let body = pass(&mut client, ALICE, json!({})).ok(200);
    assert_eq!(body["user"]["scope"], json!("user:basic"));

    let same = |policy: &mut Policy| policy.email_factor.same_address = SameAddress::Allow;
    let client = Client::signed_in(allowing(same));
    assert_eq!(client.scope(), "requiresAdditionalAuth");
}

#[test]
fn an_address_is_enrolment_enough() {
    let forced = |policy: &mut Policy| policy.mfa.enrollment = Enrollment::Signup;
    let mut client = by_text(allowing(forced), SeededTotp::None);
    assert_eq!(client.scope(), "requiresAdditionalAuth");
    let body = pass(&mut client, ALICE, json!({})).ok(200);
    assert_eq!(body["user"]["scope"], json!("user:basic"));
    // Where addresses do not count, something must be enrolled all the same.
    let never = |policy: &mut Policy| {
        forced(policy);
        policy.email_factor.counts = EmailCounts::Never;
    };
    let mut client = by_text(allowing(never), SeededTotp::None);
    let body = pass(&mut client, ALICE, json!({})).ok(200);
    assert_eq!(body["user"]["scope"], json!("requiresAdditionalAuth"));
}

#[test]
fn the_step_up_check_lists_it() {
    let check = |client: &Client| {
        client.post("stepUp/check", &json!({ "scope": "credential:unlink" })).ok(200)
    };
    let mut client = by_text(allowing(|_| {}), SeededTotp::None);
    let credentials = client.get("users").ok(200)["verifiedCredentials"].clone();
    let mailed = json!({ "id": credentials[0]["id"], "format": "email", "type": "email",
        "alias": ALICE });
    assert_eq!(
        check(&client),
        json!({ "isRequired": true, "credentials": [mailed],
            "defaultCredentialId": credentials[0]["id"] })
    );
    // So re-authentication alone does not do (rule E2), and the factor does.
    let (id, code) = text_to(&client, DIGITS);
    let wish = json!({ "requestedScopes": ["credential:unlink"] });
    let reply = client.post("smsVerifications/verify", &with(&id, &code, wish.clone()));
    reply.refused(403, None, "MFA is required to obtain an elevated access token");
    let body = pass(&mut client, ALICE, wish).ok(200);
    assert!(body["elevatedAccessToken"].is_string());

    // Beside a device it comes second.
    let client = by_text(allowing(|_| {}), SeededTotp::Enrolled);
    let listed = check(&client);
    let kinds: Vec<&Value> =
        listed["credentials"].as_array().unwrap().iter().map(|known| &known["type"]).collect();
    assert_eq!(kinds, [&json!("totp"), &json!("email")]);
    assert_eq!(listed["defaultCredentialId"], listed["credentials"][0]["id"]);
}

#[test]
fn an_address_linked_on_the_way_is_no_way_around() {
    // Step-up is not enforced, so linking asks for no token.
    let mut client = Client::new(legacy(allow));
    client.world.create_user(seed("", DIGITS, SeededTotp::Enrolled)).unwrap();
    sms::sign_in(&mut client, DIGITS);
    assert_eq!(client.scope(), "requiresAdditionalAuth");
    let (id, code) = client.mail(SECOND);
    let before = client.state();
    let reply = client.post("emailVerifications/verify", &typed(&id, &code));
    reply.refused(403, None, "Access Forbidden");
    client.stays(&before);
    client.pass_totp(json!({}));
    client.post("emailVerifications/verify", &typed(&id, &code)).ok(200);
    // From then on it is a factor like any other.
    sms::sign_in(&mut client, DIGITS);
    pass(&mut client, SECOND, json!({})).ok(200);
    // Somebody without a method may link one: it is how they get one.
    let mut client = Client::new(legacy(|policy| {
        allow(policy);
        policy.mfa.enrollment = Enrollment::Signup;
    }));
    sms::sign_in(&mut client, DIGITS);
    assert_eq!(client.scope(), "requiresAdditionalAuth");
    client.verify_email(SECOND, json!({})).ok(200);
    let body = pass(&mut client, SECOND, json!({})).ok(200);
    assert_eq!(body["user"]["scope"], json!("user:basic"));
}

#[test]
fn it_brings_recovery_codes_where_the_method_says_so() {
    for brings in [true, false] {
        let settings = allowing(|policy| policy.mfa.methods[2].allow_backup_codes = brings);
        let mut client = by_text(settings, SeededTotp::None);
        let body = pass(&mut client, ALICE, json!({})).ok(200);
        let expected = if brings { json!("pending") } else { json!(null) };
        assert_eq!(body["user"]["mfaBackupCodeAcknowledgement"], expected);
        let scope = if brings { "" } else { "user:basic" };
        assert_eq!(body["user"]["scope"], json!(scope));
        let codes = client.world.user(ALICE).unwrap().recovery_codes.len();
        assert_eq!(codes, if brings { 10 } else { 0 });
    }
}

#[test]
fn a_snapshot_in_the_middle_loses_nothing() {
    let mut client = by_text(allowing(|_| {}), SeededTotp::None);
    let (id, code) = client.mail(ALICE);
    refused(&client.post(PATH, &typed(&id, other_than(&code))), WRONG);
    let middle = client.world.snapshot();
    let wish = json!({ "createMfaToken": { "singleUse": false } });
    client.post(PATH, &with(&id, &code, wish)).ok(200);
    let after = client.world.snapshot();
    client.world.restore(after.clone()).unwrap();
    assert_eq!(client.world.snapshot(), after);
    assert_eq!(client.scope(), "user:basic");
    refused(&client.post(PATH, &typed(&id, &code)), CLOSED);
    client.world.restore(middle).unwrap();
    assert_eq!(client.scope(), "requiresAdditionalAuth");
    let reply = client.post(PATH, &typed(&id, &code));
    client.keep(reply).ok(200);
}
