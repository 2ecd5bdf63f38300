//! What must hold after every step, said without regard to how the model came to its verdict.

use std::collections::BTreeMap;

use mfa_engine::{
    Command, ElevationFlaw, Environment, Outcome, PresentedElevation, Proof, Refusal, Request,
    SessionScope, TokenScope, User,
};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::reference::{Identity, Scene, Tested, World};
use super::stage::{Stage, milliseconds, timestamp};
use super::step::ADDRESSES;

mod refused;
mod secrets;
mod tokens;

pub(crate) use refused::refusal_changes_counters_only;
pub(crate) use secrets::tells_nothing_of_others;
pub(crate) use tokens::dead_tokens_stay_dead;

/// Everything that holds at all times.
pub(crate) fn hold(stage: &Stage, model: &World) {
    survives_writing_and_reading(stage);
    users_are_those_of_the_model(stage, model);
    sessions_are_those_of_the_model(stage, model);
    dead_tokens_stay_dead(stage, model);
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
    let said = stage.world.clone().apply(command, timestamp(model.now), &mut stage.spare_dice());
    // What was linked may be a factor that the session owes from now on; that is said first.
    let has_device = model.user(model.bearers[scene.bearer].user).has_device();
    let spent = match model.refuse_enrolment_past_a_factor(session) {
        Err(pending) if !has_device => pending,
        _ => Refusal::ElevationUnusable { scope, flaw: ElevationFlaw::Spent },
    };
    assert!(said == Err(spent) || said == Err(Refusal::MfaDisabled), "another door: {said:?}");
}

fn survives_writing_and_reading(stage: &Stage) {
    let read = stage.restored();
    assert_eq!(read, stage.world, "writing and reading a world changed it");
    assert_eq!(serde_json::to_string(&read).unwrap(), stage.serialised());
}

fn users_are_those_of_the_model(stage: &Stage, model: &World) {
    let world = &stage.world;
    assert_eq!(world.users().count(), model.users.iter().flatten().count());
    for (number, id) in stage.users.iter().enumerate() {
        let found = world.find_user(&id.to_string());
        assert_eq!(found.is_some(), model.users[number].is_some(), "user {number}");
        let (Some(found), Some(expected)) = (found, &model.users[number]) else {
            assert_eq!(world.sessions_of(*id).count(), 0, "a session outlived its user");
            continue;
        };
        for session in world.sessions_of(*id) {
            let is_held = |named| found.credentials.iter().any(|held| held.id == named);
            let named = [session.signin_credential, session.last_credential];
            assert!(named.into_iter().all(is_held), "a session names a credential that is gone");
        }
        let held: Vec<_> = found.credentials.iter().map(|it| (it.id, it.sign_in_enabled)).collect();
        let known = expected.credentials.iter();
        let known: Vec<_> = known.map(|it| (stage.credentials[it.number], it.signs_in)).collect();
        assert_eq!(held, known, "the credentials of user {number}");
        let held: Vec<_> = found.passkeys.iter().map(|it| (it.id, it.sign_count)).collect();
        let known = expected.passkeys.iter();
        let known: Vec<_> = known.map(|it| (stage.credentials[it.credential], it.count)).collect();
        assert_eq!(held, known, "the passkeys of user {number}");
        let unused = found.recovery.as_ref().map(mfa_engine::RecoveryCodes::unused_count);
        let expected = expected.codes.as_ref();
        let expected = expected.map(|codes| codes.used.iter().filter(|used| !**used).count());
        assert_eq!(unused, expected, "the recovery codes of user {number}");
    }
    for (address, text) in ADDRESSES.iter().enumerate() {
        let owner = world.find_user(text).map(|user| user.id);
        let expected = model.owner(Identity::At(address)).map(|number| stage.users[number]);
        assert_eq!(owner, expected, "{text}");
    }
}

/// What opens an account is what its user holds: nothing that went is left in the index.
pub(crate) fn the_index_of_identities_is_right(world: &Environment) {
    let state = serde_json::to_value(world).unwrap();
    let indexed: BTreeMap<String, String> =
        serde_json::from_value(state["identities"].clone()).unwrap();
    let of = |user: &User| {
        let owner = user.id.to_string();
        let keys = user.credentials.iter().map(|known| known.identity.key().to_string());
        keys.map(|key| (key, owner.clone())).collect::<Vec<_>>()
    };
    assert_eq!(indexed, world.users().flat_map(of).collect(), "the index of identities");
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
        let session = match (ask(Request::ReadUser), model.live_session(number)) {
            (Ok(Outcome::User(view, _)), Ok(session)) => {
                let expected = model.scopes(session);
                let requires = view.scopes.contains(&SessionScope::RequiresAdditionalAuth);
                assert_eq!(requires, expected.requires_additional_auth, "requiresAdditionalAuth");
                assert_eq!(view.scopes.contains(&SessionScope::Basic), expected.basic);
                let last_used = stage.credentials[model.session(session).last_used];
                assert_eq!(view.last_credential, last_used, "the credential used last");
                session
            }
            (Err(refusal), Err(expected)) => {
                assert_eq!(refusal, expected, "bearer {number}");
                let is_over = |it| {
                    use Refusal::{RetiredKey, SessionEnded, TokenExpired};
                    matches!(it, SessionEnded | TokenExpired | RetiredKey)
                };
                assert!(is_over(refusal));
                continue;
            }
            (said, expected) => panic!("bearer {number}: {said:?}, the model says {expected:?}"),
        };
        let Ok(Outcome::Methods { devices, passkeys, .. }) =
            ask(Request::ListMethods { verified_only: true })
        else {
            panic!("a live session may always list its methods");
        };
        let user = model.session(session).user;
        assert!(devices.len() <= 1, "two verified devices of one user");
        assert_eq!(devices.len(), model.devices_of(user, false).len());
        assert_eq!(passkeys.len(), model.passkey_methods_of(user));
    }
    assert_eq!(world, stage.world, "reading changed the world");
}
