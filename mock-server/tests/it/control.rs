//! The control API over HTTP: every verb, its table, its document.

use std::cell::RefCell;
use std::collections::BTreeSet;

use mock_server::control::Guard;
use mock_server::policy::Policy;
use mock_server::{Mock, Server};
use serde_json::{Value, json};

use crate::client::{ALICE, Client, SECRET, WORLD, keys, still_mock, text};
use crate::routes::{ADMIN_ROUTES, ROUTES};
use crate::socket::{Received, exchange};

mod admin;
mod bad_input;
mod guard;
mod messages;
mod waiting;

/// The control API of a service on a port, and which of its rows were called.
struct Control {
    mock: Mock,
    server: Server,
    called: RefCell<BTreeSet<String>>,
}

impl Control {
    fn new() -> Self {
        Self::guarded(Guard::loopback())
    }

    fn guarded(guard: Guard) -> Self {
        let mock = still_mock(Policy::default());
        let address = "127.0.0.1:0".parse().unwrap();
        let server = Server::spawn_guarded(mock.clone(), address, guard).unwrap();
        Self { mock, server, called: RefCell::default() }
    }

    fn client(&self) -> Client {
        Client::of(&self.mock, WORLD)
    }

    /// Calls a row of the table; `{environmentId}` is the world, `{id}` the other id.
    fn call(&self, method: &str, template: &str, id: &str, body: &str) -> Received {
        let row = template.split('?').next().unwrap();
        self.called.borrow_mut().insert(format!("{method} {row}"));
        self.raw(method, &filled(template, id), &[], body)
    }

    fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Received {
        exchange(self.server.address(), method, path, headers, body.as_bytes())
    }

    /// Calls a row of one world that takes no other id.
    fn of_world(&self, method: &str, rest: &str, body: &str) -> Received {
        self.call(method, &format!("/_mock/v1/environments/{{environmentId}}{rest}"), "", body)
    }

    fn document(&self) -> Value {
        self.call("GET", "/_mock/v1/openapi.json", "", "").ok(200)
    }
}

fn filled(template: &str, id: &str) -> String {
    template.replace("{environmentId}", WORLD).replace("{id}", id)
}

/// Method and path of every row of the document.
fn rows(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().unwrap();
    let rows = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    rows.collect()
}

#[test]
fn every_verb_does_what_it_says() {
    let control = Control::new();
    let world = |method: &str, rest: &str, body: &str| control.of_world(method, rest, body);
    environments(&control);
    settings_and_clock(&control);
    users(&control);
    admin::verbs(&control);

    let fault = r#"{"operation":"getNonce","effect":{"kind":"status","status":503}}"#;
    assert_eq!(world("POST", "/faults", fault).ok(201), json!({ "id": 1 }));
    let listed = world("GET", "/faults", "").ok(200);
    let effect = json!({ "kind": "status", "status": 503 });
    let fault = json!({ "operation": "getNonce", "nth": 1, "times": 1, "effect": effect });
    assert_eq!(listed["faults"], json!([{ "id": 1, "fault": fault, "seen": 0, "fired": 0 }]));
    let path = "/_mock/v1/environments/{environmentId}/faults/{id}";
    assert_eq!(control.call("DELETE", path, "1", "").ok(204), json!(null));
    let always = r#"{"operation":"*","times":null,"nth":3,"effect":{"kind":"drop_after"}}"#;
    assert_eq!(world("POST", "/faults", always).ok(201), json!({ "id": 2 }));
    let meet = json!({ "kind": "meet", "calls": 2, "order": "last_come", "milliseconds": 2_000 });
    let both = json!({ "operation": "*", "nth": 1, "times": 2, "effect": meet });
    assert_eq!(world("POST", "/faults", &both.to_string()).ok(201), json!({ "id": 3 }));
    assert_eq!(world("GET", "/faults", "").ok(200)["faults"][1]["fault"], both);
    world("DELETE", "/faults", "").ok(204);
    assert_eq!(world("GET", "/faults", "").ok(200)["faults"], json!([]));

    control.raw("GET", &format!("/sdk/{WORLD}/settings"), &[], "").ok(404);
    let astray = control.call("GET", "/_mock/v1/journal", "", "").ok(200);
    assert_eq!(keys(&astray), ["exchanges", "newest"]);
    assert_eq!((&astray["newest"], &astray["exchanges"][0]["status"]), (&json!(1), &json!(404)));
    let later = control.call("GET", "/_mock/v1/journal?after=1&reveal=true", "", "").ok(200);
    assert_eq!(later, json!({ "exchanges": [], "newest": 1 }));
    control.raw("GET", "/_mock/v1/journal?nonsense=1", &[], "").ok(400);

    control.client().get("healthcheck").ok(200);
    let journal = world("GET", "/journal", "").ok(200);
    assert_eq!(keys(&journal), ["exchanges", "newest"]);
    assert_eq!(
        (journal["exchanges"].as_array().unwrap().len(), &journal["newest"]),
        (1, &json!(9))
    );
    let count = world("GET", "/journal/count?operation=getHealthcheck", "").ok(200);
    assert_eq!(count, json!({ "count": 1, "reached": true }));
    world("DELETE", "/journal", "").ok(204);
    let journal = world("GET", "/journal", "").ok(200);
    assert_eq!(journal, json!({ "exchanges": [], "newest": 9 }));

    let snapshot = world("GET", "/snapshot", "").ok(200);
    world("POST", "/reset", "").ok(204);
    assert_eq!(world("GET", "/users", "").ok(200)["users"], json!([]));
    world("PUT", "/snapshot", &snapshot.to_string()).ok(204);
    assert_eq!(world("GET", "/snapshot", "").ok(200), snapshot);
    world("DELETE", "", "").ok(204);
    assert!(control.mock.existing_environment(WORLD).is_none());

    let document = control.document();
    assert_eq!(rows(&document), *control.called.borrow());
}

fn environments(control: &Control) {
    let index = control.call("GET", "/_mock/v1/", "", "").ok(200);
    assert_eq!((&index["service"], &index["environments"]), (&json!("mfa-mock"), &json!(0)));
    let fresh = control.call("POST", "/_mock/v1/environments", "", "").ok(201);
    assert_eq!(text(&fresh["id"]).len(), 36);
    assert_eq!(control.of_world("PUT", "", "").ok(204), json!(null));
    control.of_world("PUT", "", "").ok(204);
    let mut both = json!([fresh["id"], WORLD]);
    both.as_array_mut().unwrap().sort_by_key(text);
    let listed = control.call("GET", "/_mock/v1/environments", "", "").ok(200);
    assert_eq!(listed, json!({ "environments": both }));
    let summary = control.of_world("GET", "", "").ok(200);
    assert_eq!(
        summary,
        json!({
            "id": WORLD, "now": "2030-01-01T12:00:00Z", "users": 0, "mails": 0, "faults": 0,
            "exchanges": 0, "enforcesStepUp": true,
        })
    );
}

fn settings_and_clock(control: &Control) {
    let world = |method: &str, rest: &str, body: &str| control.of_world(method, rest, body).ok(200);
    let first = world("GET", "/settings", "");
    assert_eq!(first, serde_json::to_value(Policy::default()).unwrap());
    let patched = world(
        "PATCH",
        "/settings",
        r#"{"mfa":{"enrollment":"signup"},"minApiVersion":"2026-01-01"}"#,
    );
    assert_eq!(patched["mfa"]["enrollment"], json!("signup"));
    assert_eq!(patched["mfa"]["methods"], first["mfa"]["methods"]);
    assert_eq!(patched["minApiVersion"], json!("2026_01_01"));
    assert_eq!(world("GET", "/settings", ""), patched);
    // A replacement begins from the defaults, and null sets what may be absent.
    let body = r#"{"mfaTokens":{"lifeSeconds":60}}"#;
    assert_eq!(
        world("PUT", "/settings", body)["mfaTokens"],
        json!({ "lifeSeconds": 60, "bytes": 32 })
    );
    world("PATCH", "/settings", r#"{"mfaTokens":{"lifeSeconds":null}}"#);
    assert_eq!(world("GET", "/settings", ""), first);

    let noon = json!({ "now": "2030-01-01T12:00:00Z", "clock": { "mode": "held", "at": "2030-01-01T12:00:00Z" } });
    assert_eq!(world("GET", "/clock", ""), noon);
    let moved = world("POST", "/clock/advance", r#"{"seconds":90}"#);
    assert_eq!(moved["now"], json!("2030-01-01T12:01:30Z"));
    let running = world("PUT", "/clock", r#"{"mode":"shifted","bySeconds":3600}"#);
    assert_eq!(running["clock"], json!({ "mode": "shifted", "bySeconds": 3600 }));
    assert_eq!(
        world("PUT", "/clock", r#"{"mode":"system"}"#)["clock"],
        json!({ "mode": "system" })
    );
    world("PUT", "/clock", r#"{"mode":"held","at":"2030-01-01T13:00:00+01:00"}"#);
    assert_eq!(world("GET", "/clock", ""), noon);
}

fn users(control: &Control) {
    let world = |method: &str, rest: &str, body: &str| control.of_world(method, rest, body);
    let seed = json!({
        "email": "Alice@Example.com", "totpSecret": SECRET, "recoveryCodes": ["first"],
        "recoveryCodesPending": true,
    });
    let made = world("POST", "/users", &seed.to_string()).ok(201);
    let device = &made["devices"][0];
    assert_eq!(
        made,
        json!({
            "id": made["id"], "emails": [ALICE], "phones": [], "externalIds": [],
            "id": made["id"], "emails": [ALICE], "passkeys": [],
            "recoveryCodes": ["FIRST"], "sessions": [],
            "id": made["id"], "emails": [ALICE], "wallets": [],
            "socialAccounts": [], "recoveryCodes": ["FIRST"], "sessions": [],
            "mfaBackupCodeAcknowledgement": "pending",
            "firstVisit": "2030-01-01T12:00:00Z", "lastVisit": "2030-01-01T12:00:00Z",
            "devices": [{
                "id": device["id"], "type": "totp", "verified": true, "default": true,
                "secret": SECRET, "lastStep": null,
            }],
        })
    );
    assert_eq!(world("GET", "/users", "").ok(200), json!({ "users": [made] }));
    let of_user = |method: &str, rest: &str, who: &str| {
        let path = format!("/_mock/v1/environments/{{environmentId}}/users/{{id}}{rest}");
        control.call(method, &path, who, "")
    };
    for who in [text(&made["id"]).as_str(), ALICE, "alice%40EXAMPLE.com"] {
        assert_eq!(of_user("GET", "", who).ok(200), made, "{who}");
        let shown = of_user("GET", "/totp", who).ok(200);
        assert_eq!(
            shown,
            json!({
                "code": control.client().code(), "step": control.client().seconds() / 30,
                "validUntil": "2030-01-01T12:00:30Z", "secondsLeft": 30,
                "nextCode": crate::oracle::code(SECRET, control.client().seconds() + 30),
            })
        );
    }
    let mut client = control.client();
    client.sign_in(ALICE);
    let mails = world("GET", "/inbox", "").ok(200);
    let code = mails["mails"][0]["code"].clone();
    assert_eq!(
        mails["mails"],
        json!([{
            "sequence": 1, "to": ALICE, "kind": "verification_code", "code": code,
            "at": "2030-01-01T12:00:00Z",
        }])
    );
    of_user("POST", "/revoke", ALICE).ok(204);
    client.bearer = None;
    world("DELETE", "/journal", "").ok(204);
    of_user("DELETE", "", ALICE).ok(204);
    of_user("GET", "", ALICE).ok(404);
    world("DELETE", "/journal", "").ok(204);
    assert_eq!(control.client().world.journal_newest(), 2);
}

#[test]
fn the_index_prints_the_routes_that_these_tests_walk() {
    let control = Control::new();
    let sdk = ROUTES.iter().map(|(method, path, name)| {
        format!("{name} = {method} /api/v0/sdk/{{environmentId}}/{path}")
    });
    let admin =
        ADMIN_ROUTES.iter().map(|(method, path, name)| format!("{name} = {method} /api/v0/{path}"));
    let expected: BTreeSet<String> = sdk.chain(admin).collect();
    for path in ["/", "/_mock", "/_mock/", "/_mock/v1", "/_mock/v1/"] {
        let index = control.raw("GET", path, &[], "").ok(200);
        let printed: Vec<String> =
            index["operations"].as_array().unwrap().iter().map(text).collect();
        assert_eq!(printed.len(), expected.len(), "{path}");
        assert_eq!(printed.into_iter().collect::<BTreeSet<_>>(), expected, "{path}");
        let routes: BTreeSet<String> = index["routes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| text(line).split(" — ").next().unwrap().to_owned())
            .collect();
        assert_eq!(routes, rows(&control.document()));
    }
}

#[test]
fn the_document_is_complete_and_its_examples_work() {
    let control = Control::new();
    control.client().seed_alice();
    let document = control.document();
    assert_eq!(document["openapi"], json!("3.1.0"));
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(names.insert(text(&operation["operationId"])), "{path} {method}");
            assert!(text(&operation["summary"]).len() > 10, "{path} {method}");
            let parameters = operation["parameters"].as_array().unwrap();
            let named: BTreeSet<_> = parameters
                .iter()
                .filter(|parameter| {
                    parameter["in"] == json!("path") && parameter["required"] == json!(true)
                })
                .map(|parameter| format!("{{{}}}", text(&parameter["name"])))
                .collect();
            let placeholders: BTreeSet<_> =
                path.split('/').filter(|part| part.starts_with('{')).map(str::to_owned).collect();
            assert_eq!(named, placeholders, "{path} {method}");
            let responses = operation["responses"].as_object().unwrap();
            let success = responses.keys().find(|status| status.starts_with('2')).unwrap();
            assert!(responses.contains_key("default"), "{path} {method}");
            try_example(&control, (method, path, operation), success);
        }
    }
    assert_eq!(names.len(), 47);
}

/// Sends the example of a body; it must earn what the document promises.
fn try_example(control: &Control, (method, path, operation): (&str, &str, &Value), success: &str) {
    let Some(body) = operation.get("requestBody") else { return };
    let example = &body["content"]["application/json"]["example"];
    let body = match path.ends_with("/snapshot") {
        // A whole snapshot would be no example to read; what its example shows is how one begins.
        true => {
            let mut snapshot = control.client().world.snapshot();
            assert_eq!(example["version"], snapshot["version"]);
            snapshot["faults"] = json!({ "next_id": 0, "list": [] });
            snapshot
        }
        // The world has an Alice already.
        false if path.ends_with("/users") => {
            let mut example = example.clone();
            example["email"] = json!("example@example.com");
            example
        }
        false => example.clone(),
    };
    let received =
        control.raw(&method.to_uppercase(), &filled(path, ALICE), &[], &body.to_string());
    received.ok(success.parse().unwrap());
}

#[test]
fn answers_are_json_that_nobody_keeps() {
    let control = Control::new();
    for path in ["/_mock/v1/", "/_mock/v1/nonsense", "/_mock/v1/environments"] {
        let received = control.raw("GET", path, &[], "");
        assert_eq!(received.header("content-type"), Some("application/json; charset=utf-8"));
        assert_eq!(received.header("cache-control"), Some("no-store"));
        assert_eq!(received.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(received.header("access-control-allow-origin"), None);
    }
}

#[test]
fn a_user_may_be_seeded_in_every_state() {
    let control = Control::new();
    let make = |body: Value| control.of_world("POST", "/users", &body.to_string()).ok(201);
    let state = |user: &Value| {
        let device = user["devices"].get(0).map(|device| device["verified"] == json!(true));
        let codes = user["recoveryCodes"].as_array().unwrap().len();
        (device, codes, user["mfaBackupCodeAcknowledgement"].clone())
    };
    let secret = "jbsw y3dp ehpk 3pxp";
    for (number, (seed, expected)) in [
        (json!({}), (None, 0, json!(null))),
        (json!({ "totpSecret": secret }), (Some(true), 10, json!("complete"))),
        (json!({ "totpSecret": secret, "totp": "none" }), (None, 0, json!(null))),
        (json!({ "totpSecret": secret, "totp": "pending" }), (Some(false), 0, json!(null))),
        (json!({ "totp": "pending" }), (Some(false), 0, json!(null))),
        (json!({ "totp": "enrolled" }), (Some(true), 10, json!("complete"))),
        (json!({ "totp": "as_secret" }), (None, 0, json!(null))),
        (json!({ "recoveryCodes": [] }), (None, 0, json!("complete"))),
        (
            json!({ "recoveryCodes": ["a", "b"], "totp": "enrolled" }),
            (Some(true), 2, json!("complete")),
        ),
        (json!({ "recoveryCodesPending": true }), (None, 0, json!("pending"))),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = seed.clone();
        body["email"] = json!(format!("user{number}@example.com"));
        assert_eq!(state(&make(body)), expected, "{seed}");
    }
}
