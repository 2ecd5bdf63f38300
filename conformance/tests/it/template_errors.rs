//! The templates tell an error of the SDK from a slip in the calls that were filled in.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::driver_docs::{fresh_folder, is_here};

const JS_SDK: &str = "class Wrapped extends Error {}
export const refused = () => {
  throw new Wrapped('no', { cause: Object.assign(new Error('422'), { status: 422 }) });
};
export const trips = () => null.field;
export const unreachable = () => fetch('http://127.0.0.1:1');
export const later = () => { Promise.reject(new Error('nobody awaits me')); };
";

const PYTHON_SDK: &str = "class Refusal(Exception): status = 422
class Wrapped(Exception): pass
def refused():
    try: raise Refusal('422')
    except Refusal as refusal: raise Wrapped('no') from refusal
def trips(): None.field
def unreachable(): raise ConnectionRefusedError('nobody listens')
def later(): pass
";

fn template(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(name)).unwrap()
}

/// Lets a driver answer the ops below, one after the other.
fn answers(program: &str, driver: &PathBuf) -> Vec<Value> {
    let ops =
        ["client.new", "user.get", "user.update", "user.delete", "auth.refresh", "auth.logout"];
    let ops = ops.iter().chain(&["state.get", "passkey.sign_in"]);
    let mut lines: Vec<Value> = ops
        .zip(1..)
        .map(|(op, id)| json!({ "mdp": 1, "id": id, "op": op, "inst": "c1", "args": {} }))
        .collect();
    lines.push(json!({ "cb": 1, "err": { "name": "NotAllowedError", "message": "cancelled" } }));
    let mut child = Command::new(program)
        .arg(driver)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let out = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut heard = Vec::new();
    let mut out = std::io::BufRead::lines(out);
    for line in lines {
        writeln!(stdin, "{line}").unwrap();
        heard.push(serde_json::from_str(&out.next().unwrap().unwrap()).unwrap());
    }
    writeln!(stdin, "{}", json!({ "mdp": 1, "id": 99, "op": "bye", "args": {} })).unwrap();
    assert!(child.wait().unwrap().success(), "bye ends it");
    heard
}

fn origins(heard: &[Value]) -> Vec<String> {
    let word = |answer: &Value| {
        let fields = answer.as_object().unwrap();
        let key = fields.keys().find(|key| *key != "id" && *key != "args").unwrap();
        match answer.pointer("/err/origin") {
            Some(origin) => {
                format!("{} {}", origin.as_str().unwrap(), answer.pointer("/err/http").unwrap())
            }
            None => key.clone(),
        }
    };
    heard.iter().map(word).collect()
}

/// What each of the ops above comes to, in every language.
const TOLD: [&str; 9] =
    ["ok", "fault", "server 422", "client null", "network null", "ok", "ok", "cb", "user null"];

#[test]
fn the_javascript_template_tells_whose_mistake_it_is() {
    if !is_here("node") {
        return;
    }
    let folder = fresh_folder("template-errors-js");
    let mut driver = template("js/driver.mjs");
    for (old, new) in [
        ("// import * as sdk from 'your-sdk';", "import * as sdk from './sdk.mjs';"),
        ("'client.new': todo", "'client.new': () => ({})"),
        ("'user.get': todo", "'user.get': (c) => c.noSuchCall()"),
        ("'user.update': todo", "'user.update': () => sdk.refused()"),
        ("'user.delete': todo", "'user.delete': () => sdk.trips()"),
        ("'auth.refresh': todo", "'auth.refresh': () => sdk.unreachable()"),
        ("'auth.logout': todo", "'auth.logout': () => sdk.later()"),
        ("'state.get': todo", "'state.get': () => new Promise((done) => setTimeout(done, 50))"),
        ("'passkey.sign_in': todo", "'passkey.sign_in': () => lend('webauthn.get', {})"),
    ] {
        assert!(driver.contains(old), "{old}");
        driver = driver.replacen(old, new, 1);
    }
    fs::write(folder.join("sdk.mjs"), JS_SDK).unwrap();
    fs::write(folder.join("driver.mjs"), driver).unwrap();
    let heard = answers("node", &folder.join("driver.mjs"));
    assert_eq!(origins(&heard), TOLD, "{heard:?}");
    assert!(heard[1]["fault"]["trace"].as_str().unwrap().contains("driver.mjs:"), "{heard:?}");
}

#[test]
fn the_python_template_tells_whose_mistake_it_is() {
    if !is_here("python3") {
        return;
    }
    let folder = fresh_folder("template-errors-python");
    let mut driver = template("python/driver.py");
    for (old, new) in [
        ("# import your_sdk", "import sdk"),
        ("\"client.new\": TODO", "\"client.new\": lambda a: {}"),
        ("\"user.get\": TODO", "\"user.get\": lambda c, a: c.no_such_call()"),
        ("\"user.update\": TODO", "\"user.update\": lambda c, a: sdk.refused()"),
        ("\"user.delete\": TODO", "\"user.delete\": lambda c, a: sdk.trips()"),
        ("\"auth.refresh\": TODO", "\"auth.refresh\": lambda c, a: sdk.unreachable()"),
        ("\"auth.logout\": TODO", "\"auth.logout\": lambda c, a: sdk.later()"),
        ("\"state.get\": TODO", "\"state.get\": lambda c, a: None"),
        (
            "\"passkey.sign_in\": TODO",
            "\"passkey.sign_in\": lambda c, a: lend(\"webauthn.get\", {})",
        ),
    ] {
        assert!(driver.contains(old), "{old}");
        driver = driver.replacen(old, new, 1);
    }
    fs::write(folder.join("sdk.py"), PYTHON_SDK).unwrap();
    fs::write(folder.join("driver.py"), driver).unwrap();
    let heard = answers("python3", &folder.join("driver.py"));
    assert_eq!(origins(&heard), TOLD, "{heard:?}");
    assert!(heard[1]["fault"]["trace"].as_str().unwrap().contains("driver.py"), "{heard:?}");
}
