//! How a history is made up: by chance, with a lean towards what gets on with the story.

use mfa_engine::TokenScope;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::reference::{Elevated, World};
use super::super::rules::Rules;
use super::{
    ADDRESSES, Act, Address, Age, Deed, Digits, Elevation, Mfa, Mortal, Nonce, Proof, Step, Typed,
    Which, Wish, Word,
};

/// What lies at hand: without it, most steps would be refused for one dull reason.
#[derive(Clone, Copy)]
struct AtHand {
    /// The newest live session's newest JWT, if any lives.
    caller: Option<Age>,
    /// The newest letter that can still be opened.
    letter: Option<Age>,
    /// The newest tokens of that caller.
    elevation: Age,
    mfa_token: Age,
    /// An address of that caller.
    address: Address,
    device: Enrolled,
    owes_mfa: bool,
    /// Whether wrong codes close the door just now.
    is_locked_out: bool,
    /// Whether that letter would link a new address, and there is a token that allows it.
    can_link: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Enrolled {
    No,
    Pending,
    Yes,
}

impl AtHand {
    fn of(world: &World) -> Self {
        let mut at_hand = Self {
            caller: None,
            letter: world.letters.iter().rev().position(|it| it.open && world.now < it.ends),
            elevation: 0,
            mfa_token: 0,
            address: 0,
            device: Enrolled::No,
            owes_mfa: false,
            is_locked_out: false,
            can_link: false,
        };
        let live = |bearer: &usize| world.live_session(*bearer).is_ok();
        let Some(bearer) = (0..world.bearers.len()).rev().find(live) else { return at_hand };
        let (session, user) = (world.bearers[bearer].session, world.bearers[bearer].user);
        at_hand.caller = Some(world.bearers.len() - 1 - bearer);
        let own = |tokens: Option<usize>| tokens.unwrap_or(0);
        at_hand.elevation = own(world.elevations.iter().rev().position(|it| it.session == session));
        at_hand.mfa_token = own(world.mfa_tokens.iter().rev().position(|it| it.session == session));
        let user = world.user(user);
        at_hand.address = user.addresses[0];
        at_hand.device = match user.device.as_ref().map(|device| device.verified) {
            None => Enrolled::No,
            Some(false) => Enrolled::Pending,
            Some(true) => Enrolled::Yes,
        };
        at_hand.owes_mfa = world.owes_mfa(session);
        at_hand.is_locked_out = user.failures.len() >= usize::from(world.policy.totp.failures_max);
        let letter = at_hand.letter.map(|age| &world.letters[world.letters.len() - 1 - age]);
        let is_new = letter.is_some_and(|letter| world.owner(letter.address).is_none());
        let links = |token: &Elevated| {
            token.session == session && token.scopes.contains(TokenScope::CredentialLink)
        };
        at_hand.can_link = is_new && world.elevations.iter().any(links);
        at_hand
    }
}

/// A next step that makes sense now, more often than not.
pub(crate) fn any_step(world: &World) -> BoxedStrategy<Step> {
    let at_hand = AtHand::of(world);
    let somebody_calls = u32::from(at_hand.caller.is_some());
    let letter_waits = u32::from(at_hand.letter.is_some());
    let address = prop_oneof![2 => Just(at_hand.address), 3 => 0..ADDRESSES.len()];
    prop_oneof![
        5 => wait(),
        1 + 12 * u32::from(at_hand.is_locked_out) => (-1..2_i64).prop_map(|odd| Deed::ToEnd(Mortal::Failure, odd)),
        1 => Rules::any().prop_map(Deed::Rules),
        2 + 8 * (1 - letter_waits) => address.clone().prop_map(Deed::Mail),
        1 => (newest(at_hand.letter), address.clone()).prop_map(|(age, to)| Deed::Renew(age, to)),
        1 + 5 * letter_waits => (newest(at_hand.letter), typed(), nonce(), any::<bool>())
            .prop_map(|(age, typed, nonce, link)| Deed::SignIn(age, typed, nonce, link)),
        1 => (1..4_u8).prop_map(Deed::Nonces),
        1 => address.prop_map(Deed::Seed),
        1 => prop_oneof![3 => age().prop_map(Deed::RevokeAll), 1 => age().prop_map(Deed::Remove)],
        1 + 50 * somebody_calls => (newest(at_hand.caller), act(at_hand))
            .prop_map(|(age, act)| Deed::As(age, act)),
    ]
    .prop_map(Step)
    .boxed()
}

fn age() -> BoxedStrategy<Age> {
    (0..5_usize).boxed()
}

/// Mostly the one at hand, sometimes an older one.
fn newest(at_hand: Option<Age>) -> BoxedStrategy<Age> {
    prop_oneof![6 => Just(at_hand.unwrap_or(0)), 1 => age()].boxed()
}

/// Odd times: across edges of time steps, and to either side of every lifetime.
fn wait() -> BoxedStrategy<Deed> {
    let odd = -1..2_i64;
    let mortal = select(vec![
        Mortal::Elevation,
        Mortal::Elevation,
        Mortal::MfaToken,
        Mortal::MfaToken,
        Mortal::Failure,
        Mortal::Failure,
        Mortal::Letter,
        Mortal::Nonce,
        Mortal::Jwt,
    ]);
    prop_oneof![
        4 => select(vec![1, 700, 15_000, 30_000, 44_900, 300_000]).prop_map(Deed::Wait),
        4 => select(vec![0, -1, 999, 29_999]).prop_map(Deed::ToEdge),
        4 => (mortal, odd).prop_map(|(mortal, odd)| Deed::ToEnd(mortal, odd)),
    ]
    .boxed()
}

fn typed() -> BoxedStrategy<Typed> {
    prop_oneof![8 => Just(Typed::Right), 2 => Just(Typed::Wrong), 1 => Just(Typed::Replaced)]
        .boxed()
}

fn nonce() -> BoxedStrategy<Nonce> {
    let issued = age().prop_map(Nonce::Issued);
    prop_oneof![12 => Just(Nonce::None), 4 => issued, 1 => Just(Nonce::MadeUp)].boxed()
}

fn which() -> BoxedStrategy<Which> {
    prop_oneof![12 => Just(Which::Mine), 1 => Just(Which::Former), 1 => Just(Which::Foreign)]
        .boxed()
}

fn scope() -> BoxedStrategy<TokenScope> {
    prop_oneof![
        3 => Just(TokenScope::CredentialLink),
        3 => Just(TokenScope::CredentialUnlink),
        2 => Just(TokenScope::WalletSign),
        1 => Just(TokenScope::WalletExport),
        1 => Just(TokenScope::UserUpdate),
    ]
    .boxed()
}

fn scopes() -> BoxedStrategy<Vec<TokenScope>> {
    prop_oneof![2 => Just(vec![]), 3 => vec(scope(), 1..4)].boxed()
}

fn wish() -> BoxedStrategy<Wish> {
    let token = prop_oneof![2 => Just(None), 2 => Just(Some(true)), 1 => Just(Some(false))];
    let unknown = prop_oneof![29 => Just(false), 1 => Just(true)];
    (token, scopes(), unknown)
        .prop_map(|(token, scopes, unknown)| Wish(token, scopes, unknown))
        .boxed()
}

fn proof(at_hand: AtHand) -> BoxedStrategy<Proof> {
    let mfa = prop_oneof![
        4 => Just(Mfa::None),
        6 => newest(Some(at_hand.mfa_token)).prop_map(Mfa::Token),
        1 => Just(Mfa::MadeUp),
    ];
    let elevation = prop_oneof![
        4 => Just(Elevation::None),
        10 => newest(Some(at_hand.elevation)).prop_map(Elevation::Token),
        1 => Just(Elevation::Forged),
        1 => newest(Some(at_hand.elevation)).prop_map(Elevation::Foreign),
    ];
    (mfa, elevation).prop_map(|(mfa, elevation)| Proof(mfa, elevation)).boxed()
}

fn digits() -> BoxedStrategy<Digits> {
    prop_oneof![
        8 => Just(Digits::Shown(0)),
        5 => (-3..=3_i8).prop_map(Digits::Shown),
        3 => Just(Digits::Again),
        1 => Just(Digits::OldDevice),
        3 => Just(Digits::Wrong),
        1 => Just(Digits::Junk),
    ]
    .boxed()
}

fn word() -> BoxedStrategy<Word> {
    prop_oneof![
        6 => (0..10_usize).prop_map(Word::Fresh),
        1 => (0..10_usize).prop_map(Word::Sloppy),
        2 => (0..10_usize).prop_map(Word::Used),
        1 => Just(Word::OldSet),
        2 => Just(Word::Typo),
    ]
    .boxed()
}

fn act(at_hand: AtHand) -> BoxedStrategy<Act> {
    let AtHand { device, owes_mfa, can_link, .. } = at_hand;
    let if_so = |weight: u32, so: bool| if so { weight } else { 1 };
    prop_oneof![
        3 => look(),
        if_so(8, device == Enrolled::No) => proof(at_hand).prop_map(Act::Register),
        if_so(4, device == Enrolled::Pending) => digits().prop_map(Act::Confirm),
        if_so(10, device != Enrolled::No) => totp(),
        if_so(3, device == Enrolled::Yes) => (word(), wish())
            .prop_map(|(word, wish)| Act::Recover(word, wish)),
        if_so(5, device != Enrolled::No && !owes_mfa) => (which(), proof(at_hand))
            .prop_map(|(which, proof)| Act::Delete(which, proof)),
        if_so(6, device != Enrolled::Yes) + if_so(12, can_link) => (newest(at_hand.letter), typed(), nonce(), scopes(), proof(at_hand))
            .prop_map(|(age, typed, nonce, scopes, proof)| Act::Verify(age, typed, nonce, scopes, proof)),
        5 => account(),
    ].boxed()
}

fn totp() -> BoxedStrategy<Act> {
    let named = prop_oneof![3 => Just(None), 1 => which().prop_map(Some)];
    (digits(), named, wish())
        .prop_map(|(digits, named, wish)| Act::Totp(digits, named, wish))
        .boxed()
}

fn look() -> BoxedStrategy<Act> {
    prop_oneof![
        Just(Act::ReadUser),
        Just(Act::Devices),
        any::<bool>().prop_map(Act::Methods),
        which().prop_map(Act::ReadDevice),
        which().prop_map(Act::Default),
        scope().prop_map(Act::Check),
    ]
    .boxed()
}

fn account() -> BoxedStrategy<Act> {
    prop_oneof![
        6 => nonce().prop_map(Act::Refresh),
        4 => Just(Act::Acknowledge),
        4 => Just(Act::ReadCodes),
        4 => Just(Act::RotateCodes),
        6 => (0..ADDRESSES.len()).prop_map(Act::AddEmail),
        2 => Just(Act::Revoke),
        1 => Just(Act::DeleteUser),
    ]
    .boxed()
}
