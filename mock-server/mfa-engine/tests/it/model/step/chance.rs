//! How a history is made up: by chance, with a lean towards what gets on with the story.

use mfa_engine::TokenScope;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::reference::World;
use super::super::rules::Rules;
use super::lean::{AtHand, Enrolled};
use super::{
    ADDRESSES, Act, Age, Authenticator, Bend, Deed, Digits, Elevation, MAILBOXES, Mfa, Mortal,
    Nonce, Order, Proof, Slip, Step, Typed, Which, Whose, Wish, Word,
};

/// Seconds since 1970 to which time leaps: around the ends of 31 and of 32 bits (2038 and 2106),
/// beyond 33 bits, and near the last year that the service's clock can tell.
const LEAPS: [i64; 7] = [
    (1 << 31) - 1,
    1 << 31,
    (1 << 32) - 1,
    1 << 32,
    (1 << 32) + 31,
    (1 << 33) + 17,
    221_000_000_000,
];

/// A next step that makes sense now, more often than not.
pub(crate) fn any_step(world: &World) -> BoxedStrategy<Step> {
    let at_hand = AtHand::of(world);
    let somebody_calls = u32::from(at_hand.caller.is_some());
    let letter_waits = u32::from(at_hand.letter.is_some());
    let has_passkeys = world.users.iter().flatten().any(|user| !user.passkeys.is_empty());
    let key_waits = u32::from(at_hand.opens.is_some() && has_passkeys);
    let key_helps = u32::from(at_hand.opens.is_none() && has_passkeys);
    let is_locked_out = u32::from(at_hand.is_locked_out);
    let address = prop_oneof![2 => Just(at_hand.address), 3 => 0..ADDRESSES.len()];
    prop_oneof![
        7 => wait(),
        1 + 20 * is_locked_out => (-1..2_i64).prop_map(|odd| Deed::ToEnd(Mortal::Failure, odd)),
        1 => Rules::any().prop_map(Deed::Rules),
        3 + 15 * (1 - letter_waits) => address.clone().prop_map(Deed::Mail),
        1 + 10 * u32::from(at_hand.mail_helps) => Just(Deed::Mail(at_hand.address)),
        1 => (newest(at_hand.letter), address.clone()).prop_map(|(age, to)| Deed::Renew(age, to)),
        1 + 8 * letter_waits => (newest(at_hand.letter), typed(), nonce(), any::<bool>())
            .prop_map(|(age, typed, nonce, link)| Deed::SignIn(age, typed, nonce, link)),
        1 => (1..4_u8).prop_map(Deed::Nonces),
        1 + 3 * key_helps => Just(Deed::BeginKeySignIn),
        1 + 8 * key_waits => (newest(at_hand.opens), whose(), bend(), nonce())
            .prop_map(|(age, whose, bend, nonce)| Deed::KeySignIn(age, whose, bend, nonce)),
        1 => address.prop_map(Deed::Seed),
        1 => prop_oneof![age().prop_map(Deed::RevokeAll), age().prop_map(Deed::Remove)],
        3 => order().prop_map(Deed::Office),
        2 => about_keys(world.ring.newest).prop_map(Deed::Office),
        1 + 100 * somebody_calls => (newest(at_hand.caller), act(at_hand))
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
    prop_oneof![4 => Just(at_hand.unwrap_or(0)), 1 => age()].boxed()
}

fn order() -> BoxedStrategy<Order> {
    prop_oneof![
        8 => age().prop_map(Order::ResetMfa),
        4 => age().prop_map(Order::Revoke),
        2 => age().prop_map(Order::RevokeOf),
        1 => Just(Order::RevokeEvery),
        2 => age().prop_map(Order::Dismiss),
    ]
    .boxed()
}

fn about_keys(newest: u8) -> BoxedStrategy<Order> {
    let retired = prop_oneof![1..=newest, 1..=3_u8];
    prop_oneof![2 => Just(Order::Rotate), 1 => retired.prop_map(Order::Retire)].boxed()
}

/// Odd times: across edges of time steps, and to either side of every lifetime.
fn wait() -> BoxedStrategy<Deed> {
    let odd = -1..2_i64;
    let mortal = prop_oneof![
        5 => Just(Mortal::Elevation),
        4 => Just(Mortal::MfaToken),
        4 => Just(Mortal::Failure),
        3 => Just(Mortal::Letter),
        3 => Just(Mortal::Challenge),
        1 => Just(Mortal::Nonce),
        1 => Just(Mortal::Jwt),
    ];
    prop_oneof![
        8 => select(vec![1, 700, 15_000, 30_000, 44_900, 300_000]).prop_map(Deed::Wait),
        8 => select(vec![0, -1, 999, 29_999]).prop_map(Deed::ToEdge),
        8 => (mortal, odd).prop_map(|(mortal, odd)| Deed::ToEnd(mortal, odd)),
        1 => select(LEAPS.to_vec()).prop_map(Deed::Until),
    ]
    .boxed()
}

fn typed() -> BoxedStrategy<Typed> {
    prop_oneof![15 => guess(), 1 => Just(Typed::Misplaced)].boxed()
}

/// A code in the right call.
fn guess() -> BoxedStrategy<Typed> {
    prop_oneof![8 => Just(Typed::Right), 2 => Just(Typed::Wrong), 1 => Just(Typed::Replaced)]
        .boxed()
}

fn nonce() -> BoxedStrategy<Nonce> {
    let issued = age().prop_map(Nonce::Issued);
    prop_oneof![20 => Just(Nonce::None), 4 => issued, 1 => Just(Nonce::MadeUp)].boxed()
}

fn which() -> BoxedStrategy<Which> {
    prop_oneof![12 => Just(Which::Mine), 1 => Just(Which::Former), 1 => Just(Which::Foreign)]
        .boxed()
}

fn whose() -> BoxedStrategy<Whose> {
    let mine = (0..3_usize).prop_map(Whose::Mine);
    prop_oneof![10 => mine, 2 => Just(Whose::Foreign), 1 => Just(Whose::Gone)].boxed()
}

fn slip() -> BoxedStrategy<Slip> {
    use Slip::{Absent, Challenge, Kind, None, Origin, OtherId, RawId, RightId, RpId};
    let wrong = select(vec![OtherId, Kind, Origin, RpId, Absent, RawId, Challenge]);
    prop_oneof![10 => Just(None), 2 => Just(RightId), 2 => wrong].boxed()
}

fn bend() -> BoxedStrategy<Bend> {
    use Bend::{
        Absent, Backup, Challenge, Kind, NoCount, NoHandle, None, OldCount, Origin, OtherHandle,
        RpId, Signature,
    };
    let wrong = vec![
        OldCount,
        NoCount,
        NoHandle,
        OtherHandle,
        Signature,
        Kind,
        Origin,
        RpId,
        Absent,
        Backup,
        Challenge,
    ];
    prop_oneof![12 => Just(None), 3 => select(wrong)].boxed()
}

fn scope() -> BoxedStrategy<TokenScope> {
    prop_oneof![
        5 => Just(TokenScope::CredentialLink),
        4 => Just(TokenScope::CredentialUnlink),
        2 => Just(TokenScope::WalletSign),
        1 => Just(TokenScope::WalletExport),
        1 => Just(TokenScope::UserUpdate),
        1 => Just(TokenScope::CredentialUpdate),
        1 => Just(TokenScope::UserDelete),
    ]
    .boxed()
}

fn scopes() -> BoxedStrategy<Vec<TokenScope>> {
    prop_oneof![1 => Just(vec![]), 3 => vec(scope(), 1..4)].boxed()
}

fn wish() -> BoxedStrategy<Wish> {
    let token = prop_oneof![2 => Just(None), 2 => Just(Some(true)), 1 => Just(Some(false))];
    let unknown = prop_oneof![29 => Just(false), 1 => Just(true)];
    (token, scopes(), unknown)
        .prop_map(|(token, scopes, unknown)| Wish(token, scopes, unknown))
        .boxed()
}

/// What opens the gate of that scope, more often than not.
fn proof(at_hand: AtHand, scope: TokenScope) -> BoxedStrategy<Proof> {
    let fitting = at_hand.token_for(scope);
    let mfa = prop_oneof![
        4 => Just(Mfa::None),
        6 => newest(Some(at_hand.mfa_token)).prop_map(Mfa::Token),
        1 => Just(Mfa::MadeUp),
    ];
    let elevation = prop_oneof![
        4 => Just(Elevation::None),
        10 => newest(Some(fitting)).prop_map(Elevation::Token),
        1 => Just(Elevation::Forged),
        1 => newest(Some(fitting)).prop_map(Elevation::Foreign),
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
    let AtHand { device, owes_mfa, can_link, can_enrol, letter, .. } = at_hand;
    let (link, unlink) = (TokenScope::CredentialLink, TokenScope::CredentialUnlink);
    let if_so = |weight: u32, so: bool| if so { weight } else { 1 };
    let linking = if_so(8, letter.is_some() && device != Enrolled::Yes) + if_so(12, can_link);
    prop_oneof![
        3 => look(),
        if_so(8, device == Enrolled::No && can_enrol) => proof(at_hand, link).prop_map(Act::Register),
        if_so(4, device == Enrolled::Pending) => digits().prop_map(Act::Confirm),
        if_so(10, device != Enrolled::No) => totp(),
        if_so(3, device == Enrolled::Yes) => (word(), wish())
            .prop_map(|(word, wish)| Act::Recover(word, wish)),
        if_so(5, device != Enrolled::No && !owes_mfa) => (which(), proof(at_hand, unlink))
            .prop_map(|(which, proof)| Act::Delete(which, proof)),
        linking => (newest(letter), typed(), nonce(), scopes(), proof(at_hand, link)).prop_map(
            |(age, typed, nonce, scopes, proof)| Act::Verify(age, typed, nonce, scopes, proof)
        ),
        if_so(20, at_hand.mail_fits) => (newest(letter), guess(), wish())
            .prop_map(|(age, typed, wish)| Act::MailFactor(age, typed, wish)),
        if_so(4, at_hand.credentials > 1) => (whose(), proof(at_hand, unlink))
            .prop_map(|(whose, proof)| Act::Unlink(whose, proof)),
        10 + if_so(14, at_hand.passkeys > 0) => about_passkeys(at_hand),
        5 => account(at_hand),
    ]
    .boxed()
}

fn about_passkeys(at_hand: AtHand) -> BoxedStrategy<Act> {
    let AtHand { makes, uses, passkeys, can_enrol, .. } = at_hand;
    let if_so = |weight: u32, so: bool| if so { weight } else { 1 };
    let authenticator = prop_oneof![
        8 => any::<bool>().prop_map(Authenticator::New),
        2 => age().prop_map(Authenticator::Known),
    ];
    let token = prop_oneof![2 => Just(None), 2 => any::<bool>().prop_map(Some)];
    let made =
        (newest(makes), authenticator, slip(), token, proof(at_hand, TokenScope::CredentialLink));
    prop_oneof![
        if_so(18, makes.is_none()) => Just(Act::BeginKey),
        if_so(36, makes.is_some() && can_enrol) => made.prop_map(|(age, authenticator, slip, token, proof)| {
            Act::MakeKey(age, authenticator, slip, token, proof)
        }),
        if_so(18, passkeys > 0 && uses.is_none()) => Just(Act::BeginUse),
        if_so(44, passkeys > 0 && uses.is_some()) => (newest(uses), whose(), bend(), wish())
            .prop_map(|(age, whose, bend, wish)| Act::UseKey(age, whose, bend, wish)),
        2 => Just(Act::Keys),
        if_so(6, passkeys > 0) => (whose(), prop::option::of(0..9_u8), proof(at_hand, TokenScope::CredentialUpdate))
            .prop_map(|(whose, name, proof)| Act::RenameKey(whose, name, proof)),
        if_so(12, passkeys > 0) => (whose(), proof(at_hand, TokenScope::CredentialUnlink))
            .prop_map(|(whose, proof)| Act::DeleteKey(whose, proof)),
    ]
    .boxed()
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

fn account(at_hand: AtHand) -> BoxedStrategy<Act> {
    prop_oneof![
        6 => nonce().prop_map(Act::Refresh),
        4 => Just(Act::Acknowledge),
        4 => Just(Act::ReadCodes),
        4 => Just(Act::RotateCodes),
        6 => (0..MAILBOXES, proof(at_hand, TokenScope::UserUpdate))
            .prop_map(|(address, proof)| Act::AddEmail(address, proof)),
        2 => Just(Act::Revoke),
        1 => proof(at_hand, TokenScope::UserDelete).prop_map(Act::DeleteUser),
    ]
    .boxed()
}
