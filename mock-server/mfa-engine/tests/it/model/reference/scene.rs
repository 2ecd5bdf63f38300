//! What a step is about, with everything that it names found.

use mfa_engine::TokenScope;

use super::super::step::{
    Act, Authenticator, Deed, Digits, Elevation, Mfa, Nonce, Order, Proof, Which, Whose, Word,
};
use super::{Identity, Seen, User, Verdict, World, aged};

/// A step with its ages replaced by numbers, and what should become of it.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) bearer: usize,
    /// The caller, or whom the tester means.
    pub(crate) user: usize,
    pub(crate) letter: usize,
    /// Whose code of which time step is typed; none for a wrong one.
    pub(crate) code: Option<(usize, u64)>,
    /// Which recovery code of which set is typed; none for a wrong one.
    pub(crate) word: Option<(usize, usize)>,
    pub(crate) device: Option<usize>,
    /// The session that an administrator means.
    pub(crate) session: usize,
    pub(crate) credential: Option<usize>,
    pub(crate) challenge: Option<usize>,
    /// The authenticator that acts, and what its counter says.
    pub(crate) key: Option<usize>,
    pub(crate) count: u32,
    pub(crate) nonce: Option<usize>,
    pub(crate) mfa_token: Option<usize>,
    pub(crate) elevation: Option<usize>,
    pub(crate) verdict: Verdict,
    /// The tokens that opened the door.
    pub(crate) tested: Tested,
}

/// Which token a granted call was granted for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Tested {
    Nothing,
    MfaToken(usize),
    Elevation(usize, TokenScope),
}

impl World {
    /// Finds everything that a step names; none if the story holds no such thing yet.
    pub(crate) fn resolve(&self, deed: &Deed) -> Option<Scene> {
        let mut scene = Scene {
            bearer: 0,
            user: 0,
            letter: 0,
            code: None,
            word: None,
            device: None,
            session: 0,
            credential: None,
            challenge: None,
            key: None,
            count: 0,
            nonce: None,
            mfa_token: None,
            elevation: None,
            verdict: Ok(Seen::Quiet),
            tested: Tested::Nothing,
        };
        match deed {
            Deed::Renew(age, _) => scene.letter = aged(self.letters.len(), *age)?,
            Deed::SignIn(age, _, nonce, _) => {
                scene.letter = aged(self.letters.len(), *age)?;
                scene.nonce = self.find_nonce(*nonce);
            }
            Deed::Remove(age) | Deed::RevokeAll(age) => scene.user = aged(self.users.len(), *age)?,
            Deed::As(age, act) => {
                scene.bearer = aged(self.bearers.len(), *age)?;
                scene.user = self.bearers[scene.bearer].user;
                self.resolve_act(act, &mut scene)?;
            }
            Deed::KeySignIn(age, whose, _, nonce) => {
                scene.challenge = Some(aged(self.challenges.len(), *age)?);
                scene.key = self.find_key(None, *whose);
                scene.nonce = self.find_nonce(*nonce);
            }
            Deed::Office(order) => self.resolve_order(order, &mut scene)?,
            Deed::BeginKeySignIn
            | Deed::Wait(_)
            | Deed::ToEdge(_)
            | Deed::ToEnd(..)
            | Deed::Until(_)
            | Deed::Rules(_)
            | Deed::Mail(_)
            | Deed::Nonces(_)
            | Deed::Seed(_) => {}
        }
        Some(scene)
    }

    fn resolve_order(&self, order: &Order, scene: &mut Scene) -> Option<()> {
        match order {
            Order::ResetMfa(age) | Order::RevokeOf(age) | Order::Dismiss(age) => {
                scene.user = aged(self.users.len(), *age)?;
            }
            Order::Revoke(age) => {
                scene.session = self.bearers[aged(self.bearers.len(), *age)?].session;
            }
            Order::RevokeEvery | Order::Rotate | Order::Retire(_) => {}
        }
        Some(())
    }

    fn resolve_act(&self, act: &Act, scene: &mut Scene) -> Option<()> {
        match act {
            Act::Refresh(nonce) => scene.nonce = self.find_nonce(*nonce),
            Act::Verify(age, _, nonce, _, proof) => {
                scene.letter = aged(self.letters.len(), *age)?;
                scene.nonce = self.find_nonce(*nonce);
                self.find_proof(proof, scene);
            }
            Act::Register(proof) | Act::AddEmail(_, proof) | Act::DeleteUser(proof) => {
                self.find_proof(proof, scene);
            }
            Act::MailFactor(age, ..) => scene.letter = aged(self.letters.len(), *age)?,
            Act::Unlink(whose, proof) => {
                scene.credential = self.find_credential(scene.user, *whose, false);
                self.find_proof(proof, scene);
            }
            Act::MakeKey(age, authenticator, _, _, proof) => {
                scene.challenge = Some(aged(self.challenges.len(), *age)?);
                if let Authenticator::Known(age) = authenticator {
                    scene.key = Some(aged(self.keys.len(), *age)?);
                }
                self.find_proof(proof, scene);
            }
            Act::UseKey(age, whose, ..) => {
                scene.challenge = Some(aged(self.challenges.len(), *age)?);
                scene.key = self.find_key(Some(scene.user), *whose);
            }
            Act::RenameKey(whose, _, proof) | Act::DeleteKey(whose, proof) => {
                scene.credential = self.find_credential(scene.user, *whose, true);
                self.find_proof(proof, scene);
            }
            Act::Delete(which, proof) => {
                scene.device = self.find_device(scene.user, *which);
                self.find_proof(proof, scene);
            }
            Act::ReadDevice(which) | Act::Default(which) => {
                scene.device = self.find_device(scene.user, *which);
            }
            Act::Confirm(digits) => scene.code = self.find_code(scene.user, *digits),
            Act::Totp(digits, which, _) => {
                scene.code = self.find_code(scene.user, *digits);
                scene.device = which.and_then(|which| self.find_device(scene.user, which));
            }
            Act::Recover(word, _) => scene.word = self.find_word(scene.user, *word),
            Act::ReadUser
            | Act::Devices
            | Act::Methods(_)
            | Act::Revoke
            | Act::Acknowledge
            | Act::ReadCodes
            | Act::RotateCodes
            | Act::BeginKey
            | Act::BeginUse
            | Act::Keys
            | Act::Check(_) => {}
        }
        Some(())
    }

    fn find_nonce(&self, nonce: Nonce) -> Option<usize> {
        match nonce {
            Nonce::Issued(age) => aged(self.nonces.len(), age),
            Nonce::None | Nonce::MadeUp => None,
        }
    }

    fn find_proof(&self, proof: &Proof, scene: &mut Scene) {
        let Proof(mfa, elevation) = proof;
        if let Mfa::Token(age) = mfa {
            scene.mfa_token = aged(self.mfa_tokens.len(), *age);
        }
        if let Elevation::Token(age) | Elevation::Foreign(age) = elevation {
            scene.elevation = aged(self.elevations.len(), *age);
        }
    }

    fn find_device(&self, user: usize, which: Which) -> Option<usize> {
        let number = |user: usize| {
            let user = self.users[user].as_ref()?;
            user.device.as_ref().map(|device| device.number)
        };
        match which {
            Which::Mine => number(user),
            Which::Former => self.users[user].as_ref()?.former_device,
            Which::Foreign => (0..self.users.len()).filter(|other| *other != user).find_map(number),
        }
    }

    /// A credential of somebody, or a passkey; none if there is no such one.
    fn find_credential(&self, user: usize, whose: Whose, passkeys: bool) -> Option<usize> {
        let all = |user: &User| {
            let fitting = user.credentials.iter();
            let is_key = |identity| matches!(identity, Identity::Key(_));
            let fitting = fitting.filter(|known| is_key(known.identity) || !passkeys);
            fitting.map(|known| known.number).collect::<Vec<_>>()
        };
        match whose {
            Whose::Mine(nth) => {
                let mine = all(self.users[user].as_ref()?);
                mine.get(nth.checked_rem(mine.len())?).copied()
            }
            Whose::Foreign => {
                let others = self.users.iter().enumerate().filter(|(other, _)| *other != user);
                others.filter_map(|(_, other)| other.as_ref()).flat_map(all).next()
            }
            Whose::Gone => {
                let held: Vec<_> = self.users.iter().flatten().flat_map(all).collect();
                (0..self.credentials).rev().find(|number| !held.contains(number))
            }
        }
    }

    /// The authenticator of a passkey; none if nobody ever made such a one.
    fn find_key(&self, user: Option<usize>, whose: Whose) -> Option<usize> {
        let of = |user: &User| user.passkeys.iter().map(|it| it.key).collect::<Vec<_>>();
        let of_others = |(other, it): (usize, &Option<User>)| match it {
            Some(it) if user.is_some_and(|user| user != other) => of(it),
            _ => Vec::new(),
        };
        let held: Vec<_> = self.users.iter().flatten().flat_map(of).collect();
        match whose {
            Whose::Mine(nth) => {
                let mine = match user {
                    Some(user) => of(self.users[user].as_ref()?),
                    None => held,
                };
                mine.get(nth.checked_rem(mine.len())?).copied()
            }
            Whose::Foreign => self.users.iter().enumerate().flat_map(of_others).next(),
            Whose::Gone => (0..self.keys.len()).rev().find(|key| !held.contains(key)),
        }
    }

    fn find_code(&self, user: usize, digits: Digits) -> Option<(usize, u64)> {
        let user = self.users[user].as_ref()?;
        match digits {
            Digits::Shown(steps) => {
                let step = self.step().checked_add_signed(steps.into())?;
                user.device.as_ref().map(|device| (device.number, step))
            }
            Digits::Again => {
                let device = user.device.as_ref()?;
                device.last.map(|step| (device.number, step))
            }
            Digits::OldDevice => user.former_device.map(|device| (device, self.step())),
            Digits::Wrong | Digits::Junk => None,
        }
    }

    fn find_word(&self, user: usize, word: Word) -> Option<(usize, usize)> {
        let user = self.users[user].as_ref()?;
        let nth = |used: bool, number: usize| {
            let codes = user.codes.as_ref()?;
            let all = codes.used.iter().enumerate();
            let fitting: Vec<_> = all.filter(|(_, it)| **it == used).collect();
            let (index, _) = fitting.get(number.checked_rem(fitting.len())?)?;
            Some((codes.set, *index))
        };
        match word {
            Word::Fresh(number) | Word::Sloppy(number) => nth(false, number),
            Word::Used(number) => nth(true, number),
            Word::OldSet => user.former_set.map(|set| (set, 0)),
            Word::Typo => None,
        }
    }
}
