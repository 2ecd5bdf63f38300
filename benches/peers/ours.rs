//! Our own service: a TOTP code that is answered with two tokens, the devices, the keys.

use std::net::SocketAddr;
use std::process::Command;

use benches::program::built;
use benches::text;
use serde_json::{Value, json};

use super::Kind;
use super::call::{Call, asked, get, spoken};

const EMAIL: &str = "alice@example.com";
const API: &str = "/api/v0/sdk/00000000-0000-4000-8000-000000000000";
const CONTROL: &str = "/_mock/v1/environments/00000000-0000-4000-8000-000000000000";
const HEALTH: &str = "/api/v0/sdk/00000000-0000-4000-8000-000000000000/healthcheck";

/// The released program as it comes, its journal in memory included.
pub(super) fn kind() -> Kind {
    let program = built("mfa-mock").unwrap_or_else(|| panic!("mfa-mock is not built beside this"));
    let command = move |port: u16| {
        let mut command = Command::new(&program);
        command.args(["--quiet", "--port", &port.to_string()]);
        command
    };
    Kind { name: "mfa_mock", command: Box::new(command), first: HEALTH, calls }
}

/// Enrols alice, signs her in, and lets her code be shown more than once.
fn calls(address: SocketAddr) -> Vec<Call> {
    let control = |method: &str, path: &str, body: Value| {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let path = format!("{CONTROL}/{path}");
        asked(address, &spoken(method, &path, None, "application/json", &body))
    };
    let post = |path: &str, bearer: Option<&str>, body: Value| {
        let path = format!("{API}/{path}");
        spoken("POST", &path, bearer, "application/json", &body.to_string())
    };
    control("PATCH", "settings", json!({ "totp": { "replay": "allow" } }));
    // The code would have to change with the time.
    control("PUT", "clock", json!({ "mode": "held", "at": "2030-01-01T00:00:00Z" }));
    control("POST", "users", json!({ "email": EMAIL, "totp": "enrolled" }));
    let create = post("emailVerifications/create", None, json!({ "email": EMAIL }));
    let created = asked(address, &create);
    let inbox = control("GET", &format!("inbox?to={EMAIL}"), Value::Null);
    let mail = inbox.pointer("/mails/0/code").and_then(Value::as_str).unwrap();
    let proof = json!({
        "verificationUUID": text(&created, "verificationUUID"),
        "verificationToken": mail,
    });
    let signed_in = asked(address, &post("emailVerifications/signin", None, proof));
    let code = text(&control("GET", &format!("users/{EMAIL}/totp"), Value::Null), "code");
    let bearer = text(&signed_in, "minifiedJwt");
    let verify = post("users/mfa/auth/totp", Some(&bearer), json!({ "code": code }));
    let bearer = text(&asked(address, &verify), "minifiedJwt");
    let verify = post("users/mfa/auth/totp", Some(&bearer), json!({ "code": code }));
    let devices = get(&format!("{API}/users/mfa"), Some(&bearer));
    let keys = get(&format!("{API}/.well-known/jwks"), None);
    vec![Call::of(vec![verify]), Call::of(vec![devices]), Call::of(vec![keys])]
}
