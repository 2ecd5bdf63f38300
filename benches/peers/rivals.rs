//! The rivals: what starts each, and the requests that are most like ours.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use benches::text;
use serde_json::{Value, json};

use super::Kind;
use super::call::{Call, Limit, asked, get, spoken};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
/// API keys of the WorkOS emulator, each of which may ask a thousand times a minute.
const KEYS: u64 = 128;
/// It answers 999 signed-out calls a minute; nine are left for what else is asked.
const SIGNED_OUT: Limit = Limit { requests: 990, every: Duration::from_secs(61) };
/// No key is used more than 225 times a round, so that four rounds fit into any minute.
const SIGNED_IN: Limit = Limit { requests: KEYS * 225, every: Duration::ZERO };

/// oauth2-mock-server by its own command line.
pub(super) fn oauth2(node: &Path, folder: &Path) -> Kind {
    let (node, folder) = (node.to_owned(), folder.to_owned());
    let command = move |port: u16| {
        let mut command = Command::new(&node);
        command.arg("node_modules/oauth2-mock-server/dist/oauth2-mock-server.mjs");
        command.args(["-a", "127.0.0.1", "-p", &port.to_string()]).current_dir(&folder);
        command
    };
    Kind {
        name: "oauth2_mock_server",
        command: Box::new(command),
        first: "/jwks",
        calls: of_oauth2,
    }
}

fn of_oauth2(address: SocketAddr) -> Vec<Call> {
    let grant = "grant_type=password&client_id=app&username=alice&password=x&scope=openid";
    let token = spoken("POST", "/token", None, FORM, grant);
    let bearer = text(&asked(address, &token), "access_token");
    let read = get("/userinfo", Some(&bearer));
    vec![Call::of(vec![token]), Call::of(vec![read]), Call::of(vec![get("/jwks", None)])]
}

/// The emulator of WorkOS, started by the function that its command line calls.
pub(super) fn workos(node: &Path, folder: &Path) -> Kind {
    let (node, folder) = (node.to_owned(), folder.to_owned());
    let command = move |port: u16| {
        let mut command = Command::new(&node);
        command.arg("workos.mjs").args([port.to_string(), KEYS.to_string()]).current_dir(&folder);
        command
    };
    Kind { name: "workos", command: Box::new(command), first: "/health", calls: of_workos }
}

fn of_workos(address: SocketAddr) -> Vec<Call> {
    let grant = json!({
        "grant_type": "password",
        "client_id": "app",
        "email": "alice@example.com",
        "password": "correct horse",
    });
    let token = spoken("POST", "/user_management/authenticate", None, JSON, &grant.to_string());
    let signed_in = asked(address, &token);
    let user = signed_in.pointer("/user/id").and_then(Value::as_str).unwrap();
    let factors = format!("/user_management/users/{user}/auth_factors");
    let totp = json!({ "type": "totp" }).to_string();
    asked(address, &spoken("POST", &factors, Some("sk_test_0"), JSON, &totp));
    let reads = (0..KEYS).map(|number| get(&factors, Some(&format!("sk_test_{number}"))));
    vec![
        Call::of(vec![token]).limited(SIGNED_OUT),
        Call::of(reads.collect()).limited(SIGNED_IN),
        Call::of(vec![get("/sso/jwks/app", None)]),
    ]
}
