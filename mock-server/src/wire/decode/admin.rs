//! Users, sessions, keys and API tokens, as an app's own servers ask for them.

use mfa_engine::{
    Acknowledgement, AdminRequest, UserChange, UserColumn, UserFilter, UserQuery, is_address,
};
use percent_encoding::percent_decode_str;

use super::Read;
use super::account::profile;
use super::asking::{Asking, Malformed};
use crate::wire::body::admin::{CreateToken, CreateUser};
use crate::wire::body::user::{AcknowledgementWord, UserFields};
use crate::wire::rejection::Rejection;
use crate::wire::route::Operation;

/// Users that are listed where the request names no limit. Ours: none is published.
const LIMIT: u32 = 100;
/// The longest note of an API token, in characters.
const NOTE_MAX: usize = 255;

pub(super) fn decode(asking: &Asking<'_>) -> Read {
    use AdminRequest as Ask;
    let request = |read: &dyn Fn() -> Result<Ask, Rejection>| asking.as_administrator(read);
    Some(match asking.operation {
        Operation::ListUsers => request(&|| Ok(Ask::ListUsers(user_query(asking)?))),
        Operation::CreateUser => request(&|| create_user(asking)),
        Operation::ReadAnyUser | Operation::ReadUserLegacy => {
            request(&|| Ok(Ask::ReadUser(asking.path_id(0)?)))
        }
        Operation::UpdateAnyUser | Operation::UpdateUserLegacy => request(&|| {
            let user = asking.path_id(0)?;
            let fields: UserFields = asking.body(Malformed::Unprocessable)?;
            if fields.email.is_some() {
                // The published model has no such field; a change that silently does nothing
                // would be worse.
                let problem = "email: an administrator cannot change it".to_owned();
                return Err(Malformed::Unprocessable.because(problem));
            }
            Ok(Ask::UpdateUser { user, change: Box::new(change(&fields)?) })
        }),
        Operation::DeleteAnyUser | Operation::DeleteUserLegacy => {
            request(&|| Ok(Ask::DeleteUser(asking.path_id(0)?)))
        }
        Operation::ResetMfa | Operation::DeleteMfa => {
            request(&|| Ok(Ask::ResetMfa(asking.path_id(0)?)))
        }
        Operation::ReadSession => request(&|| {
            Ok(Ask::ReadSession { user: asking.path_id(0)?, session: asking.path_id(1)? })
        }),
        Operation::RevokeSession => request(&|| Ok(Ask::RevokeSession(asking.path_id(0)?))),
        Operation::RevokeUserSessions | Operation::RevokeUserSessionsLegacy => {
            request(&|| Ok(Ask::RevokeSessionsOf(asking.path_id(0)?)))
        }
        Operation::RevokeEverySession => request(&|| Ok(Ask::RevokeEverySession)),
        Operation::ReadKeys => request(&|| Ok(Ask::ReadKeys)),
        Operation::ListApiTokens => request(&|| Ok(Ask::ListApiTokens)),
        Operation::CreateApiToken => request(&|| create_token(asking)),
        Operation::RevokeApiToken => request(&|| Ok(Ask::RevokeApiToken(asking.path_id(0)?))),
        Operation::ReadTestAccount => request(&|| Ok(Ask::ReadTestAccount)),
        Operation::OpenTestAccount => request(&|| Ok(Ask::OpenTestAccount)),
        Operation::CloseTestAccount => request(&|| Ok(Ask::CloseTestAccount)),
        _ => return None,
    })
}

fn change(fields: &UserFields) -> Result<UserChange, Rejection> {
    let word = fields.mfa_backup_code_acknowledgement;
    Ok(UserChange {
        profile: profile(fields)?,
        acknowledgement: word.map(|word| match word {
            AcknowledgementWord::Pending => Acknowledgement::Pending,
            AcknowledgementWord::Complete => Acknowledgement::Complete,
        }),
    })
}

fn create_user(asking: &Asking<'_>) -> Result<AdminRequest, Rejection> {
    let told: CreateUser = asking.body(Malformed::Unprocessable)?;
    let unprocessable = |problem: &str| Err(Malformed::Unprocessable.because(problem.to_owned()));
    if told.id.is_some() || told.wallets.is_some() || told.oauth_accounts.is_some() {
        return unprocessable(
            "the mock creates users with an e-mail address only: no id, wallets, oauthAccounts",
        );
    }
    let fields: UserFields = asking.body(Malformed::Unprocessable)?;
    match fields.email.as_deref().map(str::trim) {
        Some(email) if is_address(email) => {
            let change = Box::new(change(&fields)?);
            Ok(AdminRequest::CreateUser { email: email.to_owned(), change })
        }
        Some(_) => unprocessable("email: not an e-mail address"),
        None => unprocessable("email: missing"),
    }
}

fn create_token(asking: &Asking<'_>) -> Result<AdminRequest, Rejection> {
    let told: CreateToken = asking.body(Malformed::BadRequest)?;
    if told.note.chars().count() > NOTE_MAX {
        let problem = format!("note: longer than {NOTE_MAX} characters");
        return Err(Malformed::BadRequest.because(problem));
    }
    let permissions = told.scopes.unwrap_or_default();
    Ok(AdminRequest::CreateApiToken { note: told.note, permissions })
}

fn user_query(asking: &Asking<'_>) -> Result<UserQuery, Rejection> {
    let refuse = |problem: &str| Malformed::BadRequest.because(problem.to_owned());
    if asking.query("orderBy").is_some_and(|order| !order.is_empty()) {
        return Err(refuse("orderBy: the mock lists users in the order of their ids only"));
    }
    let number = |name: &str, absent: u32| match asking.query(name) {
        None => Ok(absent),
        Some(text) => text.parse().map_err(|_| refuse(&format!("{name}: not a number"))),
    };
    let filtered = |name: &str| {
        let bare = asking.query(&format!("filter[{name}]"));
        let value = bare.or_else(|| asking.query(&format!("filter%5B{name}%5D")));
        value.map(|value| {
            let value = value.replace('+', " ");
            percent_decode_str(&value).decode_utf8_lossy().to_lowercase()
        })
    };
    let column = match filtered("filterColumn").as_deref() {
        None | Some("all") => UserColumn::All,
        Some("id") => UserColumn::Id,
        Some("email") => UserColumn::Email,
        Some("alias") => UserColumn::Alias,
        Some("firstname") => UserColumn::FirstName,
        Some("lastname") => UserColumn::LastName,
        Some("phonenumber") => UserColumn::PhoneNumber,
        Some("jobtitle") => UserColumn::JobTitle,
        Some("username") => UserColumn::Username,
        Some(_) => return Err(refuse("filter[filterColumn]: the mock filters by no such column")),
    };
    Ok(UserQuery {
        filter: filtered("filterValue").map(|value| UserFilter { column, value }),
        offset: number("offset", 0)?,
        limit: number("limit", LIMIT)?,
        with_sessions: asking.query("includeSessions") == Some("true"),
    })
}
