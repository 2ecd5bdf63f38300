//! Histories that once told of a mistake in the engine, and would again.

use mfa_engine::{ElevationFlaw, LinkingRefusal, Refusal, TokenScope};

use super::reference::{Seen, Verdict};
use super::stage::Stage;
use super::step::{
    Act, Address, Age, Authenticator, Bend, Deed, Elevation, Mfa, Nonce, Order, Proof, Slip, Step,
    Typed, Whose,
};
use super::{Model, Rules, World};
use proptest_state_machine::ReferenceStateMachine as _;

const NOTHING: Proof = Proof(Mfa::None, Elevation::None);

/// Tells a story to the model and the engine, which must agree on every step of it.
fn tell(rules: Rules, deeds: impl IntoIterator<Item = Deed>) -> Vec<Verdict> {
    let mut world = World::new(rules);
    let mut stage = Stage::new(&world, 7);
    let verdicts = deeds.into_iter().map(|deed| {
        let step = Step(deed);
        world = Model::apply(world.clone(), &step);
        stage.play(&step, &world);
        world.scene.clone().unwrap().verdict
    });
    let verdicts = verdicts.collect();
    stage.close();
    verdicts
}

fn sign_in(address: Address) -> [Deed; 2] {
    [Deed::Mail(address), Deed::SignIn(0, Typed::Right, Nonce::None, false)]
}

/// Types the code of a new letter in the newest session.
fn verify(address: Address, scopes: &[TokenScope]) -> [Deed; 2] {
    let verify = Act::Verify(0, Typed::Right, Nonce::None, scopes.to_vec(), NOTHING);
    [Deed::Mail(address), Deed::As(0, verify)]
}

fn make_passkey(by: Age) -> [Deed; 2] {
    let make = Act::MakeKey(0, Authenticator::New(true), Slip::None, Some(false), NOTHING);
    [Deed::As(by, Act::BeginKey), Deed::As(by, make)]
}

fn sign_in_with_passkey() -> [Deed; 2] {
    [Deed::BeginKeySignIn, Deed::KeySignIn(0, Whose::Mine(0), Bend::None, Nonce::None)]
}

#[test]
fn an_elevated_token_ends_with_its_session_even_where_it_works_in_others() {
    let link = TokenScope::CredentialLink;
    let register = || Deed::As(0, Act::Register(Proof(Mfa::None, Elevation::Token(0))));
    let two_sessions = || sign_in(0).into_iter().chain(verify(0, &[link])).chain(sign_in(0));
    let while_it_lives = tell(Rules::Lenient, two_sessions().chain([register()]));
    assert_eq!(while_it_lives.last(), Some(&Ok(Seen::Registered)));
    let after_its_end = [Deed::As(1, Act::Revoke), register()];
    let verdicts = tell(Rules::Lenient, two_sessions().chain(after_its_end));
    let ended = Refusal::ElevationUnusable { scope: link, flaw: ElevationFlaw::EndedSession };
    assert_eq!(verdicts.last(), Some(&Err(ended)));
}

#[test]
fn an_address_or_a_passkey_too_many_is_not_linked() {
    let full = || sign_in(0).into_iter().chain(verify(1, &[]));
    let refused = || Err(Refusal::Linking(LinkingRefusal::TooManyCredentials { max: 2 }));
    let by_mail = tell(Rules::Legacy, full().chain(verify(3, &[])));
    assert_eq!(by_mail.last(), Some(&refused()));
    let by_text = tell(Rules::Legacy, full().chain(verify(4, &[])));
    assert_eq!(by_text.last(), Some(&refused()));
    let by_passkey = tell(Rules::Legacy, full().chain(make_passkey(0)));
    assert_eq!(by_passkey.last(), Some(&refused()));
}

#[test]
fn a_deleted_passkey_takes_the_sessions_along_that_it_opened() {
    let two_sessions = sign_in(0).into_iter().chain(make_passkey(0)).chain(sign_in_with_passkey());
    let proof = Proof(Mfa::Token(0), Elevation::None);
    let delete = Deed::As(1, Act::DeleteKey(Whose::Mine(0), proof));
    let looks = [Deed::As(1, Act::ReadUser), Deed::As(0, Act::ReadUser)];
    let verdicts = tell(Rules::Legacy, two_sessions.chain([delete]).chain(looks));
    let [.., deleted, own, opened_by_it] = verdicts.as_slice() else { panic!("{verdicts:?}") };
    assert_eq!(deleted, &Ok(Seen::Done));
    assert!(matches!(own, Ok(Seen::User(_))), "{own:?}");
    assert_eq!(opened_by_it, &Err(Refusal::SessionEnded));
}

#[test]
fn no_session_names_a_passkey_that_a_reset_took_away() {
    let story = sign_in(0).into_iter().chain(make_passkey(0)).chain(sign_in_with_passkey());
    let reset = [Deed::Office(Order::ResetMfa(0)), Deed::As(0, Act::ReadUser)];
    let verdicts = tell(Rules::Legacy, story.chain(reset));
    let [.., reset, look] = verdicts.as_slice() else { panic!("{verdicts:?}") };
    assert_eq!(reset, &Ok(Seen::Done));
    assert!(matches!(look, Ok(Seen::User(_))), "{look:?}");
}
