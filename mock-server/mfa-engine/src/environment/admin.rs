//! What administrators may do: the door, and the rooms for keys, tokens and the test account.

use std::sync::Arc;

use jiff::Timestamp;
use rand::CryptoRng;

use super::Environment;
use crate::admin::{AdminOutcome, AdminRefusal, AdminRequest, Administrator};
use crate::api_token::{ApiToken, Permission};
use crate::id::ApiTokenId;
use crate::key::KeyRing;
use crate::outcome::Outcome;
use crate::refusal::Refusal;

mod user;
mod webhook;

/// What an administrator's call comes to.
type Granted = Result<AdminOutcome, Refusal>;

impl Environment {
    /// Whether an administrator may do what needs this permission (rule S10).
    ///
    /// # Errors
    /// The API token is none of this environment, or lacks the permission.
    pub fn authorise(&self, who: &Administrator, permission: Permission) -> Result<(), Refusal> {
        match self.token_of(who)? {
            Some(token) if self.policy.admin.enforce_token_scopes && !token.may(permission) => {
                Err(AdminRefusal::LacksPermission { permission }.into())
            }
            Some(_) | None => Ok(()),
        }
    }

    /// Whether an administrator is one of this environment, whatever they may do (rule S10).
    ///
    /// # Errors
    /// The API token is none of this environment.
    pub fn recognise(&self, who: &Administrator) -> Result<(), Refusal> {
        self.token_of(who).map(|_| ()).map_err(Refusal::from)
    }

    /// The API token that an administrator shows; none for a tester, who needs none.
    fn token_of(&self, who: &Administrator) -> Result<Option<&ApiToken>, AdminRefusal> {
        let Administrator::Token(digest) = who else { return Ok(None) };
        let tokens = self.office.api_tokens.values();
        // Every token is looked at, so that the time taken tells nothing about which one fits.
        let fits = tokens.fold(None, |found, token| match token.digest.matches(digest) {
            true => Some(token),
            false => found,
        });
        fits.map(Some).ok_or(AdminRefusal::UnknownApiToken)
    }

    /// The ring of signing keys.
    pub fn keys(&self) -> &KeyRing {
        &self.office.keys
    }

    /// The API tokens, in the order of their ids.
    pub fn api_tokens(&self) -> impl Iterator<Item = &ApiToken> {
        self.office.api_tokens.values()
    }

    pub(super) fn administer(
        &mut self,
        who: &Administrator,
        request: AdminRequest,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Result<Outcome, Refusal> {
        self.authorise(who, request.permission())?;
        let granted = match request {
            AdminRequest::ListUsers(query) => Ok(self.find_users(&query)),
            AdminRequest::CreateUser { email, change } => {
                self.create_user(&email, *change, now, rng)
            }
            AdminRequest::ReadUser(user) => self.read_record(user),
            AdminRequest::UpdateUser { user, change } => self.change_user(user, *change),
            AdminRequest::DeleteUser(user) => self.dismiss_user(user),
            AdminRequest::ResetMfa(user) => self.reset_mfa(user),
            AdminRequest::ReadSession { user, session } => self.read_session(user, session),
            AdminRequest::RevokeSession(session) => self.revoke_session(session, now),
            AdminRequest::RevokeSessionsOf(user) => self.revoke_sessions_of(user, now),
            AdminRequest::RevokeEverySession => Ok(self.revoke_every_session(now)),
            AdminRequest::ReadKeys => Ok(AdminOutcome::Keys(self.office.keys.clone())),
            AdminRequest::RotateKeys => {
                self.office.keys.rotate()?;
                Ok(AdminOutcome::Keys(self.office.keys.clone()))
            }
            AdminRequest::RetireKey(key) => {
                self.office.keys.retire(key)?;
                Ok(AdminOutcome::Keys(self.office.keys.clone()))
            }
            AdminRequest::ListApiTokens => {
                Ok(AdminOutcome::ApiTokens(self.api_tokens().cloned().collect()))
            }
            AdminRequest::CreateApiToken { note, permissions } => {
                self.create_api_token(note, permissions, now, rng)
            }
            AdminRequest::RevokeApiToken(token) => self.revoke_api_token(token),
            AdminRequest::ReadTestAccount => self.test_account(false),
            AdminRequest::OpenTestAccount if self.policy.email.test_account => {
                Err(AdminRefusal::TestAccountExists.into())
            }
            AdminRequest::OpenTestAccount => {
                Arc::make_mut(&mut self.policy).email.test_account = true;
                self.test_account(true)
            }
            AdminRequest::CloseTestAccount => {
                self.test_account(false)?;
                Arc::make_mut(&mut self.policy).email.test_account = false;
                Ok(AdminOutcome::Done)
            }
            AdminRequest::ListEvents => Ok(AdminOutcome::Events(self.events(0).cloned().collect())),
            AdminRequest::ReadEvent(id) => {
                let event = self.events(0).find(|event| event.id == id).cloned();
                event.map(AdminOutcome::Event).ok_or(AdminRefusal::NoSuchEvent.into())
            }
            AdminRequest::ListEventTypes => Ok(AdminOutcome::EventTypes),
            AdminRequest::Webhooks(request) => self.webhooks(request, now, rng),
        };
        granted.map(Outcome::Admin)
    }

    fn create_api_token(
        &mut self,
        note: String,
        permissions: Vec<Permission>,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Granted {
        let max = self.policy.limits.api_tokens_max;
        if self.office.api_tokens.len() >= usize::try_from(max).unwrap_or(usize::MAX) {
            return Err(AdminRefusal::TooManyApiTokens { max }.into());
        }
        let permissions = permissions.into_iter().collect();
        let (token, text) = ApiToken::draw(self.id, note, permissions, now, rng);
        self.office.api_tokens.insert(token.id, token.clone());
        Ok(AdminOutcome::NewApiToken { token, text })
    }

    fn revoke_api_token(&mut self, token: ApiTokenId) -> Granted {
        let removed = self.office.api_tokens.remove(&token);
        removed.map(|_| AdminOutcome::Done).ok_or(AdminRefusal::NoSuchApiToken.into())
    }

    /// The code that every test address gets, while there is a test account (rule S4).
    fn test_account(&self, is_new: bool) -> Granted {
        let settings = &self.policy.email;
        match settings.test_account {
            true => Ok(AdminOutcome::TestAccount { code: settings.static_code.clone(), is_new }),
            false => Err(AdminRefusal::NoTestAccount.into()),
        }
    }
}
