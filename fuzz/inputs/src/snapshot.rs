//! A snapshot that somebody edited: restored, and then a world like any other, or refused whole.
//!
//! ```text
//! /environment/users/*/failures = {"count":3}
//! /environment/zzz = 1
//! /clock =
//! ```
//!
//! Each line puts a value in a place of the scene's own snapshot, or takes it away if there is
//! none; `*` is the first entry of a map. A line `= {…}` takes the place of the whole.

use serde_json::Value;

use crate::answers;
use crate::scene::{Scene, WORLD, lets_wait, on_the_first_day, request};

/// Lines of one input.
const LINES_MAX: usize = 12;

/// Any changes of a snapshot.
pub(crate) fn changes(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    on_the_first_day(|scene| {
        let mut edited = scene.first_day.clone();
        for line in text.split('\n').take(LINES_MAX) {
            let (place, value) = line.split_once('=').unwrap_or((line, ""));
            put(&mut edited, place.trim(), serde_json::from_str(value).ok());
        }
        if scene.world.restore(edited).is_err() {
            return assert_eq!(scene.world.snapshot(), scene.first_day, "refused as a whole");
        }
        let written = scene.world.snapshot();
        scene.world.restore(written.clone()).expect("what it wrote itself");
        assert_eq!(scene.world.snapshot(), written);
        if !lets_wait(&scene.world) {
            live(scene);
        }
    });
}

/// Puts a value in a place, or takes away what is there.
fn put(world: &mut Value, place: &str, value: Option<Value>) {
    let Some((parent, key)) = place.rsplit_once('/') else {
        return *world = value.unwrap_or_default();
    };
    let mut inside = world;
    for part in parent.split('/').skip(1) {
        let Some(next) = child(inside, part) else { return };
        inside = next;
    }
    match (inside, value) {
        (Value::Object(fields), Some(value)) => drop(fields.insert(key.to_owned(), value)),
        (Value::Object(fields), None) => drop(fields.remove(key)),
        (Value::Array(items), Some(value)) => items.push(value),
        (Value::Array(items), None) => drop(items.pop()),
        _ => {}
    }
}

fn child<'value>(value: &'value mut Value, part: &str) -> Option<&'value mut Value> {
    match (value, part) {
        (Value::Object(fields), "*") => fields.values_mut().next(),
        (Value::Object(fields), part) => fields.get_mut(part),
        (Value::Array(items), "*") => items.first_mut(),
        (Value::Array(items), part) => items.get_mut(part.parse::<usize>().ok()?),
        _ => None,
    }
}

/// Whatever the world holds now, it can be asked, and what it answers can be read.
///
/// No more than that: an edited world may have faults, or a session of nobody.
fn live(scene: &Scene) {
    let bearer = format!("Bearer {}", scene.word("bearer"));
    let admin = format!("Bearer {}", scene.word("admin"));
    let by_user = [("authorization", bearer.as_str())];
    let ask = |method: &str, path: &str, headers: &[(&str, &str)], body: &str| {
        let asked = request(method, path, headers, body.to_owned());
        answers::can_be_read(&scene.mock.answer(&asked).response);
    };
    for path in ["settings", "users", "users/mfa", "users/mfa/recovery", "nonces?count=5"] {
        ask("GET", &scene.path(path), &by_user, "");
    }
    let code = serde_json::json!({ "code": scene.word("code") }).to_string();
    ask("POST", &scene.path("users/mfa/auth/totp"), &by_user, &code);
    let mail = r#"{"email":"alice@example.com"}"#;
    ask("POST", &scene.path("emailVerifications/create"), &[], mail);
    ask("POST", &scene.path("refresh"), &by_user, "");
    let users = format!("/api/v0/environments/{WORLD}/users");
    ask("GET", &users, &[("authorization", &admin)], "");
    scene.world.users();
    drop(scene.world.totp_display("alice@example.com"));
}
