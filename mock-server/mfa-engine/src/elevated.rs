//! Elevated access tokens: what they claim and what a call presents (rules E5 to E10, K1).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::gate::actions_of;
use crate::id::{EnvironmentId, SessionId, TokenId, UserId};
use crate::key::KeyNumber;
use crate::policy::{Elevation, Policy, ProtectedAction, TokenBehavior};
use crate::scope::{ScopeSet, TokenScope};

/// The claims of one elevated access token, before signing or after a genuine signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ElevatedClaims {
    /// `jti`
    pub id: TokenId,
    /// `sub`
    pub user: UserId,
    /// `sid`
    pub session: SessionId,
    /// `environment_id`
    pub environment: EnvironmentId,
    /// `scope`
    pub scopes: ScopeSet,
    /// `iat`
    pub issued_at: Timestamp,
    /// `exp`
    pub expires_at: Timestamp,
    /// `singleUse`
    pub single_use: bool,
    /// The key that signs it, or has signed it.
    pub key: KeyNumber,
}

/// An elevated access token as a call presented it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresentedElevation {
    /// Signed by this service. Whether it is still good is for the engine to say.
    Genuine(ElevatedClaims),
    /// Not signed by this service, or no token at all.
    Forged,
}

/// How a granted token will end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Whether one use spends it.
    pub single_use: bool,
    /// Its life in seconds.
    pub life_seconds: u32,
}

/// The terms of a request: single-use as soon as one scope is, and as short as the shortest.
pub(crate) fn terms(policy: &Policy, scopes: &ScopeSet) -> Terms {
    let single_use = scopes.iter().any(|scope| is_single_use(policy, scope));
    let Elevation { single_use_life_seconds, time_bound_life_seconds, .. } = policy.elevation;
    let by_behaviour = if single_use { single_use_life_seconds } else { time_bound_life_seconds };
    let by_rule =
        |scope| rules_of(policy, scope).filter_map(|rule| rule.token_expiry_seconds).min();
    let lives = scopes.iter().map(|scope| by_rule(scope).unwrap_or(by_behaviour));
    Terms { single_use, life_seconds: lives.min().unwrap_or(by_behaviour) }
}

fn is_single_use(policy: &Policy, scope: TokenScope) -> bool {
    // Where one scope stands for two actions, the stricter of their rules decides.
    let behaviours = rules_of(policy, scope).filter_map(|rule| rule.token_behavior);
    let is_single_use = |behaviour| behaviour == TokenBehavior::SingleUse;
    let by_rules = behaviours.map(is_single_use).reduce(|one, other| one || other);
    by_rules.unwrap_or_else(|| policy.elevation.single_use_scopes.contains(scope))
}

/// The rules of the actions that a scope stands for (rule K9).
fn rules_of(policy: &Policy, scope: TokenScope) -> impl Iterator<Item = &ProtectedAction> {
    actions_of(scope).filter_map(|action| policy.mfa.rule(action))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::MfaAction;

    #[test]
    fn a_mixed_request_is_single_use_and_short() {
        let policy = Policy::default();
        let of = |text: &str| terms(&policy, &text.parse().unwrap());
        assert_eq!(of("credential:link"), Terms { single_use: false, life_seconds: 600 });
        assert_eq!(of("wallet:sign"), Terms { single_use: true, life_seconds: 300 });
        let mixed = of("credential:link wallet:sign");
        assert_eq!(mixed, Terms { single_use: true, life_seconds: 300 });
        let transfer = of("business_account:transfer_ownership");
        assert_eq!(transfer, Terms { single_use: true, life_seconds: 300 });
    }

    #[test]
    fn a_rule_of_the_environment_wins() {
        let mut policy = Policy::default();
        policy.mfa.actions.push(ProtectedAction {
            action: MfaAction::WalletWaasSign,
            required: true,
            token_behavior: Some(TokenBehavior::TimeBound),
            token_expiry_seconds: Some(42),
        });
        let terms = terms(&policy, &"wallet:sign".parse().unwrap());
        assert_eq!(terms, Terms { single_use: false, life_seconds: 42 });
    }

    #[test]
    fn of_two_rules_for_one_scope_the_stricter_decides() {
        let rule = |action, behavior, seconds| ProtectedAction {
            action,
            required: true,
            token_behavior: behavior,
            token_expiry_seconds: seconds,
        };
        let (reshare, refresh) = (MfaAction::WalletWaasReshare, MfaAction::WalletWaasRefresh);
        let bound = Some(TokenBehavior::TimeBound);
        for (rules, expected) in [
            (vec![rule(reshare, bound, None)], (false, 600)),
            (vec![rule(reshare, bound, None), rule(refresh, None, Some(7))], (false, 7)),
            (
                vec![
                    rule(reshare, bound, Some(50)),
                    rule(refresh, Some(TokenBehavior::SingleUse), Some(60)),
                ],
                (true, 50),
            ),
        ] {
            let mut policy = Policy::default();
            policy.mfa.actions = rules;
            let terms = terms(&policy, &"wallet:delegate".parse().unwrap());
            assert_eq!((terms.single_use, terms.life_seconds), expected);
        }
    }
}
