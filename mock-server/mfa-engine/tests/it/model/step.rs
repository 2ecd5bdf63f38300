//! The words of a history.
//!
//! A step names what it uses by age: letter 0 is the newest, letter 1 the one before. Whatever is
//! left of a history after shrinking is therefore still a history.

use std::fmt;

use mfa_engine::TokenScope;

use super::rules::Rules;

mod chance;

pub(crate) use chance::any_step;

/// Counts backwards from the newest.
pub(crate) type Age = usize;

/// The addresses of the story; the last one always gets the same code (rule S4).
pub(crate) const ADDRESSES: [&str; 4] =
    ["ann@example.com", "bob@example.com", "cat@example.com", "dan+dynamic_test@example.com"];

/// Which of [`ADDRESSES`].
pub(crate) type Address = usize;

/// One step, which shows itself on one line however the story is printed.
#[derive(Clone, PartialEq)]
pub(crate) struct Step(pub(crate) Deed);

impl fmt::Debug for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.0)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Deed {
    /// Time passes, in milliseconds.
    Wait(i64),
    /// Time passes to that many milliseconds after the next edge of a time step.
    ToEdge(i64),
    /// Time passes to that many milliseconds after the end of the newest of its kind.
    ToEnd(Mortal, i64),
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

/// What has an end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mortal {
    Jwt,
    Elevation,
    MfaToken,
    Letter,
    Nonce,
    /// The oldest wrong code that still counts against the newest caller.
    Failure,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Act {
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
pub(crate) enum Typed {
    Right,
    Wrong,
    /// The code that a renewal replaced.
    Replaced,
}

/// A TOTP code as typed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Digits {
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
pub(crate) enum Word {
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
pub(crate) enum Which {
    Mine,
    /// The one that was replaced or deleted last.
    Former,
    /// Somebody else's.
    Foreign,
}

/// A nonce in a device signature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Nonce {
    None,
    Issued(Age),
    MadeUp,
}

/// What comes along to prove a right.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Proof(pub(crate) Mfa, pub(crate) Elevation);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Mfa {
    None,
    Token(Age),
    MadeUp,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Elevation {
    None,
    Token(Age),
    Forged,
    /// A genuine token of another environment.
    Foreign(Age),
}

/// What is asked for beside the factor: an MFA token (single-use or not) and scopes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wish(pub(crate) Option<bool>, pub(crate) Vec<TokenScope>, pub(crate) bool);
