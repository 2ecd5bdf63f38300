//! Elevated access tokens: short-lived proofs for named scopes.

use std::collections::BTreeSet;

use data_encoding::BASE64URL_NOPAD;
use driver_protocol::SdkError;
use serde_json::Value;

use super::error;
use crate::sabotage::{Deed, HeldOut, Sabotages};

/// One token with what the SDK reads of it; the signature is the service's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ElevatedToken {
    pub(crate) token: String,
    scopes: BTreeSet<String>,
    /// Seconds since 1970.
    expires_at: u64,
    single_use: bool,
}

impl ElevatedToken {
    /// Reads the claims; `None` for a token that could never be used.
    pub(crate) fn parse(token: &str, sabotages: &Sabotages) -> Result<Option<Self>, SdkError> {
        let claims =
            payload(token).ok_or_else(|| error::invalid("the elevated token is no JWT"))?;
        let scopes: BTreeSet<String> = match claims.get("scope") {
            None | Some(Value::Null) => BTreeSet::new(),
            Some(Value::String(scope)) => scope.split_whitespace().map(str::to_owned).collect(),
            Some(_) => return Err(error::invalid("the scope of the elevated token is no text")),
        };
        let mut expires_at = claims.get("exp").and_then(Value::as_f64);
        if expires_at.is_none() && sabotages.commits(Deed::EndlessElevation) {
            expires_at = Some(f64::MAX);
        }
        let single_use = claims.get("singleUse").and_then(Value::as_bool).unwrap_or(false);
        Ok(match expires_at {
            Some(expires_at) if !scopes.is_empty() => Some(Self {
                token: token.to_owned(),
                scopes,
                expires_at: expires_at.max(0.0) as u64,
                single_use,
            }),
            _ => None,
        })
    }
}

/// The tokens at hand, oldest first.
#[derive(Clone, Default)]
pub(crate) struct ElevatedStore {
    held: Vec<ElevatedToken>,
}

impl ElevatedStore {
    /// The tokens as they are stored.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.held.iter().map(|held| held.token.clone()).collect()
    }

    /// Keeps a token in place of an earlier one for the same set of scopes.
    pub(crate) fn keep(&mut self, mut token: ElevatedToken, now_s: u64, sabotages: &Sabotages) {
        if token.scopes.len() > 1 && sabotages.commits(Deed::FirstScopeOnly) {
            token.scopes = token.scopes.into_iter().take(1).collect();
        }
        let replaces = self.held.iter().any(|held| held.scopes == token.scopes);
        if replaces && sabotages.commits(Deed::KeepOlderToken) {
            return;
        }
        if !self.held.is_empty() && !replaces && sabotages.commits(Deed::OneTokenAtATime) {
            self.held.clear();
        }
        if !(replaces && sabotages.commits(Deed::ScopeOrderMatters)) {
            self.held.retain(|held| held.scopes != token.scopes);
        }
        self.held.push(token);
        self.drop_expired(now_s, sabotages);
    }

    /// The first token that names the scope; it stays.
    pub(crate) fn peek(
        &mut self,
        scope: &str,
        now_s: u64,
        sabotages: &Sabotages,
    ) -> Option<&ElevatedToken> {
        let first = self.held.iter().find(|held| held.scopes.contains(scope));
        let is_over = first.is_some_and(|first| first.expires_at <= now_s);
        self.drop_expired(now_s, sabotages);
        let found = self.held.iter().find(|held| held.scopes.contains(scope));
        if is_over && found.is_some() && sabotages.commits(HeldOut::ExpiredHidesTheNext) {
            return None;
        }
        let near = |held: &&ElevatedToken| held.scopes.iter().any(|own| own.starts_with(scope));
        match (found, self.held.iter().find(near)) {
            (None, Some(near)) if sabotages.commits(Deed::ScopeByPrefix) => Some(near),
            (found, _) => found,
        }
    }

    /// Any token at all, whatever its scopes; no honest SDK asks.
    pub(crate) fn any(&self) -> Option<&ElevatedToken> {
        self.held.first()
    }

    /// Forgets this token if it is for one use; no honest SDK does without using it.
    pub(crate) fn drop_single_use(&mut self, token: &str) {
        self.held.retain(|held| !(held.single_use && held.token == token));
    }

    /// Takes the newest token for good for these scopes, too; no honest SDK does.
    pub(crate) fn widen(&mut self, scopes: &[String]) {
        if let Some(newest) = self.held.last_mut() {
            newest.scopes.extend(scopes.iter().cloned());
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// The first token that names the scope; a single-use one leaves, for all its scopes.
    pub(crate) fn take(
        &mut self,
        scope: &str,
        now_s: u64,
        sabotages: &Sabotages,
    ) -> Option<String> {
        let found = self.peek(scope, now_s, sabotages)?.clone();
        let leaves = match found.single_use {
            true => !sabotages.commits(Deed::ReuseSingleUseToken),
            false => sabotages.commits(Deed::EveryTokenSingleUse),
        };
        if leaves && found.scopes.len() > 1 && sabotages.commits(Deed::SpendOneScopeOnly) {
            let used = self.held.iter_mut().filter(|held| **held == found);
            used.for_each(|held| {
                held.scopes.remove(scope);
            });
        } else if leaves {
            self.held.retain(|held| *held != found);
        }
        Some(found.token)
    }

    fn drop_expired(&mut self, now_s: u64, sabotages: &Sabotages) {
        let expired = self.held.iter().any(|held| held.expires_at <= now_s);
        let is_near = |held: &ElevatedToken| {
            held.expires_at <= now_s && now_s < held.expires_at.saturating_add(LEEWAY_S)
        };
        if self.held.iter().any(is_near) && sabotages.commits(HeldOut::ElevatedLeeway) {
            return;
        }
        if expired && !sabotages.commits(Deed::KeepExpiredToken) {
            self.held.retain(|held| held.expires_at > now_s);
        }
    }
}

/// What a careless SDK adds to the life of a token, for clocks that differ.
const LEEWAY_S: u64 = 60;

/// The claims of a JWT, never verified.
pub(super) fn payload(token: &str) -> Option<Value> {
    let parts: Vec<&str> = token.split('.').collect();
    let &[_, payload, _] = parts.as_slice() else { return None };
    let bytes = BASE64URL_NOPAD.decode(payload.trim_end_matches('=').as_bytes()).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn jwt(claims: &Value) -> String {
        format!("h.{}.s", BASE64URL_NOPAD.encode(claims.to_string().as_bytes()))
    }

    fn store(claims: &[Value]) -> ElevatedStore {
        let mut store = ElevatedStore::default();
        for claims in claims {
            let token = ElevatedToken::parse(&jwt(claims), &Sabotages::default()).unwrap().unwrap();
            store.keep(token, 10, &Sabotages::default());
        }
        store
    }

    fn take(store: &mut ElevatedStore, scope: &str, now_s: u64) -> Option<String> {
        store.take(scope, now_s, &Sabotages::default())
    }

    #[test]
    fn a_single_use_token_leaves_for_all_its_scopes() {
        let mut store = store(&[json!({ "scope": "a b", "exp": 100, "singleUse": true })]);
        assert!(store.peek("b", 10, &Sabotages::default()).is_some());
        assert!(take(&mut store, "b", 10).is_some());
        assert_eq!(take(&mut store, "a", 10), None);
    }

    #[test]
    fn another_token_stays_until_its_time() {
        let mut store = store(&[json!({ "scope": "a", "exp": 100 })]);
        assert!(take(&mut store, "a", 99).is_some() && take(&mut store, "a", 99).is_some());
        assert_eq!(take(&mut store, "A", 99), None);
        assert_eq!(take(&mut store, "a", 100), None);
    }

    #[test]
    fn the_same_set_is_replaced_and_the_first_of_overlapping_sets_is_used() {
        let old = json!({ "scope": "a b", "exp": 100 });
        let other = json!({ "scope": "a c", "exp": 100 });
        let new = json!({ "scope": "b a b", "exp": 200 });
        let mut store = store(&[old, other.clone(), new.clone()]);
        assert_eq!(take(&mut store, "a", 10), Some(jwt(&other)));
        assert_eq!(take(&mut store, "b", 10), Some(jwt(&new)));
    }

    #[test]
    fn a_token_that_could_never_be_used_is_ignored() {
        for claims in [
            json!({ "exp": 100 }),
            json!({ "scope": " ", "exp": 100 }),
            json!({ "scope": null, "exp": 100 }),
            json!({ "scope": "a" }),
        ] {
            let parsed = ElevatedToken::parse(&jwt(&claims), &Sabotages::default());
            assert_eq!(parsed.unwrap(), None, "{claims}");
        }
        let mut store = store(&[json!({ "scope": "a", "exp": 10 })]);
        assert_eq!(take(&mut store, "a", 10), None);
    }

    #[test]
    fn a_malformed_token_is_an_error() {
        let list = jwt(&json!({ "scope": ["a"], "exp": 100 }));
        for token in ["opaque", "a.b", "h.!.s", "h.e30.s.x", "h.bm8.s", list.as_str()] {
            assert!(ElevatedToken::parse(token, &Sabotages::default()).is_err(), "{token}");
        }
    }
}
