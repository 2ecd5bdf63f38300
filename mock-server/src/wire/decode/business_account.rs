//! Business accounts.

use std::str::FromStr;

use mfa_engine::{
    AccountDeed, BusinessRequest, NewAccount, Request as UserRequest, SignerKind, Someone,
    is_address,
};

use super::Read;
use super::asking::{Asking, Malformed};
use super::waas::check_keygens;
use crate::wire::body::business_account::{
    AddMember, AddSigner, CreateAccount, IdentifierKind, LinkWallet, TransferOwnership,
    UpdateAccount, UpdateRole,
};
use crate::wire::rejection::Rejection;
use crate::wire::route::Operation;

/// Which status these calls declare for a wrong shape is not published.
const BAD: Malformed = Malformed::Unprocessable;

pub(super) fn decode(asking: &Asking<'_>) -> Read {
    let read = match asking.operation {
        Operation::ListBusinessAccounts => |_: &Asking<'_>| Ok(BusinessRequest::List),
        Operation::CreateBusinessAccount => create,
        Operation::LinkBusinessAccountWallet => link_wallet,
        Operation::ReadBusinessAccount
        | Operation::UpdateBusinessAccount
        | Operation::AddBusinessAccountMember
        | Operation::RemoveBusinessAccountMember
        | Operation::UpdateBusinessAccountMemberRole
        | Operation::TransferBusinessAccountOwnership
        | Operation::RemoveBusinessAccountWallet
        | Operation::AddBusinessAccountSigner
        | Operation::RemoveBusinessAccountSigner => on_account,
        _ => return None,
    };
    Some(asking.as_user(|| read(asking).map(UserRequest::Business)))
}

fn create(asking: &Asking<'_>) -> Result<BusinessRequest, Rejection> {
    let body: CreateAccount = asking.optional_body(BAD)?;
    Ok(BusinessRequest::Create(NewAccount {
        name: short("name", body.name)?,
        external_ref: short("externalRef", body.external_ref)?,
        metadata: body.metadata.and_then(|fields| serde_json::to_string(&fields).ok()),
    }))
}

fn link_wallet(asking: &Asking<'_>) -> Result<BusinessRequest, Rejection> {
    let body: LinkWallet = asking.body(BAD)?;
    let account = body.business_account_id.as_deref();
    Ok(BusinessRequest::LinkWallet {
        wallet: named("walletId", &body.wallet_id)?,
        account: account.map(|text| named("businessAccountId", text)).transpose()?,
        proof: asking.proof(),
    })
}

fn on_account(asking: &Asking<'_>) -> Result<BusinessRequest, Rejection> {
    let (account, deed) = (asking.path_id(0)?, deed(asking)?);
    Ok(BusinessRequest::On { account, deed, proof: asking.proof() })
}

fn deed(asking: &Asking<'_>) -> Result<AccountDeed, Rejection> {
    Ok(match asking.operation {
        Operation::UpdateBusinessAccount => {
            let body: UpdateAccount = asking.body(BAD)?;
            AccountDeed::Rename(short("name", body.name)?)
        }
        Operation::AddBusinessAccountMember => {
            let body: AddMember = asking.body(BAD)?;
            let who = someone(body.user_id.as_deref(), body.identifier, body.kind)?;
            let Some(who) = who else { return Err(nobody()) };
            AccountDeed::AddMember { who, role: body.role.role() }
        }
        Operation::RemoveBusinessAccountMember => AccountDeed::RemoveMember(asking.path_id(1)?),
        Operation::UpdateBusinessAccountMemberRole => {
            let body: UpdateRole = asking.body(BAD)?;
            AccountDeed::UpdateRole { user: asking.path_id(1)?, role: body.role.role() }
        }
        Operation::TransferBusinessAccountOwnership => {
            let body: TransferOwnership = asking.body(BAD)?;
            AccountDeed::TransferOwnership(named("newOwnerUserId", &body.new_owner_user_id)?)
        }
        Operation::RemoveBusinessAccountWallet => AccountDeed::RemoveWallet(asking.path_id(1)?),
        Operation::AddBusinessAccountSigner => {
            let body: AddSigner = asking.body(BAD)?;
            check_keygens(&body.client_keygen_ids, BAD)?;
            let who = someone(body.user_id.as_deref(), body.identifier, body.kind)?;
            if who.is_none() && body.signer_type == SignerKind::EndUser {
                return Err(nobody());
            }
            AccountDeed::AddSigner { wallet: asking.path_id(1)?, kind: body.signer_type, who }
        }
        Operation::RemoveBusinessAccountSigner => {
            AccountDeed::RemoveSigner { wallet: asking.path_id(1)?, signer: asking.path_id(2)? }
        }
        _ => AccountDeed::Read,
    })
}

/// Who is meant: `userId`, or `identifier` and `type`.
fn someone(
    user: Option<&str>,
    identifier: Option<String>,
    kind: Option<IdentifierKind>,
) -> Result<Option<Someone>, Rejection> {
    match (user, identifier, kind) {
        (Some(user), _, _) => Ok(Some(Someone::Id(named("userId", user)?))),
        (None, None, _) => Ok(None),
        (None, Some(text), Some(IdentifierKind::Id)) => {
            Ok(Some(Someone::Id(named("identifier", &text)?)))
        }
        (None, Some(text), Some(IdentifierKind::Email)) => match is_address(&text) {
            true => Ok(Some(Someone::Email(text))),
            false => Err(BAD.because("identifier: not an e-mail address".to_owned())),
        },
        (None, Some(_), _) => {
            let problem = "type: this stand-in finds people by `id` and by `email` only";
            Err(BAD.because(problem.to_owned()))
        }
    }
}

fn nobody() -> Rejection {
    BAD.because("userId: neither this nor identifier and type".to_owned())
}

/// An id in a body of these calls.
fn named<T: FromStr>(field: &str, text: &str) -> Result<T, Rejection> {
    text.parse().map_err(|_| BAD.because(format!("{field}: not a lower-case UUID")))
}

fn short(field: &str, text: Option<String>) -> Result<Option<String>, Rejection> {
    match text {
        Some(text) if text.chars().count() > 255 => {
            Err(BAD.because(format!("{field}: longer than 255 characters")))
        }
        text => Ok(text),
    }
}
