//! What is granted behind the gates of embedded wallets.
//!
//! The real service answers some of these calls as a stream of events; the mock answers each with
//! the one JSON body that the API's model declares.

use bytes::Bytes;
use http::Response;
use mfa_engine::WaasOutcome;
use serde_json::json;

use crate::wire::body::waas::{KeyShareInfo, OpenRoom, SettingsUpdated, SharesBackedUp};
use crate::wire::rejection::respond;

pub(super) fn encode(outcome: WaasOutcome) -> Response<Bytes> {
    match outcome {
        WaasOutcome::Room(room) => respond(200, &OpenRoom::of(room)),
        WaasOutcome::Rooms(rooms) => respond(200, &json!({ "roomIds": rooms })),
        WaasOutcome::KeyShares(shares) => {
            let shares: Vec<_> = shares.iter().map(KeyShareInfo::recovered).collect();
            respond(200, &json!({ "keyShares": shares }))
        }
        WaasOutcome::BackedUp(done) => respond(201, &SharesBackedUp::of(done)),
        WaasOutcome::Delivered { id } => {
            respond(202, &json!({ "delegatedShareDeliveryId": id, "status": "accepted" }))
        }
        WaasOutcome::Settings(wallet) => respond(200, &SettingsUpdated::of(&wallet)),
        WaasOutcome::ExportBundle(bundle) => respond(200, &json!({ "exportBundle": bundle })),
    }
}
