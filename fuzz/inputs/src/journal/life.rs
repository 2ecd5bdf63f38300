//! A life that was written into a journal file: what inputs take their lines from.
//!
//! Inputs that held the lines themselves would be worth nothing as soon as a setting is added or
//! a rule throws its dice otherwise; so they name them.
//!
//! | word | stands for |
//! |---|---|
//! | `{file}` | the whole file |
//! | `{line0}`, `{line1}` … | one line of it without its break; 0 is the first |
//! | `{head1}`, `{tail1}` … | its two halves |
//! | `{record1}` … | one line without its number and its sum, as `journal_record` takes it |
//! | `{after1}` … | the fields but the change of what could stand behind that record |

use std::sync::OnceLock;

use mock_server::bytes::Bytes;
use mock_server::http::Request;
use mock_server::{Effect, Fault, Mock, UserSeed};
use serde_json::{Value, json};

use super::start;
use crate::scene::WORLD;
use crate::scratch::Scratch;
use crate::spelling::Words;

/// A world in a file, with one change of every kind.
pub(super) fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| {
        let scratch = Scratch::new("journal");
        live(&start(&scratch.0, u64::MAX).unwrap());
        let file = std::fs::read_to_string(&scratch.0).unwrap();
        let mut words = Words::from([("file", file.clone()), ("env", WORLD.to_owned())]);
        for (index, line) in file.lines().enumerate() {
            let (head, tail) = line.split_at(line.len() / 2);
            name(&mut words, "line", index, line);
            name(&mut words, "head", index, head);
            name(&mut words, "tail", index, tail);
            if index > 0 {
                let (body, _) = line.split_once(",\"").expect("a number comes first");
                let record = &line[body.len() + 1..line.rfind(",\"sum\"").unwrap()];
                name(&mut words, "record", index, &format!("{{{record}}}"));
                let (before, _) = record.split_once(",\"change\"").unwrap();
                name(&mut words, "after", index - 1, before);
            }
        }
        words
    })
}

/// Words live as long as the process, and there are a few dozen of them.
fn name(words: &mut Words, kind: &str, index: usize, text: &str) {
    words.insert(format!("{kind}{index}").leak(), text.to_owned());
}

/// Changes of every kind; the last one is there for the fields that could follow the others.
fn live(mock: &Mock) {
    let world = mock.environment(WORLD).unwrap();
    let post = |path: &str, body: &Value| {
        let request = Request::post(format!("/api/v0/sdk/{WORLD}/{path}"));
        let request = request.body(Bytes::from(body.to_string())).unwrap();
        let response = mock.answer(&request).response;
        assert!(response.status().is_success(), "{path}: {}", response.status());
        serde_json::from_slice::<Value>(response.body()).unwrap()
    };
    let opened = post("emailVerifications/create", &json!({ "email": "alice@example.com" }));
    world.advance_clock(jiff::SignedDuration::from_secs(1)).unwrap();
    let code = world.inbox(None, 0).pop().unwrap().code;
    let typed =
        json!({ "verificationUUID": opened["verificationUUID"], "verificationToken": code });
    post("emailVerifications/signin", &typed);
    let seed = UserSeed { email: "bob@example.com".to_owned(), ..UserSeed::default() };
    world.create_user(seed).unwrap();
    let fault = Fault { nth: 9, ..Fault::on("getNonce", Effect::status(503)) };
    let number = world.inject_fault(fault).unwrap();
    mock.answer(&Request::get(format!("/api/v0/sdk/{WORLD}/nonce")).body(Bytes::new()).unwrap());
    world.remove_fault(number).unwrap();
    world.clear_faults().unwrap();
    let snapshot = world.snapshot();
    world.reset().unwrap();
    world.restore(snapshot).unwrap();
    mock.forget(WORLD).unwrap();
    mock.environment(WORLD).unwrap().rotate_keys().unwrap();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_life_is_as_long_as_its_words_say() {
        let words = words();
        assert!(words["line0"].starts_with(r#"{"seq":0,"journal":"mfa-mock""#));
        assert_eq!(words["record1"].matches("change").count(), 1);
        assert!(words["record1"].ends_with(r#","change":"begin"}"#));
        assert!(
            words["after1"].starts_with(r#""environment":""#) && !words.contains_key("after99")
        );
        let kinds = ["command", "clock", "intervention", "inject_fault", "befall", "remove_fault"];
        for kind in kinds.into_iter().chain(["clear_faults", "reset", "restore", "forget"]) {
            assert!(
                words["file"].contains(&format!("\"change\":{{\"{kind}\""))
                    || words["file"].contains(&format!("\"change\":\"{kind}\"")),
                "{kind}"
            );
        }
    }
}
