//! What happens in an environment, noted for those who want to be told (rules V7, V8, U32).

use std::sync::Arc;

use jiff::Timestamp;
use rand::CryptoRng;

use super::Environment;
use crate::admin::SessionRecord;
use crate::event::{Event, EventData, EventName};
use crate::id::{SessionId, UserId};
use crate::outcome::Outcome;
use crate::refusal::Refusal;

impl Environment {
    /// The kept events after a given one, oldest first.
    pub fn events(&self, after: u64) -> impl Iterator<Item = &Arc<Event>> {
        self.office.events.after(after)
    }

    /// How many events there ever were; the sequence number of the newest one.
    pub fn events_emitted(&self) -> u64 {
        self.office.events.emitted()
    }

    /// Makes events of what a granted command did; a refused one did nothing.
    pub(super) fn publish(&mut self, is_granted: bool, now: Timestamp, rng: &mut dyn CryptoRng) {
        let max = self.policy.limits.events_max;
        let office = &mut self.office;
        match is_granted {
            true => office.events.publish(&office.webhooks, max, now, rng),
            false => office.events.forget_pending(),
        }
    }

    /// Notes a sign-in, and before it the user who came with it.
    pub(super) fn note_sign_in(&mut self, session: SessionId, is_new_user: bool) {
        let Some(opened) = self.sessions.get(session) else { return };
        let Some(user) = self.users.get(&opened.user) else { return };
        let actor = Some(user.id);
        if is_new_user {
            let data = EventData::user(user, Some(opened));
            self.office.events.note(EventName::UserCreated, actor, data);
        }
        let data = EventData::session(opened, &user.credentials);
        self.office.events.note(EventName::SessionCreated, actor, data);
    }

    /// Notes that a user changed their profile or their credentials.
    pub(super) fn note_update(&mut self, session: SessionId) {
        let Some(opened) = self.sessions.get(session) else { return };
        let Some(user) = self.users.get(&opened.user) else { return };
        let data = EventData::user(user, Some(opened));
        self.office.events.note(EventName::UserUpdated, Some(user.id), data);
    }

    /// Notes that a user is about to be deleted: by themself, or by nobody who is a user.
    pub(super) fn note_deletion(&mut self, user: UserId, actor: Option<UserId>) {
        if let Some(user) = self.users.get(&user) {
            let data = EventData::user(user, None);
            self.office.events.note(EventName::UserDeleted, actor, data);
        }
    }

    /// Notes something about a user that an administrator did.
    pub(super) fn note_about(&mut self, name: EventName, user: UserId) {
        if name.is_ours() && !self.policy.webhooks.mfa_events {
            return;
        }
        if let Some(user) = self.users.get(&user) {
            self.office.events.note(name, None, EventData::user(user, None));
        }
    }

    /// Notes a second factor that was passed, where such events are wanted (rule U32).
    pub(super) fn note_mfa(&mut self, session: SessionId) {
        if !self.policy.webhooks.mfa_events {
            return;
        }
        if let Some(opened) = self.sessions.get(session) {
            let data = EventData::session(opened, &[]);
            self.office.events.note(EventName::MfaAuthenticated, Some(opened.user), data);
        }
    }

    /// The user ends their own session.
    pub(super) fn leave(&mut self, session: SessionId, now: Timestamp) -> Result<Outcome, Refusal> {
        let actor = Some(self.session(session)?.user);
        self.end_session(session, EventName::SessionRevoked, actor, now);
        Ok(Outcome::Done)
    }

    /// Ends a session, notes it, and remembers when it was.
    pub(super) fn end_session(
        &mut self,
        id: SessionId,
        name: EventName,
        actor: Option<UserId>,
        now: Timestamp,
    ) -> Option<SessionRecord> {
        let session = self.sessions.get(id)?;
        let revoked_at = Some(now);
        let (user, created_at) = (session.user, session.created_at);
        let record = SessionRecord { id, user, created_at, revoked_at };
        let data = EventData::revoked(session, now);
        self.office.events.note(name, actor, data);
        self.sessions.remove(id);
        let ended = &mut self.office.ended_sessions;
        ended.push_back(record);
        let max = usize::try_from(self.policy.limits.ended_sessions_max).unwrap_or(usize::MAX);
        while ended.len() > max {
            ended.pop_front();
        }
        Some(record)
    }
}
