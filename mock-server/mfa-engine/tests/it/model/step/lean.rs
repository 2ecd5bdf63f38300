//! What lies at hand: without a lean towards it, most steps would be refused for one dull reason.

use mfa_engine::TokenScope;

use super::super::reference::{Elevated, Identity, Purpose, World};
use super::{Address, Age};

/// The scopes that the acts of the story ask for.
const GATED: [TokenScope; 5] = [
    TokenScope::CredentialLink,
    TokenScope::CredentialUnlink,
    TokenScope::CredentialUpdate,
    TokenScope::UserUpdate,
    TokenScope::UserDelete,
];

#[derive(Clone, Copy)]
pub(super) struct AtHand {
    /// The newest live session's newest JWT, if any lives.
    pub(super) caller: Option<Age>,
    /// The newest letter that can still be opened.
    pub(super) letter: Option<Age>,
    /// The newest open challenges: that caller's to make and to use a passkey, and to sign in.
    pub(super) makes: Option<Age>,
    pub(super) uses: Option<Age>,
    pub(super) opens: Option<Age>,
    /// The newest elevated token of that caller for each of [`GATED`].
    elevations: [Age; GATED.len()],
    /// The newest MFA token of that caller.
    pub(super) mfa_token: Age,
    /// An address of that caller, one that can be a second factor if there is such a one.
    pub(super) address: Address,
    /// Whether that letter can be the second factor of that caller.
    pub(super) mail_fits: bool,
    /// Whether another letter could.
    pub(super) mail_helps: bool,
    pub(super) credentials: usize,
    pub(super) passkeys: usize,
    pub(super) device: Enrolled,
    pub(super) owes_mfa: bool,
    /// Whether wrong codes close the door just now.
    pub(super) is_locked_out: bool,
    /// Whether that letter would link a new address, and there is a token that allows it.
    pub(super) can_link: bool,
    /// Whether a new factor would be let in.
    pub(super) can_enrol: bool,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Enrolled {
    No,
    Pending,
    Yes,
}

impl AtHand {
    /// The newest token of the caller that names a scope.
    pub(super) fn token_for(self, scope: TokenScope) -> Age {
        GATED.iter().position(|gated| *gated == scope).map_or(0, |at| self.elevations[at])
    }

    pub(super) fn of(world: &World) -> Self {
        let issued_for = |purpose: Purpose| {
            let mut newest = world.challenges.iter().rev();
            newest.position(|it| it.open && it.purpose == purpose)
        };
        let mut at_hand = Self {
            caller: None,
            letter: world.letters.iter().rev().position(|it| it.open && world.now < it.ends),
            makes: None,
            uses: None,
            opens: issued_for(Purpose::SignIn),
            elevations: [0; GATED.len()],
            mfa_token: 0,
            address: 0,
            mail_fits: false,
            mail_helps: false,
            credentials: 0,
            passkeys: 0,
            device: Enrolled::No,
            owes_mfa: false,
            is_locked_out: false,
            can_link: false,
            can_enrol: false,
        };
        let live = |bearer: &usize| world.live_session(*bearer).is_ok();
        let Some(bearer) = (0..world.bearers.len()).rev().find(live) else { return at_hand };
        let (session, user) = (world.bearers[bearer].session, world.bearers[bearer].user);
        at_hand.caller = Some(world.bearers.len() - 1 - bearer);
        at_hand.makes = issued_for(Purpose::Making(session));
        at_hand.uses = issued_for(Purpose::Using(session));
        let own = |tokens: Option<usize>| tokens.unwrap_or(0);
        at_hand.elevations = GATED.map(|scope| {
            let fits = |it: &Elevated| it.session == session && it.scopes.contains(scope);
            own(world.elevations.iter().rev().position(fits))
        });
        at_hand.mfa_token = own(world.mfa_tokens.iter().rev().position(|it| it.session == session));
        let user = world.user(user);
        let mut addresses = user.credentials.iter().filter_map(|known| match known.identity {
            Identity::At(address) => Some(address),
            Identity::Key(_) => None,
        });
        let factors = world.mail_factors(session);
        at_hand.address = factors.last().copied().or(addresses.next_back()).unwrap_or(0);
        at_hand.credentials = user.credentials.len();
        at_hand.passkeys = user.passkeys.len();
        at_hand.device = match user.device.as_ref().map(|device| device.verified) {
            None => Enrolled::No,
            Some(false) => Enrolled::Pending,
            Some(true) => Enrolled::Yes,
        };
        at_hand.owes_mfa = world.owes_mfa(session);
        at_hand.is_locked_out = user.failures.len() >= usize::from(world.policy.totp.failures_max);
        let letter = at_hand.letter.map(|age| &world.letters[world.letters.len() - 1 - age]);
        at_hand.mail_fits = letter.is_some_and(|letter| factors.contains(&letter.address));
        at_hand.mail_helps = !factors.is_empty() && !at_hand.mail_fits;
        let is_new = letter.is_some_and(|letter| world.owner_of_address(letter.address).is_none());
        let links = |token: &Elevated| {
            let is_fresh = world.now < token.ends && !(token.single_use && token.spent);
            let names_it = token.scopes.contains(TokenScope::CredentialLink);
            token.session == session && is_fresh && names_it
        };
        let has_token = world.elevations.iter().any(links);
        at_hand.can_link = is_new && has_token;
        let is_free = !world.asks_for(TokenScope::CredentialLink) || world.is_exempt(session);
        at_hand.can_enrol = has_token || is_free;
        at_hand
    }
}
