//! An answer, and what tests say about answers.

use std::collections::BTreeSet;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use mock_server::bytes::Bytes;
use mock_server::http::HeaderMap;
use serde_json::{Value, json};

/// What the service answered.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Bytes,
    pub(crate) body: Value,
}

impl Reply {
    /// The body of a granted call.
    #[track_caller]
    pub(crate) fn ok(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// Checks a refusal to the letter: status, and a body of nothing but `error` and `code`.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: Option<&str>, error: &str) {
        let mut body = json!({ "error": error });
        if let Some(code) = code {
            body["code"] = json!(code);
        }
        assert_eq!((self.status, &self.body), (status, &body));
    }

    /// The refusal of a path or an environment that does not exist.
    #[track_caller]
    pub(crate) fn not_found(&self) {
        assert_eq!((self.status, &self.body["code"]), (404, &json!("not_found")));
        let error = self.body["error"].as_str().unwrap();
        assert!(error.starts_with("Not Found"), "{error}");
        assert_eq!(keys(&self.body), ["code", "error"]);
    }

    /// The refusal of a missing or unusable elevated token.
    #[track_caller]
    pub(crate) fn wants_elevation(&self) {
        let code = Some("elevated_access_token_required");
        self.refused(403, code, "Elevated access token required");
    }

    /// The refusal of a wrong code.
    #[track_caller]
    pub(crate) fn wrong_code(&self) {
        self.refused(422, Some("mfa_invalid_code"), "Invalid MFA code");
    }

    /// The refusal of a token that is none.
    #[track_caller]
    pub(crate) fn unauthorized(&self) {
        self.refused(401, None, "Unauthorized");
    }

    /// The reply as JSON for a snapshot: no header but those that an SDK or a browser acts on.
    pub(crate) fn shown(&self) -> Value {
        let mut shown = json!({ "status": self.status, "body": self.body });
        for name in ["allow", "retry-after", "content-type"] {
            if let Some(value) = self.headers.get(name) {
                shown[name] = json!(value.to_str().unwrap());
            }
        }
        shown
    }
}

/// Every place where two JSON values differ, as `path: left != right`.
pub(crate) fn differences(path: &str, left: &Value, right: &Value, found: &mut Vec<String>) {
    match (left, right) {
        (Value::Object(left), Value::Object(right)) => {
            let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
            for key in keys {
                let at = |side: &serde_json::Map<String, Value>| side.get(key).cloned();
                let (left, right) = (at(left).unwrap_or_default(), at(right).unwrap_or_default());
                differences(&format!("{path}/{key}"), &left, &right, found);
            }
        }
        _ if left == right => {}
        _ => found.push(format!("{path}: {left} != {right}")),
    }
}

/// A JSON text that must be there.
#[track_caller]
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

/// The keys of a JSON object, in order.
pub(crate) fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// The claims of a JWT, unverified.
pub(crate) fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&data_encoding::BASE64URL_NOPAD.decode(payload.as_bytes()).unwrap())
        .unwrap()
}

/// Signs claims with the published key, as anybody can.
pub(crate) fn forge(claims: &Value) -> String {
    let key = EncodingKey::from_rsa_pem(fixtures::keys::SIGNING_PEM.as_bytes()).unwrap();
    jsonwebtoken::encode(&Header::new(Algorithm::RS256), claims, &key).unwrap()
}

/// Compares JSON with its snapshot; maps are sorted, whatever other crates asked of serde_json.
#[track_caller]
pub(crate) fn assert_snapshot(name: &str, value: &Value) {
    let mut settings = insta::Settings::clone_current();
    settings.set_sort_maps(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| insta::assert_json_snapshot!(name, value));
}
