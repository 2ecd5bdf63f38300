//! Broken where sessions are concerned: what their tokens say, and which are taken.

use jiff::{SignedDuration, Timestamp};
use mock_server::engine::{Command, Environment, Outcome, Refusal, SessionClaims};

use super::decisions::Decision;
use super::gates::agree;

pub(super) fn bearers_never_expire(
    _: &mut Environment,
    command: &mut Command,
    now: Timestamp,
) -> bool {
    match command {
        Command::As(caller, _) if caller.expires_at <= now => {
            caller.expires_at = Timestamp::MAX;
            true
        }
        _ => false,
    }
}

pub(super) fn any_environment_will_do(
    _: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    agree(result, |refusal| matches!(refusal, Refusal::ForeignEnvironment))
}

pub(super) fn retired_keys_serve(_: &mut Environment, result: &mut Decision, _: Timestamp) -> bool {
    agree(result, |refusal| matches!(refusal, Refusal::RetiredKey))
}

pub(super) fn sessions_never_end(_: &mut Environment, result: &mut Decision, _: Timestamp) -> bool {
    agree(result, |refusal| matches!(refusal, Refusal::SessionEnded | Refusal::TokenExpired))
}

/// Edits the claims of every session token that is made.
fn edit_session(result: &mut Decision, edit: impl FnOnce(&mut SessionClaims) -> bool) -> bool {
    match result {
        Ok(Outcome::Session(grant)) => edit(&mut grant.claims),
        _ => false,
    }
}

pub(super) fn names_another_session(
    _: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    let Ok(nobodys) = "00000000-0000-4000-8000-00000000dead".parse() else { return false };
    edit_session(result, |claims| {
        claims.session = nobodys;
        true
    })
}

pub(super) fn names_one_scope_only(
    _: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    edit_session(result, |claims| {
        let changed = claims.scopes.len() > 1;
        claims.scopes.truncate(1);
        changed
    })
}

pub(super) fn owing_sessions_enrol(
    _: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    agree(result, |refusal| matches!(refusal, Refusal::MfaPending))
}

pub(super) fn sessions_live_a_year(
    _: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    edit_session(result, |claims| {
        claims.expires_at += SignedDuration::from_hours(365 * 24);
        true
    })
}

/// Leaves the audience empty for a client that named no page.
pub(super) fn clients_without_a_page_have_no_audience(
    _: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    edit_session(result, |claims| {
        let has_none = claims.client.origin.is_none();
        if has_none {
            claims.client.origin = Some(String::new());
        }
        has_none
    })
}

/// Names the credential that opened the session, whatever was verified since.
pub(super) fn the_first_credential_is_named(
    _: &mut Environment,
    result: &mut Decision,
    _: Timestamp,
) -> bool {
    edit_session(result, |claims| {
        let first = claims.signin_credential;
        std::mem::replace(&mut claims.last_credential, first) != first
    })
}
