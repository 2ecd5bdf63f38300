//! The signatures that an answer carries: what a token-issuing call has to make.

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

/// How many JWTs stand in a body, and how they are signed, such as `RS256-2048`.
///
/// Different kinds are told with a plus between them; without a JWT the kind is `none`.
pub(super) fn of(body: &str) -> (u32, String) {
    let mut kinds = Vec::new();
    collect(&serde_json::from_str(body).unwrap_or(Value::Null), &mut kinds);
    let count = u32::try_from(kinds.len()).unwrap();
    kinds.sort();
    kinds.dedup();
    (count, if kinds.is_empty() { "none".to_owned() } else { kinds.join("+") })
}

fn collect(value: &Value, kinds: &mut Vec<String>) {
    match value {
        Value::String(text) => kinds.extend(kind(text)),
        Value::Array(values) => values.iter().for_each(|value| collect(value, kinds)),
        Value::Object(fields) => fields.values().for_each(|value| collect(value, kinds)),
        _ => {}
    }
}

/// The algorithm and the bits of the signature; none if the text is no JWT.
fn kind(text: &str) -> Option<String> {
    let [header, _, signature] = text.split('.').collect::<Vec<_>>().try_into().ok()?;
    let header: Value =
        serde_json::from_slice(&BASE64URL_NOPAD.decode(header.as_bytes()).ok()?).ok()?;
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).ok()?;
    Some(format!("{}-{}", header.get("alg")?.as_str()?, signature.len() * 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_counted_wherever_they_stand() {
        let token = |alg: &str, bytes: usize| {
            let header = BASE64URL_NOPAD.encode(format!("{{\"alg\":\"{alg}\"}}").as_bytes());
            format!("{header}.e30.{}", BASE64URL_NOPAD.encode(&vec![7; bytes]))
        };
        let body = serde_json::json!({
            "a": token("RS256", 256),
            "deep": [{ "b": token("RS256", 256) }],
            "not": ["a.b.c", "example.com", "eyJ9"],
        });
        assert_eq!(of(&body.to_string()), (2, "RS256-2048".to_owned()));
        let mixed = serde_json::json!([token("RS256", 256), token("EdDSA", 64)]);
        assert_eq!(of(&mixed.to_string()), (2, "EdDSA-512+RS256-2048".to_owned()));
        assert_eq!(of("no JSON"), (0, "none".to_owned()));
    }
}
