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

/// The parameters of the list, which the published client sends as `filter[filterColumn]=…`, and
/// whoever follows the default of OpenAPI for an object as `filterColumn=…`. Any other one would
/// be passed over and bring users whom nobody asked for, so it is refused.
fn user_query(asking: &Asking<'_>) -> Result<UserQuery, Rejection> {
    let refuse = |problem: &str| Malformed::BadRequest.because(problem.to_owned());
    let number = |name: &str, value: &str| {
        value.parse().map_err(|_| refuse(&format!("{name}: not a number")))
    };
    let (mut column, mut value) = (UserColumn::All, None);
    let mut query = UserQuery { filter: None, offset: 0, limit: LIMIT, with_sessions: false };
    let pairs = asking.request.uri().query().unwrap_or_default().split('&');
    for (name, text) in pairs.map(pair).filter(|(name, text)| !(name.is_empty() && text.is_empty()))
    {
        match name.as_str() {
            "offset" => query.offset = number(&name, &text)?,
            "limit" => query.limit = number(&name, &text)?,
            "includeSessions" => query.with_sessions = text == "true",
            "orderBy" if text.is_empty() => {}
            "orderBy" => {
                return Err(refuse("orderBy: the mock lists users in the order of their ids only"));
            }
            "filter[filterColumn]" | "filterColumn" => {
                column = user_column(&text).ok_or_else(|| {
                    refuse(&format!("{name}: the mock filters by no such column"))
                })?;
            }
            "filter[filterValue]" | "filterValue" => value = Some(text.to_lowercase()),
            _ => {
                let served = "filter[filterColumn], filter[filterValue], offset, limit, \
                              includeSessions";
                return Err(refuse(&format!("{name}: the mock lists users by {served} only")));
            }
        }
    }
    Ok(UserQuery { filter: value.map(|value| UserFilter { column, value }), ..query })
}

/// A parameter of a query, as a form writes it.
fn pair(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    let plain = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    (plain(name), plain(value))
}

fn user_column(name: &str) -> Option<UserColumn> {
    Some(match name.to_lowercase().as_str() {
        "all" => UserColumn::All,
        "id" => UserColumn::Id,
        "email" => UserColumn::Email,
        "alias" => UserColumn::Alias,
        "firstname" => UserColumn::FirstName,
        "lastname" => UserColumn::LastName,
        "phonenumber" => UserColumn::PhoneNumber,
        "jobtitle" => UserColumn::JobTitle,
        "username" => UserColumn::Username,
        _ => return None,
    })
}
