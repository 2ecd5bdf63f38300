//! Social sign-in: the way to the provider's page and back, and what comes of it.

use data_encoding::BASE64URL_NOPAD;
use jiff::{SignedDuration, Timestamp};
use rand::CryptoRng;

use super::Environment;
use crate::credential::{Identity, IdentityKey, SocialAccount};
use crate::id::{SessionId, UserId};
use crate::outcome::Outcome;
use crate::policy::KnownEmail;
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::social::{
    Consent, ConsentPage, Decision, Flow, Granted, Phase, ProviderAnswer, SocialCommand,
    SocialOutcome, SocialProvider, SocialRefusal, SocialRequest, account_for, is_allowed_redirect,
    is_meant,
};

/// Accounts that the provider's page offers at most; any other can be typed.
const SHOWN_MAX: usize = 20;

impl Environment {
    pub(super) fn apply_to_social(
        &mut self,
        command: SocialCommand,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let outcome = match command {
            SocialCommand::Begin { provider, state, redirect_url } => {
                self.begin_social(provider, &state, redirect_url, now)?;
                return Ok(Outcome::Done);
            }
            SocialCommand::SignIn { answer, client, device } => {
                let device = self.recognise_device(&device, now)?;
                let account = self.social_account(&answer, now)?;
                self.refuse_known_email(None, &account)?;
                let identity = Identity::Social(Box::new(account));
                let outcome = self.sign_in(identity, client, device, false, now, rng)?;
                self.flows.remove(&answer.state);
                return Ok(outcome);
            }
            SocialCommand::Locate { provider, url } => {
                self.demand_provider(provider)?;
                SocialOutcome::Located(url)
            }
            SocialCommand::Ask { provider, state, challenge, decision: None } => {
                self.consent_page(provider, state, challenge, now)?
            }
            SocialCommand::Ask { provider, state, challenge, decision: Some(decision) } => {
                self.answer(provider, state, challenge, &decision, now, rng)?
            }
            SocialCommand::Return { provider, state, code } => {
                self.come_back(provider, state, code.as_deref(), now)?
            }
            SocialCommand::Poll { provider, state } => {
                self.demand_provider(provider)?;
                let flow = self.flows.get(&state, provider, now).ok_or(NO_SUCH_FLOW)?;
                match &flow.phase {
                    Phase::Granted(granted) if granted.is_back => {
                        SocialOutcome::Completed(granted.code.clone())
                    }
                    Phase::Begun | Phase::Granted(_) => SocialOutcome::Pending,
                    Phase::Refused => SocialOutcome::Refused,
                }
            }
        };
        Ok(Outcome::Social(Box::new(outcome)))
    }

    /// Proves a social account in a running session, or links a new one.
    pub(super) fn serve_social(
        &mut self,
        session: SessionId,
        request: SocialRequest,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        let SocialRequest::Verify { answer, device, scopes, proof } = request;
        self.recognise_device(&device, now)?;
        let reauthentication = self.admit_reauthentication(session, &scopes)?;
        let account = self.social_account(&answer, now)?;
        self.refuse_known_email(Some(self.session(session)?.user), &account)?;
        let identity = Identity::Social(Box::new(account));
        let taken = self.take_proven(session, identity, reauthentication, &proof, now, rng);
        if Self::uses_up_the_proof(&taken) {
            self.flows.remove(&answer.state);
        }
        Ok(Outcome::Session(Box::new(taken?)))
    }

    fn begin_social(
        &mut self,
        provider: SocialProvider,
        state: &str,
        redirect_url: Option<String>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.demand_provider(provider)?;
        let (listed, origins) = (&self.policy.social.redirect_urls, &self.policy.cors_origins);
        if redirect_url.as_deref().is_some_and(|url| !is_allowed_redirect(url, listed, origins)) {
            return Err(SocialRefusal::RedirectNotAllowed.into());
        }
        if self.flows.has(state, now) {
            return Err(SocialRefusal::StateTaken.into());
        }
        let expires_at = later(now, self.policy.social.state_life_seconds);
        let flow = Flow { provider, redirect_url, expires_at, phase: Phase::Begun };
        self.flows.insert(state, flow, self.policy.social.flows_max);
        Ok(())
    }

    fn consent_page(
        &self,
        provider: SocialProvider,
        state: String,
        challenge: Option<String>,
        now: Timestamp,
    ) -> Result<SocialOutcome, Refusal> {
        self.demand_provider(provider)?;
        let flow = self.flows.get(&state, provider, now).ok_or(NO_SUCH_FLOW)?;
        let redirect_url = flow.redirect_url.clone();
        let known = self.accounts_of(provider).map(|account| account.username.clone());
        let addresses = self.users.values().filter_map(|user| user.email().map(str::to_owned));
        let mut accounts: Vec<String> = Vec::new();
        for name in known.chain(addresses) {
            if accounts.len() < SHOWN_MAX && !accounts.contains(&name) {
                accounts.push(name);
            }
        }
        Ok(SocialOutcome::Page(ConsentPage { provider, state, challenge, redirect_url, accounts }))
    }

    fn accounts_of(&self, provider: SocialProvider) -> impl Iterator<Item = &SocialAccount> {
        let credentials = self.users.values().flat_map(|user| &user.credentials);
        credentials.filter_map(move |credential| match &credential.identity {
            Identity::Social(account) if account.provider == provider.as_str() => {
                Some(account.as_ref())
            }
            _ => None,
        })
    }

    fn answer(
        &mut self,
        provider: SocialProvider,
        state: String,
        challenge: Option<String>,
        decision: &Decision,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<SocialOutcome, Refusal> {
        self.demand_provider(provider)?;
        let account = match decision {
            Decision::As(name) => {
                let known = self.accounts_of(provider).find(|account| is_meant(account, name));
                Some(known.cloned().unwrap_or_else(|| account_for(provider, name)))
            }
            Decision::Refuse => None,
        };
        let code_end = later(now, self.policy.social.code_life_seconds);
        let flow = self.flows.get_mut(&state, provider, now).ok_or(NO_SUCH_FLOW)?;
        // The page is decided once; going back in the browser does not decide it again.
        if flow.phase != Phase::Begun {
            return Err(NO_SUCH_FLOW.into());
        }
        let code = match account {
            Some(account) => {
                let code = draw_code(rng);
                flow.expires_at = code_end;
                flow.phase = Phase::Granted(Granted {
                    code: code.clone(),
                    account,
                    challenge,
                    is_back: false,
                });
                Some(code)
            }
            None => {
                flow.phase = Phase::Refused;
                None
            }
        };
        let redirect_url = flow.redirect_url.clone();
        Ok(SocialOutcome::Consented(Consent { provider, state, code, redirect_url }))
    }

    /// The provider's answer passes through this service, and on to the app.
    fn come_back(
        &mut self,
        provider: SocialProvider,
        state: String,
        code: Option<&str>,
        now: Timestamp,
    ) -> Result<SocialOutcome, Refusal> {
        self.demand_provider(provider)?;
        let flow = self.flows.get_mut(&state, provider, now).ok_or(NO_SUCH_FLOW)?;
        let redirect_url = flow.redirect_url.clone();
        let code = match (&mut flow.phase, code) {
            (Phase::Granted(granted), Some(code)) if granted.code.matches(code) => {
                granted.is_back = true;
                Some(granted.code.clone())
            }
            (Phase::Granted(_), Some(_)) => return Err(SocialRefusal::WrongCode.into()),
            (Phase::Refused, None) => None,
            (Phase::Begun | Phase::Granted(_) | Phase::Refused, _) => {
                return Err(NO_SUCH_FLOW.into());
            }
        };
        Ok(SocialOutcome::Returned { redirect_url, state, code })
    }

    /// Judges what the client brought back. The sign-in stays open until it has succeeded.
    fn social_account(
        &self,
        answer: &ProviderAnswer,
        now: Timestamp,
    ) -> Result<SocialAccount, Refusal> {
        self.demand_provider(answer.provider)?;
        let flow = self.flows.get(&answer.state, answer.provider, now).ok_or(NO_SUCH_FLOW)?;
        let Phase::Granted(granted) = &flow.phase else { return Err(NO_SUCH_FLOW.into()) };
        if !granted.is_back || !granted.code.matches(&answer.code) {
            return Err(SocialRefusal::WrongCode.into());
        }
        if !granted.is_verified_by(answer.verifier.as_deref()) {
            return Err(SocialRefusal::WrongVerifier.into());
        }
        Ok(granted.account.clone())
    }

    /// Refuses a new account whose e-mail address is another user's, where settings say so.
    fn refuse_known_email(
        &self,
        current: Option<UserId>,
        account: &SocialAccount,
    ) -> Result<(), Refusal> {
        let is_known = self.owner_of(&Identity::Social(Box::new(account.clone())).key()).is_some();
        let Some(email) = account.email.as_deref() else { return Ok(()) };
        if is_known || self.policy.social.known_email == KnownEmail::Separate {
            return Ok(());
        }
        let by_mail = self.owner_of(&IdentityKey::of_email(email)).map(|user| (user, "emailOnly"));
        let by_provider = || {
            let vouches = |known: &SocialAccount| known.email.as_deref() == Some(email);
            self.users.values().find_map(|user| {
                let accounts = user.credentials.iter().filter_map(|known| match &known.identity {
                    Identity::Social(account) => Some(account),
                    _ => None,
                });
                let mut vouching = accounts.filter(|known| vouches(known));
                vouching.next().map(|account| (user.id, account.provider.as_str()))
            })
        };
        match by_mail.or_else(by_provider) {
            Some((user, way)) if Some(user) != current => {
                let (email, way) = (email.to_owned(), way.to_owned());
                Err(SocialRefusal::KnownEmail { email, way }.into())
            }
            Some(_) | None => Ok(()),
        }
    }

    fn demand_provider(&self, provider: SocialProvider) -> Result<(), Refusal> {
        match self.policy.social.providers.contains(&provider) {
            true => Ok(()),
            false => Err(SocialRefusal::ProviderOff { provider }.into()),
        }
    }
}

const NO_SUCH_FLOW: SocialRefusal = SocialRefusal::NoSuchFlow;

fn later(now: Timestamp, seconds: u32) -> Timestamp {
    now.checked_add(SignedDuration::from_secs(seconds.into())).unwrap_or(Timestamp::MAX)
}

/// A code of 32 random bytes (RFC 6749 section 10.10 asks for 128 bits).
fn draw_code(rng: &mut dyn CryptoRng) -> Secret {
    let mut bytes = [0; 32];
    rng.fill_bytes(&mut bytes);
    Secret::new(BASE64URL_NOPAD.encode(&bytes))
}
