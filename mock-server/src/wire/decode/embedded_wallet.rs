//! Embedded wallets of the older kind: what deletes, restores and exports one.

use mfa_engine::{Request as UserRequest, WaasRequest, WalletDeed};

use super::Read;
use super::asking::{Asking, Malformed};
use crate::wire::body::waas::DeleteWallets;
use crate::wire::rejection::Rejection;
use crate::wire::route::Operation;

pub(super) fn decode(asking: &Asking<'_>) -> Read {
    let is_own = matches!(
        asking.operation,
        Operation::DeleteEmbeddedWallets
            | Operation::SoftDeleteEmbeddedWallet
            | Operation::RestoreEmbeddedWallet
            | Operation::ExportEmbeddedWallet
    );
    is_own.then(|| asking.as_user(|| read(asking).map(UserRequest::Waas)))
}

fn read(asking: &Asking<'_>) -> Result<WaasRequest, Rejection> {
    let deed = match asking.operation {
        Operation::SoftDeleteEmbeddedWallet => WalletDeed::Delete,
        Operation::RestoreEmbeddedWallet => WalletDeed::Restore,
        Operation::ExportEmbeddedWallet => WalletDeed::ExportBundle,
        _ => {
            asking.optional_body::<DeleteWallets>(Malformed::BadRequest)?;
            return Ok(WaasRequest::DeleteAll { proof: asking.proof() });
        }
    };
    Ok(WaasRequest::On { wallet: asking.path_id(0)?, deed, proof: asking.proof() })
}
