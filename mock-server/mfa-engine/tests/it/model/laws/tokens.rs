//! A token that is dead stays dead, and none outlives its session, whatever the settings say.

use std::sync::Arc;

use mfa_engine::policy::{
    ApiVersion, Enrollment, FirstEnrolment, MfaAction, Policy, ProtectedAction,
};
use mfa_engine::{
    Caller, Command, Digest, ElevatedClaims, Environment, PresentedElevation, ProfileUpdate, Proof,
    Refusal, Request, ScopeSet, TokenScope,
};

use super::super::reference::World;
use super::super::stage::{Stage, timestamp};

/// Tries every token that should be dead in the newest live session: spent, expired, of another
/// user, of a session that has ended. Those of sessions that are gone must not be in the state.
pub(crate) fn dead_tokens_stay_dead(stage: &Stage, model: &World) {
    let state = stage.serialised();
    for (token, known) in stage.mfa_tokens.iter().zip(&model.mfa_tokens) {
        let is_gone = model.sessions[known.session].is_none();
        let digest = format!("{:?}", Digest::of(token));
        assert!(!is_gone || !state.contains(&digest), "a token of a session that is gone is kept");
    }
    let newest = (0..stage.callers.len()).rev().find(|it| model.live_session(*it).is_ok());
    let Some(newest) = newest else { return };
    let (session, caller) = (model.bearers[newest].session, &stage.callers[newest]);
    let mut world = stage.world.clone();
    world.set_policy(wide_open(stage.world.policy())).unwrap();
    for (token, known) in stage.elevations.iter().zip(&model.elevations) {
        let is_foreign = known.user != model.session(session).user;
        let is_retired = model.ring.retired.contains(&known.signed_by);
        let is_over = model.now >= known.ends || (known.single_use && known.spent);
        if is_foreign || is_retired || is_over || !model.is_live(known.session) {
            let said = try_elevation(&mut world, caller, token, model, stage);
            let is_refused = matches!(said, Some(Refusal::ElevationUnusable { .. }));
            assert!(is_refused, "a token that should be dead: {said:?}, {known:?}");
        }
    }
    for (token, known) in stage.mfa_tokens.iter().zip(&model.mfa_tokens) {
        let is_over = known.ends.is_some_and(|end| model.now >= end);
        if known.session != session || is_over || (known.single_use && known.spent) {
            let said = try_mfa_token(&mut world, caller, token, model, stage);
            assert_eq!(said, Some(Refusal::MfaTokenUnusable), "{known:?}");
        }
    }
}

/// The same settings, but changing the profile takes either token, from any session of the user.
fn wide_open(policy: &Arc<Policy>) -> Policy {
    let mut policy = Policy::clone(policy);
    policy.min_api_version = ApiVersion::V2026_04_01;
    policy.mfa.enrollment = Enrollment::None;
    policy.mfa.actions = vec![ProtectedAction {
        action: MfaAction::UserUpdate,
        required: true,
        token_behavior: None,
        token_expiry_seconds: None,
    }];
    policy.elevation.legacy_mfa_tokens = true;
    policy.elevation.bound_to_session = false;
    policy.elevation.first_enrolment = FirstEnrolment::Exempt;
    policy
}

fn try_elevation(
    world: &mut Environment,
    caller: &Caller,
    token: &ElevatedClaims,
    model: &World,
    stage: &Stage,
) -> Option<Refusal> {
    // The scope is not in question, so the token is one that has it.
    let scopes: ScopeSet = [TokenScope::UserUpdate].into_iter().collect();
    let elevation = Some(PresentedElevation::Genuine(ElevatedClaims { scopes, ..token.clone() }));
    change_profile(world, caller, Proof { elevation, mfa_token: None }, model, stage)
}

fn try_mfa_token(
    world: &mut Environment,
    caller: &Caller,
    token: &str,
    model: &World,
    stage: &Stage,
) -> Option<Refusal> {
    let proof = Proof { elevation: None, mfa_token: Some(token.to_owned()) };
    change_profile(world, caller, proof, model, stage)
}

/// Why the profile cannot be changed with that proof.
fn change_profile(
    world: &mut Environment,
    caller: &Caller,
    proof: Proof,
    model: &World,
    stage: &Stage,
) -> Option<Refusal> {
    let update =
        ProfileUpdate { alias: Some(Some("changed".to_owned())), ..ProfileUpdate::default() };
    let request = Request::UpdateUser {
        update: Box::new(update),
        email: None,
        acknowledge_recovery_codes: false,
        proof,
    };
    let command = Command::As(caller.clone(), request);
    world.apply(command, timestamp(model.now), &mut stage.spare_dice()).err()
}
