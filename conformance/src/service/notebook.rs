//! What a relay noted of one case: the second witness where a service has no journal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::http::Heard;
use super::path;
use super::relay::{Asked, Witness};
use super::target::Mailbox;
use crate::stage::Exchange;

/// A status that a gateway gives to those who ask too often.
const TOO_MANY_REQUESTS: u16 = 429;

/// How an address is written: as it is, and with its signs escaped in a URI.
const SPELLINGS: [fn(&str) -> String; 3] = [
    str::to_owned,
    |address| address.replace('+', "%2B"),
    |address| address.replace('+', "%2B").replace('@', "%40"),
];

/// The exchanges of one case, under the addresses that the case knows.
///
/// Cases have people with names of their own. Where only the tester's addresses get a code, each
/// name is given one of these on its way to the service, and gets its own back on the way home.
pub(super) struct Notebook {
    mailbox: Option<Mailbox>,
    /// Number of the case, which no other case and no other run had.
    number: String,
    noted: Mutex<Noted>,
}

#[derive(Default)]
struct Noted {
    exchanges: Vec<Exchange>,
    /// Addresses of people in the case, and what they are called at the service.
    aliases: BTreeMap<String, String>,
    is_limited: bool,
    /// Whose codes the case has read.
    read: BTreeSet<String>,
}

impl Notebook {
    pub(super) fn new(mailbox: Option<Mailbox>, number: String) -> Self {
        Self { mailbox, number, noted: Mutex::default() }
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn exchanges_after(&self, sequence: u64) -> Vec<Exchange> {
        let noted = self.noted();
        noted.exchanges.iter().filter(|seen| seen.sequence > sequence).cloned().collect()
    }

    pub(super) fn newest(&self) -> u64 {
        self.noted().exchanges.last().map_or(0, |seen| seen.sequence)
    }

    /// Whether a gateway refused a call because there were too many.
    pub(super) fn is_limited(&self) -> bool {
        self.noted().is_limited
    }

    /// Whether the case has read the codes of several people, which are all one.
    pub(super) fn reads_codes_of_several(&self) -> bool {
        self.noted().read.len() > 1
    }

    /// Remembers whose code the case has read.
    pub(super) fn note_reader(&self, address: &str) {
        self.noted().read.insert(address.to_lowercase());
    }

    /// The newest granted request for a mail to an address, behind a number.
    pub(super) fn newest_mail(&self, to: &str, after: u64) -> Option<u64> {
        let noted = self.noted();
        let asked_for = |seen: &&Exchange| {
            let email = seen.request_body.get("email").and_then(Value::as_str);
            match seen.operation.as_deref() {
                Some("createEmailVerification") => email == Some(to),
                // It names no address; in a case that asks again, only one mail is on its way.
                Some("retryEmailVerification") => true,
                _ => false,
            }
        };
        let granted = |seen: &&Exchange| seen.sequence > after && (200..300).contains(&seen.status);
        let newest = noted.exchanges.iter().filter(granted).rfind(asked_for);
        newest.map(|seen| seen.sequence)
    }

    /// What a person of the case is called at the service.
    pub(super) fn alias(&self, address: &str) -> Option<String> {
        let mailbox = self.mailbox.as_ref()?;
        if !is_a_persons(address) {
            return None;
        }
        let mut noted = self.noted();
        let lower = address.to_lowercase();
        let next = noted.aliases.len();
        let number = &self.number;
        let alias = noted.aliases.entry(lower.clone()).or_insert_with(|| {
            mailbox.template.replace("{n}", &format!("{number}{next}")).to_lowercase()
        });
        // How it was typed is part of what is tested.
        Some(if lower == address { alias.clone() } else { alias.to_uppercase() })
    }

    /// A text of the service with the people's own names, also where an address stands in a URI.
    fn at_home(&self, text: &str) -> Option<String> {
        let noted = self.noted();
        let mut shown = text.to_owned();
        for (name, alias) in &noted.aliases {
            for spelt in SPELLINGS {
                let (alias, name) = (spelt(alias), spelt(name));
                for (alias, name) in
                    [(alias.to_uppercase(), name.to_uppercase()), (alias.clone(), name.clone())]
                {
                    if shown.contains(&alias) {
                        shown = shown.replace(&alias, &name);
                    }
                }
            }
        }
        (shown != text).then_some(shown)
    }

    fn note(&self, asked: &Asked, status: u16, answer: &[u8]) {
        let json = |body: &[u8]| serde_json::from_slice(body).unwrap_or(Value::Null);
        let shown = |(name, value): &(String, Vec<u8>)| {
            (name.to_ascii_lowercase(), String::from_utf8_lossy(value).into_owned())
        };
        let response_body: Value = json(answer);
        let mut noted = self.noted();
        // A limit of the API itself has a word as its code; that of a gateway has a number or none.
        noted.is_limited |=
            status == TOO_MANY_REQUESTS && !response_body.get("code").is_some_and(Value::is_string);
        let sequence = noted.exchanges.last().map_or(1, |seen| seen.sequence + 1);
        noted.exchanges.push(Exchange {
            sequence,
            operation: path::operation(&asked.method, &asked.path).map(str::to_owned),
            method: asked.method.clone(),
            path: asked.path.clone(),
            request_headers: asked.headers.iter().map(shown).collect(),
            request_body: json(&asked.body),
            status,
            response_body,
        });
    }
}

impl Witness for Notebook {
    fn asked(&self, asked: &Asked) -> Vec<u8> {
        translated(&asked.body, &|text| self.alias(text))
    }

    fn answered(&self, asked: &Asked, heard: &Heard) -> Vec<u8> {
        let body = translated(&heard.body, &|text| self.at_home(text));
        self.note(asked, heard.status, &body);
        body
    }

    fn unanswered(&self, asked: &Asked, _problem: &ureq::Error) {
        // As in a journal: an exchange whose answer never came has no status.
        self.note(asked, 0, &[]);
    }
}

/// Addresses that nobody has: cases use no others for their people.
fn is_a_persons(address: &str) -> bool {
    let Some((name, host)) = address.split_once('@') else { return false };
    let host = host.to_lowercase();
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._+-".contains(letter);
    !name.is_empty()
        && name.chars().all(is_plain)
        && (["example.com", "example.org", "example.net"].contains(&host.as_str())
            || host.ends_with(".example"))
}

/// JSON with other texts in it; whatever needs no change, or is no JSON, is left byte for byte.
fn translated(body: &[u8], other: &dyn Fn(&str) -> Option<String>) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else { return body.to_vec() };
    match exchange_texts(&mut value, other) {
        true => serde_json::to_vec(&value).unwrap_or_else(|_| body.to_vec()),
        false => body.to_vec(),
    }
}

fn exchange_texts(value: &mut Value, other: &dyn Fn(&str) -> Option<String>) -> bool {
    match value {
        Value::String(text) => match other(text) {
            Some(new) => {
                *text = new;
                true
            }
            None => false,
        },
        // Not `any`: every one of them has to be looked at.
        Value::Array(items) => {
            items.iter_mut().fold(false, |changed, item| exchange_texts(item, other) | changed)
        }
        Value::Object(fields) => {
            fields.values_mut().fold(false, |changed, field| exchange_texts(field, other) | changed)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn notebook() -> Notebook {
        let mailbox = Mailbox::new("me+{n}+dynamic_test@box.test", "123456").unwrap();
        Notebook::new(Some(mailbox), "71".to_owned())
    }

    fn asked(path: &str, body: &Value) -> Asked {
        Asked {
            method: "POST".to_owned(),
            path: format!("/api/v0/sdk/e/{path}"),
            headers: vec![("X-Dyn-Version".to_owned(), b"1".to_vec())],
            body: body.to_string().into_bytes(),
        }
    }

    fn heard(status: u16, body: &Value) -> Heard {
        Heard { status, headers: Vec::new(), body: body.to_string().into_bytes() }
    }

    #[test]
    fn people_go_under_other_names_and_come_home_under_their_own() {
        let notebook = notebook();
        let start = asked("emailVerifications/create", &json!({ "email": "alice@example.com" }));
        let sent: Value = serde_json::from_slice(&notebook.asked(&start)).unwrap();
        assert_eq!(sent, json!({ "email": "me+710+dynamic_test@box.test" }));
        let answer = heard(200, &json!({ "user": { "email": "me+710+dynamic_test@box.test" } }));
        let told: Value = serde_json::from_slice(&notebook.answered(&start, &answer)).unwrap();
        assert_eq!(told, json!({ "user": { "email": "alice@example.com" } }));
        let uri = "otpauth://totp/x:me%2B710%2Bdynamic_test@box.test?secret=A";
        let answer = heard(200, &json!({ "uri": uri }));
        let told: Value = serde_json::from_slice(&notebook.answered(&start, &answer)).unwrap();
        assert_eq!(told, json!({ "uri": "otpauth://totp/x:alice@example.com?secret=A" }));
        assert_eq!(notebook.alias("bob@example.com").unwrap(), "me+711+dynamic_test@box.test");
        assert_eq!(notebook.alias("ALICE@example.com").unwrap(), "ME+710+DYNAMIC_TEST@BOX.TEST");
        for other in ["alice", "@example.com", "a b@example.com", "me@box.test", ""] {
            assert_eq!(notebook.alias(other), None, "{other}");
        }
        let seen = &notebook.exchanges_after(0)[0];
        assert_eq!(seen.operation.as_deref(), Some("createEmailVerification"));
        assert_eq!(seen.request_body, json!({ "email": "alice@example.com" }));
        assert_eq!(seen.header("x-dyn-version"), Some("1"));
    }

    #[test]
    fn a_mail_is_on_its_way_when_it_was_granted_behind_the_number() {
        let notebook = notebook();
        let start = asked("emailVerifications/create", &json!({ "email": "alice@example.com" }));
        notebook.answered(&start, &heard(422, &json!({})));
        assert_eq!(notebook.newest_mail("alice@example.com", 0), None);
        notebook.answered(&start, &heard(200, &json!({})));
        assert_eq!(notebook.newest_mail("alice@example.com", 0), Some(2));
        assert_eq!(notebook.newest_mail("alice@example.com", 2), None);
        assert_eq!(notebook.newest_mail("bob@example.com", 0), None);
    }

    #[test]
    fn the_limit_of_a_gateway_is_told_from_that_of_the_api() {
        let notebook = notebook();
        let call = asked("users/mfa/auth/totp", &json!({}));
        notebook.answered(&call, &heard(429, &json!({ "code": "mfa_rate_limited" })));
        assert!(!notebook.is_limited());
        notebook.answered(&call, &heard(429, &json!({ "message": "slow", "code": 429 })));
        assert!(notebook.is_limited());
    }

    #[test]
    fn what_needs_no_change_is_left_byte_for_byte() {
        let body = b"{ \"b\" : 1.0, \"a\":[ ] }";
        assert_eq!(translated(body, &|_| None), body);
        assert_eq!(translated(b"no json", &|_| Some(String::new())), b"no json");
    }
}
