//! A token that somebody puts together: accepted only if it is, byte for byte, one that was issued.
//!
//! The private half of the service's keys is published, so claims of one's own can be signed; that
//! is what the fixtures are for, and nobody does it here.

use serde_json::Value;

use crate::scene::{Scene, on_the_first_day, request};
use crate::spelling::spell;

/// Any token, shown in each of the three places: nothing but the issued one opens anything.
pub(crate) fn token(input: &[u8]) {
    on_the_first_day(|scene| {
        let spelt = spell(input, &scene.words);
        let Ok(text) = std::str::from_utf8(&spelt) else { return };
        // What is no header's value is never sent.
        if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return;
        }
        let (shown, mut state) = (text.trim(), scene.first_day.clone());
        as_bearer(scene, shown, &mut state);
        as_cookie(scene, shown, &mut state);
        as_elevation(scene, shown, &mut state);
        is_over_at_once(scene, shown, &mut state);
    });
}

/// The bearer is one of the two session tokens, which open the same session.
fn is_session(scene: &Scene, token: &str) -> bool {
    [scene.word("bearer"), scene.word("full")].contains(&token)
}

fn look(scene: &Scene, headers: &[(&str, &str)], state: &mut Value) -> bool {
    let before = state.clone();
    let status = scene.ask(&request("GET", &scene.path("users"), headers, ""), state);
    assert!([200, 401].contains(&status), "{status}");
    assert_eq!(*state, before, "a look changes nothing");
    status == 200
}

fn as_bearer(scene: &Scene, token: &str, state: &mut Value) {
    let authorization = format!("Bearer {token}");
    let is_in = look(scene, &[("authorization", &authorization)], state);
    assert_eq!(is_in, is_session(scene, token), "{token}");
}

fn as_cookie(scene: &Scene, token: &str, state: &mut Value) {
    // Anything else would be another cookie, or none.
    if !token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
        return;
    }
    let cookie = format!("DYNAMIC_JWT_TOKEN={token}");
    let is_in = look(scene, &[("cookie", &cookie)], state);
    assert_eq!(is_in, is_session(scene, token), "{token}");
}

fn as_elevation(scene: &Scene, token: &str, state: &mut Value) {
    let authorization = format!("Bearer {}", scene.word("bearer"));
    let headers =
        [("authorization", authorization.as_str()), ("x-dyn-elevated-access-token", token)];
    let path = scene.path(&format!("users/mfa/{}", scene.word("device")));
    let status = scene.ask(&request("DELETE", &path, &headers, ""), state);
    assert!([204, 403].contains(&status), "{status}");
    assert_eq!(status == 204, token == scene.word("elevated"), "{token}");
}

/// Once the session is revoked, no token of it opens anything, however often it was seen.
fn is_over_at_once(scene: &Scene, token: &str, state: &mut Value) {
    let bearer = format!("Bearer {}", scene.word("bearer"));
    assert!(look(scene, &[("authorization", &bearer)], state));
    let revoke = request("POST", &scene.path("revoke"), &[("authorization", &bearer)], "");
    assert_eq!(scene.ask(&revoke, state), 204);
    for token in [bearer, format!("Bearer {token}")] {
        assert!(!look(scene, &[("authorization", &token)], state), "{token}");
    }
}
