//! What the plain model remembers of each thing.

use mfa_engine::{Acknowledgement, ScopeSet};

use super::super::step::{Address, MAILBOXES};

#[derive(Clone)]
pub(crate) struct User {
    /// In the order in which they were proven.
    pub(crate) credentials: Vec<Credential>,
    pub(crate) passkeys: Vec<Passkey>,
    pub(crate) device: Option<Device>,
    pub(crate) former_device: Option<usize>,
    pub(crate) codes: Option<Codes>,
    pub(crate) former_set: Option<usize>,
    pub(crate) acknowledgement: Acknowledgement,
    /// Wrong codes since the last right one.
    pub(crate) failures: Vec<i64>,
}

/// A proven way to sign in.
#[derive(Clone, Debug)]
pub(crate) struct Credential {
    pub(crate) number: usize,
    pub(crate) identity: Identity,
    pub(crate) signs_in: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Identity {
    At(Address),
    /// A passkey, by the authenticator that made it.
    Key(usize),
}

#[derive(Clone, Debug)]
pub(crate) struct Passkey {
    /// The number of its credential.
    pub(crate) credential: usize,
    /// The authenticator that made it.
    pub(crate) key: usize,
    /// The highest counter that was seen.
    pub(crate) count: u32,
    pub(crate) name: Option<u8>,
}

/// An authenticator with the one passkey that it can make.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// Whether it counts its signatures; if not, it says zero.
    pub(crate) counts: bool,
    /// What it said last.
    pub(crate) counter: u32,
}

#[derive(Clone, Debug)]
pub(crate) struct Challenge {
    pub(crate) purpose: Purpose,
    pub(crate) at: i64,
    pub(crate) open: bool,
}

/// What a challenge was issued for, and in which session.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Purpose {
    Making(usize),
    Using(usize),
    SignIn,
}

#[derive(Clone)]
pub(crate) struct Device {
    pub(crate) number: usize,
    pub(crate) verified: bool,
    /// The time step that was accepted last.
    pub(crate) last: Option<u64>,
}

#[derive(Clone)]
pub(crate) struct Codes {
    pub(crate) set: usize,
    pub(crate) used: Vec<bool>,
    /// Drawn while its user had no verified method.
    pub(crate) premature: bool,
}

#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) user: usize,
    pub(crate) ends: i64,
    pub(crate) passed_mfa: bool,
    /// The number of the credential that opened it.
    pub(crate) opened_by: usize,
    /// The number of the credential that was used last.
    pub(crate) last_used: usize,
}

/// One JWT of a session.
#[derive(Clone)]
pub(crate) struct Bearer {
    pub(crate) session: usize,
    pub(crate) user: usize,
    pub(crate) ends: i64,
    /// Which key has signed it.
    pub(crate) signed_by: u8,
}

/// A code that was sent, by mail or as a text.
#[derive(Clone)]
pub(crate) struct Letter {
    pub(crate) address: Address,
    pub(crate) ends: i64,
    pub(crate) attempts: u8,
    pub(crate) open: bool,
    pub(crate) renewed: bool,
}

#[derive(Clone)]
pub(crate) struct Nonce {
    pub(crate) at: i64,
    pub(crate) open: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct MfaToken {
    pub(crate) session: usize,
    pub(crate) single_use: bool,
    pub(crate) spent: bool,
    pub(crate) by_recovery: bool,
    pub(crate) ends: Option<i64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Elevated {
    pub(crate) user: usize,
    pub(crate) session: usize,
    pub(crate) scopes: ScopeSet,
    pub(crate) single_use: bool,
    pub(crate) ends: i64,
    pub(crate) spent: bool,
    /// Which key has signed it.
    pub(crate) signed_by: u8,
}

/// The keys that sign tokens: those before the newest one verify until they are retired.
#[derive(Clone)]
pub(crate) struct Ring {
    pub(crate) newest: u8,
    pub(crate) retired: Vec<u8>,
}

impl User {
    pub(crate) fn owns(&self, identity: Identity) -> bool {
        self.credentials.iter().any(|known| known.identity == identity)
    }

    pub(crate) fn has_device(&self) -> bool {
        self.device.as_ref().is_some_and(|device| device.verified)
    }

    /// The credential that stands for the account: the first that can sign in, else the first.
    pub(crate) fn first_credential(&self) -> usize {
        let can_sign_in = self.credentials.iter().find(|known| known.signs_in);
        can_sign_in.unwrap_or(&self.credentials[0]).number
    }

    /// Whether there is another way in than this credential.
    pub(crate) fn can_do_without(&self, credential: usize) -> bool {
        self.credentials.iter().any(|known| known.number != credential && known.signs_in)
    }
}

impl Credential {
    /// The address, if it is one that mails go to.
    pub(crate) fn mailbox(&self) -> Option<Address> {
        match self.identity {
            Identity::At(address) if address < MAILBOXES => Some(address),
            Identity::At(_) | Identity::Key(_) => None,
        }
    }

    /// Its kind by the API's name.
    pub(crate) const fn kind(&self) -> &'static str {
        match self.identity {
            Identity::At(address) if address < MAILBOXES => "email",
            Identity::At(_) => "phoneNumber",
            Identity::Key(_) => "passkey",
        }
    }
}
