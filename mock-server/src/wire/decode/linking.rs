//! The credentials of an account: unlinking and merging.

use mfa_engine::{LinkingRequest, Request as UserRequest, Resolution};

use super::Read;
use super::asking::{Asking, Malformed, id};
use super::wallet::wallet_id;
use crate::wire::body::object::Object;
use crate::wire::body::wallet::{Resolutions, Unlink};
use crate::wire::rejection::Rejection;
use crate::wire::route::Operation;

pub(super) fn decode(asking: &Asking<'_>) -> Read {
    let as_user = |read: fn(&Asking<'_>) -> Result<LinkingRequest, Rejection>| {
        asking.as_user(|| read(asking).map(UserRequest::Linking))
    };
    Some(match asking.operation {
        Operation::Unlink => as_user(unlink),
        Operation::MergeWithResolutions => as_user(merge_with_resolutions),
        Operation::MergeUsers => as_user(|asking| {
            Ok(LinkingRequest::Merge { resolutions: Vec::new(), proof: asking.proof() })
        }),
        _ => return None,
    })
}

/// A credential stands above a wallet: with both, the SDK means the credential, and names the
/// selected wallet beside it.
fn unlink(asking: &Asking<'_>) -> Result<LinkingRequest, Rejection> {
    let body: Unlink = asking.body(Malformed::BadRequest)?;
    let credential = body.verified_credential_id.or(body.verified_crential_id);
    let credential = match (credential, body.wallet_id) {
        (Some(credential), _) => Some(id("verifiedCredentialId", &credential)?),
        (None, Some(wallet)) => Some(wallet_id("walletId", &wallet)?),
        (None, None) => None,
    };
    let primary = body.primary_wallet_id.as_deref();
    Ok(LinkingRequest::Unlink {
        credential,
        primary: primary.map(|primary| wallet_id("primaryWalletId", primary)).transpose()?,
        proof: asking.proof(),
    })
}

fn merge_with_resolutions(asking: &Asking<'_>) -> Result<LinkingRequest, Rejection> {
    let body: Resolutions = asking.body(Malformed::BadRequest)?;
    let resolutions = body.merge_user_resolutions.unwrap_or_default().into_iter();
    let resolutions: Result<Vec<_>, _> = resolutions
        .map(|Object(resolution)| {
            let user = id("mergeUserResolutions.userId", &resolution.user_id)?;
            Ok(Resolution { user, field: resolution.field_key })
        })
        .collect();
    Ok(LinkingRequest::Merge { resolutions: resolutions?, proof: asking.proof() })
}
