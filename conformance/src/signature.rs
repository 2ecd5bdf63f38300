//! The part of a failure's signature that is the same in every run.
//!
//! Identifiers, times, ports and pseudonyms change with the seed; a comparison that counted them
//! would call every failure a new one, and an expectation that held them would never hold again.

use crate::event::CaseRecord;

/// Why a case is not a pass, without what changes from run to run; one text for each failure.
#[must_use]
pub fn reasons(record: &CaseRecord) -> Vec<String> {
    let mut found: Vec<String> =
        record.failures().map(|finding| stable(&finding.signature())).collect();
    if found.is_empty() {
        found.extend(record.played_because.as_deref().map(stable));
    }
    found.sort();
    found.dedup();
    found
}

/// The longest beginning of a signature that another run would repeat.
///
/// An SDK's error keeps its kind and loses its sentence; a success keeps that it was one.
#[must_use]
pub fn stable(signature: &str) -> String {
    let got = signature.find(", got ").map(|at| at + ", got ".len());
    let end = match got.and_then(|at| Some((at, signature.get(at..)?))) {
        Some((at, got)) if got.starts_with("err.") => got.find(" \"").map(|cut| at + cut),
        Some((at, got)) if got.starts_with("ok ") => Some(at + "ok".len()),
        _ => None,
    };
    let kept = signature.get(..end.unwrap_or(signature.len())).unwrap_or(signature);
    let cut = first_changing(kept).unwrap_or(kept.len());
    let kept = kept.get(..cut).unwrap_or(kept).trim_end();
    // A signature that is nothing but changing parts is better whole than empty.
    if kept.is_empty() { signature.to_owned() } else { kept.to_owned() }
}

/// The whole text, with a mark in the place of each word that another run would draw anew.
#[must_use]
pub fn veiled(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut word = String::new();
    for letter in text.chars().chain([' ']) {
        // A time goes on behind its hours.
        let in_time = letter == ':' && word.contains('T') && is_dated(&word);
        if letter.is_ascii_alphanumeric() || letter == '-' || letter == '.' || in_time {
            word.push(letter);
            continue;
        }
        let is_instance = word.strip_prefix('c').is_some_and(|rest| {
            !rest.is_empty() && rest.chars().all(|digit| digit.is_ascii_digit())
        });
        kept.push_str(if is_instance || changes(&word) || is_dated(&word) { "…" } else { &word });
        word.clear();
        kept.push(letter);
    }
    kept.pop();
    kept
}

/// Where the first word begins that looks drawn or measured.
fn first_changing(text: &str) -> Option<usize> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '.';
    let pseudonym = text.find(['‹', '…']);
    let mut start = None;
    let mut found = None;
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        match (is_part(letter), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                start = None;
                if changes(text.get(from..at).unwrap_or_default()) {
                    found = Some(from);
                    break;
                }
            }
            _ => {}
        }
    }
    match (found, pseudonym) {
        (Some(word), Some(mark)) => Some(word.min(mark)),
        (word, mark) => word.or(mark),
    }
}

/// Whether a word begins with a day, as RFC 3339 writes it.
fn is_dated(word: &str) -> bool {
    let day = word.split('T').next().unwrap_or_default();
    day.len() == 10 && day.split('-').count() == 3 && day.starts_with(|c: char| c.is_ascii_digit())
}

/// Shortest word that is taken for a key or a secret, if its letters look it.
const DRAWN_CHARS: usize = 24;

/// Whether a word is an identifier, an address, a time, a key, or a number of a size that nobody
/// writes down.
fn changes(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    let is_uuid = word.len() == 36 && word.split('-').count() == 5;
    let is_time = digits >= 8 && word.split('-').count() == 3;
    let is_address = word.starts_with("127.0.0.1");
    let is_plain = word.chars().all(|letter| letter.is_ascii_alphanumeric());
    // Names of operations are as long as that, but change from small to capital letters.
    let one_case = !word.contains(|letter: char| letter.is_ascii_lowercase())
        || !word.contains(|letter: char| letter.is_ascii_uppercase());
    let is_drawn = word.len() >= DRAWN_CHARS && is_plain && (digits > 0 || one_case);
    is_uuid || is_drawn || is_time || is_address || (digits >= 5 && digits == word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_keeps_its_kind_and_loses_its_sentence() {
        let signature =
            "totp.auth: expected ok, got err.origin=server err.http=422 \"Bad, got it\"";
        assert_eq!(stable(signature), "totp.auth: expected ok, got err.origin=server err.http=422");
        let signature = "totp.auth: expected ok, got err.origin=server err.http=422 \"Invalid\"";
        assert_eq!(stable(signature), "totp.auth: expected ok, got err.origin=server err.http=422");
    }

    #[test]
    fn a_success_keeps_that_it_was_one() {
        let signature = "device.get: expected an error, got ok {\"id\":\"d1\"}";
        assert_eq!(stable(signature), "device.get: expected an error, got ok");
    }

    #[test]
    fn a_veiled_text_keeps_everything_but_what_is_drawn() {
        for (text, kept) in [
            (
                "GET …/settings?sdkVersion=1.27.1 → 200 {}",
                "GET …/settings?sdkVersion=1.27.1 → 200 {}",
            ),
            ("ok {\"inst\":\"c8\"}", "ok {\"inst\":\"…\"}"),
            (
                "{\"code\":\"493021\",\"of\":\"‹jwt#2 scope=a›\"}",
                "{\"code\":\"…\",\"of\":\"‹jwt#2 scope=a›\"}",
            ),
            ("http://127.0.0.1:40111/api/v0", "http://…:…/api/v0"),
            ("at 2026-11-22T16:06:02.000Z, then", "at …, then"),
            ("code, cash and c", "code, cash and c"),
        ] {
            assert_eq!(veiled(text), kept);
        }
    }

    #[test]
    fn only_what_looks_drawn_is_taken_for_it() {
        let names = "a-word-of-five-parts-and-more";
        let long = "c95452b8.b42b.49ab.b4b0.ff6cfbdd3b9c";
        for (word, is_drawn) in [
            ("c95452b8-b42b-49ab-b4b0-ff6cfbdd3b9c", true),
            ("a-b-c-d-e", false),
            (names, false),
            (long, false),
            ("2026-11-22T11", true),
            ("2026-11-2", false),
            ("1234-5678", false),
            ("12345", true),
            ("1234", false),
            ("12345a", false),
            ("abcdefghijklmnopqrstuvwx", true),
            ("abcdefghijklmnopqrstuvw", false),
            ("abcdefghijklMnopqrstuvwxyz", false),
            ("abcdefghijklMnopqrstuvwx1", true),
        ] {
            assert_eq!(changes(word), is_drawn, "{word}");
        }
    }

    #[test]
    fn what_is_drawn_or_measured_is_cut() {
        for (signature, kept) in [
            (
                "raw GET users/mfa/c95452b8-b42b-49ab-b4b0-ff6cfbdd3b9c: expected 404, got 200",
                "raw GET users/mfa/",
            ),
            ("the end: expected 1795355825, got 1", "the end: expected"),
            ("created: expected none, got 2026-11-22T11:57:05.000Z", "created: expected none, got"),
            ("secret: expected none, got ‹totp_secret#1›", "secret: expected none, got"),
            (
                "key: expected another one, got \"0287cbd545a366778b1f6b4d90e4\"",
                "key: expected another one, got \"",
            ),
            ("secret: expected \"qfycnbxjyjyufrgoowfpihjdmhrp\"", "secret: expected \""),
            (
                "authenticateMfaRecoveryCode: expected ok",
                "authenticateMfaRecoveryCode: expected ok",
            ),
            ("seconds: expected 600, got 300", "seconds: expected 600, got 300"),
            ("no answer to totp.auth within 10000 ms", "no answer to totp.auth within"),
        ] {
            assert_eq!(stable(signature), kept);
            assert!(signature.starts_with(kept), "an expectation looks for a part");
        }
        assert_eq!(stable("‹jwt#1›"), "‹jwt#1›");
    }
}
