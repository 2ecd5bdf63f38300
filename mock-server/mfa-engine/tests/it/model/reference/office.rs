//! What administrators do to users, sessions and keys (rules K4, V5, J2, J14).

use mfa_engine::policy::MethodKind;
use mfa_engine::{Acknowledgement, AdminRefusal, Refusal};

use super::super::step::Order;
use super::{Scene, Seen, Verdict, World};

/// How many keys are published.
const KEYS: u8 = 3;

impl World {
    pub(crate) fn obey(&mut self, order: &Order, scene: &Scene) -> Verdict {
        match order {
            Order::ResetMfa(_) => self.reset_mfa(scene.user),
            Order::Revoke(_) => {
                let session = scene.session;
                self.revoke(session);
                match self.revoked.contains(&session) {
                    true => Ok(Seen::Revoked(1)),
                    false => Err(AdminRefusal::OutOfReach.into()),
                }
            }
            Order::RevokeOf(_) => {
                self.users[scene.user].as_ref().ok_or(Refusal::NoSuchUser)?;
                self.revoke_where(|session| session.user == scene.user);
                Ok(Seen::Done)
            }
            Order::RevokeEvery => Ok(Seen::Revoked(self.revoke_where(|_| true))),
            Order::Dismiss(_) => {
                self.dismiss(scene.user)?;
                Ok(Seen::Done)
            }
            Order::Rotate if self.ring.newest == KEYS => Err(AdminRefusal::NoFurtherKey.into()),
            Order::Rotate => {
                self.ring.newest += 1;
                Ok(Seen::SignedBy(self.ring.newest))
            }
            Order::Retire(key) => match key.cmp(&self.ring.newest) {
                std::cmp::Ordering::Less => {
                    self.ring.retired.push(*key);
                    Ok(Seen::SignedBy(self.ring.newest))
                }
                std::cmp::Ordering::Equal => Err(AdminRefusal::KeyInUse.into()),
                std::cmp::Ordering::Greater => Err(AdminRefusal::NoSuchKey.into()),
            },
        }
    }

    fn revoke_where(&mut self, fits: impl Fn(&super::Session) -> bool) -> usize {
        let fits = |number: &usize| self.sessions[*number].as_ref().is_some_and(&fits);
        let found: Vec<usize> = (0..self.sessions.len()).filter(fits).collect();
        for session in &found {
            self.revoke(*session);
        }
        found.len()
    }

    /// Takes away every second factor; a passkey stays if it is the only way in.
    fn reset_mfa(&mut self, number: usize) -> Verdict {
        let takes_passkeys = self.allows(MethodKind::Passkey);
        let user = self.users[number].as_mut().ok_or(AdminRefusal::OutOfReach)?;
        let passkeys: Vec<usize> = user.passkeys.iter().map(|it| it.credential).collect();
        let others = user.credentials.iter().filter(|known| !passkeys.contains(&known.number));
        let has_other_way = others.into_iter().any(|known| known.signs_in);
        if let Some(device) = user.device.take() {
            user.former_device = Some(device.number);
        }
        if let Some(codes) = user.codes.take() {
            user.former_set = Some(codes.set);
        }
        user.acknowledgement = Acknowledgement::NotAsked;
        user.failures.clear();
        if takes_passkeys && has_other_way {
            user.passkeys.clear();
            user.credentials.retain(|known| !passkeys.contains(&known.number));
            for credential in passkeys {
                self.forget_credential(number, credential);
            }
        }
        Ok(Seen::Done)
    }
}
