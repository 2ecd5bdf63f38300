//! What an administrator may ask: the API for an app's own servers, and what a tester does there.
//!
//! Rules K4, V5, V7, J14, D5, S10. An administrator is no user and has no session; what they may
//! do follows from the permissions of their API token.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::api_token::{ApiToken, Permission};
use crate::credential::Credential;
use crate::event::{Event, EventLog};
use crate::id::{ApiTokenId, EnvironmentId, EventId, MessageId, SessionId, UserId, WebhookId};
use crate::key::{KeyNumber, KeyRing};
use crate::mfa_token::Digest;
use crate::outcome::DeviceView;
use crate::rare::Rare;
use crate::secret::Secret;
use crate::stand_in::EmbeddedWallet;
use crate::user::{Acknowledgement, Profile, ProfileUpdate};
use crate::webhook::{Webhook, WebhookRequest};

mod refusal;

pub use refusal::AdminRefusal;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Administrator {
    /// Whoever holds the API token of this digest.
    Token(Digest),
    /// The tester, who needs no token and may do everything.
    Tester,
}

/// What an administrator asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum AdminRequest {
    /// `GET environments/{environmentId}/users`
    ListUsers(UserQuery),
    /// `POST environments/{environmentId}/users`
    CreateUser {
        /// The address of the user's e-mail credential, checked for its shape.
        email: String,
        /// The profile to begin with.
        change: Box<UserChange>,
    },
    /// `GET environments/{environmentId}/users/{userId}`
    ReadUser(UserId),
    /// `PUT environments/{environmentId}/users/{userId}`
    UpdateUser {
        /// Which user.
        user: UserId,
        /// What is changed.
        change: Box<UserChange>,
    },
    /// `DELETE environments/{environmentId}/users/{userId}`
    DeleteUser(UserId),
    /// `POST users/{userId}/mfa/reset`, `DELETE users/{userId}/mfa` (rules K4, V5)
    ResetMfa(UserId),
    /// `GET users/{userId}/sessions/{sessionId}`
    ReadSession {
        /// Which user.
        user: UserId,
        /// Which session.
        session: SessionId,
    },
    /// `PUT sessions/{sessionId}/revoke`
    RevokeSession(SessionId),
    /// `POST environments/{environmentId}/users/{userId}/sessions/revoke`
    RevokeSessionsOf(UserId),
    /// `POST environments/{environmentId}/users/sessions/revoke`
    RevokeEverySession,
    /// `GET environments/{environmentId}/keys`
    ReadKeys,
    /// Lets the next key sign. The published API has no such call; the tester has.
    RotateKeys,
    /// Refuses the tokens of a key from now on. For the tester, as above.
    RetireKey(KeyNumber),
    /// `GET environments/{environmentId}/tokens`
    ListApiTokens,
    /// `POST environments/{environmentId}/tokens`
    CreateApiToken {
        /// What it is for, in the owner's words.
        note: String,
        /// What it may do; none named: everything.
        permissions: Vec<Permission>,
    },
    /// `DELETE environments/{environmentId}/tokens/{tokenId}`
    RevokeApiToken(ApiTokenId),
    /// `GET environments/{environmentId}/test/account`
    ReadTestAccount,
    /// `POST environments/{environmentId}/test/account`
    OpenTestAccount,
    /// `DELETE environments/{environmentId}/test/account`
    CloseTestAccount,
    /// `GET environments/{environmentId}/events`
    ListEvents,
    /// `GET environments/{environmentId}/events/{eventId}`
    ReadEvent(EventId),
    /// `GET eventTypes`
    ListEventTypes,
    /// Everything about webhooks.
    Webhooks(WebhookRequest),
}

impl AdminRequest {
    /// The permission that it needs.
    pub const fn permission(&self) -> Permission {
        match self {
            Self::ListUsers(_) | Self::ReadUser(_) | Self::ReadSession { .. } => {
                Permission::UsersRead
            }
            Self::CreateUser { .. }
            | Self::UpdateUser { .. }
            | Self::DeleteUser(_)
            | Self::ResetMfa(_)
            | Self::RevokeSession(_)
            | Self::RevokeSessionsOf(_)
            | Self::RevokeEverySession => Permission::UsersWrite,
            Self::ReadKeys | Self::ReadTestAccount => Permission::SettingsRead,
            Self::RotateKeys
            | Self::RetireKey(_)
            | Self::OpenTestAccount
            | Self::CloseTestAccount => Permission::SettingsWrite,
            Self::ListApiTokens => Permission::ApiTokensRead,
            Self::CreateApiToken { .. } | Self::RevokeApiToken(_) => Permission::ApiTokensWrite,
            Self::ListEvents | Self::ReadEvent(_) | Self::ListEventTypes => Permission::EventsRead,
            Self::Webhooks(request) => request.permission(),
        }
    }
}

/// Which users are listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserQuery {
    /// Where the text must stand; none: all of them.
    pub filter: Option<UserFilter>,
    /// How many of those found are left out at the beginning.
    pub offset: u32,
    /// How many are shown at most.
    pub limit: u32,
    /// Whether their sessions are shown too.
    pub with_sessions: bool,
}

/// A text that a user must show somewhere, in any case of letters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserFilter {
    /// Where.
    pub column: UserColumn,
    /// The text, in lower case.
    pub value: String,
}

/// A field to filter users by (`UserFilterableFieldsEnum`, those that mean something here).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UserColumn {
    /// Any of the others.
    All,
    /// The id.
    Id,
    /// A verified address.
    Email,
    /// A short name.
    Alias,
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// A telephone number of the profile.
    PhoneNumber,
    /// Job title.
    JobTitle,
    /// A unique name.
    Username,
}

/// What an administrator changes about a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserChange {
    /// The profile.
    pub profile: ProfileUpdate,
    /// `mfaBackupCodeAcknowledgement`; none leaves it.
    pub acknowledgement: Option<Acknowledgement>,
}

/// A user as an administrator sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRecord {
    /// The id.
    pub id: UserId,
    /// The environment.
    pub environment: EnvironmentId,
    /// What they told about themself.
    pub profile: Rare<Profile>,
    /// Proven ways to sign in.
    pub credentials: Vec<Credential>,
    /// Embedded wallets that are not deleted.
    pub wallets: Vec<EmbeddedWallet>,
    /// State of the recovery-code acknowledgement.
    pub acknowledgement: Acknowledgement,
    /// First sign-in, or the moment of creation.
    pub first_visit: Timestamp,
    /// Latest sign-in.
    pub last_visit: Timestamp,
    /// Whether they were in no more than one session.
    pub new_user: bool,
    /// MFA devices, confirmed or not.
    pub devices: Vec<DeviceView>,
    /// Live sessions and those that were revoked; none if not asked for.
    pub sessions: Option<Vec<SessionRecord>>,
}

/// A session as an administrator sees it (`Session`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SessionRecord {
    /// The id.
    pub id: SessionId,
    /// Its user.
    pub user: UserId,
    /// The sign-in.
    pub created_at: Timestamp,
    /// When it was revoked, or the user left.
    #[serde(deserialize_with = "crate::written::option")]
    pub revoked_at: Option<Timestamp>,
}

/// What an administrator is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdminOutcome {
    /// Nothing to say.
    Done,
    /// Every session was revoked; how many there were.
    Revoked(usize),
    /// A user was created.
    Created(Box<UserRecord>),
    /// A user was read or changed.
    User(Box<UserRecord>),
    /// Users, and how many there are besides the shown ones.
    Users {
        /// All that were found.
        count: usize,
        /// Those that are shown.
        users: Vec<UserRecord>,
    },
    /// A session.
    Session(SessionRecord),
    /// The ring of keys.
    Keys(KeyRing),
    /// A new API token.
    NewApiToken {
        /// What is kept of it.
        token: ApiToken,
        /// The token itself, shown this once.
        text: Secret,
    },
    /// The API tokens.
    ApiTokens(Vec<ApiToken>),
    /// The code that every test address gets.
    TestAccount {
        /// The code.
        code: String,
        /// Whether the account was opened by this call.
        is_new: bool,
    },
    /// Events, oldest first.
    Events(Vec<Arc<Event>>),
    /// One event.
    Event(Arc<Event>),
    /// The kinds of events that there are.
    EventTypes,
    /// A new webhook.
    NewWebhook(Webhook),
    /// A webhook.
    Webhook {
        /// The webhook.
        webhook: Webhook,
        /// Whether its secret is shown.
        with_secret: bool,
    },
    /// The webhooks.
    Webhooks(Vec<Webhook>),
    /// The deliveries of a webhook may be shown, or those of one message.
    Deliveries {
        /// Which webhook.
        webhook: WebhookId,
        /// Which message; none: all of them.
        message: Option<MessageId>,
    },
    /// A message is to be delivered once more.
    Redelivery {
        /// What happened.
        event: Arc<Event>,
        /// To which webhook.
        webhook: WebhookId,
        /// Which message.
        message: MessageId,
    },
}

/// What an environment keeps for its administrators: keys, tokens, webhooks, events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Office {
    pub(crate) keys: KeyRing,
    pub(crate) api_tokens: BTreeMap<ApiTokenId, ApiToken>,
    pub(crate) webhooks: BTreeMap<WebhookId, Webhook>,
    pub(crate) events: EventLog,
    /// Sessions that were revoked, oldest first; as many as `limits.endedSessionsMax`.
    pub(crate) ended_sessions: VecDeque<SessionRecord>,
}
