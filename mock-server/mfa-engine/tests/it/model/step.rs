//! The words of a history.
//!
//! A step names what it uses by age: letter 0 is the newest, letter 1 the one before. Whatever is
//! left of a history after shrinking is therefore still a history.

use std::fmt;

use mfa_engine::{Channel, TokenScope};
use serde::{Deserialize, Serialize};

use super::rules::Rules;

mod chance;
mod key;
mod lean;

pub(crate) use chance::any_step;
pub(crate) use key::{Authenticator, Bend, Slip};

/// Counts backwards from the newest.
pub(crate) type Age = usize;

/// Where codes are sent in the story: first mailboxes, then telephones.
pub(crate) const ADDRESSES: [&str; 6] = [
    "ann@example.com",
    "bob@example.com",
    "cat@example.com",
    "dan+dynamic_test@example.com",
    "+19171113333",
    "+15551234567",
];

/// How many of [`ADDRESSES`] are mailboxes.
pub(crate) const MAILBOXES: usize = 4;

/// Which of [`ADDRESSES`] always get the same code (rule S4).
pub(crate) const STATIC: [Address; 2] = [3, 5];

/// Which of [`ADDRESSES`].
pub(crate) type Address = usize;

/// How codes reach an address.
pub(crate) const fn channel(address: Address) -> Channel {
    if address < MAILBOXES { Channel::Email } else { Channel::Sms }
}

/// One step, which shows itself on one line however the story is printed.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Step(pub(crate) Deed);

impl fmt::Debug for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.0)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Deed {
    /// Time passes, in milliseconds.
    Wait(i64),
    /// Time passes to that many milliseconds after the next edge of a time step.
    ToEdge(i64),
    /// Time passes to that many milliseconds after the end of the newest of its kind.
    ToEnd(Mortal, i64),
    /// Time leaps to that second since 1970, unless it is past already.
    Until(i64),
    Rules(Rules),
    Mail(Address),
    Renew(Age, Address),
    /// With or without `allowNewMFALinking`.
    SignIn(Age, Typed, Nonce, bool),
    Nonces(u8),
    /// Asks for the options of a sign-in with a passkey.
    BeginKeySignIn,
    /// The challenge, whose passkey answers it, and how.
    KeySignIn(Age, Whose, Bend, Nonce),
    As(Age, Act),
    /// The tester puts a user with a confirmed device into the world.
    Seed(Address),
    Remove(Age),
    RevokeAll(Age),
    Office(Order),
}

/// What an administrator does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Order {
    /// Takes away a user's second factors.
    ResetMfa(Age),
    /// Ends the session of a JWT.
    Revoke(Age),
    /// Ends the sessions of a user.
    RevokeOf(Age),
    RevokeEvery,
    Dismiss(Age),
    /// Lets the next key sign.
    Rotate,
    /// Refuses what a key has signed.
    Retire(u8),
}

/// What has an end.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Mortal {
    Jwt,
    Elevation,
    MfaToken,
    Letter,
    Nonce,
    Challenge,
    /// The oldest wrong code that still counts against the newest caller.
    Failure,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Act {
    ReadUser,
    Devices,
    Methods(bool),
    ReadDevice(Which),
    Default(Which),
    Refresh(Nonce),
    Revoke,
    Acknowledge,
    AddEmail(Address, Proof),
    Verify(Age, Typed, Nonce, Vec<TokenScope>, Proof),
    Register(Proof),
    Confirm(Digits),
    Totp(Digits, Option<Which>, Wish),
    Delete(Which, Proof),
    ReadCodes,
    RotateCodes,
    Recover(Word, Wish),
    /// A mailed code as the second factor.
    MailFactor(Age, Typed, Wish),
    Unlink(Whose, Proof),
    /// Asks for the options of a new passkey.
    BeginKey,
    /// The challenge, what answers it, what is wrong with that, and whether an MFA token is
    /// wanted, a single-use one or not.
    MakeKey(Age, Authenticator, Slip, Option<bool>, Proof),
    /// Asks for the options of an assertion.
    BeginUse,
    UseKey(Age, Whose, Bend, Wish),
    Keys,
    /// With a new name, or with none.
    RenameKey(Whose, Option<u8>, Proof),
    DeleteKey(Whose, Proof),
    Check(TokenScope),
    DeleteUser(Proof),
}

/// A sent code as typed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Typed {
    Right,
    Wrong,
    /// The right one, in the call of the other channel.
    Misplaced,
    /// The code that a renewal replaced.
    Replaced,
}

/// A TOTP code as typed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Which {
    Mine,
    /// The one that was replaced or deleted last.
    Former,
    /// Somebody else's.
    Foreign,
}

/// A credential or a passkey by whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Whose {
    /// The one of that number among the caller's, or among everybody's where nobody calls.
    Mine(usize),
    /// Somebody else's.
    Foreign,
    /// The newest of those that nobody has any longer.
    Gone,
}

/// A nonce in a device signature.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Nonce {
    None,
    Issued(Age),
    MadeUp,
}

/// What comes along to prove a right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Proof(pub(crate) Mfa, pub(crate) Elevation);

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Mfa {
    None,
    Token(Age),
    MadeUp,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Elevation {
    None,
    Token(Age),
    Forged,
    /// A genuine token of another environment.
    Foreign(Age),
}

/// What is asked for beside the factor: an MFA token (single-use or not) and scopes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Wish(pub(crate) Option<bool>, pub(crate) Vec<TokenScope>, pub(crate) bool);
