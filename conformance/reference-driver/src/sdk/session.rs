//! Who is signed in, and what an answer of the service does to it.

use driver_protocol::SdkError;
use serde_json::{Map, Value};

use super::elevated::{ElevatedStore, ElevatedToken, payload};
use super::error;
use crate::sabotage::{Deed, Sabotages};

/// The state that a logout clears.
#[derive(Clone, Default)]
pub(super) struct Session {
    /// The bearer token, opaque to the SDK.
    pub(super) token: Option<String>,
    pub(super) user: Option<Map<String, Value>>,
    /// When the token runs out, in seconds since 1970.
    pub(super) expires_at: Option<u64>,
    /// The one MFA token of the older step-up.
    pub(super) mfa_token: Option<String>,
    pub(super) elevated: ElevatedStore,
}

impl Session {
    /// Takes over what a sign-in, refresh or authentication answered; all of it or nothing.
    pub(super) fn apply(
        &mut self,
        answer: &Value,
        now_s: u64,
        sabotages: &Sabotages,
    ) -> Result<(), SdkError> {
        let user = match parse_user(answer.get("user")) {
            Err(_) if self.takes_token_without_user(answer, sabotages) => return Ok(()),
            user => user?,
        };
        let expires_at = answer
            .get("expiresAt")
            .and_then(Value::as_f64)
            .ok_or_else(|| error::unreadable(None, "the answer has no expiresAt"))?;
        let elevated = match text(answer, "elevatedAccessToken") {
            Some(token) => match ElevatedToken::parse(&token, sabotages) {
                Err(_) if sabotages.commits(Deed::IgnoreUnreadableElevation) => None,
                parsed => parsed?,
            },
            None => None,
        };
        let mut token = match text(answer, "jwt") {
            Some(full) if sabotages.commits(Deed::FullTokenAsBearer) => Some(full),
            _ => text(answer, "minifiedJwt"),
        };
        if self.belongs_to_another(&user) && !sabotages.commits(Deed::KeepProofsOfAnother) {
            // Proofs are those of one user; whoever comes next must not hold them.
            (self.elevated, self.mfa_token) = (ElevatedStore::default(), None);
        } else if token.is_none()
            && self.token.is_some()
            && !sabotages.commits(Deed::LoseBearerToSilence)
        {
            // An answer that brings no token says nothing against the one that works.
            token.clone_from(&self.token);
        }
        let changes = self.token.is_some() && self.token != token;
        if !(changes && sabotages.commits(Deed::StaleBearerAfterUpgrade)) {
            self.token = token;
        }
        self.user = Some(user);
        // Seconds of this century are far from where a float loses whole numbers.
        let expires_at = expires_at.max(0.0) as u64;
        let shortens = self.expires_at.is_some_and(|earlier| expires_at < earlier);
        let keeps = self.expires_at.is_some() && sabotages.commits(Deed::KeepOldExpiry)
            || shortens && sabotages.commits(Deed::LongestLifeWins);
        if !keeps {
            self.expires_at = Some(expires_at);
        }
        let mfa_token = text(answer, "mfaToken");
        let forgets = mfa_token.is_none() && self.mfa_token.is_some();
        if mfa_token.is_some() || forgets && sabotages.commits(Deed::RefreshForgetsMfaToken) {
            self.mfa_token = mfa_token;
        }
        if let Some(elevated) = elevated {
            self.elevated.keep(elevated, now_s, sabotages);
        }
        Ok(())
    }

    /// Is there a session whose time is over?
    pub(super) fn is_expired(&self, now_s: u64) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now_s)
    }

    /// Session scopes; they come with the user, the bearer token is not read.
    pub(super) fn scopes(&self) -> Vec<&str> {
        self.user_field("scope").unwrap_or_default().split_whitespace().collect()
    }

    /// Is MFA owed? The scopes of the session token say so; only one that nobody can read leaves
    /// it to the user.
    pub(super) fn owes_mfa(&self, sabotages: &Sabotages) -> bool {
        let of_user = self.user_field("scope").unwrap_or_default();
        let of_token = self.token.as_deref().and_then(payload);
        let of_token = of_token.as_ref().and_then(|claims| claims.get("scope")?.as_str());
        let owed = |scope: &str| scope.split_whitespace().any(|scope| scope == OWED);
        let scope = match of_token {
            Some(scope)
                if owed(scope) != owed(of_user) && sabotages.commits(Deed::UserObjectDecides) =>
            {
                of_user
            }
            Some(scope) => scope,
            None => of_user,
        };
        owed(scope) || scope.contains(OWED) && sabotages.commits(Deed::ScopeBySubstring)
    }

    /// Is somebody else signed in than the answer is about?
    fn belongs_to_another(&self, user: &Map<String, Value>) -> bool {
        let held = self.user.as_ref().and_then(|held| held.get("id"));
        held.is_some_and(|held| Some(held) != user.get("id"))
    }

    /// Takes a token without knowing whose it is, as no honest SDK does.
    fn takes_token_without_user(&mut self, answer: &Value, sabotages: &Sabotages) -> bool {
        let deed = match self.user {
            Some(_) => Deed::TakeTokenWithoutUser,
            None => Deed::SignInNobody,
        };
        let Some(token) = text(answer, "minifiedJwt") else { return false };
        let takes = sabotages.commits(deed);
        if takes {
            self.token = Some(token);
        }
        takes
    }

    pub(super) fn owes_recovery_ack(&self) -> bool {
        self.user_field("mfaBackupCodeAcknowledgement") == Some("pending")
    }

    /// Forgets that the acknowledgement is owed, as only an answer of the service may.
    pub(super) fn acknowledge(&mut self) {
        if let Some(user) = &mut self.user {
            user.insert("mfaBackupCodeAcknowledgement".into(), Value::from("complete"));
        }
    }

    pub(super) fn user_field(&self, name: &str) -> Option<&str> {
        self.user.as_ref()?.get(name)?.as_str()
    }
}

const OWED: &str = "requiresAdditionalAuth";

/// Reads a user; the list of credentials is what every reader of it walks through.
pub(super) fn parse_user(user: Option<&Value>) -> Result<Map<String, Value>, SdkError> {
    let Some(Value::Object(user)) = user else {
        return Err(error::unreadable(None, "the answer has no user"));
    };
    match user.get("verifiedCredentials") {
        Some(Value::Array(_)) => Ok(user.clone()),
        _ => Err(error::unreadable(None, "the user has no verifiedCredentials")),
    }
}

/// A text of an answer; an empty one counts as absent.
pub(super) fn text(answer: &Value, field: &str) -> Option<String> {
    answer.get(field)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer() -> Value {
        json!({
            "user": { "id": "u", "verifiedCredentials": [], "scope": "user:basic  xrequiresAdditionalAuth" },
            "minifiedJwt": "one", "expiresAt": 100, "mfaToken": "m"
        })
    }

    fn apply(session: &mut Session, answer: &Value) -> Result<(), SdkError> {
        session.apply(answer, 10, &Sabotages::default())
    }

    #[test]
    fn an_answer_is_taken_over_and_keeps_what_it_does_not_name() {
        let mut session = Session::default();
        apply(&mut session, &answer()).unwrap();
        assert_eq!(session.token.as_deref(), Some("one"));
        assert_eq!(session.scopes(), ["user:basic", "xrequiresAdditionalAuth"]);
        assert!(
            !session.owes_mfa(&Sabotages::default())
                && !session.is_expired(99)
                && session.is_expired(100)
        );

        let mut second = answer();
        second["mfaToken"] = json!("");
        second["minifiedJwt"] = json!("two");
        second["user"]["scope"] = json!("requiresAdditionalAuth");
        apply(&mut session, &second).unwrap();
        assert_eq!(session.mfa_token.as_deref(), Some("m"));
        assert_eq!(session.token.as_deref(), Some("two"));
        assert!(session.owes_mfa(&Sabotages::default()));
    }

    #[test]
    fn a_broken_answer_changes_nothing() {
        for (field, value) in [
            ("user", json!(null)),
            ("user", json!({ "id": "v" })),
            ("expiresAt", json!(null)),
            ("elevatedAccessToken", json!("no token")),
        ] {
            let mut session = Session::default();
            apply(&mut session, &answer()).unwrap();
            let mut broken = answer();
            broken["minifiedJwt"] = json!("two");
            broken[field] = value;
            assert!(apply(&mut session, &broken).is_err(), "{field}");
            assert_eq!(session.token.as_deref(), Some("one"), "{field}");
            assert_eq!(session.user_field("id"), Some("u"), "{field}");
        }
    }
}
