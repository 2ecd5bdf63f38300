//! Embedded wallets of the newer kind.

use mfa_engine::{
    Delegation, NewKeyShare, NewWallet, Proof, Request as UserRequest, Scheme, WaasRequest,
    WalletDeed,
};

use super::Read;
use super::asking::{Asking, Malformed, id};
use crate::wire::body::object::Object;
use crate::wire::body::waas::{
    BackUpLocation, BackUpShares, CreateRooms, CreateRoomsWithoutWallet, CreateWallet,
    DeliverShare, ExportKey, ImportKey, RecoverShares, RefreshShares, Reshare, SignMessage,
    UpdateSettings,
};
use crate::wire::rejection::Rejection;
use crate::wire::route::Operation;

pub(super) fn decode(asking: &Asking<'_>) -> Read {
    let read = match asking.operation {
        Operation::CreateWaasAccount => create,
        Operation::ImportPrivateKey => import,
        Operation::CreateRoomsWithoutWallet => rooms,
        Operation::FindWaasWallet => {
            |asking: &Asking<'_>| Ok(WaasRequest::FindByAddress(asking.path_text(0).to_owned()))
        }
        Operation::CreateRooms
        | Operation::SignMessage
        | Operation::ExportPrivateKey
        | Operation::RefreshKeyShares
        | Operation::Reshare
        | Operation::RecoverKeyShares
        | Operation::BackUpKeyShares
        | Operation::DeliverDelegatedShare
        | Operation::RevokeDelegatedShareSet
        | Operation::UpdateWaasWalletSettings => on_wallet,
        _ => return None,
    };
    Some(asking.as_user(|| read(asking).map(UserRequest::Waas)))
}

fn create(asking: &Asking<'_>) -> Result<WaasRequest, Rejection> {
    let body: CreateWallet = asking.body(Malformed::BadRequest)?;
    check_keygens(&body.client_keygen_ids, Malformed::BadRequest)?;
    let account = body.business_account_id.as_deref();
    Ok(WaasRequest::Create(NewWallet {
        chain: body.chain,
        scheme: body.threshold_signature_scheme.unwrap_or(Scheme::TwoOfTwo),
        account: account.map(|text| id("businessAccountId", text)).transpose()?,
    }))
}

fn import(asking: &Asking<'_>) -> Result<WaasRequest, Rejection> {
    let body: ImportKey = asking.body(Malformed::BadRequest)?;
    check_keygens(&body.client_keygen_ids, Malformed::BadRequest)?;
    let scheme = body.threshold_signature_scheme;
    Ok(WaasRequest::Create(NewWallet { chain: body.chain, scheme, account: None }))
}

fn rooms(asking: &Asking<'_>) -> Result<WaasRequest, Rejection> {
    let body: CreateRoomsWithoutWallet = asking.body(Malformed::BadRequest)?;
    Ok(WaasRequest::CreateRooms { count: room_count(body.room_count)? })
}

fn on_wallet(asking: &Asking<'_>) -> Result<WaasRequest, Rejection> {
    Ok(WaasRequest::On {
        wallet: asking.path_id(0)?,
        deed: deed(asking)?,
        proof: match asking.operation {
            // These have no gate, so nothing is presented at one.
            Operation::CreateRooms
            | Operation::BackUpKeyShares
            | Operation::UpdateWaasWalletSettings => Proof::default(),
            _ => asking.proof(),
        },
    })
}

fn deed(asking: &Asking<'_>) -> Result<WalletDeed, Rejection> {
    let bad = Malformed::BadRequest;
    Ok(match asking.operation {
        Operation::CreateRooms => {
            let body: CreateRooms = asking.body(bad)?;
            WalletDeed::CreateRooms { count: room_count(body.room_count)? }
        }
        Operation::ExportPrivateKey => {
            asking.body::<ExportKey>(bad)?;
            WalletDeed::Export
        }
        Operation::RefreshKeyShares => {
            asking.optional_body::<RefreshShares>(bad)?;
            WalletDeed::Refresh
        }
        Operation::Reshare => reshare(&asking.body(bad)?)?,
        Operation::RecoverKeyShares => {
            let body: RecoverShares = asking.optional_body(bad)?;
            let ids = body.key_share_ids.unwrap_or_default();
            let ids = ids.iter().map(|text| id("keyShareIds", text));
            WalletDeed::Recover { key_shares: ids.collect::<Result<_, _>>()? }
        }
        Operation::BackUpKeyShares => back_up(asking.body(bad)?)?,
        Operation::DeliverDelegatedShare => {
            asking.body::<DeliverShare>(bad)?;
            WalletDeed::Deliver
        }
        Operation::RevokeDelegatedShareSet => WalletDeed::RevokeDelegation(asking.path_id(1)?),
        Operation::UpdateWaasWalletSettings => {
            let body: UpdateSettings = asking.body(bad)?;
            WalletDeed::DenyDelegation(body.has_denied_delegated_access)
        }
        _ => {
            let body: SignMessage = asking.body(bad)?;
            match body.message.is_empty() {
                true => return Err(bad.because("message: empty".to_owned())),
                false => WalletDeed::Sign,
            }
        }
    })
}

fn reshare(body: &Reshare) -> Result<WalletDeed, Rejection> {
    check_keygens(&body.client_keygen_ids, Malformed::BadRequest)?;
    let gives = body.delegate_to_project_environment.unwrap_or(false);
    let revokes = body.revoke_delegation.unwrap_or(false);
    let delegation = match (gives, revokes) {
        (false, false) => Delegation::Kept,
        (true, false) => Delegation::Given,
        (false, true) => Delegation::Revoked,
        (true, true) => {
            let problem = "revokeDelegation: not together with delegateToProjectEnvironment";
            return Err(Malformed::BadRequest.because(problem.to_owned()));
        }
    };
    Ok(WalletDeed::Reshare { scheme: body.new_threshold_signature_scheme, delegation })
}

fn back_up(body: BackUpShares) -> Result<WalletDeed, Rejection> {
    let bad = |problem: &str| Malformed::BadRequest.because(problem.to_owned());
    if body.locations.is_empty() {
        return Err(bad("locations: empty"));
    }
    // Five shares of the largest scheme, at each of the six locations that there are.
    if body.locations.len() > 30 {
        return Err(bad("locations: more than 30"));
    }
    let short = |text: &Option<String>| text.as_ref().is_none_or(|text| text.len() <= 255);
    let new = |Object(location): Object<BackUpLocation>| NewKeyShare {
        location: location.location,
        external_id: location.external_key_share_id,
        keygen_id: location.keygen_id,
    };
    let shares: Vec<NewKeyShare> = body.locations.into_iter().map(new).collect();
    match shares.iter().all(|share| short(&share.external_id) && short(&share.keygen_id)) {
        true => Ok(WalletDeed::BackUp { shares }),
        false => Err(bad("locations: an id longer than 255 characters")),
    }
}

/// `RoomCount`: 1 to 20, 5 if nothing is said.
fn room_count(count: Option<u64>) -> Result<u8, Rejection> {
    match u8::try_from(count.unwrap_or(5)) {
        Ok(count @ 1..=20) => Ok(count),
        Ok(_) | Err(_) => Err(Malformed::BadRequest.because("roomCount: not 1 to 20".to_owned())),
    }
}

/// `clientKeygenIds`: texts of base58, 1 to 100 characters each. Nothing is done with them.
pub(super) fn check_keygens(ids: &[String], malformed: Malformed) -> Result<(), Rejection> {
    let is_base58 =
        |letter: u8| letter.is_ascii_alphanumeric() && !matches!(letter, b'0' | b'O' | b'I' | b'l');
    let is_keygen = |id: &String| (1..=100).contains(&id.len()) && id.bytes().all(is_base58);
    match !ids.is_empty() && ids.iter().all(is_keygen) {
        true => Ok(()),
        false => {
            let problem = "clientKeygenIds: not a list of 1 to 100 letters of base58 each";
            Err(malformed.because(problem.to_owned()))
        }
    }
}
