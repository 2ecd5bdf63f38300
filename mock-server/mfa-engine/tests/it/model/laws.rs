//! What must hold after every step, said without regard to how the model came to its verdict.

use std::collections::{BTreeMap, BTreeSet};

use mfa_engine::totp::TotpDevice;
use mfa_engine::{
    Command, ElevationFlaw, Environment, Outcome, PresentedElevation, Proof, Refusal, Request,
    SessionScope, TokenScope,
};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use serde_json::{Map, Value};

use super::reference::{Scene, Tested, World};
use super::stage::{Stage, milliseconds, timestamp};
use super::step::ADDRESSES;

/// Everything that holds at all times.
pub(crate) fn hold(stage: &Stage, model: &World) {
    survives_writing_and_reading(&stage.world);
    users_are_those_of_the_model(stage, model);
    sessions_are_those_of_the_model(stage, model);
}

/// A refused command changes nothing but these counters:
///
/// - the wrong codes of a user (`users.*.failures`) and of a verification (`verifications.*.attempts`),
/// - the nonce that came along, which is used up (`nonces.open`),
/// - that a token passed its checks before the call failed (`sessions.*.mfa_tokens.*.spent`,
///   `users.*.spent`).
pub(crate) fn refusal_changes_counters_only(before: &str, after: &str, scene: &Scene) {
    let without = |text: &str| {
        let mut world: Value = serde_json::from_str(text).unwrap();
        strip(&mut world, scene);
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

fn strip(world: &mut Value, scene: &Scene) {
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
}

fn each(map: &mut Value) -> impl Iterator<Item = &mut Value> {
    map.as_object_mut().unwrap().values_mut()
}

/// An elevated token that opened a door names the scope, is of this user and session, and lives.
pub(crate) fn token_fits(stage: &Stage, scene: &Scene, model: &World) {
    let Tested::Elevation(number, scope) = scene.tested else { return };
    let token = &stage.elevations[number];
    let caller = &stage.callers[scene.bearer];
    assert!(token.scopes.contains(scope), "{scope} is none of {}", token.scopes);
    assert_eq!(token.user, caller.user);
    assert_eq!(token.environment, stage.world.id());
    let bound = model.policy.elevation.bound_to_session;
    assert!(!bound || token.session == caller.session, "a token of another session was accepted");
    assert!(model.now < milliseconds(token.expires_at), "a token was accepted after its end");
}

/// A single-use token that linked an address cannot register a device as well.
pub(crate) fn spent_token_opens_no_other_door(stage: &Stage, scene: &Scene, model: &World) {
    let link = TokenScope::CredentialLink;
    let Tested::Elevation(number, scope) = scene.tested else { return };
    let session = model.bearers[scene.bearer].session;
    let is_gated = model.asks_for(link) && !model.is_exempt(session);
    if scope != link || !is_gated || !stage.elevations[number].single_use {
        return;
    }
    let elevation = Some(PresentedElevation::Genuine(stage.elevations[number].clone()));
    let request = Request::RegisterTotp { proof: Proof { elevation, mfa_token: None } };
    let command = Command::As(stage.callers[scene.bearer].clone(), request);
    let mut dice = ChaCha8Rng::seed_from_u64(0);
    let said = stage.world.clone().apply(command, timestamp(model.now), &mut dice);
    let spent = Refusal::ElevationUnusable { scope, flaw: ElevationFlaw::Spent };
    assert!(said == Err(spent) || said == Err(Refusal::MfaDisabled), "another door: {said:?}");
}

fn survives_writing_and_reading(world: &Environment) {
    let text = serde_json::to_string(world).unwrap();
    let read: Environment = serde_json::from_str(&text).unwrap();
    assert_eq!(&read, world, "writing and reading a world changed it");
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
}

fn users_are_those_of_the_model(stage: &Stage, model: &World) {
    let world = &stage.world;
    assert_eq!(world.users().count(), model.users.iter().flatten().count());
    for (number, id) in stage.users.iter().enumerate() {
        let found = world.find_user(&id.to_string());
        assert_eq!(found.is_some(), model.users[number].is_some(), "user {number}");
        if found.is_none() {
            assert_eq!(world.sessions_of(*id).count(), 0, "a session outlived its user");
        }
    }
    for (address, text) in ADDRESSES.iter().enumerate() {
        let owner = world.find_user(text).map(|user| user.id);
        assert_eq!(owner, model.owner(address).map(|number| stage.users[number]), "{text}");
    }
    let mut verified = BTreeMap::new();
    for user in world.users() {
        let is_verified = user.totp.as_ref().is_some_and(TotpDevice::is_verified);
        *verified.entry(user.id).or_insert(0) += u8::from(is_verified);
    }
    assert!(verified.values().all(|count| *count <= 1), "two verified devices of one user");
}

/// Every JWT ever handed out is tried: nothing outlives logout, revocation, expiry or deletion,
/// and `requiresAdditionalAuth` is there exactly when the model says so.
fn sessions_are_those_of_the_model(stage: &Stage, model: &World) {
    let mut world = stage.world.clone();
    let mut dice = ChaCha8Rng::seed_from_u64(0);
    for (number, caller) in stage.callers.iter().enumerate() {
        let mut ask = |request| {
            world.apply(Command::As(caller.clone(), request), timestamp(model.now), &mut dice)
        };
        let user = match (ask(Request::ReadUser), model.live_session(number)) {
            (Ok(Outcome::User(view, _)), Ok(session)) => {
                let expected = model.scopes(session);
                let requires = view.scopes.contains(&SessionScope::RequiresAdditionalAuth);
                assert_eq!(requires, expected.requires_additional_auth, "requiresAdditionalAuth");
                assert_eq!(view.scopes.contains(&SessionScope::Basic), expected.basic);
                model.session(session).user
            }
            (Err(refusal), Err(expected)) => {
                assert_eq!(refusal, expected, "bearer {number}");
                assert!(matches!(refusal, Refusal::SessionEnded | Refusal::TokenExpired));
                continue;
            }
            (said, expected) => panic!("bearer {number}: {said:?}, the model says {expected:?}"),
        };
        let Ok(Outcome::Methods { devices, .. }) =
            ask(Request::ListMethods { verified_only: true })
        else {
            panic!("a live session may always list its methods");
        };
        assert_eq!(devices.len(), model.devices_of(user, false).len());
    }
    assert_eq!(world, stage.world, "reading changed the world");
}

/// A command that was written down is the same command when it is read back.
pub(crate) fn reads_back(command: &Command) {
    let written = serde_json::to_string(command).unwrap();
    assert_eq!(serde_json::from_str::<Command>(&written).unwrap(), *command, "{written}");
}
