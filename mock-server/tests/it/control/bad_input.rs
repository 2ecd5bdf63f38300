//! What the control API says no to, in words that help.

use serde_json::{Value, json};

use super::Control;
use crate::client::{ALICE, WORLD, policy};

fn error(control: &Control, method: &str, rest: &str, body: &str) -> String {
    let received = control.of_world(method, rest, body);
    let answer: String = String::from_utf8_lossy(&received.body).chars().take(200).collect();
    assert_eq!(received.status, Some(400), "{method} {rest} {body}: {answer}");
    received.json()["error"].as_str().unwrap().to_owned()
}

#[test]
fn bad_settings_change_nothing() {
    let control = Control::new();
    let client = control.client();
    let before = client.state();
    for (method, body, starts) in [
        ("PUT", "", "the body is not JSON: "),
        ("PUT", "{", "the body is not JSON: "),
        ("PUT", "[]", "the body is not a JSON object"),
        ("PATCH", "[]", "the body is not a JSON object"),
        ("PUT", r#"{"mfaa":{}}"#, "mfaa: unknown field `mfaa`, expected one of "),
        ("PUT", r#"{"minApiVersion":"2025_01_01"}"#, "minApiVersion: unknown variant `2025_01_01`"),
        (
            "PUT",
            r#"{"totp":{"windowSteps":11}}"#,
            "setting `totp.windowSteps`: 11 is not in 0..=10",
        ),
        ("PUT", r#"{"totp":{"windowSteps":-1}}"#, "totp.windowSteps: invalid value: integer `-1`"),
        (
            "PUT",
            r#"{"totp":{"windowSteps":256}}"#,
            "totp.windowSteps: invalid value: integer `256`",
        ),
        (
            "PUT",
            r#"{"email":{"staticCode":"12345"}}"#,
            "setting `email.staticCode`: a code is six digits",
        ),
        (
            "PUT",
            r#"{"elevation":{"requiredScopes":["wallet:*"]}}"#,
            "elevation.requiredScopes[0]: unknown variant `wallet:*`",
        ),
        (
            "PUT",
            r#"{"mfa":{"methods":[{"type":"totp"}]}}"#,
            "mfa.methods[0]: missing field `enabled`",
        ),
        ("PATCH", "1", "the body is not a JSON object"),
        ("PATCH", "null", "the body is not a JSON object"),
        ("PATCH", r#"{"totp":{"nonsense":1}}"#, "totp.nonsense: unknown field `nonsense`"),
        ("PATCH", r#"{"totp":null}"#, "totp: invalid type: null"),
        (
            "PATCH",
            r#"{"totp":{"secretBytes":9}}"#,
            "setting `totp.secretBytes`: 9 is not in 10..=64",
        ),
        (
            "PATCH",
            r#"{"mfaTokens":{"lifeSeconds":0}}"#,
            "setting `mfaTokens.lifeSeconds`: 0 is not in 1..=2592000",
        ),
        (
            "PATCH",
            r#"{"mfa":{"actions":[{"action":"user.update","required":true,"tokenExpirySeconds":0}]}}"#,
            "setting `mfa.actions[].tokenExpirySeconds`: 0 is not in 1..=86400",
        ),
        (
            "PATCH",
            r#"{"session":{"lifeSeconds":2592001}}"#,
            "setting `session.lifeSeconds`: 2592001 is not in 1..=2592000",
        ),
    ] {
        let error = error(&control, method, "/settings", body);
        assert!(error.starts_with(starts), "{body}: {error}");
    }
    client.stays(&before);
}

#[test]
fn every_range_of_the_settings_is_watched() {
    let control = Control::new();
    let numbers = |value: &Value| -> Vec<(String, String)> {
        let groups = value.as_object().unwrap().iter().filter_map(|(group, fields)| {
            Some(
                fields
                    .as_object()?
                    .iter()
                    .filter(|(_, field)| field.is_number())
                    .map(move |(name, _)| (group.clone(), name.clone())),
            )
        });
        groups.flatten().collect()
    };
    let all = numbers(&serde_json::to_value(policy(|_| {})).unwrap());
    assert!(all.len() >= 26, "{all:?}");
    for (group, name) in all {
        // Every number of the settings has a lower or an upper end inside its type.
        let ends = [0_u64, 255, 65_535, 4_294_967_295];
        let refused = ends.iter().filter(|end| {
            let body = json!({ &group: { &name: end } }).to_string();
            control.of_world("PATCH", "/settings", &body).status == Some(400)
        });
        assert!(refused.count() >= 1, "{group}.{name} takes any number");
    }
}

/// Method, path below the environment, body, and how the refusal begins.
type Bad = (&'static str, &'static str, &'static str, &'static str);

const RANGE: &str = "the clock runs from 1970-01-01T00:00:00Z to 9000-01-01T00:00:00Z";

const BAD: &[Bad] = &[
    ("PUT", "/clock", r#"{"mode":"held"}"#, "missing field `at`"),
    ("PUT", "/clock", r#"{"mode":"held","at":"noon"}"#, ""),
    ("PUT", "/clock", r#"{"mode":"held","at":"2030-01-01T00:00:00Z","x":1}"#, "unknown field `x`"),
    ("PUT", "/clock", r#"{"mode":"system","at":"2030-01-01T00:00:00Z"}"#, "unknown field `at`"),
    ("PUT", "/clock", r#"{"mode":"stopped"}"#, "mode: unknown variant `stopped`"),
    ("PUT", "/clock", r#"{"at":"2030-01-01T00:00:00Z"}"#, "missing field `mode`"),
    ("PUT", "/clock", r#"{"mode":"held","at":"1969-12-31T23:59:59Z"}"#, RANGE),
    ("PUT", "/clock", r#"{"mode":"held","at":"9000-01-01T00:00:01Z"}"#, RANGE),
    ("PUT", "/clock", r#"{"mode":"shifted","bySeconds":9223372036854775807}"#, RANGE),
    ("PUT", "/clock", r#"{"mode":"shifted","bySeconds":-9223372036854775808}"#, RANGE),
    ("POST", "/clock/advance", r#"{"seconds":-1}"#, "a clock only advances"),
    ("POST", "/clock/advance", r#"{"seconds":9223372036854775807}"#, RANGE),
    ("POST", "/clock/advance", r#"{"seconds":1.5}"#, "seconds: invalid type: floating point `1.5`"),
    ("POST", "/clock/advance", r#"{"seconds":1,"minutes":1}"#, "minutes: unknown field `minutes`"),
    ("POST", "/users", "{}", "email: \"\" is not an e-mail address"),
    ("POST", "/users", r#"{"email":"nonsense"}"#, "email: \"nonsense\" is not an e-mail address"),
    ("POST", "/users", r#"{"email":"ALICE@example.com"}"#, "another user has this email"),
    (
        "POST",
        "/users",
        r#"{"email":"b@example.com","totpSecret":"018"}"#,
        "a TOTP secret is base32: ",
    ),
    (
        "POST",
        "/users",
        r#"{"email":"b@example.com","totpSecret":""}"#,
        "a TOTP secret has at least one byte",
    ),
    ("POST", "/users", r#"{"email":"b@example.com","totp":"yes"}"#, "totp: unknown variant `yes`"),
    ("POST", "/users", r#"{"email":"b@example.com","fax":"1"}"#, "fax: unknown field `fax`"),
    (
        "POST",
        "/faults",
        r#"{"operation":"nonsense","effect":{"kind":"drop_after"}}"#,
        "no operation is called `nonsense`",
    ),
    ("POST", "/faults", r#"{"operation":"*"}"#, "missing field `effect`"),
    (
        "POST",
        "/faults",
        r#"{"operation":"*","effect":{"kind":"explode"}}"#,
        "effect.kind: unknown variant `explode`",
    ),
    (
        "POST",
        "/faults",
        r#"{"operation":"*","effect":{"kind":"status","status":399}}"#,
        "effect.status: 399 is not in 400..=599",
    ),
    (
        "POST",
        "/faults",
        r#"{"operation":"*","effect":{"kind":"status","status":600}}"#,
        "effect.status: 600 is not in 400..=599",
    ),
    (
        "POST",
        "/faults",
        r#"{"operation":"*","effect":{"kind":"delay","milliseconds":60001}}"#,
        "effect.milliseconds: 60001 is not in 0..=60000",
    ),
    (
        "POST",
        "/faults",
        r#"{"operation":"*","effect":{"kind":"edit"}}"#,
        "effect: missing field `merge`",
    ),
    (
        "POST",
        "/faults",
        r#"{"operation":"*","effect":{"kind":"edit","merge":{},"status":200}}"#,
        "effect: unknown field `status`",
    ),
    (
        "POST",
        "/faults",
        r#"{"operation":"*","effect":{"kind":"replace"}}"#,
        "effect: missing field `body`",
    ),
    (
        "POST",
        "/faults",
        r#"{"operation":"*","effect":{"kind":"meet","order":"first_come","milliseconds":5}}"#,
        "effect: missing field `calls`",
    ),
    (
        "POST",
        "/faults",
        r#"{"operation":"*","effect":{"kind":"meet","calls":2,"order":"random","milliseconds":5}}"#,
        "effect: unknown variant `random`, expected `first_come` or `last_come`",
    ),
    (
        "POST",
        "/faults",
        r#"{"operation":"*","effect":{"kind":"meet","calls":2,"order":"first_come","milliseconds":5,"seconds":1}}"#,
        "effect: unknown field `seconds`",
    ),
    (
        "POST",
        "/faults",
        r#"{"operation":"*","effect":{"kind":"meet","calls":1,"order":"first_come","milliseconds":5}}"#,
        "effect.calls: 1 is not in 2..=16",
    ),
    (
        "POST",
        "/faults",
        r#"{"operation":"*","effect":{"kind":"meet","calls":17,"order":"first_come","milliseconds":5}}"#,
        "effect.calls: 17 is not in 2..=16",
    ),
    (
        "POST",
        "/faults",
        r#"{"operation":"*","effect":{"kind":"meet","calls":2,"order":"last_come","milliseconds":0}}"#,
        "effect.milliseconds: 0 is not in 1..=60000",
    ),
    (
        "POST",
        "/faults",
        r#"{"operation":"*","effect":{"kind":"meet","calls":2,"order":"last_come","milliseconds":60001}}"#,
        "effect.milliseconds: 60001 is not in 1..=60000",
    ),
    (
        "POST",
        "/faults",
        r#"{"operation":"*","effect":{"kind":"meet","calls":2,"order":"last_come","milliseconds":5,"name":""}}"#,
        "bytes of effect.name: 0 is not in 1..=64",
    ),
    (
        "POST",
        "/faults",
        r#"{"operation":"*","effect":{"kind":"meet","calls":2,"order":"last_come","milliseconds":5}}"#,
        "times: 1 of 2 calls never meet",
    ),
    (
        "POST",
        "/faults",
        r#"{"operation":"*","nth":0,"effect":{"kind":"drop_after"}}"#,
        "nth: 0 is not in 1..",
    ),
    (
        "POST",
        "/faults",
        r#"{"operation":"*","effect":{"kind":"drop_after","bytes":1}}"#,
        "effect: unknown field `bytes`",
    ),
    (
        "POST",
        "/faults",
        r#"{"operation":"*","every":2,"effect":{"kind":"drop_after"}}"#,
        "every: unknown field `every`",
    ),
    (
        "POST",
        "/users",
        r#"{"email":"new@example.com","recoveryCodes":["GOOD","a b"]}"#,
        "recoveryCodes: [1] is not 1 to 64 visible characters",
    ),
    ("PUT", "/snapshot", "{}", "not a snapshot of version 1: missing field `version`"),
];

#[test]
fn bad_clocks_users_and_faults_change_nothing() {
    let control = Control::new();
    let client = control.client();
    client.seed_alice();
    let before = client.state();
    for (method, rest, body, starts) in BAD {
        let error = error(&control, method, rest, body);
        assert!(error.starts_with(starts), "{rest} {body}: {error}");
    }
    client.stays(&before);
    // The very ends of the range are inside.
    for end in ["1970-01-01T00:00:00Z", "9000-01-01T00:00:00Z"] {
        let body = json!({ "mode": "held", "at": end }).to_string();
        assert_eq!(control.of_world("PUT", "/clock", &body).ok(200)["now"], json!(end));
        client.sign_in_at_the_end();
    }
}

impl crate::client::Client {
    /// A sign-in, a code and a refresh, at whatever time it is.
    fn sign_in_at_the_end(&self) {
        let mut client = self.clone();
        client.bearer = None;
        client.sign_in(ALICE);
        client.totp(&client.code(), json!({})).ok(200);
        client.send("POST", "refresh", &[], "").ok(200);
        self.world.user(ALICE).unwrap();
        self.world.totp_display(ALICE).unwrap();
        let device = client.device();
        let token = client.get(&format!("users/mfa/{device}"));
        token.ok(200);
        self.world.remove_user(ALICE).unwrap();
        self.seed_alice();
    }
}

#[test]
fn bad_queries_are_named() {
    let control = Control::new();
    for (method, rest, message) in [
        (
            "GET",
            "/inbox?sicne=1",
            "unknown parameter `sicne`; this call knows to, after, since, wait",
        ),
        ("GET", "/inbox?after=x", "after: \"x\" is not a whole number"),
        ("GET", "/inbox?after=-1", "after: \"-1\" is not a whole number"),
        ("GET", "/inbox?since=noon", "since: \"noon\" is not a time such as 2030-01-01T00:00:00Z"),
        ("GET", "/inbox?wait=61", "wait: at most 60 seconds"),
        ("GET", "/inbox?wait=0.5", "wait: \"0.5\" is not a whole number"),
        ("GET", "/journal?reveal=yes", "reveal: \"yes\" is not true or false"),
        ("GET", "/journal?operation=nonsense", "no operation is called `nonsense`"),
        ("GET", "/journal/count", "operation: which one is to be counted"),
        ("GET", "/journal/count?operation=*", "no operation is called `*`"),
        ("GET", "/users?page=2", "unknown parameter `page`; this call knows none"),
        ("POST", "/reset?hard=true", "unknown parameter `hard`; this call knows none"),
    ] {
        assert_eq!(error(&control, method, rest, ""), message);
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    let control = Control::new();
    control.client();
    let world = format!("/_mock/v1/environments/{WORLD}");
    for (method, path, error) in [
        (
            "GET",
            format!("{world}/users/nobody@example.com"),
            "there is no user \"nobody@example.com\"",
        ),
        ("DELETE", format!("{world}/users/x"), "there is no user \"x\""),
        ("POST", format!("{world}/users/x/revoke"), "there is no user \"x\""),
        ("GET", format!("{world}/users/x/totp"), "no user of that id or e-mail address"),
        ("DELETE", format!("{world}/faults/9"), "there is no fault \"9\""),
        ("DELETE", format!("{world}/faults/x"), "there is no fault \"x\""),
        ("GET", "/_mock/v1/nonsense".to_owned(), "the control API has no path /_mock/v1/nonsense"),
        ("GET", "/_mock/v2/".to_owned(), "the control API has no path /_mock/v2/"),
        ("GET", format!("{world}/"), &*format!("the control API has no path {world}/")),
        (
            "DELETE",
            "/_mock/v1/environments/00000000-0000-4000-8000-00000000bbbb".to_owned(),
            "there is no environment 00000000-0000-4000-8000-00000000bbbb",
        ),
    ] {
        let body = control.raw(method, &path, &[], "").ok(404);
        assert_eq!(body["error"], json!(error), "{path}");
    }
    let body = control.raw("GET", "/_mock/v1/environments/test-env", &[], "").ok(400);
    let error = "`test-env` is no environment id: 36 characters of lower-case hex and dashes";
    assert_eq!(body["error"], json!(error));
    let received = control.raw("PATCH", &format!("{world}/users"), &[], "");
    assert_eq!(
        received.ok(405)["error"],
        json!("this path does not take PATCH; it takes GET, POST")
    );
    assert_eq!(received.header("allow"), Some("GET, POST"));
    // A user without a device has no code to show.
    control.of_world("POST", "/users", r#"{"email":"alice@example.com"}"#).ok(201);
    let body = control.raw("GET", &format!("{world}/users/{ALICE}/totp"), &[], "").ok(404);
    assert_eq!(body["error"], json!("the user has no such TOTP device"));
}

#[test]
fn a_world_holds_a_thousand_faults_at_most() {
    let control = Control::new();
    let client = control.client();
    let fault = || mock_server::Fault::on("getNonce", mock_server::Effect::DropAfter);
    for _ in 0..1_000 {
        client.world.inject_fault(fault()).unwrap();
    }
    let body = serde_json::to_string(&fault()).unwrap();
    let message = "an environment holds at most 1000 faults; clear some first";
    assert_eq!(error(&control, "POST", "/faults", &body), message);
}
