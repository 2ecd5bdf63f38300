//! Every gate × how the environment stands × everything that can be presented.

use mock_server::engine::{GATES, TokenScope};
use mock_server::policy::{ApiVersion, MfaAction, Policy, ProtectedAction, Taken};
use serde_json::{Value, json};

use super::rule::{By, Gate, Quality, Verdict, verdict};
use super::scene::{Scene, scene};
use crate::client::{ALICE, Client, ELEVATED, MFA_TOKEN, Reply, claims, forge, policy};
use crate::routes::ROUTES;

/// What a gate is named by, written down a second time: operation, scope, action.
const NAMED: &[(&str, &str, Option<MfaAction>)] = &[
    ("verifyEmailVerification", "credential:link", None),
    ("verifySmsVerification", "credential:link", None),
    ("oauthVerify", "credential:link", None),
    ("verifyLink", "credential:link", None),
    ("verifyTransfer", "credential:link", None),
    ("verifyUnlink", "credential:unlink", None),
    ("mergeUsers", "credential:link", None),
    ("verifyMergeUsers", "credential:link", None),
    ("registerPasskey", "credential:link", None),
    ("registerPasskeyMfaDeviceVerify", "credential:link", None),
    ("updatePasskey", "credential:update", None),
    ("deletePasskey", "credential:unlink", None),
    ("registerTotpMfaDevice", "credential:link", None),
    ("deleteMfaDevice", "credential:unlink", None),
    ("updateSelf", "user:update", Some(MfaAction::UserUpdate)),
    ("hardDeleteUser", "user:delete", None),
    ("exportPrivateKey", "wallet:export", Some(MfaAction::WalletWaasExport)),
    ("signMessage", "wallet:sign", Some(MfaAction::WalletWaasSign)),
    ("reshare", "wallet:delegate", Some(MfaAction::WalletWaasReshare)),
    ("refreshKeyShares", "wallet:delegate", Some(MfaAction::WalletWaasRefresh)),
    ("recoverKeyShares", "wallet:restore", None),
    ("deliverDelegatedShare", "wallet:delegate", None),
    ("revokeDelegatedShareSet", "wallet:delegate", None),
    ("deleteEmbeddedWallets", "wallet:delete", None),
    ("softDeleteEmbeddedWallet", "wallet:delete", None),
    ("restoreEmbeddedWallet", "wallet:restore", None),
    ("embeddedWalletExport", "wallet:export", None),
    ("sdkLinkBusinessAccountWallet", "business_account:link_wallet", None),
    ("sdkAddBusinessAccountMember", "business_account:member:add", None),
    ("sdkRemoveBusinessAccountMember", "business_account:member:remove", None),
    ("sdkUpdateBusinessAccountMemberRole", "business_account:member:role:update", None),
    ("sdkTransferBusinessAccountOwnership", "business_account:transfer_ownership", None),
    ("sdkRemoveBusinessAccountWallet", "business_account:wallet:remove", None),
    ("sdkAddBusinessAccountSigner", "business_account:signer:add", None),
    ("sdkRemoveBusinessAccountSigner", "business_account:signer:remove", None),
];

/// Something to present, and how good it is.
pub(super) struct Proof {
    name: &'static str,
    headers: Vec<(&'static str, String)>,
    elevation: Quality,
    mfa_token: Quality,
}

/// A world without closed gates, to prepare in.
fn open() -> Policy {
    policy(|policy| policy.elevation.required_scopes = [].into_iter().collect())
}

/// The same for one operation.
pub(super) fn open_for(operation: &str) -> Policy {
    let mut policy = open();
    if operation == "verifyTransfer" {
        policy.linking.taken_wallet = Taken::Transfer;
    }
    policy
}

/// Everything that can be presented for a scope.
pub(super) fn proofs(client: &mut Client, scope: &str) -> Vec<Proof> {
    let mut there = client.elsewhere(ALICE);
    let foreign_mfa = there.mfa_token(true);
    let bob = client.elsewhere("bob@example.com").get("users").ok(200);
    let minted = claims(&client.elevate(&["credential:update"]));
    let token = |change: &dyn Fn(&mut Value)| {
        let mut claims = minted.clone();
        claims["scope"] = json!(scope);
        claims["singleUse"] = json!(true);
        change(&mut claims);
        forge(&claims)
    };
    let (good, mfa) = (token(&|_| {}), client.mfa_token(true));
    let (spent, spent_mfa) = (spent_elevation(client, scope, &minted), spent_mfa_token(client));
    let expired = token(&|claims| claims["exp"] = json!(client.seconds()));
    let other_scope = token(&|claims| {
        let other = if scope == "user:delete" { "user:update" } else { "user:delete" };
        claims["scope"] = json!(other);
    });
    let other_session = token(&|claims| {
        claims["sid"] = there.get("users").ok(200)["sessionId"].clone();
    });
    let other_user = token(&|claims| claims["sub"] = bob["id"].clone());
    let other_world = token(&|claims| {
        claims["environment_id"] = json!("00000000-0000-4000-8000-00000000bbbb");
    });
    let forged = {
        let (head, signature) = good.rsplit_once('.').unwrap();
        format!("{head}.{}", signature.chars().rev().collect::<String>())
    };
    let bearer = client.bearer.clone().unwrap();
    let elevated = |name, token: &str, elevation| Proof {
        name,
        headers: vec![(ELEVATED, token.to_owned())],
        elevation,
        mfa_token: Quality::Absent,
    };
    let mfa_only = |name, token: &str, mfa_token| Proof {
        name,
        headers: vec![(MFA_TOKEN, token.to_owned())],
        elevation: Quality::Absent,
        mfa_token,
    };
    let both = |name, elevation: (&str, Quality), mfa: (&str, Quality)| Proof {
        name,
        headers: vec![(ELEVATED, elevation.0.to_owned()), (MFA_TOKEN, mfa.0.to_owned())],
        elevation: elevation.1,
        mfa_token: mfa.1,
    };
    let (ok, bad) = (Quality::Good, Quality::Bad);
    vec![
        both("nothing", ("", Quality::Absent), ("", Quality::Absent)),
        mfa_only("MFA token", &mfa, ok),
        mfa_only("spent MFA token", &spent_mfa, bad),
        mfa_only("MFA token of another session", &foreign_mfa, bad),
        mfa_only("made-up MFA token", "nonsense", bad),
        elevated("elevated token", &good, ok),
        elevated("elevated token of another scope", &other_scope, bad),
        elevated("expired elevated token", &expired, bad),
        elevated("spent elevated token", &spent, bad),
        elevated("elevated token of another session", &other_session, bad),
        elevated("elevated token of another user", &other_user, bad),
        elevated("elevated token of another environment", &other_world, bad),
        elevated("forged elevated token", &forged, bad),
        elevated("the bearer as elevated token", &bearer, bad),
        both("both, good", (&good, ok), (&mfa, ok)),
        both("both, the elevated one expired", (&expired, bad), (&mfa, ok)),
        both("both, the MFA token spent", (&good, ok), (&spent_mfa, bad)),
        both("both, neither usable", (&forged, bad), (&spent_mfa, bad)),
    ]
}

/// A token of that scope which was used up at another gate.
fn spent_elevation(client: &Client, scope: &str, minted: &Value) -> String {
    let mut claims = minted.clone();
    claims["scope"] = json!(format!("user:update {scope}"));
    claims["singleUse"] = json!(true);
    claims["jti"] = json!("00000000-0000-4000-8000-00000000feed");
    let token = forge(&claims);
    let closed = policy(|policy| {
        policy.elevation.required_scopes = [TokenScope::UserUpdate].into_iter().collect();
    });
    spend(client, closed, &[(ELEVATED, &token)]);
    token
}

/// A single-use MFA token that was used up at another gate.
fn spent_mfa_token(client: &mut Client) -> String {
    let token = client.mfa_token(true);
    let mut closed = Policy::legacy();
    closed.mfa.actions = vec![rule(MfaAction::UserUpdate)];
    spend(client, closed, &[(MFA_TOKEN, &token)]);
    token
}

fn spend(client: &Client, closed: Policy, headers: &[(&str, &str)]) {
    client.world.set_policy(closed).unwrap();
    client.send("PUT", "users", headers, r#"{"alias":"Alice"}"#).ok(200);
    client.world.set_policy(open()).unwrap();
}

fn rule(action: MfaAction) -> ProtectedAction {
    ProtectedAction { action, required: true, token_behavior: None, token_expiry_seconds: None }
}

/// Every way for an environment to stand towards one gate.
fn stands(operation: &str, scope: TokenScope, action: Option<MfaAction>) -> Vec<(Gate, Policy)> {
    // Removing a second factor asks for a proof under all settings (U9).
    let always = ["deleteMfaDevice", "deletePasskey"].contains(&operation);
    let bits = if action.is_some() { 16 } else { 8 };
    let stand = |bits: u8| {
        let is_set = |bit: u8| bits & (1 << bit) != 0;
        let gate = Gate {
            enforced: is_set(0),
            listed: is_set(1),
            legacy: is_set(2),
            action: is_set(3),
            always,
        };
        let mut policy = open_for(operation);
        policy.min_api_version =
            if gate.enforced { ApiVersion::V2026_04_01 } else { ApiVersion::V2026_01_01 };
        policy.elevation.required_scopes = gate.listed.then_some(scope).into_iter().collect();
        policy.elevation.legacy_mfa_tokens = gate.legacy;
        // The rules of all other actions are always on: they must not matter here.
        let all = MfaAction::ALL.iter().copied();
        let others = all.filter(|other| Some(*other) != action).map(rule);
        let own = action.map(|action| ProtectedAction { required: gate.action, ..rule(action) });
        policy.mfa.actions = others.chain(own).collect();
        (gate, policy)
    };
    (0..bits).map(stand).collect()
}

fn judge(reply: &Reply, expected: Verdict, what: &str) {
    let elevation = json!({
        "error": "Elevated access token required", "code": "elevated_access_token_required",
    });
    let (status, body) = match expected {
        Verdict::Passes(_) => {
            assert!((200..300).contains(&reply.status), "{what}: {} {}", reply.status, reply.body);
            return;
        }
        Verdict::WantsElevation => (403, elevation),
        Verdict::WantsMfaToken => (401, json!({ "error": "MFA token required" })),
        Verdict::BadMfaToken => (401, json!({ "error": "Invalid MFA token" })),
    };
    assert_eq!((reply.status, &reply.body), (status, &body), "{what}");
}

/// Checks that what let the call pass is used up, and nothing else.
fn check_spending(client: &Client, before: &Value, by: By, what: &str) {
    let (users, sessions) = ("/environment/users/", "/environment/sessions/");
    let mut found = Vec::new();
    crate::reply::differences("", before, &client.state(), &mut found);
    let spends = |start: &str, end: &str| {
        found.iter().any(|line| line.starts_with(start) && line.contains(end))
    };
    assert_eq!(spends(users, "/spent"), by == By::Elevation, "{what}: {found:#?}");
    assert_eq!(spends(sessions, "/spent"), by == By::MfaToken, "{what}: {found:#?}");
}

fn walk(part: impl Fn(usize) -> bool) {
    for (at, (operation, scope, action)) in NAMED.iter().enumerate() {
        if !part(at) {
            continue;
        }
        let Scene { client, request: (method, path, body), snapshot, proofs } =
            scene(operation, scope);
        for (gate, policy) in stands(operation, scope.parse().unwrap(), *action) {
            for proof in &proofs {
                client.world.restore(snapshot.clone()).unwrap();
                client.world.set_policy(policy.clone()).unwrap();
                let before = client.state();
                let headers: Vec<_> =
                    proof.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
                let reply = client.send(method, &path, &headers, body.clone());
                let expected = verdict(gate, proof.elevation, proof.mfa_token);
                let what = format!("{operation} with {}, {gate:?}", proof.name);
                judge(&reply, expected, &what);
                match expected {
                    // Who deletes themself takes the ledger along.
                    Verdict::Passes(_) if *operation == "hardDeleteUser" => {}
                    Verdict::Passes(by) => check_spending(&client, &before, by, &what),
                    _ => client.stays(&before),
                }
            }
        }
    }
}

#[test]
fn the_table_is_the_one_that_is_written_down_here() {
    let rows: Vec<_> =
        GATES.iter().map(|gate| (gate.operation, gate.scope.as_str(), gate.action)).collect();
    let missing: Vec<_> = rows.iter().filter(|row| !NAMED.contains(row)).collect();
    assert!(missing.is_empty(), "add to NAMED in tests/it/gates/matrix.rs: {missing:?}");
    assert_eq!(rows.len(), NAMED.len(), "NAMED names a gate that is none");
    let served = |operation: &str| ROUTES.iter().any(|(_, _, name)| *name == operation);
    assert!(GATES.iter().all(|gate| served(gate.operation)));
}

// In three parts, so that they run beside each other.
#[test]
fn every_gate_answers_by_the_rule_first_part() {
    walk(|at| at % 3 == 0);
}

#[test]
fn every_gate_answers_by_the_rule_second_part() {
    walk(|at| at % 3 == 1);
}

#[test]
fn every_gate_answers_by_the_rule_third_part() {
    walk(|at| at % 3 == 2);
}
