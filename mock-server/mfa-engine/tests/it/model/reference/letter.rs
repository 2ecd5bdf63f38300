//! Codes that are sent and typed back: by mail and as texts, as first and as second factor.

use mfa_engine::policy::{MethodKind, ReauthenticationWithMfa};
use mfa_engine::{Channel, LinkingRefusal, Refusal, SmsRefusal, TokenScope};

use super::super::step::{Address, Proof, Typed, Wish, channel};
use super::account::format_of;
use super::factor::Factor;
use super::{Credential, Identity, Letter, Scene, Seen, Verdict, World};

/// The channel of the call in which a code is typed.
pub(crate) const fn channel_of_call(address: Address, typed: Typed) -> Channel {
    match (channel(address), typed) {
        (Channel::Email, Typed::Misplaced) => Channel::Sms,
        (Channel::Sms, Typed::Misplaced) => Channel::Email,
        (own, _) => own,
    }
}

impl World {
    pub(crate) fn mail(&mut self, address: Address) -> Verdict {
        self.admit_sending(address)?;
        self.open_letter(address);
        Ok(Seen::Letter)
    }

    /// Rule S3; only sending can be switched off.
    fn admit_sending(&self, address: Address) -> Result<(), Refusal> {
        match channel(address) {
            Channel::Sms if !self.policy.sms.enabled => Err(SmsRefusal::Disabled.into()),
            Channel::Sms | Channel::Email => Ok(()),
        }
    }

    pub(crate) fn open_letter(&mut self, address: Address) {
        let ends = self.letter_end(address);
        self.letters.push(Letter { address, ends, attempts: 0, open: true, renewed: false });
    }

    fn letter_end(&self, address: Address) -> i64 {
        let seconds = match channel(address) {
            Channel::Email => self.policy.email.code_life_seconds,
            Channel::Sms => self.policy.sms.code_life_seconds,
        };
        self.now + i64::from(seconds) * 1_000
    }

    pub(crate) fn renew(&mut self, letter: usize, address: Address) -> Verdict {
        self.admit_sending(address)?;
        let ends = self.letter_end(address);
        let letter = &mut self.letters[letter];
        if !letter.open || letter.address != address {
            return Err(Refusal::VerificationClosed { channel: channel(address) });
        }
        *letter = Letter { ends, attempts: 0, renewed: true, ..letter.clone() };
        Ok(Seen::Letter)
    }

    /// Judges a sent code (rules S1, S2); a right one stays good until the call succeeds.
    fn read_letter(&mut self, number: usize, typed: Typed) -> Result<Address, Refusal> {
        let right = self.is_right(number, typed);
        let letter = &mut self.letters[number];
        let channel = channel_of_call(letter.address, typed);
        if typed == Typed::Misplaced || !letter.open || self.now >= letter.ends {
            return Err(Refusal::VerificationClosed { channel });
        }
        let attempts_max = match channel {
            Channel::Email => self.policy.email.attempts_max,
            Channel::Sms => self.policy.sms.attempts_max,
        };
        if letter.attempts >= attempts_max {
            return Err(Refusal::TooManySentCodes { channel });
        }
        if !right {
            letter.attempts += 1;
            return Err(Refusal::WrongSentCode { channel });
        }
        Ok(letter.address)
    }

    pub(crate) fn sign_in_with_letter(
        &mut self,
        letter: usize,
        typed: Typed,
        link: bool,
    ) -> Verdict {
        let address = self.read_letter(letter, typed)?;
        let seen = self.open_session(Identity::At(address), link)?;
        self.letters[letter].open = false;
        Ok(seen)
    }

    /// Proves an address again, or links a new one (rules E1, E2, E26, U21).
    pub(crate) fn verify(
        &mut self,
        session: usize,
        typed: Typed,
        scopes: &[TokenScope],
        proof: &Proof,
        scene: &mut Scene,
    ) -> Verdict {
        self.admit_scopes(scopes)?;
        let mode = self.policy.elevation.reauthentication_with_mfa;
        let has_mfa = self.mfa_is_on() && self.holds_method(session);
        if !scopes.is_empty() && has_mfa && mode == ReauthenticationWithMfa::Refuse {
            return Err(Refusal::ReauthenticationNotEnough);
        }
        let address = self.read_letter(scene.letter, typed)?;
        let mine = self.user(scene.user).credentials.iter();
        let known = mine.filter(|known| known.identity == Identity::At(address));
        let known = known.map(|known| known.number).next();
        let number = match known {
            Some(number) => number,
            None => self.link(session, address, proof, scene)?,
        };
        self.letters[scene.letter].open = false;
        self.session_mut(session).last_used = number;
        let mut pass = super::Pass { next: Some("done"), ..self.pass(session) };
        let may_elevate = !has_mfa || mode == ReauthenticationWithMfa::Grant;
        if !scopes.is_empty() && known.is_some() && may_elevate {
            self.mint(session, scopes, &mut pass);
        }
        self.hand_out(session, pass)
    }

    /// Links an address (rules E13, E14).
    fn link(
        &mut self,
        session: usize,
        address: Address,
        proof: &Proof,
        scene: &mut Scene,
    ) -> Result<usize, Refusal> {
        if self.owner_of_address(address).is_some() {
            return Err(Refusal::CredentialTaken { format: format_of(address) });
        }
        self.refuse_enrolment_past_a_factor(session)?;
        self.admit_one_more_credential(scene.user)?;
        self.pass_gate(session, TokenScope::CredentialLink, proof, scene)?;
        let number = self.number_credential();
        let credential = Credential { number, identity: Identity::At(address), signs_in: true };
        self.user_mut(scene.user).credentials.push(credential);
        self.settle(scene);
        Ok(number)
    }

    pub(crate) fn admit_one_more_credential(&self, user: usize) -> Result<(), Refusal> {
        let max = self.policy.linking.credentials_max;
        match self.user(user).credentials.len() < usize::from(max) {
            true => Ok(()),
            false => Err(LinkingRefusal::TooManyCredentials { max }.into()),
        }
    }

    /// A mailed code as the second factor (rule D6).
    pub(crate) fn mail_factor(
        &mut self,
        session: usize,
        typed: Typed,
        wish: &Wish,
        scene: &Scene,
    ) -> Verdict {
        self.admit_wish(wish)?;
        if !self.mfa_is_on() || !self.allows(MethodKind::Email) {
            return Err(Refusal::MfaDisabled);
        }
        self.admit_guess(scene.user)?;
        let closed = Refusal::VerificationClosed { channel: Channel::Email };
        let letter = &self.letters[scene.letter];
        let (address, is_open) = (letter.address, letter.open);
        let is_own = self.user(scene.user).owns(Identity::At(address));
        if !is_open || !is_own || channel(address) != Channel::Email {
            return Err(closed);
        }
        if !self.mail_factors(session).contains(&address) {
            return Err(Refusal::SameFactor);
        }
        let read = self.read_letter(scene.letter, typed);
        // What was mailed anew or has expired was no guess.
        let is_guess = read == Err(Refusal::WrongSentCode { channel: Channel::Email });
        if read.is_ok() || is_guess {
            self.judge_guess(scene.user, read)?;
        } else {
            read?;
        }
        self.letters[scene.letter].open = false;
        self.pass_factor(session, wish, Factor::Mail)
    }
}
