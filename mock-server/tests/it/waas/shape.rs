//! Requests of a wrong shape behind the wallet and business gates: refused by name, nothing moved.

use mock_server::policy::Policy;

use crate::access::table::row;
use crate::belongings::Belongings;
use crate::client::{Client, ELEVATED};
use crate::routes::ROUTES;

const KEYGENS: &str = "clientKeygenIds: not a list of 1 to 100 letters of base58 each";
const CHAINS: &str = "chain: unknown variant `ETH`, expected one of `EVM`, `MIDNIGHT`, `SVM`, \
                      `SUI`, `BTC`, `TON`, `STELLAR`, `TEMPO`, `ALEO`, `TRON`";
const SCHEMES: &str = "thresholdSignatureScheme: unknown variant `ONE`, expected one of \
                       `TWO_OF_TWO`, `TWO_OF_THREE`, `THREE_OF_FIVE`";

/// Operation, body, and the `error` that it earns.
type Bad = (&'static str, &'static str, &'static str);

const BAD: &[Bad] = &[
    ("createWaasAccount", "{}", "missing field `chain`"),
    ("createWaasAccount", r#"{"chain":"EVM"}"#, "missing field `clientKeygenIds`"),
    ("createWaasAccount", r#"{"chain":"ETH","clientKeygenIds":["k"]}"#, CHAINS),
    ("createWaasAccount", r#"{"chain":"EVM","clientKeygenIds":[]}"#, KEYGENS),
    ("createWaasAccount", r#"{"chain":"EVM","clientKeygenIds":[""]}"#, KEYGENS),
    ("createWaasAccount", r#"{"chain":"EVM","clientKeygenIds":["k0"]}"#, KEYGENS),
    (
        "createWaasAccount",
        r#"{"chain":"EVM","clientKeygenIds":["k"],"businessAccountId":"x"}"#,
        "businessAccountId: not a lower-case UUID",
    ),
    (
        "importPrivateKey",
        r#"{"chain":"EVM","clientKeygenIds":["k"]}"#,
        "missing field `thresholdSignatureScheme`",
    ),
    (
        "importPrivateKey",
        r#"{"chain":"EVM","clientKeygenIds":["k"],"thresholdSignatureScheme":"ONE"}"#,
        SCHEMES,
    ),
    ("createRooms", "{}", "missing field `roomType`"),
    ("createRooms", r#"{"roomType":"full","roomCount":0}"#, "roomCount: not 1 to 20"),
    ("createRooms", r#"{"roomType":"full","roomCount":21}"#, "roomCount: not 1 to 20"),
    ("createRooms", r#"{"roomType":"full","roomCount":276}"#, "roomCount: not 1 to 20"),
    (
        "createRooms",
        r#"{"roomType":"half"}"#,
        "roomType: unknown variant `half`, expected `threshold` or `full`",
    ),
    (
        "createRoomsWithoutWalletId",
        r#"{"roomType":"full"}"#,
        "missing field `thresholdSignatureScheme`",
    ),
    ("signMessage", "{}", "missing field `message`"),
    ("signMessage", r#"{"message":""}"#, "message: empty"),
    ("signMessage", r#"{"message":1}"#, "message: invalid type: integer `1`, expected a string"),
    ("exportPrivateKey", "{}", "missing field `exportId`"),
    (
        "refreshKeyShares",
        r#"{"shareSetId":1}"#,
        "shareSetId: invalid type: integer `1`, expected a string",
    ),
    ("reshare", "{}", "missing field `clientKeygenIds`"),
    (
        "reshare",
        r#"{"clientKeygenIds":["k"],"oldThresholdSignatureScheme":"TWO_OF_TWO","newThresholdSignatureScheme":"TWO_OF_TWO","delegateToProjectEnvironment":true,"revokeDelegation":true}"#,
        "revokeDelegation: not together with delegateToProjectEnvironment",
    ),
    ("recoverKeyShares", r#"{"keyShareIds":["x"]}"#, "keyShareIds: not a lower-case UUID"),
    ("backupKeySharesToLocations", "{}", "missing field `locations`"),
    ("backupKeySharesToLocations", r#"{"locations":[]}"#, "locations: empty"),
    (
        "backupKeySharesToLocations",
        r#"{"locations":[{"keygenId":"k"}]}"#,
        "locations[0]: missing field `location`",
    ),
    ("deliverDelegatedShare", "{}", "missing field `encryptedDelegatedShare`"),
    (
        "deliverDelegatedShare",
        r#"{"encryptedDelegatedShare":{"alg":"a"}}"#,
        "encryptedDelegatedShare: missing field `iv`",
    ),
    (
        "updateWaasWalletSettings",
        r#"{"hasDeniedDelegatedAccess":"no"}"#,
        "hasDeniedDelegatedAccess: invalid type: string \"no\", expected a boolean",
    ),
    (
        "sdkCreateBusinessAccount",
        r#"{"name":1}"#,
        "name: invalid type: integer `1`, expected a string",
    ),
    ("sdkLinkBusinessAccountWallet", "{}", "missing field `walletId`"),
    ("sdkLinkBusinessAccountWallet", r#"{"walletId":"x"}"#, "walletId: not a lower-case UUID"),
    ("sdkAddBusinessAccountMember", "{}", "missing field `role`"),
    (
        "sdkAddBusinessAccountMember",
        r#"{"role":"owner","userId":"x"}"#,
        "role: unknown variant `owner`, expected `admin` or `viewer`",
    ),
    (
        "sdkAddBusinessAccountMember",
        r#"{"role":"admin"}"#,
        "userId: neither this nor identifier and type",
    ),
    (
        "sdkAddBusinessAccountMember",
        r#"{"role":"admin","identifier":"x","type":"email"}"#,
        "identifier: not an e-mail address",
    ),
    (
        "sdkAddBusinessAccountMember",
        r#"{"role":"admin","identifier":"x","type":"socialUsername"}"#,
        "type: this stand-in finds people by `id` and by `email` only",
    ),
    ("sdkUpdateBusinessAccountMemberRole", "{}", "missing field `role`"),
    ("sdkTransferBusinessAccountOwnership", "{}", "missing field `newOwnerUserId`"),
    ("sdkAddBusinessAccountSigner", "{}", "missing field `signerType`"),
    (
        "sdkAddBusinessAccountSigner",
        r#"{"signerType":"endUser","clientKeygenIds":["k"],"oldThresholdSignatureScheme":"TWO_OF_TWO","newThresholdSignatureScheme":"TWO_OF_TWO"}"#,
        "userId: neither this nor identifier and type",
    ),
];

/// Business calls do not publish which status they have for a wrong shape.
fn status(operation: &str) -> u16 {
    if operation.starts_with("sdk") { 422 } else { 400 }
}

fn world() -> (Client, Belongings) {
    let open = crate::client::policy(|policy| {
        policy.elevation.required_scopes = [].into_iter().collect();
    });
    let client = Client::authenticated(open);
    let belongings = Belongings::of(&client, &friend(&client));
    // From here on the gates are as by default: a wrong shape is refused before any of them.
    client.world.set_policy(Policy::default()).unwrap();
    (client, belongings)
}

fn friend(client: &Client) -> String {
    crate::client::text(&client.elsewhere("friend@example.com").get("users").ok(200)["id"])
}

fn path_of(operation: &str) -> (&'static str, &'static str) {
    let found = ROUTES.iter().find(|(_, _, name)| *name == operation).unwrap();
    (found.0, found.1)
}

#[test]
fn a_wrong_body_is_refused_by_name_and_costs_no_token() {
    let (mut client, own) = world();
    let token = client.elevate(&["wallet:export"]);
    let before = client.state();
    for (operation, body, error) in BAD {
        let (method, path) = path_of(operation);
        let send = |body: &str| {
            client.send(method, &own.fill(path), &[(ELEVATED, &token)], body.to_owned())
        };
        send(body).refused(status(operation), None, error);
        send("[]").refused(status(operation), None, "the body is not a JSON object");
        assert_eq!(send("{").status, 400, "{operation}");
    }
    client.stays(&before);
}

#[test]
fn a_missing_body_is_missed_where_one_is_needed() {
    let (client, own) = world();
    let before = client.state();
    for operation in BAD.iter().map(|(operation, ..)| *operation) {
        let is_optional = row(operation).2.is_empty();
        if is_optional {
            continue;
        }
        let (method, path) = path_of(operation);
        let reply = client.send(method, &own.fill(path), &[], "");
        reply.refused(status(operation), None, "the body is empty");
    }
    client.stays(&before);
}

#[test]
fn an_id_in_a_path_that_is_none_is_not_found() {
    let (client, own) = world();
    let before = client.state();
    let mut tried = 0;
    for (method, path, operation) in ROUTES.iter().copied() {
        for name in ["walletId", "shareSetId", "businessAccountId", "userId", "signerId"] {
            if !path.contains(&format!("{{{name}}}")) {
                continue;
            }
            tried += 1;
            let bent = own.clone().with(name, "nonsense");
            let body = own.fill(row(operation).2);
            client.send(method, &bent.fill(path), &[], body).not_found();
        }
    }
    assert!(tried >= 25, "only {tried} ids were bent");
    client.stays(&before);
}
