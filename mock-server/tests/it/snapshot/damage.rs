//! Snapshots that were damaged: refused by name, or harmless, and never half restored.

use mock_server::SnapshotError;
use serde_json::{Value, json};

use super::populated;
use crate::client::{ALICE, Client};

/// The pointers of every value in a JSON tree, deepest last.
fn pointers(path: &str, value: &Value, found: &mut Vec<String>) {
    found.push(path.to_owned());
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                let key = key.replace('~', "~0").replace('/', "~1");
                pointers(&format!("{path}/{key}"), field, found);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                pointers(&format!("{path}/{at}"), item, found);
            }
        }
        _ => {}
    }
}

fn all_pointers(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    pointers("", value, &mut found);
    found
}

/// JSON which may hold anything: what a tester wants answered, and a key set, whose readers must
/// ignore what they do not know (RFC 7517, sections 4 and 5).
fn is_free(pointer: &str) -> bool {
    ["/effect/body", "/effect/merge"].iter().any(|free| pointer.contains(free))
        || pointer.contains("/externalAuth/jwks")
}

fn problem(client: &Client, snapshot: Value) -> String {
    match client.world.restore(snapshot).unwrap_err() {
        SnapshotError::Malformed(problem) => problem,
        other => panic!("{other}"),
    }
}

#[test]
fn an_unknown_field_is_refused_wherever_it_stands() {
    let client = populated();
    let (snapshot, before) = (client.world.snapshot(), client.state());
    let mut tried = 0;
    for pointer in all_pointers(&snapshot) {
        let mut damaged = snapshot.clone();
        let Some(Value::Object(fields)) = damaged.pointer_mut(&pointer) else { continue };
        // In a map of ids this is a malformed id; everywhere else a field that nobody knows.
        fields.insert("zzz".to_owned(), json!("zzz"));
        match is_free(&pointer) {
            true => client.world.restore(damaged).unwrap(),
            false => {
                assert!(client.world.restore(damaged).is_err(), "{pointer}");
                client.stays(&before);
                tried += 1;
            }
        }
        client.world.restore(snapshot.clone()).unwrap();
    }
    assert!(tried > 40, "{tried}");
}

#[test]
fn a_missing_field_is_refused_wherever_it_stood() {
    let client = populated();
    let (snapshot, before) = (client.world.snapshot(), client.state());
    let mut tried = 0;
    for pointer in all_pointers(&snapshot) {
        let Some((parent, key)) = pointer.rsplit_once('/') else { continue };
        // Settings and profiles are the formats of the APIs, where absence has a meaning; an
        // entry of a map of ids or addresses may be there or not, and a list has no fields.
        let may_be_absent = parent.starts_with("/environment/policy")
            || parent.ends_with("/profile")
            || parent.ends_with("/by_address")
            || parent.ends_with("/identities")
            || key.len() >= 32
            || key.contains('@')
            || key.parse::<u64>().is_ok()
            || is_free(parent)
            || ["nth", "times", "code", "body", "name"].contains(&key) && parent.contains("/fault");
        let mut damaged = snapshot.clone();
        let Some(Value::Object(fields)) = damaged.pointer_mut(parent) else { continue };
        fields.remove(&key.replace("~1", "/").replace("~0", "~")).unwrap();
        if may_be_absent {
            continue;
        }
        // Serde reads an absent option as none; that is a loss, so it must not pass either.
        let result = client.world.restore(damaged);
        assert!(result.is_err(), "{pointer} may be missing");
        client.stays(&before);
        tried += 1;
    }
    assert!(tried > 60, "{tried}");
}

#[test]
fn damage_is_named() {
    let client = populated();
    let (snapshot, before) = (client.world.snapshot(), client.state());
    let digest = "/environment/sessions";
    let session = snapshot.pointer(digest).unwrap().as_object().unwrap().keys().next().unwrap();
    let session_user = format!("/environment/sessions/{session}/user");
    for (pointer, value, message) in [
        ("/version", json!(2), "it is of version 2"),
        ("/version", json!("1"), "version: invalid type: string \"1\", expected u32"),
        ("/seed", json!(""), "seed: not 64 hex digits"),
        ("/seed", json!("0".repeat(63)), "seed: not 64 hex digits"),
        ("/seed", json!("0".repeat(66)), "seed: not 64 hex digits"),
        ("/seed", json!("X".repeat(64)), "seed: not 64 hex digits"),
        ("/commands", json!(-1), "commands: invalid value: integer `-1`, expected u64"),
        (
            "/clock",
            json!({ "mode": "held", "at": "9999-01-01T00:00:00Z" }),
            "the clock runs from 1970-01-01T00:00:00Z to 9000-01-01T00:00:00Z",
        ),
        (
            "/environment/policy/totp/windowSteps",
            json!(11),
            "setting `totp.windowSteps`: 11 is not in 0..=10",
        ),
        (
            "/environment/policy/totp/nonsense",
            json!(1),
            "environment.policy.totp.nonsense: unknown field `nonsense`",
        ),
        (
            "/environment/messages_sent",
            json!(null),
            "environment.messages_sent: invalid type: null, expected u64",
        ),
        (
            "/environment/inbox/0/code",
            json!(1),
            "environment.inbox[0].code: invalid type: integer `1`, expected a string",
        ),
        (session_user.as_str(), json!("nonsense"), "environment.sessions"),
        ("/faults/list/0/fault/nth", json!(0), "faults: nth: 0 is not in 1.."),
        (
            "/faults/list/0/fault/effect/status",
            json!(42),
            "faults: effect.status: 42 is not in 400..=599",
        ),
        ("/faults/list/1/fault/operation", json!("x"), "faults: no operation is called `x`"),
        (
            "/faults/list/1/fault/effect/milliseconds",
            json!(u64::MAX),
            "faults: effect.milliseconds: ",
        ),
    ] {
        let mut damaged = snapshot.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let fields = damaged.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        fields.insert(key.to_owned(), value);
        let problem = problem(&client, damaged);
        assert!(problem.starts_with(message), "{pointer}: {problem}");
        client.stays(&before);
    }
    for whole in [json!(null), json!([]), json!("text"), json!({})] {
        problem(&client, whole);
        client.stays(&before);
    }
    let many = vec![snapshot["faults"]["list"][0].clone(); 1_001];
    let mut damaged = snapshot;
    damaged["faults"]["list"] = json!(many);
    let message = "faults: an environment holds at most 1000 faults; clear some first";
    assert_eq!(problem(&client, damaged), message);
}

#[test]
fn no_damage_makes_the_service_panic() {
    let mut client = populated();
    let snapshot = client.world.snapshot();
    let (mut refused, mut taken) = (0, 0);
    for pointer in all_pointers(&snapshot) {
        for value in [json!(null), json!("é"), json!(-1), json!(u64::MAX), json!([]), json!({})] {
            let mut damaged = snapshot.clone();
            *damaged.pointer_mut(&pointer).unwrap() = value;
            if client.world.restore(damaged).is_err() {
                refused += 1;
                continue;
            }
            taken += 1;
            // Whatever it holds now, it is asked and written down again.
            let written = client.world.snapshot();
            client.world.restore(written.clone()).unwrap();
            assert_eq!(client.world.snapshot(), written, "{pointer}");
            for path in ["users", "users/mfa", "users/mfa/recovery", "nonces?count=5", "settings"] {
                client.get(path);
            }
            client.totp(&crate::oracle::code(&client.secret, client.seconds()), json!({}));
            client.post("emailVerifications/create", &json!({ "email": ALICE }));
            client.send("POST", "refresh", &[], "");
            client.world.users();
            drop(client.world.totp_display(ALICE));
            client.world.restore(snapshot.clone()).unwrap();
        }
    }
    assert!(refused > 1_000 && taken > 50, "{refused} {taken}");
}
