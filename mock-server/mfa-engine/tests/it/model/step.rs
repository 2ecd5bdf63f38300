//! The words of a history, and how one is made up.
//!
//! A step names what it uses by age: letter 0 is the newest, letter 1 the one before. Whatever is
//! left of a history after shrinking is therefore still a history.

use std::fmt;

use mfa_engine::TokenScope;
use proptest::prelude::*;

use super::reference::World;
use super::rules::Rules;

/// Counts backwards from the newest.
pub(super) type Age = usize;

/// The addresses of the story; the last one always gets the same code (rule S4).
pub(super) const ADDRESSES: [&str; 4] =
    ["ann@example.com", "bob@example.com", "cat@example.com", "dan+dynamic_test@example.com"];

/// Which of [`ADDRESSES`].
pub(super) type Address = usize;

/// One step, which shows itself on one line however the story is printed.
#[derive(Clone, PartialEq)]
pub(super) struct Step(pub(super) Deed);

impl fmt::Debug for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.0)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Deed {
    /// Time passes, in milliseconds.
    Wait(i64),
    /// Time passes to that many milliseconds after the next edge of a time step.
    ToEdge(i64),
    Rules(Rules),
    Mail(Address),
    Renew(Age, Address),
    /// With or without `allowNewMFALinking`.
    SignIn(Age, Typed, Nonce, bool),
    Nonces(u8),
    As(Age, Act),
    /// The tester puts a user with a confirmed device into the world.
    Seed(Address),
    Remove(Age),
    RevokeAll(Age),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Act {
    ReadUser,
    Devices,
    Methods(bool),
    ReadDevice(Which),
    Default(Which),
    Refresh(Nonce),
    Revoke,
    Acknowledge,
    AddEmail(Address),
    Verify(Age, Typed, Nonce, Vec<TokenScope>, Proof),
    Register(Proof),
    Confirm(Digits),
    Totp(Digits, Option<Which>, Wish),
    Delete(Which, Proof),
    ReadCodes,
    RotateCodes,
    Recover(Word, Wish),
    Check(TokenScope),
    DeleteUser,
}

/// A mailed code as typed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Typed {
    Right,
    Wrong,
    /// The code that a renewal replaced.
    Replaced,
}

/// A TOTP code as typed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Digits {
    /// Shown by the user's device that many steps from now.
    Shown(i8),
    /// The one that was accepted last.
    Again,
    /// Shown now by the device that was replaced or deleted last.
    OldDevice,
    Wrong,
    /// No six digits at all.
    Junk,
}

/// A recovery code as typed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Word {
    /// The unused one of that number, among the unused ones.
    Fresh(usize),
    /// The same in lower case between blanks.
    Sloppy(usize),
    Used(usize),
    /// Out of the set that was replaced.
    OldSet,
    Typo,
}

/// A device of the API by whose it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Which {
    Mine,
    /// The one that was replaced or deleted last.
    Former,
    /// Somebody else's.
    Foreign,
}

/// A nonce in a device signature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Nonce {
    None,
    Issued(Age),
    MadeUp,
}

/// What comes along to prove a right.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Proof(pub(super) Mfa, pub(super) Elevation);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mfa {
    None,
    Token(Age),
    MadeUp,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Elevation {
    None,
    Token(Age),
    Forged,
    /// A genuine token of another environment.
    Foreign(Age),
}

/// What is asked for beside the factor: an MFA token (single-use or not) and scopes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Wish(pub(super) Option<bool>, pub(super) Vec<TokenScope>, pub(super) bool);

/// A next step that makes sense now, more often than not.
pub(super) fn any_step(world: &World) -> BoxedStrategy<Step> {
    let has_letters = u32::from(world.has_open_letters());
    let has_callers = u32::from(world.has_callers());
    let address = 0..ADDRESSES.len();
    prop_oneof![
        5 => wait(),
        2 => Rules::any().prop_map(Deed::Rules),
        2 + 6 * (1 - has_letters) => address.clone().prop_map(Deed::Mail),
        1 => (age(), address.clone()).prop_map(|(age, address)| Deed::Renew(age, address)),
        1 + 7 * has_letters => (age(), typed(), nonce(), any::<bool>())
            .prop_map(|(age, typed, nonce, link)| Deed::SignIn(age, typed, nonce, link)),
        1 => (1..4_u8).prop_map(Deed::Nonces),
        2 => address.prop_map(Deed::Seed),
        1 => prop_oneof![age().prop_map(Deed::RevokeAll), age().prop_map(Deed::Remove)],
        1 + 40 * has_callers => (age(), act()).prop_map(|(age, act)| Deed::As(age, act)),
    ]
    .prop_map(Step)
    .boxed()
}

fn age() -> BoxedStrategy<Age> {
    prop_oneof![8 => Just(0), 3 => Just(1), 1 => 2..5_usize].boxed()
}

/// Odd times: across edges of time steps, and to either side of every lifetime.
fn wait() -> BoxedStrategy<Deed> {
    let lives = [42, 60, 100, 300, 600, 900, 7_200, 86_400];
    prop_oneof![
        3 => prop_oneof![Just(1), Just(700), Just(15_000), Just(30_000), Just(44_900)]
            .prop_map(Deed::Wait),
        3 => prop_oneof![Just(0), Just(-1), Just(999), Just(29_999)].prop_map(Deed::ToEdge),
        2 => (proptest::sample::select(lives.to_vec()), -1..2_i64)
            .prop_map(|(seconds, odd)| Deed::Wait(seconds * 1_000 + odd)),
    ]
    .boxed()
}

fn typed() -> impl Strategy<Value = Typed> {
    prop_oneof![8 => Just(Typed::Right), 2 => Just(Typed::Wrong), 1 => Just(Typed::Replaced)]
}

fn nonce() -> impl Strategy<Value = Nonce> {
    let issued = age().prop_map(Nonce::Issued);
    prop_oneof![8 => Just(Nonce::None), 2 => issued, 1 => Just(Nonce::MadeUp)]
}

fn which() -> impl Strategy<Value = Which> {
    prop_oneof![8 => Just(Which::Mine), 1 => Just(Which::Former), 1 => Just(Which::Foreign)]
}

fn scope() -> impl Strategy<Value = TokenScope> {
    proptest::sample::select(vec![
        TokenScope::CredentialLink,
        TokenScope::CredentialUnlink,
        TokenScope::WalletSign,
        TokenScope::WalletExport,
        TokenScope::UserUpdate,
    ])
}

fn scopes() -> BoxedStrategy<Vec<TokenScope>> {
    let bundle = proptest::collection::vec(scope(), 1..4);
    prop_oneof![2 => Just(vec![]), 3 => bundle].boxed()
}

fn wish() -> BoxedStrategy<Wish> {
    let token = prop_oneof![2 => Just(None), 2 => Just(Some(true)), 1 => Just(Some(false))];
    (token, scopes(), prop_oneof![19 => Just(false), 1 => Just(true)])
        .prop_map(|(token, scopes, unknown)| Wish(token, scopes, unknown))
        .boxed()
}

fn proof() -> BoxedStrategy<Proof> {
    let mfa = prop_oneof![
        3 => Just(Mfa::None),
        4 => age().prop_map(Mfa::Token),
        1 => Just(Mfa::MadeUp),
    ];
    let elevation = prop_oneof![
        3 => Just(Elevation::None),
        8 => age().prop_map(Elevation::Token),
        1 => Just(Elevation::Forged),
        1 => age().prop_map(Elevation::Foreign),
    ];
    (mfa, elevation).prop_map(|(mfa, elevation)| Proof(mfa, elevation)).boxed()
}

fn digits() -> BoxedStrategy<Digits> {
    prop_oneof![
        8 => Just(Digits::Shown(0)),
        4 => (-3..=3_i8).prop_map(Digits::Shown),
        3 => Just(Digits::Again),
        1 => Just(Digits::OldDevice),
        3 => Just(Digits::Wrong),
        1 => Just(Digits::Junk),
    ]
    .boxed()
}

fn word() -> BoxedStrategy<Word> {
    prop_oneof![
        5 => (0..10_usize).prop_map(Word::Fresh),
        1 => (0..10_usize).prop_map(Word::Sloppy),
        2 => (0..10_usize).prop_map(Word::Used),
        1 => Just(Word::OldSet),
        2 => Just(Word::Typo),
    ]
    .boxed()
}

fn act() -> BoxedStrategy<Act> {
    let look = prop_oneof![
        Just(Act::ReadUser),
        Just(Act::Devices),
        any::<bool>().prop_map(Act::Methods),
        which().prop_map(Act::ReadDevice),
        which().prop_map(Act::Default),
        scope().prop_map(Act::Check),
    ];
    let factor = prop_oneof![
        4 => proof().prop_map(Act::Register),
        2 => digits().prop_map(Act::Confirm),
        8 => (digits(), prop_oneof![3 => Just(None), 1 => which().prop_map(Some)], wish())
            .prop_map(|(digits, which, wish)| Act::Totp(digits, which, wish)),
        4 => (word(), wish()).prop_map(|(word, wish)| Act::Recover(word, wish)),
        4 => (which(), proof()).prop_map(|(which, proof)| Act::Delete(which, proof)),
    ];
    let account = prop_oneof![
        3 => nonce().prop_map(Act::Refresh),
        2 => Just(Act::Acknowledge),
        2 => Just(Act::ReadCodes),
        2 => Just(Act::RotateCodes),
        3 => (0..ADDRESSES.len()).prop_map(Act::AddEmail),
        5 => (age(), typed(), nonce(), scopes(), proof()).prop_map(
            |(age, typed, nonce, scopes, proof)| Act::Verify(age, typed, nonce, scopes, proof)
        ),
        1 => Just(Act::Revoke),
        1 => Just(Act::DeleteUser),
    ];
    prop_oneof![3 => look, 10 => factor, 8 => account].boxed()
}
