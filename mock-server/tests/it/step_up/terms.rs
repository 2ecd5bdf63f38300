//! How long an elevated token lives, and whether one use spends it.

use mock_server::engine::TokenScope;
use mock_server::policy::{MfaAction, Policy, ProtectedAction, TokenBehavior};

use crate::client::{Client, claims, policy};

/// Life in seconds and `singleUse` of a token for these scopes.
fn terms(policy: Policy, scopes: &[&str]) -> (u64, bool) {
    let mut client = Client::challenged(policy);
    let claims = claims(&client.elevate(scopes));
    let mut sorted: Vec<&str> = claims["scope"].as_str().unwrap().split(' ').collect();
    let mut wanted = scopes.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    sorted.sort_unstable();
    assert_eq!(sorted, wanted);
    let life = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
    (life, claims["singleUse"].as_bool().unwrap())
}

fn rule(
    action: MfaAction,
    token_behavior: Option<TokenBehavior>,
    token_expiry_seconds: Option<u32>,
) -> ProtectedAction {
    ProtectedAction { action, required: true, token_behavior, token_expiry_seconds }
}

#[test]
fn wallet_scopes_and_the_transfer_are_single_use() {
    for scope in TokenScope::ALL.iter().map(|scope| scope.as_str()) {
        let single_use =
            scope.starts_with("wallet:") || scope == "business_account:transfer_ownership";
        let expected = if single_use { (300, true) } else { (600, false) };
        assert_eq!(terms(policy(|_| {}), &[scope]), expected, "{scope}");
    }
}

#[test]
fn a_mixed_request_is_single_use() {
    assert_eq!(terms(policy(|_| {}), &["credential:link", "user:update"]), (600, false));
    assert_eq!(terms(policy(|_| {}), &["credential:link", "wallet:sign"]), (300, true));
    assert_eq!(terms(policy(|_| {}), &["wallet:sign", "wallet:sign", "user:delete"]), (300, true));
}

#[test]
fn lives_and_kinds_can_be_set() {
    let set = || {
        policy(|policy| {
            policy.elevation.single_use_scopes = [TokenScope::CredentialLink].into_iter().collect();
            policy.elevation.single_use_life_seconds = 7;
            policy.elevation.time_bound_life_seconds = 11;
        })
    };
    assert_eq!(terms(set(), &["wallet:sign"]), (11, false));
    assert_eq!(terms(set(), &["credential:link"]), (7, true));
}

#[test]
fn the_rule_of_an_action_stands_above() {
    use MfaAction::{UserUpdate, WalletWaasExport, WalletWaasReshare, WalletWaasSign};
    use TokenBehavior::{SingleUse, TimeBound};
    let set = || {
        policy(|policy| {
            policy.mfa.actions = vec![
                rule(WalletWaasSign, Some(TimeBound), None),
                rule(WalletWaasExport, None, Some(42)),
                rule(UserUpdate, Some(SingleUse), Some(3_600)),
                rule(WalletWaasReshare, Some(TimeBound), Some(3_600)),
            ];
        })
    };
    assert_eq!(terms(set(), &["wallet:sign"]), (600, false));
    assert_eq!(terms(set(), &["wallet:export"]), (42, true));
    assert_eq!(terms(set(), &["user:update"]), (3_600, true));
    assert_eq!(terms(set(), &["wallet:delegate"]), (3_600, false));
    // Together they live as long as the shortest of them would, rule or no rule.
    assert_eq!(terms(set(), &["wallet:export", "user:update"]), (42, true));
    assert_eq!(terms(set(), &["credential:link", "user:update"]), (300, true));
    assert_eq!(terms(set(), &["credential:link", "wallet:delegate"]), (600, false));
    assert_eq!(terms(set(), &["user:delete", "wallet:export"]), (42, true));
}
