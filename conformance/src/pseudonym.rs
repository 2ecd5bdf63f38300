//! Secrets under stable pseudonyms, so that a trace may be posted in an issue.
//!
//! `‹totp_secret#1›` is the same secret wherever it appears in a report of one case. Tokens that
//! look like a JWT are recognised anywhere; other secrets are learnt from the fields that carry
//! them.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use serde_json::Value;

use crate::stage::{Exchange, Token};

/// Field names, in any spelling that an SDK or the service uses, and what they carry.
const FIELDS: [(&str, &str); 6] = [
    ("secret", "totp_secret"),
    ("recoveryCodes", "recovery_code"),
    ("recovery_codes", "recovery_code"),
    ("codes", "recovery_code"),
    ("mfaToken", "mfa_token"),
    ("mfa_token", "mfa_token"),
];

/// Request headers that carry a secret that is no JWT.
const HEADERS: [(&str, &str); 1] = [("x-mfa-auth-token", "mfa_token")];

/// Shortest text that is taken for a secret; shorter ones would blank out ordinary words.
const SECRET_CHARS_MIN: usize = 8;

/// Letters of base64 that belong together (RFC 4648, section 4).
const BASE64_GROUP: usize = 4;

/// Bytes at the end of a secret that are looked for first. Tokens begin alike and end in a
/// signature; and a short needle is found without preparing for it, which takes longer than a look.
const TAIL: usize = 16;

/// The secrets of one case and their names.
#[derive(Clone, Debug, Default)]
pub struct Pseudonyms {
    known: Vec<Known>,
}

/// A secret of the case.
#[derive(Clone, Debug)]
struct Known {
    secret: String,
    name: String,
    /// How it is spelt where it is replaced, and by what.
    forms: Vec<(String, String)>,
}

impl Known {
    fn new(secret: &str, name: String) -> Self {
        let mut forms = vec![(secret.to_owned(), name.clone())];
        // Whoever has a secret in small letters has the secret.
        for form in [secret.to_lowercase(), secret.to_uppercase()] {
            if form != secret {
                forms.push((form, format!("{}, other letters›", name.trim_end_matches('›'))));
            }
        }
        Self { secret: secret.to_owned(), name, forms }
    }
}

impl Pseudonyms {
    /// Learns every secret in the exchanges of a case.
    pub fn learn_exchanges(&mut self, exchanges: &[Exchange]) {
        for exchange in exchanges {
            for (header, kind) in HEADERS {
                self.learn(kind, exchange.header(header).unwrap_or_default());
            }
            self.learn_value(&exchange.request_body);
            self.learn_value(&exchange.response_body);
        }
    }

    /// Learns every secret in a JSON value, by the names of its fields.
    pub fn learn_value(&mut self, value: &Value) {
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    match FIELDS.iter().find(|(known, _)| known == name) {
                        Some((_, kind)) => self.learn_texts(kind, field),
                        None => self.learn_value(field),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.learn_value(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// The text with every known secret and every JWT replaced.
    #[must_use]
    pub fn mask(&mut self, text: &str) -> String {
        let mut masked = self.mask_tokens(text);
        for (form, name) in self.known.iter().flat_map(|known| &known.forms) {
            if holds(&masked, form) {
                masked = masked.replace(form, name);
            }
        }
        masked
    }

    /// The name of a secret that the text holds, raw, in other letters, or encoded for transport.
    #[must_use]
    pub fn held_by(&self, text: &str) -> Option<String> {
        let holds = |Known { secret, .. }: &&Known| {
            let bytes = secret.as_bytes();
            let forms = [
                secret.clone(),
                secret.to_lowercase(),
                secret.to_uppercase(),
                // Without its last letters, because those depend on what follows in the same text.
                cut(&BASE64.encode(bytes)),
                cut(&BASE64URL_NOPAD.encode(bytes)),
                percent(secret),
            ];
            forms.iter().any(|form| text.contains(form.as_str()))
        };
        if let Some(known) = self.known.iter().find(holds) {
            return Some(known.name.clone());
        }
        // A token that no exchange showed is one all the same.
        let masked = self.clone().mask_tokens(text);
        let start = masked.find("‹jwt")?;
        let name = masked.get(start..)?;
        name.find('›').and_then(|end| name.get(..end + '›'.len_utf8())).map(str::to_owned)
    }

    fn learn_texts(&mut self, kind: &str, value: &Value) {
        match value {
            Value::String(text) => self.learn(kind, text),
            Value::Array(items) => items.iter().for_each(|item| self.learn_texts(kind, item)),
            Value::Object(_) => self.learn_value(value),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn learn(&mut self, kind: &str, secret: &str) {
        if secret.chars().count() >= SECRET_CHARS_MIN {
            self.name(kind, secret, "");
        }
    }

    fn name(&mut self, kind: &str, secret: &str, detail: &str) -> String {
        if let Some(known) = self.known.iter().find(|known| known.secret == secret) {
            return known.name.clone();
        }
        let prefix = format!("‹{kind}#");
        let number = self.known.iter().filter(|known| known.name.starts_with(&prefix)).count() + 1;
        let name = format!("{prefix}{number}{detail}›");
        self.known.push(Known::new(secret, name.clone()));
        name
    }

    fn mask_tokens(&mut self, text: &str) -> String {
        let mut masked = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find("eyJ") {
            let (before, from) = rest.split_at(start);
            let end = from.find(|c: char| !is_token_char(c)).unwrap_or(from.len());
            let (word, after) = from.split_at(end);
            masked.push_str(before);
            match Token::decode(word) {
                Ok(token) => {
                    let detail = format!(" scope={}", token.scopes().join(","));
                    masked.push_str(&self.name("jwt", word, &detail));
                }
                // A token that was cut short by an excerpt is still most of a secret.
                Err(_) if word.len() > 40 => masked.push_str("‹jwt, cut›"),
                Err(_) => masked.push_str(word),
            }
            rest = after;
        }
        masked.push_str(rest);
        masked
    }
}

/// Whether a text has a part, which is looked for from its end.
fn holds(text: &str, part: &str) -> bool {
    let tail = part.len().checked_sub(TAIL).and_then(|start| part.get(start..));
    tail.is_none_or(|tail| text.contains(tail)) && text.contains(part)
}

/// An encoded text without its last group, which depends on what stands behind the secret.
fn cut(encoded: &str) -> String {
    let kept = encoded.trim_end_matches('=').len().saturating_sub(BASE64_GROUP);
    encoded.get(..kept).unwrap_or(encoded).to_owned()
}

/// A text as it travels in an address (RFC 3986, section 2.1).
fn percent(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    text.bytes().map(encode).collect()
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_secret_has_one_name_wherever_it_appears() {
        let mut names = Pseudonyms::default();
        names.learn_value(
            &json!({ "id": "d1", "secret": "JBSWY3DPEHPK3PXP", "uri": "otpauth://x" }),
        );
        names.learn_value(&json!({ "devices": [{ "secret": "GEZDGNBVGY3TQOJQ" }] }));
        let text =
            "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP and GEZDGNBVGY3TQOJQ, JBSWY3DPEHPK3PXP";
        assert_eq!(
            names.mask(text),
            "otpauth://totp/a?secret=‹totp_secret#1› and ‹totp_secret#2›, ‹totp_secret#1›"
        );
    }

    #[test]
    fn tokens_are_recognised_and_show_their_scope() {
        let mut names = Pseudonyms::default();
        let claims = BASE64URL_NOPAD.encode(br#"{"scope":"user:basic"}"#);
        let token = format!("eyJhbGciOiJub25lIn0.{claims}.c2ln");
        assert_eq!(
            names.mask(&format!("authorization: Bearer {token}")),
            "authorization: Bearer ‹jwt#1 scope=user:basic›"
        );
        assert_eq!(names.mask(&format!("{token},{token}")).matches("‹jwt#1").count(), 2);
        assert_eq!(names.mask("eyJust a word"), "eyJust a word");
    }

    #[test]
    fn a_part_is_found_whole_and_only_whole() {
        let part = "the-same-beginning-and-0123456789abcdef";
        let text = format!("before {part} after");
        assert!(holds(&text, part));
        assert!(holds(&text, "0123456789abcdef") && holds(&text, "def") && holds(&text, ""));
        assert!(!holds(&text, "another-beginning-and-0123456789abcdef"));
        assert!(!holds(&text, "the-same-beginning-and-0123456789abcdeX"));
        // The sixteenth byte from its end is in the middle of a letter.
        let odd = "geheim-ü123456789abcdef";
        assert!(!odd.is_char_boundary(odd.len() - TAIL));
        assert!(holds(&format!("<{odd}>"), odd) && !holds("<123456789abcdef>", odd));
    }

    #[test]
    fn recovery_codes_are_numbered_and_short_words_stay() {
        let mut names = Pseudonyms::default();
        names.learn_value(
            &json!({ "recoveryCodes": ["ABCDEFGHIJ", "KLMNOPQRST"], "secret": "abc" }),
        );
        assert_eq!(names.mask("KLMNOPQRST abc"), "‹recovery_code#2› abc");
        assert_eq!(names.mask("klmnopqrst"), "‹recovery_code#2, other letters›");
    }
}
