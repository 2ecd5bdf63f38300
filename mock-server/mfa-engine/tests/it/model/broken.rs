//! Engines that are broken in one way each: the model must tell every one from the real engine.
//!
//! An engine is broken from behind: after each deed its serialised state is bent to what it would
//! be if the engine had forgotten to do something.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use proptest_state_machine::ReferenceStateMachine as _;
use serde_json::{Value, json};

use super::stage::{Breakage, Stage};
use super::{CASES, LENGTH, Model};

/// Yields the number of the history in which a broken engine is found out.
fn found_out_in(breakage: Breakage, histories: u32) -> Option<u32> {
    let dice = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), dice);
    (1..=histories).find(|_| {
        let tree = Model::sequential_strategy(LENGTH).new_tree(&mut runner).unwrap();
        let (mut world, steps, _) = tree.current();
        let mut stage = Stage::broken(&world, 7, breakage);
        let play = || {
            for step in &steps {
                world = Model::apply(world.clone(), step);
                stage.play(step, &world);
            }
        };
        catch_unwind(AssertUnwindSafe(play)).is_err()
    })
}

/// Brings back the entries of a map that went.
fn keep(before: &Value, after: &mut Value) {
    for (key, value) in before.as_object().unwrap() {
        let entries = after.as_object_mut().unwrap();
        entries.entry(key.clone()).or_insert_with(|| value.clone());
    }
}

fn each<'all>(world: &'all mut Value, map: &str) -> impl Iterator<Item = &'all mut Value> {
    world[map].as_object_mut().unwrap().values_mut()
}

fn recovery_codes_work_again(_: &Value, after: &mut Value) {
    for user in each(after, "users").filter(|user| user["recovery"].is_object()) {
        user["recovery"]["used"] = json!([]);
    }
}

fn time_steps_work_again(_: &Value, after: &mut Value) {
    for user in each(after, "users").filter(|user| user["totp"]["last_step"].is_u64()) {
        user["totp"]["last_step"] = Value::Null;
    }
}

fn challenges_work_again(before: &Value, after: &mut Value) {
    keep(&before["challenges"]["open"], &mut after["challenges"]["open"]);
}

fn elevated_tokens_work_again(_: &Value, after: &mut Value) {
    for user in each(after, "users") {
        user["spent"] = json!([]);
    }
}

fn mfa_tokens_work_again(_: &Value, after: &mut Value) {
    for session in each(after, "sessions") {
        for token in session["mfa_tokens"].as_object_mut().unwrap().values_mut() {
            token["spent"] = json!(false);
        }
    }
}

fn sent_codes_work_again(before: &Value, after: &mut Value) {
    keep(&before["verifications"], &mut after["verifications"]);
}

fn nonces_work_again(before: &Value, after: &mut Value) {
    keep(&before["nonces"]["open"], &mut after["nonces"]["open"]);
}

fn sessions_never_end(before: &Value, after: &mut Value) {
    keep(&before["sessions"], &mut after["sessions"]);
}

fn unlinked_addresses_still_sign_in(before: &Value, after: &mut Value) {
    keep(&before["identities"], &mut after["identities"]);
}

fn removed_devices_stay(before: &Value, after: &mut Value) {
    for (id, user) in after["users"].as_object_mut().unwrap() {
        let old = &before["users"][id]["totp"];
        if user["totp"].is_null() && old.is_object() {
            user["totp"] = old.clone();
        }
    }
}

fn wrong_codes_do_not_count(before: &Value, after: &mut Value) {
    for (id, user) in after["users"].as_object_mut().unwrap() {
        if let Some(old) = before["users"].get(id) {
            user["failures"] = old["failures"].clone();
        }
    }
}

fn passkeys_do_not_count(_: &Value, after: &mut Value) {
    for user in each(after, "users") {
        for passkey in user["passkeys"].as_array_mut().unwrap() {
            passkey["sign_count"] = json!(0);
        }
    }
}

fn a_reset_leaves_the_recovery_codes(before: &Value, after: &mut Value) {
    for (id, user) in after["users"].as_object_mut().unwrap() {
        if let Some(old) = before["users"].get(id).filter(|_| user["recovery"].is_null()) {
            user["recovery"] = old["recovery"].clone();
        }
    }
}

#[test]
fn every_broken_engine_is_found_out() {
    let breakages: [(&str, Breakage); 13] = [
        ("recovery codes work again", recovery_codes_work_again),
        ("time steps work again", time_steps_work_again),
        ("challenges work again", challenges_work_again),
        ("elevated tokens work again", elevated_tokens_work_again),
        ("MFA tokens work again", mfa_tokens_work_again),
        ("sent codes work again", sent_codes_work_again),
        ("nonces work again", nonces_work_again),
        ("sessions never end", sessions_never_end),
        ("unlinked addresses still sign in", unlinked_addresses_still_sign_in),
        ("removed devices stay", removed_devices_stay),
        ("wrong codes do not count", wrong_codes_do_not_count),
        ("passkeys do not count", passkeys_do_not_count),
        ("a reset leaves the recovery codes", a_reset_leaves_the_recovery_codes),
    ];
    for (name, breakage) in breakages {
        let found = found_out_in(breakage, CASES);
        assert!(found.is_some(), "{name}: not found out in {CASES} histories");
    }
}

#[test]
fn the_engine_that_is_not_broken_is_not_found_out() {
    assert_eq!(found_out_in(|_, _| {}, 12), None);
}
