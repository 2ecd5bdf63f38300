//! A look inside a token, without checking its signature.

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

/// The claims of a JWT, as anybody who holds it can read them.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    /// The header.
    pub header: Value,
    /// The payload.
    pub claims: Value,
}

impl Token {
    /// Reads header and payload of a compact JWT.
    ///
    /// # Errors
    /// What is wrong with the text, in words.
    pub fn decode(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split('.').collect();
        let [header, claims, _signature] = parts.as_slice() else {
            return Err(format!("{} parts instead of three", parts.len()));
        };
        Ok(Self { header: part(header)?, claims: part(claims)? })
    }

    /// A claim, null when there is none.
    #[must_use]
    pub fn claim(&self, name: &str) -> Value {
        self.claims.get(name).cloned().unwrap_or(Value::Null)
    }

    /// The words of the claim `scope`.
    #[must_use]
    pub fn scopes(&self) -> Vec<&str> {
        self.claims
            .get("scope")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .split_whitespace()
            .collect()
    }

    /// Whether `scope` has this word.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().contains(&scope)
    }

    /// The claim `exp`, in seconds since 1970.
    #[must_use]
    pub fn exp(&self) -> Option<i64> {
        self.claims.get("exp").and_then(Value::as_i64)
    }
}

fn part(text: &str) -> Result<Value, String> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| "not base64url".to_owned())?;
    serde_json::from_slice(&bytes).map_err(|_| "not JSON inside".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn claims_are_read_without_the_key() {
        let claims = BASE64URL_NOPAD.encode(br#"{"scope":"user:basic wallet:sign","exp":9}"#);
        let token = Token::decode(&format!("e30.{claims}.c2ln")).unwrap();
        assert_eq!(token.scopes(), ["user:basic", "wallet:sign"]);
        assert!(token.has_scope("wallet:sign") && !token.has_scope("wallet"));
        assert_eq!(token.exp(), Some(9));
        assert_eq!(token.claim("sub"), json!(null));
    }

    #[test]
    fn what_is_no_token_is_named() {
        assert_eq!(Token::decode("abc").unwrap_err(), "1 parts instead of three");
        assert_eq!(Token::decode("a+b.c.d").unwrap_err(), "not base64url");
        assert_eq!(Token::decode("e30.YWJj.x").unwrap_err(), "not JSON inside");
    }
}
