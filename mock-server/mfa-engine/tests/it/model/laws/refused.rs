//! A refused command changes nothing but counters.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::super::reference::{Scene, World};

/// A refused command changes nothing but these counters:
///
/// - the wrong codes of a user (`users.*.failures`) and of a verification (`verifications.*.attempts`),
/// - the nonce that came along, which is used up (`nonces.open`),
/// - that a token passed its checks before the call failed (`sessions.*.mfa_tokens.*.spent`,
///   `users.*.spent`),
/// - the challenge that came along, where the settings say that it is gone (`challenges.open`).
pub(crate) fn refusal_changes_counters_only(
    before: &str,
    after: &str,
    scene: &Scene,
    model: &World,
) {
    let without = |text: &str| {
        let mut world: Value = serde_json::from_str(text).unwrap();
        strip(&mut world, scene, model);
        world
    };
    let mut changes = Vec::new();
    compare("", &without(before), &without(after), &mut changes);
    assert!(changes.is_empty(), "a refusal changed more than counters: {changes:#?}");
}

/// Notes down where two worlds differ, since nobody wants to read two whole ones.
fn compare(path: &str, before: &Value, after: &Value, changes: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for key in keys {
                let side = |map: &Map<String, Value>| map.get(key).cloned().unwrap_or_default();
                compare(&format!("{path}/{key}"), &side(before), &side(after), changes);
            }
        }
        _ if before != after => changes.push(format!("{path}: {before} became {after}")),
        _ => {}
    }
}

fn strip(world: &mut Value, scene: &Scene, model: &World) {
    for user in each(&mut world["users"]) {
        user["failures"] = Value::Null;
        user["spent"] = Value::Null;
    }
    for verification in each(&mut world["verifications"]) {
        verification["attempts"] = Value::Null;
    }
    for session in each(&mut world["sessions"]) {
        for token in each(&mut session["mfa_tokens"]) {
            token["spent"] = Value::Null;
        }
    }
    if scene.nonce.is_some() {
        world["nonces"]["open"] = Value::Null;
    }
    if scene.challenge.is_some() && !model.policy.passkey.challenge_survives_refusal {
        world["challenges"]["open"] = Value::Null;
    }
}

fn each(map: &mut Value) -> impl Iterator<Item = &mut Value> {
    map.as_object_mut().unwrap().values_mut()
}
