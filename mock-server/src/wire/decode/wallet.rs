//! Wallets: signing in with one, proving, linking, taking over, selecting.

use mfa_engine::{
    Command, CredentialId, Request as UserRequest, SignedMessage, WalletCommand, WalletProof,
    WalletRequest,
};

use super::asking::{Asking, Malformed, id};
use super::{Asked, Read};
use crate::wire::body::wallet::{SelectWallet, Verify};
use crate::wire::caller::text;
use crate::wire::rejection::Rejection;
use crate::wire::route::Operation;

pub(super) fn decode(asking: &Asking<'_>) -> Read {
    let as_user = |read: fn(&Asking<'_>) -> Result<WalletRequest, Rejection>| {
        asking.as_user(|| read(asking).map(UserRequest::Wallet))
    };
    Some(match asking.operation {
        Operation::VerifyWallet | Operation::SignInWithWallet => sign_in(asking),
        Operation::ReverifyWallet => as_user(|asking| proof(asking).map(WalletRequest::Verify)),
        Operation::LinkWallet => as_user(|asking| proof(asking).map(WalletRequest::Link)),
        Operation::TransferWallet => as_user(|asking| proof(asking).map(WalletRequest::Transfer)),
        Operation::SelectWallet => as_user(|asking| {
            let body: SelectWallet = asking.body(Malformed::BadRequest)?;
            wallet_id("walletId", &body.wallet_id).map(WalletRequest::Select)
        }),
        _ => return None,
    })
}

fn sign_in(asking: &Asking<'_>) -> Result<Asked, Rejection> {
    let body: Verify = asking.body(Malformed::BadRequest)?;
    let session_public_key = body.session_public_key.clone();
    let command = WalletCommand::SignIn {
        signed: signed(asking, body)?,
        client: asking.client(session_public_key),
        device: asking.device()?,
    };
    Ok(Command::Wallet(command).into())
}

fn proof(asking: &Asking<'_>) -> Result<WalletProof, Rejection> {
    let mut body: Verify = asking.body(Malformed::BadRequest)?;
    Ok(WalletProof {
        scopes: body.requested_scopes.take().unwrap_or_default(),
        signed: signed(asking, body)?,
        device: asking.device()?,
        proof: asking.proof(),
    })
}

fn signed(asking: &Asking<'_>, body: Verify) -> Result<SignedMessage, Rejection> {
    Ok(SignedMessage {
        address: short("publicWalletAddress", body.public_wallet_address)?,
        chain: body.chain.word(),
        wallet_name: short("walletName", body.wallet_name)?,
        wallet_provider: body.wallet_provider.word().to_owned(),
        message: body.message_to_sign,
        signature: body.signed_message,
        origin: text(asking.headers(), "origin").map(str::to_owned),
    })
}

/// A text of 1 to 255 characters.
fn short(field: &str, text: String) -> Result<String, Rejection> {
    match text.chars().count() {
        1..=255 => Ok(text),
        _ => Err(Malformed::BadRequest.because(format!("{field}: not 1 to 255 characters"))),
    }
}

/// The id of a wallet, which SDKs may send with a suffix such as `-zerodev`.
pub(super) fn wallet_id(field: &str, text: &str) -> Result<CredentialId, Rejection> {
    let plain = match text.split_at_checked(36) {
        Some((plain, suffix)) if suffix.is_empty() || suffix.starts_with('-') => plain,
        _ => text,
    };
    id(field, plain)
}
