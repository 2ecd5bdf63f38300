//! Users and their sessions, as administrators handle them (rules K4, V5, J14).

use jiff::Timestamp;
use rand::CryptoRng;

use super::Granted;
use crate::admin::{
    AdminOutcome, AdminRefusal, SessionRecord, UserChange, UserColumn, UserFilter, UserQuery,
    UserRecord,
};
use crate::credential::Identity;
use crate::environment::Environment;
use crate::environment::device::devices_of;
use crate::event::EventName;
use crate::id::{SessionId, UserId};
use crate::refusal::Refusal;
use crate::session::Session;
use crate::user::User;

impl Environment {
    pub(super) fn find_users(&self, query: &UserQuery) -> AdminOutcome {
        let fits = |user: &&User| query.filter.as_ref().is_none_or(|filter| fits(user, filter));
        let found: Vec<&User> = self.users.values().filter(fits).collect();
        let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        let shown = found.iter().skip(offset).take(limit);
        AdminOutcome::Users {
            count: found.len(),
            users: shown.map(|user| self.record(user, query.with_sessions)).collect(),
        }
    }

    pub(super) fn create_user(
        &mut self,
        email: &str,
        change: UserChange,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) -> Granted {
        let identity = Identity::email(email);
        if self.owner_of(&identity.key()).is_some() {
            return Err(Refusal::CredentialTaken { format: identity.format() });
        }
        let (id, _) = self.make_user(identity, now, rng)?;
        let user = self.known_mut(id)?;
        apply(user, change);
        self.note_about(EventName::UserCreated, id);
        Ok(AdminOutcome::Created(Box::new(self.record(self.known(id)?, true))))
    }

    pub(super) fn read_record(&self, id: UserId) -> Granted {
        Ok(AdminOutcome::User(Box::new(self.record(self.known(id)?, true))))
    }

    pub(super) fn change_user(&mut self, id: UserId, change: UserChange) -> Granted {
        let user = self.known_mut(id)?;
        let before = (user.profile.clone(), user.acknowledgement);
        apply(user, change);
        if before != (user.profile.clone(), user.acknowledgement) {
            self.note_about(EventName::UserUpdated, id);
        }
        self.read_record(id)
    }

    pub(super) fn dismiss_user(&mut self, id: UserId) -> Granted {
        self.known(id)?;
        self.note_deletion(id, None);
        self.remove_user(id);
        Ok(AdminOutcome::Done)
    }

    /// Takes away a user's second factors; the sessions live on, and what each of them still
    /// owes follows from the settings (rules F1, F2, V5).
    pub(super) fn reset_mfa(&mut self, id: UserId) -> Granted {
        let user = self.users.get_mut(&id).ok_or(AdminRefusal::OutOfReach)?;
        for gone in user.reset_mfa(&self.policy.mfa) {
            self.identities.remove(&gone.identity.key());
            self.forget_credential(id, gone.id);
        }
        self.note_about(EventName::MfaReset, id);
        Ok(AdminOutcome::Done)
    }

    pub(super) fn read_session(&self, user: UserId, session: SessionId) -> Granted {
        let of_user = |record: &SessionRecord| record.user == user;
        let found = self.session_record(session).filter(of_user);
        found.map(AdminOutcome::Session).ok_or(AdminRefusal::NoSuchSession.into())
    }

    /// Revokes one session. One that was revoked before stays as it was.
    pub(super) fn revoke_session(&mut self, id: SessionId, now: Timestamp) -> Granted {
        let revoked = self.end_session(id, EventName::AdminSessionRevoked, None, now);
        let record = revoked.or_else(|| self.session_record(id));
        record.map(AdminOutcome::Session).ok_or(AdminRefusal::OutOfReach.into())
    }

    pub(super) fn revoke_sessions_of(&mut self, user: UserId, now: Timestamp) -> Granted {
        self.known(user)?;
        let live: Vec<SessionId> = self.sessions_of(user).map(|session| session.id).collect();
        for session in live {
            self.end_session(session, EventName::AdminSessionRevoked, None, now);
        }
        Ok(AdminOutcome::Done)
    }

    pub(super) fn revoke_every_session(&mut self, now: Timestamp) -> AdminOutcome {
        let live: Vec<SessionId> = self.sessions.all().map(|session| session.id).collect();
        for session in &live {
            self.end_session(*session, EventName::AdminSessionRevoked, None, now);
        }
        AdminOutcome::Revoked(live.len())
    }

    fn known(&self, id: UserId) -> Result<&User, Refusal> {
        self.users.get(&id).ok_or(Refusal::NoSuchUser)
    }

    fn known_mut(&mut self, id: UserId) -> Result<&mut User, Refusal> {
        self.users.get_mut(&id).ok_or(Refusal::NoSuchUser)
    }

    fn session_record(&self, id: SessionId) -> Option<SessionRecord> {
        let ended = || self.office.ended_sessions.iter().find(|record| record.id == id).copied();
        self.sessions.get(id).map(live_record).or_else(ended)
    }

    fn record(&self, user: &User, with_sessions: bool) -> UserRecord {
        let sessions = || {
            let ended = self.office.ended_sessions.iter().filter(|record| record.user == user.id);
            let live = self.sessions_of(user.id).map(live_record);
            live.chain(ended.copied()).collect()
        };
        UserRecord {
            id: user.id,
            environment: self.id,
            profile: user.profile.clone(),
            credentials: user.credentials.clone(),
            wallets: self.wallets_shown(user.id),
            acknowledgement: user.acknowledgement,
            first_visit: user.first_visit.into(),
            last_visit: user.last_visit.into(),
            new_user: user.new_user,
            devices: devices_of(user, true),
            sessions: with_sessions.then(sessions),
        }
    }
}

fn live_record(session: &Session) -> SessionRecord {
    let Session { id, user, created_at, .. } = *session;
    SessionRecord { id, user, created_at, revoked_at: None }
}

fn apply(user: &mut User, change: UserChange) {
    user.profile.update(change.profile);
    if let Some(acknowledgement) = change.acknowledgement {
        user.acknowledgement = acknowledgement;
    }
}

/// Whether a user shows the text in that field, in any case of letters.
fn fits(user: &User, filter: &UserFilter) -> bool {
    let holds = |text: &str| text.to_lowercase().contains(&filter.value);
    let told = |field: &Option<String>| field.as_deref().is_some_and(holds);
    let profile = &user.profile;
    let fits = |column: UserColumn| match column {
        UserColumn::All => false,
        UserColumn::Id => holds(&user.id.to_string()),
        UserColumn::Email => user.credentials.iter().filter_map(|known| known.email()).any(holds),
        UserColumn::Alias => told(&profile.alias),
        UserColumn::FirstName => told(&profile.first_name),
        UserColumn::LastName => told(&profile.last_name),
        UserColumn::PhoneNumber => told(&profile.phone_number),
        UserColumn::JobTitle => told(&profile.job_title),
        UserColumn::Username => told(&profile.username),
    };
    match filter.column {
        UserColumn::All => {
            use UserColumn::{
                Alias, Email, FirstName, Id, JobTitle, LastName, PhoneNumber, Username,
            };
            [Id, Email, Alias, FirstName, LastName, PhoneNumber, JobTitle, Username]
                .into_iter()
                .any(fits)
        }
        column => fits(column),
    }
}
