//! Who is let in: API tokens, their permissions, and everybody else.

use mock_server::policy::Policy;
use mock_server::{Options, Permission};
use serde_json::{Value, json};

use super::{Backend, NOBODY};
use crate::client::{ALICE, Client, WORLD, policy, send, still_mock_with, text};
use crate::reply::{Reply, keys};
use crate::routes::{ADMIN_ROUTES, filled_for_administrators};

const OTHER_WORLD: &str = "00000000-0000-4000-8000-00000000bbbb";

fn at(client: &Client, method: &str, path: &str, authorization: &str) -> Reply {
    let path = filled_for_administrators(path, &client.world.id());
    send(&client.mock, method, &path, &[("authorization", authorization)], "{}")
}

#[test]
fn nobody_but_the_holder_of_a_token_is_let_in() {
    let mut backend = Backend::of(Client::authenticated(Policy::default()));
    let elevated = backend.client.elevate(&["credential:unlink"]);
    let bearer = backend.client.bearer.clone().unwrap();
    let client = &backend.client;
    let before = client.state();
    let other = Backend::of(Client::of(&client.mock, OTHER_WORLD));
    let mut damaged = backend.token.clone();
    let last = damaged.pop().unwrap();
    damaged.push(if last == 'x' { 'y' } else { 'x' });
    for (method, path, name) in ADMIN_ROUTES {
        let ask = |authorization: &str| at(client, method, path, authorization);
        for none in ["", "Bearer", "Basic dXNlcjpwYXNz"] {
            ask(none).refused(401, None, "No jwt provided!");
        }
        for token in [
            "nonsense",
            "dyn_",
            &backend.token.to_uppercase(),
            &backend.token[4..],
            &format!("{}x", backend.token),
            &damaged,
            &elevated,
            &format!("dyn_{}", "0".repeat(56)),
        ] {
            let reply = ask(&format!("Bearer {token}"));
            assert_eq!(reply.status, 401, "{name} {token}");
            reply.unauthorized();
        }
        // A token names its environment, so it opens its own even where the path names none.
        let elsewhere = ask(&format!("Bearer {}", other.token));
        match path.contains("{environmentId}") {
            true => elsewhere.unauthorized(),
            false => assert_ne!(elsewhere.status, 401, "{name}"),
        }
        // An end user's own token is genuine and opens nothing here.
        ask(&format!("Bearer {bearer}")).refused(403, None, "Access Forbidden");
    }
    client.stays(&before);
    backend.get("{env}/users").ok(200);
}

#[test]
fn a_stranger_makes_no_environment_and_learns_no_shape() {
    for strict_environments in [false, true] {
        let mock = still_mock_with(Options { strict_environments, ..Options::default() });
        let token = format!("Bearer dyn_{}{}", WORLD.replace('-', ""), "x".repeat(24));
        for (method, path, name) in ADMIN_ROUTES {
            let path = filled_for_administrators(path, WORLD);
            let headers = [("authorization", token.as_str())];
            let reply = send(&mock, method, &path, &headers, "not json");
            assert_eq!(reply.status, 401, "{name}");
            reply.unauthorized();
            let reply = send(&mock, method, &path, &[], "not json");
            reply.refused(401, None, "No jwt provided!");
            assert_eq!(send(&mock, "OPTIONS", &path, &[], "").status, 204, "{name}");
            let refused = send(&mock, "PATCH", &path, &headers, "");
            assert_eq!(refused.status, 405, "{name}");
        }
        assert_eq!(mock.environment_ids(), Vec::<String>::new());
    }
}

#[test]
fn a_token_has_the_published_form_and_is_shown_once() {
    let backend = Backend::new(Policy::default());
    let note = json!({ "note": "from the API", "scopes": ["environment.users.read"] });
    let made = backend.post("{env}/tokens", &note).ok(201);
    let token = &made["token"];
    let fields = [
        "checksum",
        "createdAt",
        "createdBy",
        "id",
        "note",
        "projectEnvironmentId",
        "rawToken",
        "scopes",
    ];
    assert_eq!(keys(token), fields);
    let raw = text(&token["rawToken"]);
    let (prefix, rest) = raw.split_at(4);
    assert_eq!((prefix, rest.len()), ("dyn_", 56));
    assert!(rest.bytes().all(|letter| letter.is_ascii_alphanumeric()));
    let listed = backend.get("{env}/tokens").ok(200);
    assert_eq!(listed["tokens"].as_array().unwrap().len(), 2);
    let secrets = [raw.as_str(), backend.token.as_str()];
    let nowhere = |text: &str| secrets.iter().all(|secret| !text.contains(*secret));
    assert!(nowhere(&listed.to_string()));
    assert!(nowhere(&backend.client.world.snapshot().to_string()), "kept as a digest only");
    let journal = backend.client.world.journal_after(0, false);
    assert!(nowhere(&serde_json::to_string(&journal).unwrap()), "masked in the journal");

    let id = text(&token["id"]);
    let second = Backend { token: raw, ..backend.clone() };
    second.get("{env}/users").ok(200);
    backend.delete(&format!("{{env}}/tokens/{id}")).ok(204);
    second.get("{env}/users").unauthorized();
    backend.delete(&format!("{{env}}/tokens/{id}")).refused(404, Some("not_found"), "Not Found");
    backend.delete("{env}/tokens/nonsense").not_found();
}

#[test]
fn the_number_of_tokens_is_bounded() {
    let backend = Backend::new(policy(|policy| policy.limits.api_tokens_max = 2));
    let note = json!({ "note": "" });
    backend.post("{env}/tokens", &note).ok(201);
    let before = backend.client.state();
    backend.post("{env}/tokens", &note).refused(422, None, "Too many API tokens");
    backend.client.stays(&before);
}

#[test]
fn what_a_token_may_do_follows_from_its_scopes() {
    let client = Client::signed_in(Policy::default());
    let made = client.world.create_api_token("reads", &[Permission::UsersRead]).unwrap();
    let reader = Backend { client, token: made.token.unwrap() };
    let alice = reader.alice();
    reader.get("{env}/users").ok(200);
    reader.get(&format!("users/{alice}")).ok(200);
    let before = reader.client.state();
    for (method, path) in [
        ("POST", format!("users/{alice}/mfa/reset")),
        ("DELETE", format!("{{env}}/users/{alice}")),
        ("POST", format!("{{env}}/users/{alice}/sessions/revoke")),
        ("POST", "{env}/users/sessions/revoke".to_owned()),
        ("GET", "{env}/tokens".to_owned()),
        ("GET", "{env}/keys".to_owned()),
        ("GET", "{env}/webhooks".to_owned()),
        ("GET", "{env}/events".to_owned()),
        ("DELETE", "{env}/test/account".to_owned()),
    ] {
        reader.ask(method, &path, "").refused(403, None, "Access Forbidden");
    }
    let reason = reader.client.world.journal().pop().unwrap().refusal.unwrap().reason;
    assert_eq!(reason, "the API token lacks environment.settings.write");
    reader.client.stays(&before);
    let mut lenient = Policy::default();
    lenient.admin.enforce_token_scopes = false;
    reader.client.world.set_policy(lenient).unwrap();
    reader.post(&format!("users/{alice}/mfa/reset"), &json!({})).ok(204);
}

#[test]
fn shapes_are_refused_with_the_field_that_is_wrong() {
    let backend = Backend::of(Client::signed_in(Policy::default()));
    let alice = backend.alice();
    let before = backend.client.state();
    let user = format!("{{env}}/users/{alice}");
    let long = "x".repeat(256);
    for (method, path, body, status, error) in [
        ("POST", "{env}/users", json!([]), 422, "the body is not a JSON object"),
        ("POST", "{env}/users", json!({}), 422, "email: missing"),
        (
            "POST",
            "{env}/users",
            json!({ "email": "nonsense" }),
            422,
            "email: not an e-mail address",
        ),
        (
            "POST",
            "{env}/users",
            json!({ "email": 1 }),
            422,
            "email: invalid type: integer `1`, expected a string",
        ),
        (
            "PUT",
            user.as_str(),
            json!({ "email": "b@example.com" }),
            422,
            "email: an administrator cannot change it",
        ),
        (
            "PUT",
            user.as_str(),
            json!({ "country": "de" }),
            422,
            "country: not two upper-case letters",
        ),
        (
            "PUT",
            user.as_str(),
            json!({ "firstName": 1 }),
            422,
            "firstName: invalid type: integer `1`, expected a string",
        ),
        ("POST", "{env}/tokens", json!({}), 400, "missing field `note`"),
        ("POST", "{env}/tokens", json!({ "note": long }), 400, "note: longer than 255 characters"),
        (
            "POST",
            "{env}/webhooks",
            json!({ "url": 1 }),
            422,
            "url: invalid type: integer `1`, expected a string",
        ),
    ] {
        backend.ask(method, path, body.to_string()).refused(status, None, error);
    }
    backend.client.stays(&before);
}

#[test]
fn what_the_mock_cannot_do_is_refused_and_not_overlooked() {
    let backend = Backend::of(Client::signed_in(Policy::default()));
    let before = backend.client.state();
    let ids = ["wallets", "oauthAccounts", "id"]
        .map(|field| json!({ "email": "b@example.com", field: [] }));
    for body in ids {
        assert_eq!(backend.post("{env}/users", &body).status, 422, "{body}");
    }
    for (path, status) in [
        ("{env}/users?orderBy=email", 400),
        ("{env}/users?limit=many", 400),
        ("{env}/users?offset=-1", 400),
        ("{env}/users?filter[filterColumn]=wallet&filter[filterValue]=x", 400),
        ("{env}/users?filterColumn=wallet&filterValue=x", 400),
        ("{env}/users?filter[email]=zzz", 400),
        ("{env}/users?filter%5Bemail%5D=zzz", 400),
        ("{env}/users?filter=zzz", 400),
        ("{env}/users?filter={%22filterColumn%22:%22email%22}", 400),
        ("{env}/users?email=zzz", 400),
        ("{env}/users?sort", 400),
        ("{env}/events?cursor=x", 400),
        ("{env}/events?resourceType=user", 400),
        ("{env}/users/nonsense", 404),
        ("users/nonsense", 404),
        ("environments/nonsense/users", 404),
    ] {
        assert_eq!(backend.get(path).status, status, "{path}");
    }
    let refused = backend.ask("POST", "{env}/users", "{");
    assert_eq!(refused.status, 400);
    assert!(text(&refused.body["error"]).starts_with("the body is not JSON: "));
    backend.client.stays(&before);
}

#[test]
fn other_operations_are_known_by_name() {
    let backend = Backend::new(Policy::default());
    for (method, path, name) in [
        ("GET", "{env}", "getEnvironmentById"),
        ("PUT", "{env}", "updateProjectSettings"),
        ("POST", "{env}/users/bulk", "bulkCreateUser"),
        ("GET", "organizations", "getOrganizationsForMember"),
        ("PUT", "organizations/x/mfaSettings/totp/enable", "enableMfaDeviceForOrganization"),
        ("GET", "user/tokens", "getUserApiTokens"),
    ] {
        let body = backend.ask(method, path, "").ok(501);
        assert_eq!(body["code"], json!("not_mocked"), "{name}");
        assert_eq!(body["operation"], json!(name));
    }
    let body = backend.get("{env}/user").ok(404);
    assert!(text(&body["error"]).contains("did you mean"), "{body}");
}

#[test]
fn what_an_administrator_does_stands_in_the_journal_of_the_environment() {
    let backend = Backend::of(Client::signed_in(Policy::default()));
    backend.client.world.clear_journal();
    backend.get(&format!("users/{}", backend.alice())).ok(200);
    backend.get(&format!("{{env}}/users/{NOBODY}")).refused(404, Some("not_found"), "Not Found");
    backend.get("{env}").ok(501);
    let names: Vec<_> =
        backend.client.world.journal().iter().map(|exchange| exchange.operation).collect();
    let expected = ["getUserLegacy", "getUser", "getEnvironmentById"];
    assert_eq!(names, expected.map(Some));
    // Faults reach administrators too.
    let fault = mock_server::Fault::on("getUser", mock_server::Effect::status(503));
    backend.client.world.inject_fault(fault).unwrap();
    assert_eq!(backend.get(&format!("{{env}}/users/{}", backend.alice())).status, 503);
    assert_eq!(backend.get(&format!("{{env}}/users/{}", backend.alice())).status, 200);
    let _: Value = backend.client.sign_in_again();
}

impl Client {
    /// Shows that users are not troubled by what their administrators do.
    fn sign_in_again(&self) -> Value {
        let mut other = self.clone();
        other.bearer = None;
        other.sign_in(ALICE)
    }
}
