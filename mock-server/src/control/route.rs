//! Every path of the control API: one table, from which its OpenAPI document is made too.

use http::Method;

use super::{BASE, Refused, method_not_allowed};

/// One row of the table.
pub(super) struct Route {
    pub(super) method: Method,
    /// Path below `/_mock/v1`.
    pub(super) template: &'static str,
    pub(super) verb: Verb,
    pub(super) summary: &'static str,
    /// Query parameters: name and meaning.
    pub(super) query: &'static [(&'static str, &'static str)],
    /// The body that it takes, as an example.
    pub(super) body: Option<&'static str>,
    /// Status of success.
    pub(super) success: u16,
}

/// What a tester asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Index,
    OpenApi,
    ReadAstray,
    ListEnvironments,
    NewEnvironment,
    ReadEnvironment,
    MakeEnvironment,
    ForgetEnvironment,
    ReadSettings,
    ReplaceSettings,
    PatchSettings,
    Reset,
    TakeSnapshot,
    Restore,
    ListUsers,
    CreateUser,
    ReadUser,
    RemoveUser,
    RevokeSessions,
    ShowTotp,
    ReadInbox,
    ReadClock,
    SetClock,
    AdvanceClock,
    ListFaults,
    InjectFault,
    ClearFaults,
    RemoveFault,
    ReadJournal,
    ClearJournal,
    CountJournal,
    ListKeys,
    RotateKeys,
    RetireKey,
    ReadKeyPem,
    CreateApiToken,
    ListApiTokens,
    RevokeApiToken,
    ResetMfa,
    RevokeSession,
    RevokeEverySession,
    ListEvents,
    ListWebhooks,
    RegisterWebhook,
    RemoveWebhook,
    ListMessages,
    Redeliver,
}

macro_rules! routes {
    ($($method:ident $template:literal $verb:ident $success:literal $summary:literal
        $(? $query:expr)? $(, body $body:literal)?;)+) => {
        /// Every route.
        pub(super) const ROUTES: &[Route] = &[$(Route {
            method: Method::$method,
            template: $template,
            verb: Verb::$verb,
            summary: $summary,
            query: routes!(@query $($query)?),
            body: routes!(@body $($body)?),
            success: $success,
        }),+];
    };
    (@query) => { &[] };
    (@query $query:expr) => { $query };
    (@body) => { None };
    (@body $body:literal) => { Some($body) };
}

const AFTER: (&str, &str) = ("after", "only what has a larger sequence number");
const WAIT: (&str, &str) = ("wait", "wait up to that many seconds (60 at most) until there is one");

const REVEAL: (&str, &str) = ("reveal", "true: show secrets");

routes! {
    GET "/" Index 200 "what this is, its routes, and the operations that it serves";
    GET "/openapi.json" OpenApi 200 "this API as an OpenAPI 3.1 document";
    GET "/journal" ReadAstray 200 "every exchange that belongs to no environment, oldest first"
        ? &[AFTER, REVEAL];
    GET "/environments" ListEnvironments 200 "the ids of all environments";
    POST "/environments" NewEnvironment 201 "make an environment with a new id";
    GET "/environments/{environmentId}" ReadEnvironment 200 "what the environment holds, in numbers";
    PUT "/environments/{environmentId}" MakeEnvironment 204 "make the environment, if there is none of that id";
    DELETE "/environments/{environmentId}" ForgetEnvironment 204 "drop the environment with everything in it";
    GET "/environments/{environmentId}/settings" ReadSettings 200 "every setting";
    PUT "/environments/{environmentId}/settings" ReplaceSettings 200 "replace every setting; absent ones get their default",
        body r#"{"minApiVersion":"2026_01_01"}"#;
    PATCH "/environments/{environmentId}/settings" PatchSettings 200 "change some settings (JSON merge patch, RFC 7396)",
        body r#"{"mfa":{"enrollment":"signup"}}"#;
    POST "/environments/{environmentId}/reset" Reset 204 "back to the first day: users, settings, clock, faults, journal";
    GET "/environments/{environmentId}/snapshot" TakeSnapshot 200 "everything but the journal, as JSON";
    PUT "/environments/{environmentId}/snapshot" Restore 204 "put a snapshot in the place of everything but the journal",
        body r#"{"version":1}"#;
    GET "/environments/{environmentId}/users" ListUsers 200 "every user, secrets included";
    POST "/environments/{environmentId}/users" CreateUser 201 "put a user into the environment",
        body r#"{"email":"alice@example.com","totpSecret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}"#;
    GET "/environments/{environmentId}/users/{id}" ReadUser 200 "a user, by id, e-mail address, number such as +19171113333, or external id";
    DELETE "/environments/{environmentId}/users/{id}" RemoveUser 204 "remove a user with every session";
    POST "/environments/{environmentId}/users/{id}/revoke" RevokeSessions 204 "end every session of a user";
    GET "/environments/{environmentId}/users/{id}/totp" ShowTotp 200 "what the user's authenticator app shows now";
    GET "/environments/{environmentId}/inbox" ReadInbox 200 "the mails and texts that would have been sent, oldest first"
        ? &[("to", "only to this address, or to this number such as +19171113333"), AFTER, ("since", "only sent at or after this time"), WAIT];
    GET "/environments/{environmentId}/clock" ReadClock 200 "the environment's time, and how it runs";
    PUT "/environments/{environmentId}/clock" SetClock 200 "hold, shift, or follow the system",
        body r#"{"mode":"held","at":"2030-01-01T00:00:00Z"}"#;
    POST "/environments/{environmentId}/clock/advance" AdvanceClock 200 "move the clock forwards",
        body r#"{"seconds":30}"#;
    GET "/environments/{environmentId}/faults" ListFaults 200 "the faults, with their counters";
    POST "/environments/{environmentId}/faults" InjectFault 201 "let the n-th call of an operation go wrong",
        body r#"{"operation":"authMfaTotpDevice","nth":1,"times":1,"effect":{"kind":"status","status":503}}"#;
    DELETE "/environments/{environmentId}/faults" ClearFaults 204 "remove every fault";
    DELETE "/environments/{environmentId}/faults/{id}" RemoveFault 204 "remove one fault";
    GET "/environments/{environmentId}/journal" ReadJournal 200 "every exchange, oldest first"
        ? &[AFTER, ("operation", "only of this operation"), REVEAL, WAIT];
    DELETE "/environments/{environmentId}/journal" ClearJournal 204 "empty the journal; sequence numbers go on";
    GET "/environments/{environmentId}/journal/count" CountJournal 200 "how many exchanges an operation had"
        ? &[("operation", "the operation"), AFTER, ("atLeast", "wait for that many"), WAIT];
    GET "/environments/{environmentId}/keys" ListKeys 200 "the signing keys that were used, with their public halves";
    POST "/environments/{environmentId}/keys/rotate" RotateKeys 200 "let the next key sign; the old one still verifies";
    POST "/environments/{environmentId}/keys/{id}/retire" RetireKey 200 "refuse the tokens of a key (kid) at once";
    GET "/environments/{environmentId}/keys/{id}/pem" ReadKeyPem 200 "the public half of a key (kid), as a PEM file";
    POST "/environments/{environmentId}/api-tokens" CreateApiToken 201 "make a token for the administrators' API; shown this once",
        body r#"{"note":"tests of our backend","scopes":["environment.users.write"]}"#;
    GET "/environments/{environmentId}/api-tokens" ListApiTokens 200 "the API tokens, without their texts";
    DELETE "/environments/{environmentId}/api-tokens/{id}" RevokeApiToken 204 "revoke an API token";
    POST "/environments/{environmentId}/users/{id}/mfa/reset" ResetMfa 204 "remove every second factor of a user";
    POST "/environments/{environmentId}/sessions/{id}/revoke" RevokeSession 204 "revoke one session, as an administrator does";
    POST "/environments/{environmentId}/sessions/revoke" RevokeEverySession 200 "revoke every session, as an administrator does";
    GET "/environments/{environmentId}/events" ListEvents 200 "what happened, oldest first"
        ? &[AFTER, ("name", "only of this kind, such as user.created"), WAIT];
    GET "/environments/{environmentId}/webhooks" ListWebhooks 200 "the webhooks, secrets included";
    POST "/environments/{environmentId}/webhooks" RegisterWebhook 201 "send events to a receiver on this machine",
        body r#"{"url":"http://localhost:3000/hook","isEnabled":true,"events":["user.created"]}"#;
    DELETE "/environments/{environmentId}/webhooks/{id}" RemoveWebhook 204 "remove a webhook";
    GET "/environments/{environmentId}/webhooks/{id}/messages" ListMessages 200 "every attempt to deliver a message, oldest first"
        ? &[("atLeast", "wait for that many"), WAIT];
    POST "/environments/{environmentId}/messages/{id}/redeliver" Redeliver 204 "send a message once more";
}

/// What a request is aimed at.
#[derive(Debug)]
pub(super) struct Matched<'path> {
    pub(super) verb: Verb,
    pub(super) environment: Option<&'path str>,
    pub(super) id: Option<&'path str>,
}

/// Finds the row for a method and a path.
pub(super) fn find<'path>(method: &Method, path: &'path str) -> Result<Matched<'path>, Refused> {
    let rest = match path {
        "/" | "/_mock" | "/_mock/" | "/_mock/v1" => "/",
        _ => path.strip_prefix(BASE).filter(|rest| rest.starts_with('/')).unwrap_or(""),
    };
    let mut allowed = Vec::new();
    for route in ROUTES {
        let Some((environment, id)) = matched(route.template, rest) else { continue };
        if route.method == *method {
            return Ok(Matched { verb: route.verb, environment, id });
        }
        allowed.push(route.method.as_str());
    }
    match allowed.is_empty() {
        true => Err(Refused::not_found(format!("the control API has no path {path}"))
            .with_hint("GET /_mock/v1/ lists every route")),
        false => Err(method_not_allowed(method, allowed.join(", "))),
    }
}

/// The environment and the other id of a path that fits a template.
type Ids<'path> = (Option<&'path str>, Option<&'path str>);

fn matched<'path>(template: &str, path: &'path str) -> Option<Ids<'path>> {
    let (mut environment, mut id) = (None, None);
    let mut segments = path.split('/');
    for expected in template.split('/') {
        let segment = segments.next()?;
        match expected {
            "{environmentId}" if !segment.is_empty() => environment = Some(segment),
            "{id}" if !segment.is_empty() => id = Some(segment),
            _ if expected == segment => {}
            _ => return None,
        }
    }
    segments.next().is_none().then_some((environment, id))
}
