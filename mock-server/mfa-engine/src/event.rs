//! Events: what happened in an environment, for those who want to be told (rules V7, V8, U32).

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use rand::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::credential::Credential;
use crate::id::{CredentialId, EventId, MessageId, SessionId, UserId, WebhookId};
use crate::rare::Rare;
use crate::session::Session;
use crate::user::{Profile, User};
use crate::webhook::Webhook;

macro_rules! names {
    ($($(#[doc = $meaning:literal])+ $variant:ident = $name:literal),+ $(,)?) => {
        /// What kind of thing happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum EventName { $($(#[doc = $meaning])+ #[serde(rename = $name)] $variant),+ }

        impl EventName {
            /// Every name.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// When it happens, in one sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($meaning),+)),+ }
            }
        }
    };
}

names! {
    /// A user was created, by a first sign-in or by an administrator.
    UserCreated = "user.created",
    /// A user's profile or credentials changed.
    UserUpdated = "user.updated",
    /// A user was deleted.
    UserDeleted = "user.deleted",
    /// A user signed in.
    SessionCreated = "user.session.created",
    /// A user ended a session.
    SessionRevoked = "user.session.revoked",
    /// An administrator ended a user's session.
    AdminSessionRevoked = "admin.user.session.revoked",
    /// Only with `webhooks.mfaEvents`: a second factor was passed.
    MfaAuthenticated = "mfa.authenticated",
    /// Only with `webhooks.mfaEvents`: an administrator removed a user's second factors.
    MfaReset = "mfa.reset",
}

impl EventName {
    /// Whether the name is ours, because none is published (rule U32).
    pub const fn is_ours(self) -> bool {
        matches!(self, Self::MfaAuthenticated | Self::MfaReset)
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The id (`eventId`).
    pub id: EventId,
    /// Grows by one with every event of the environment; ask for those after the last one seen.
    pub sequence: u64,
    /// What kind of thing.
    pub name: EventName,
    /// The user who did it; none if an administrator did.
    #[serde(deserialize_with = "crate::written::option")]
    pub user: Option<UserId>,
    /// When.
    pub at: Timestamp,
    /// What it happened to.
    pub data: EventData,
    /// Who is told, and in which message: the webhooks that wanted it at that moment.
    pub messages: Vec<(WebhookId, MessageId)>,
}

/// What an event happened to, as it was at that moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum EventData {
    /// A user.
    User(Box<EventUser>),
    /// A session.
    Session(Box<EventSession>),
}

/// A user as an event shows them: no secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventUser {
    /// The id.
    pub id: UserId,
    /// What they told about themself.
    pub profile: Rare<Profile>,
    /// Proven ways to sign in.
    pub credentials: Vec<Credential>,
    /// First sign-in, or the moment of creation.
    pub first_visit: Timestamp,
    /// Latest sign-in.
    pub last_visit: Timestamp,
    /// Whether they were in no more than one session.
    pub new_user: bool,
    /// The session in which it happened, and its latest credential.
    #[serde(deserialize_with = "crate::written::option")]
    pub session: Option<(SessionId, CredentialId)>,
}

/// A session as an event shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventSession {
    /// The id.
    pub id: SessionId,
    /// Its user.
    pub user: UserId,
    /// The sign-in.
    pub created_at: Timestamp,
    /// The end of its token.
    pub expires_at: Timestamp,
    /// When it was revoked.
    #[serde(deserialize_with = "crate::written::option")]
    pub revoked_at: Option<Timestamp>,
    /// `Origin` of the site.
    #[serde(deserialize_with = "crate::written::option")]
    pub origin: Option<String>,
    /// The credential that opened it.
    pub signin_credential: CredentialId,
    /// The user's credentials; empty but at a sign-in.
    pub credentials: Vec<Credential>,
}

impl EventData {
    pub(crate) fn user(user: &User, session: Option<&Session>) -> Self {
        Self::User(Box::new(EventUser {
            id: user.id,
            profile: user.profile.clone(),
            credentials: user.credentials.clone(),
            first_visit: user.first_visit.into(),
            last_visit: user.last_visit.into(),
            new_user: user.new_user,
            session: session.map(|session| (session.id, session.last_credential)),
        }))
    }

    pub(crate) fn session(session: &Session, credentials: &[Credential]) -> Self {
        Self::Session(Box::new(EventSession {
            id: session.id,
            user: session.user,
            created_at: session.created_at,
            expires_at: session.expires_at,
            revoked_at: None,
            origin: session.client.origin.clone(),
            signin_credential: session.signin_credential,
            credentials: credentials.to_vec(),
        }))
    }

    pub(crate) fn revoked(session: &Session, now: Timestamp) -> Self {
        match Self::session(session, &[]) {
            Self::Session(session) => {
                Self::Session(Box::new(EventSession { revoked_at: Some(now), ..*session }))
            }
            other => other,
        }
    }
}

/// Bytes of JSON that the kept events take at most, however many they may be: one of a user with
/// a long profile is as long as a request, and a thousand of those would be 60 MB.
pub(crate) const BYTES_MAX: usize = 4 << 20;

/// The latest events, and what has happened in the command that is being decided.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, from = "Written")]
pub(crate) struct EventLog {
    kept: VecDeque<Arc<Event>>,
    emitted: u64,
    /// The bytes of all that are kept.
    #[serde(skip)]
    bytes: usize,
    /// Empty between two commands: what a refused command would have done did not happen.
    #[serde(skip)]
    pending: Vec<(EventName, Option<UserId>, EventData)>,
}

/// The log as it is written down.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    kept: VecDeque<Arc<Event>>,
    emitted: u64,
}

impl From<Written> for EventLog {
    fn from(Written { kept, emitted }: Written) -> Self {
        let bytes = kept.iter().map(|event| event.bytes()).sum();
        Self { kept, emitted, bytes, pending: Vec::new() }
    }
}

impl Event {
    /// How long it is as JSON.
    fn bytes(&self) -> usize {
        let mut count = Count(0);
        // Our own structs have string keys, and counting cannot fail.
        let _ = serde_json::to_writer(&mut count, self);
        count.0
    }
}

/// Counts what is written to it.
struct Count(usize);

impl std::io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl EventLog {
    pub(crate) fn note(&mut self, name: EventName, user: Option<UserId>, data: EventData) {
        self.pending.push((name, user, data));
    }

    pub(crate) fn forget_pending(&mut self) {
        self.pending.clear();
    }

    /// Makes events of what has happened. The dice are asked here and not before, so that an
    /// event moves no other draw of its command.
    pub(crate) fn publish(
        &mut self,
        webhooks: &BTreeMap<WebhookId, Webhook>,
        max: u32,
        now: Timestamp,
        rng: &mut dyn CryptoRng,
    ) {
        for (name, user, data) in self.pending.drain(..) {
            self.emitted = self.emitted.saturating_add(1);
            let id = EventId::draw(rng);
            let wanted = webhooks.values().filter(|webhook| webhook.wants(name.as_str()));
            let messages = wanted.map(|webhook| (webhook.id, MessageId::draw(rng))).collect();
            let sequence = self.emitted;
            let event = Event { id, sequence, name, user, at: now, data, messages };
            self.bytes += event.bytes();
            self.kept.push_back(Arc::new(event));
        }
        let max = usize::try_from(max).unwrap_or(usize::MAX);
        while self.kept.len() > max || self.bytes > BYTES_MAX {
            let Some(oldest) = self.kept.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(oldest.bytes());
        }
    }

    /// How many events there ever were.
    pub(crate) fn emitted(&self) -> u64 {
        self.emitted
    }

    /// The kept events after a given one, oldest first.
    pub(crate) fn after(&self, sequence: u64) -> impl Iterator<Item = &Arc<Event>> {
        // Newest last, so those after a given one are a tail.
        let older = self.kept.partition_point(|event| event.sequence <= sequence);
        self.kept.range(older..)
    }
}
