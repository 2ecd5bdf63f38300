//! What is granted behind the gates of business accounts.

use bytes::Bytes;
use http::Response;
use mfa_engine::{BusinessOutcome, EnvironmentId};
use serde_json::json;

use crate::wire::body::business_account::{Account, AccountMember, AccountSigner, Accounts};
use crate::wire::rejection::respond;

pub(super) fn encode(outcome: BusinessOutcome, environment: EnvironmentId) -> Response<Bytes> {
    match outcome {
        BusinessOutcome::Accounts(accounts) => {
            let items = accounts.iter().map(|account| Account::of(account, environment)).collect();
            respond(200, &Accounts { items })
        }
        BusinessOutcome::Created(account) => respond(201, &Account::of(&account, environment)),
        BusinessOutcome::Renamed(account) => respond(200, &Account::of(&account, environment)),
        BusinessOutcome::Detail(account, wallets) => {
            respond(200, &Account::detail(&account, &wallets, environment))
        }
        BusinessOutcome::Added(account, member) => {
            respond(201, &AccountMember::of(account, &member))
        }
        BusinessOutcome::Changed(account, member) => {
            respond(200, &AccountMember::of(account, &member))
        }
        BusinessOutcome::Removed(account, member) => {
            respond(200, &json!({ "member": AccountMember::of(account, &member) }))
        }
        BusinessOutcome::SignerAdded(account, signer) => {
            respond(201, &AccountSigner::of(account, &signer))
        }
        BusinessOutcome::SignerRemoved(account, signer) => {
            respond(200, &json!({ "signer": AccountSigner::of(account, &signer) }))
        }
    }
}
