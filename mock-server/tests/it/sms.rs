//! Sign-in by text: the twin of sign-in by mail, and where the two differ.

use mock_server::policy::{Policy, SmsCountry};
use mock_server::{Channel, SeededPhone, SeededTotp, UserSeed};
use serde_json::{Value, json};

use crate::client::{ALICE, Client, NOON, Reply, SECRET, WORLD, claims, keys, policy, text};

mod linking;

/// Digits of a number in the United States, and the whole of it.
pub(crate) const DIGITS: &str = "9171113333";
pub(crate) const NUMBER: &str = "+19171113333";

type Row = (u16, Option<&'static str>, &'static str);
pub(crate) const CLOSED: Row = (422, Some("invalid_sms_verification"), "Invalid SMS verification");
const WRONG: Row = (422, Some("wrong_sms_verification_token"), "Wrong SMS verification token");
const TOO_MANY: Row =
    (422, Some("too_many_sms_verification_attempts"), "Too many SMS verification attempts");

#[track_caller]
pub(crate) fn refused(reply: &Reply, (status, code, error): Row) {
    reply.refused(status, code, error);
}

/// A six-digit code that is not this one.
fn other_than(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

pub(crate) fn us(digits: &str) -> Value {
    json!({ "isoCountryCode": "US", "phoneCountryCode": "1", "phoneNumber": digits })
}

/// Opens a verification of a number and yields its id and the code in the text.
pub(crate) fn text_to(client: &Client, digits: &str) -> (String, String) {
    let opened = client.post("smsVerifications/create", &us(digits)).ok(201);
    let to = format!("+1{digits}");
    let code = client.world.inbox(Some(&to), 0).pop().unwrap().code;
    (text(&opened["verificationUUID"]), code)
}

pub(crate) fn typed(id: &str, code: &str) -> Value {
    json!({ "verificationUUID": id, "verificationToken": code })
}

fn sign_in_with(client: &mut Client, id: &str, code: &str) -> Reply {
    let reply = client.post("smsVerifications/signin", &typed(id, code));
    client.keep(reply)
}

pub(crate) fn sign_in(client: &mut Client, digits: &str) -> Value {
    let (id, code) = text_to(client, digits);
    sign_in_with(client, &id, &code).ok(200)
}

fn retry(client: &Client, id: &str, number: Value) -> Reply {
    let mut body = number;
    body["verificationUUID"] = json!(id);
    client.post("smsVerifications/retry", &body)
}

pub(crate) fn seed(email: &str, digits: &str, totp: SeededTotp) -> UserSeed {
    let phone = SeededPhone {
        phone_country_code: "1".into(),
        phone_number: digits.into(),
        iso_country_code: "US".into(),
    };
    let totp_secret = (totp == SeededTotp::Enrolled).then(|| SECRET.to_owned());
    UserSeed { email: email.into(), phone: Some(phone), totp, totp_secret, ..UserSeed::default() }
}

#[test]
fn a_session_from_the_text_to_the_credential() {
    let mut client = Client::new(Policy::default());
    let typed_number = json!({ "isoCountryCode": "us", "phoneCountryCode": "+1",
        "phoneNumber": "(917) 111-3333", "captchaToken": "x" });
    let opened = client.post("smsVerifications/create", &typed_number).ok(201);
    let id = text(&opened["verificationUUID"]);
    let shown = json!({ "verificationUUID": id, "isoCountryCode": "US", "phoneCountryCode": "1",
        "phoneNumber": DIGITS });
    assert_eq!(opened, shown);
    let texts = client.world.inbox(Some(NUMBER), 0);
    assert_eq!((texts.len(), texts[0].sequence, texts[0].at.to_string().as_str()), (1, 1, NOON));
    assert_eq!((texts[0].channel, texts[0].to.as_str()), (Channel::Sms, NUMBER));

    let body = sign_in_with(&mut client, &id, &texts[0].code).ok(200);
    assert_eq!(keys(&body), ["expiresAt", "jwt", "minifiedJwt", "user"]);
    let user = &body["user"];
    assert_eq!((&user["email"], &user["scope"]), (&json!(null), &json!("user:basic")));
    // What a user told about themself and what they proved stay two things.
    assert_eq!((&user["phoneNumber"], &user["newUser"]), (&json!(null), &json!(true)));
    let credential = &user["verifiedCredentials"][0];
    assert_eq!(
        *credential,
        json!({
            "id": credential["id"], "format": "phoneNumber", "public_identifier": NUMBER,
            "phoneNumber": DIGITS, "phoneCountryCode": "1", "isoCountryCode": "US",
            "signInEnabled": true, "verifiedAt": "2030-01-01T12:00:00.000Z",
        })
    );
    assert_eq!(user["lastVerifiedCredentialId"], credential["id"]);
    let bearer = claims(client.bearer.as_ref().unwrap());
    assert_eq!(keys(&bearer["verifiedCredentialsHashes"]), ["phoneNumber"]);
    assert_eq!(bearer.get("email"), None);
    assert_eq!(client.get("users").ok(200), *user);
    assert_eq!(client.world.user(NUMBER).unwrap().phones, [NUMBER]);
}

#[test]
fn a_returning_number_is_the_same_user_however_it_is_typed() {
    let mut client = Client::new(Policy::default());
    let first = sign_in(&mut client, DIGITS)["user"].clone();
    client.advance(10);
    // The same number typed for another country of the same numbering plan.
    let canada = json!({ "isoCountryCode": "CA", "phoneCountryCode": "1", "phoneNumber": DIGITS });
    let id = text(&client.post("smsVerifications/create", &canada).ok(201)["verificationUUID"]);
    let code = client.newest_code(NUMBER);
    let second = sign_in_with(&mut client, &id, &code).ok(200)["user"].clone();
    assert_eq!(first["id"], second["id"]);
    assert_eq!((&first["newUser"], &second["newUser"]), (&json!(true), &json!(false)));
    assert_eq!(second["verifiedCredentials"][0]["isoCountryCode"], json!("US"));
    // Another one is another user; so is the same number behind another country's code.
    let other = sign_in(&mut client, "9171113334")["user"].clone();
    assert_ne!(first["id"], other["id"]);
    // A seeded user signs in like one who came by themself, by either way.
    client.world.create_user(seed(ALICE, "9171110000", SeededTotp::None)).unwrap();
    let by_text = sign_in(&mut client, "9171110000")["user"]["id"].clone();
    assert_eq!(by_text, client.sign_in(ALICE)["user"]["id"]);
    assert_eq!(by_text, json!(client.world.user("+19171110000").unwrap().id));
}

#[test]
fn a_wrong_code_counts_and_the_fifth_closes_the_verification() {
    let mut client = Client::new(Policy::default());
    let (id, code) = text_to(&client, DIGITS);
    for _ in 0..5 {
        let before = client.state();
        refused(&sign_in_with(&mut client, &id, other_than(&code)), WRONG);
        client.differs_only(&before, &["/attempts"]);
    }
    let before = client.state();
    refused(&sign_in_with(&mut client, &id, &code), TOO_MANY);
    client.stays(&before);
    // Sending the code again opens the door again, with another code.
    retry(&client, &id, us(DIGITS)).ok(201);
    let renewed = client.newest_code(NUMBER);
    sign_in_with(&mut client, &id, &renewed).ok(200);

    // The bound is a setting of its own, not that of mails.
    let mut client = Client::new(policy(|policy| {
        policy.sms.attempts_max = 1;
        policy.email.attempts_max = 9;
    }));
    let (id, code) = text_to(&client, DIGITS);
    refused(&sign_in_with(&mut client, &id, other_than(&code)), WRONG);
    refused(&sign_in_with(&mut client, &id, &code), TOO_MANY);
}

#[test]
fn a_code_lives_ten_minutes_and_works_once() {
    let mut client = Client::new(Policy::default());
    let (id, code) = text_to(&client, DIGITS);
    client.advance(600);
    let before = client.state();
    refused(&sign_in_with(&mut client, &id, &code), CLOSED);
    client.stays(&before);

    let (id, code) = text_to(&client, DIGITS);
    client.advance(599);
    sign_in_with(&mut client, &id, &code).ok(200);
    let before = client.state();
    refused(&sign_in_with(&mut client, &id, &code), CLOSED);
    client.stays(&before);

    let mut client = Client::new(policy(|policy| policy.sms.code_life_seconds = 5));
    let (id, code) = text_to(&client, DIGITS);
    client.advance(5);
    refused(&sign_in_with(&mut client, &id, &code), CLOSED);
    let (id, code) = text_to(&client, DIGITS);
    client.advance(4);
    sign_in_with(&mut client, &id, &code).ok(200);
}

#[test]
fn sending_again_kills_the_old_code() {
    let mut client = Client::new(Policy::default());
    let (id, old) = text_to(&client, DIGITS);
    client.advance(599);
    let again = retry(&client, &id, us("917-111-3333")).ok(201);
    assert_eq!((&again["verificationUUID"], &again["phoneNumber"]), (&json!(id), &json!(DIGITS)));
    let new = client.newest_code(NUMBER);
    assert_ne!(old, new);
    refused(&sign_in_with(&mut client, &id, &old), WRONG);
    client.advance(599);
    sign_in_with(&mut client, &id, &new).ok(200);

    let (open, _) = text_to(&client, DIGITS);
    for (id, number) in [
        (id.as_str(), us(DIGITS)),
        (&open, us("9171113334")),
        ("00000000-0000-4000-8000-000000000000", us(DIGITS)),
    ] {
        let before = client.state();
        refused(&retry(&client, id, number), CLOSED);
        client.stays(&before);
    }
    retry(&client, &open, us(DIGITS)).ok(201);
}

#[test]
fn a_code_proves_nothing_on_the_other_channel() {
    let mut client = Client::new(Policy::default());
    let (mailed, mail_code) = client.mail(ALICE);
    let (sent, text_code) = text_to(&client, DIGITS);
    let before = client.state();
    refused(&sign_in_with(&mut client, &mailed, &mail_code), CLOSED);
    let reply = client.sign_in_with(&sent, &text_code, json!({}));
    reply.refused(422, Some("invalid_email_verification"), "Invalid email verification");
    refused(&retry(&client, &mailed, us(DIGITS)), CLOSED);
    let retried = json!({ "verificationUUID": sent, "email": ALICE });
    let reply = client.post("emailVerifications/retry", &retried);
    reply.refused(422, Some("invalid_email_verification"), "Invalid email verification");
    client.stays(&before);
    // Each is still good for what it is.
    sign_in_with(&mut client, &sent, &text_code).ok(200);
    client.sign_in_with(&mailed, &mail_code, json!({})).ok(200);
}

#[test]
fn a_verification_belongs_to_its_environment() {
    let mut here = Client::new(Policy::default());
    let mut there = Client::of(&here.mock, "00000000-0000-4000-8000-00000000bbbb");
    let (id, code) = text_to(&here, DIGITS);
    let before = there.state();
    refused(&sign_in_with(&mut there, &id, &code), CLOSED);
    there.stays(&before);
    sign_in_with(&mut here, &id, &code).ok(200);
}

#[test]
fn test_numbers_have_one_fixed_code() {
    for (country, digits, iso, is_static) in [
        ("1", "5551234567", "US", true),
        ("+1", "555-123-4567", "us", true),
        ("1", "5561234567", "US", false),
        ("1", "9175551234", "US", false),
        ("1", "5551234567", "CA", false),
        ("49", "5551234567", "DE", false),
    ] {
        let client = Client::new(policy(|policy| policy.email.static_code = "135790".into()));
        let body = json!({ "isoCountryCode": iso, "phoneCountryCode": country,
            "phoneNumber": digits });
        let opened = client.post("smsVerifications/create", &body).ok(201);
        let sent = client.world.inbox(None, 0).pop().unwrap();
        assert_eq!(sent.code == "135790", is_static, "{country} {digits} {iso}");
        let id = text(&opened["verificationUUID"]);
        sign_in_with(&mut client.clone(), &id, &sent.code).ok(200);
    }
    // Not even such a number is excused from its second factor (rule S4).
    let mut client = Client::new(Policy::default());
    client.world.create_user(seed("", "5551234567", SeededTotp::Enrolled)).unwrap();
    let (id, _) = text_to(&client, "5551234567");
    let body = sign_in_with(&mut client, &id, "424242").ok(200);
    assert_eq!(body["user"]["scope"], json!("requiresAdditionalAuth"));
}

#[test]
fn texts_can_be_off_or_for_some_countries() {
    let off: Row = (422, Some("no_enabled_sms_provider"), "SMS is not enabled");
    let elsewhere: Row = (422, Some("invalid_phone"), "Country is not enabled for SMS");
    let mut client = Client::new(Policy::default());
    let (id, code) = text_to(&client, DIGITS);
    client.world.set_policy(policy(|policy| policy.sms.enabled = false)).unwrap();
    let before = client.state();
    refused(&client.post("smsVerifications/create", &us(DIGITS)), off);
    refused(&retry(&client, &id, us(DIGITS)), off);
    client.stays(&before);
    // What is under way arrives.
    sign_in_with(&mut client, &id, &code).ok(200);

    let country = |iso: &str, code: &str| SmsCountry {
        iso_country_code: iso.into(),
        phone_country_code: code.into(),
    };
    let some = vec![country("CA", "1"), country("DE", "49")];
    let client = Client::new(policy(|policy| policy.sms.enabled_countries = some));
    let before = client.state();
    refused(&client.post("smsVerifications/create", &us(DIGITS)), elsewhere);
    client.stays(&before);
    let mut number = us(DIGITS);
    number["isoCountryCode"] = json!("ca");
    client.post("smsVerifications/create", &number).ok(201);
    // An SDK can see what there is to choose.
    let shown = &client.get("settings").ok(200)["providers"][1];
    assert_eq!(shown["provider"], json!("sms"));
    let countries = json!([
        { "isoCountryCode": "CA", "phoneCountryCode": "1" },
        { "isoCountryCode": "DE", "phoneCountryCode": "49" },
    ]);
    assert_eq!(shown["enabledCountries"], countries);
    for (iso, code) in [("de", "49"), ("DE", "+49"), ("DE", ""), ("", "49"), ("DE", "4900")] {
        let wrong = policy(|policy| policy.sms.enabled_countries = vec![country(iso, code)]);
        let problem = client.refused_setting(wrong);
        assert_eq!(problem.field, "sms.enabledCountries", "{iso} {code}");
    }
}

#[test]
fn what_is_no_number_is_refused_by_its_part() {
    let client = Client::new(Policy::default());
    let before = client.state();
    let country = "phoneCountryCode: not one to three digits";
    let digits = "phoneNumber: not 4 to 14 digits, 15 with the country's";
    let iso = "isoCountryCode: not two to four letters";
    for (field, value, error) in [
        ("phoneCountryCode", "", country),
        ("phoneCountryCode", "1234", country),
        ("phoneCountryCode", "US", country),
        ("phoneNumber", "", digits),
        ("phoneNumber", "123", digits),
        ("phoneNumber", NUMBER, digits),
        ("phoneNumber", "917111333O", digits),
        ("isoCountryCode", "", iso),
        ("isoCountryCode", "U", iso),
        ("isoCountryCode", "1", iso),
    ] {
        let mut body = us(DIGITS);
        body[field] = json!(value);
        client.post("smsVerifications/create", &body).refused(422, Some("invalid_phone"), error);
        body["verificationUUID"] = json!(WORLD);
        client.post("smsVerifications/retry", &body).refused(422, Some("invalid_phone"), error);
    }
    client.stays(&before);
    client.post("smsVerifications/create", &us(DIGITS)).ok(201);
}

#[test]
fn the_bounds_are_shared_with_mails() {
    let mut client = Client::new(policy(|policy| {
        policy.limits.verifications_max = 2;
        policy.limits.inbox_max = 2;
        policy.limits.users_max = 1;
    }));
    let (oldest, code) = text_to(&client, DIGITS);
    let (mailed, mail_code) = client.mail(ALICE);
    let (newest, new_code) = text_to(&client, DIGITS);
    refused(&sign_in_with(&mut client, &oldest, &code), CLOSED);
    let kept: Vec<u64> = client.world.inbox(None, 0).iter().map(|sent| sent.sequence).collect();
    assert_eq!(kept, [2, 3]);
    client.sign_in_with(&mailed, &mail_code, json!({})).ok(200);
    // One user too many is refused, and costs neither the code nor a half-made user.
    let before = client.state();
    let reply = sign_in_with(&mut client, &newest, &new_code);
    let full = Some("sandbox_maximum_threshold_reached");
    reply.refused(429, full, "Sandbox maximum threshold reached");
    client.stays(&before);
}

#[test]
fn a_new_method_may_be_linked_where_mfa_is_optional() {
    let mut client = Client::new(Policy::default());
    let ask = |client: &mut Client| {
        let (id, code) = text_to(client, DIGITS);
        let mut body = typed(&id, &code);
        body["allowNewMFALinking"] = json!(true);
        let reply = client.post("smsVerifications/signin", &body);
        client.keep(reply).ok(200)
    };
    let token = text(&ask(&mut client)["elevatedAccessToken"]);
    assert_eq!(claims(&token)["scope"], json!("credential:link"));
    client.register(&[(crate::client::ELEVATED, &token)]).ok(200);
    client.pass_totp(json!({}));
    // A user with a method gets none.
    assert_eq!(ask(&mut client).get("elevatedAccessToken"), None);
}

#[test]
fn a_snapshot_in_the_middle_loses_no_code() {
    let mut client = Client::new(Policy::default());
    let (id, code) = text_to(&client, DIGITS);
    refused(&sign_in_with(&mut client, &id, other_than(&code)), WRONG);
    let middle = client.world.snapshot();
    sign_in_with(&mut client, &id, &code).ok(200);
    refused(&sign_in_with(&mut client, &id, &code), CLOSED);
    client.world.restore(middle).unwrap();
    let text = &client.world.inbox(Some(NUMBER), 0)[0];
    assert_eq!((text.channel, &text.code), (Channel::Sms, &code));
    for _ in 0..4 {
        refused(&sign_in_with(&mut client, &id, other_than(&code)), WRONG);
    }
    refused(&sign_in_with(&mut client, &id, &code), TOO_MANY);
}
