//! How an input spells what nobody can write down beforehand: `{words}`, and base64url.
//!
//! `{bearer}` becomes the scene's bearer; a brace without a known word stays as it is, which is
//! what every brace of JSON is. `«text»` becomes the base64url of the text, `«0xa0»` that of the
//! byte, as the parts of a JWT and the fields of a passkey want it.

use std::collections::BTreeMap;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER_PERMISSIVE};

/// What words stand for.
pub(crate) type Words = BTreeMap<&'static str, String>;

/// The longest word with room to spare, lest every brace is searched to the end of the input.
const WORD_BYTES_MAX: usize = 24;
const OPENING: &[u8] = "«".as_bytes();
const CLOSING: &[u8] = "»".as_bytes();

/// What an input says.
pub(crate) fn spell(input: &[u8], words: &Words) -> Vec<u8> {
    encoded(&filled(input, words))
}

fn filled(input: &[u8], words: &Words) -> Vec<u8> {
    let mut out = Vec::with_capacity(input.len());
    let mut rest = input;
    while let Some((first, behind)) = rest.split_first() {
        let word = (*first == b'{').then(|| word(behind, words)).flatten();
        match word {
            Some((value, length)) => {
                out.extend_from_slice(value.as_bytes());
                rest = &behind[length..];
            }
            None => {
                out.push(*first);
                rest = behind;
            }
        }
    }
    out
}

/// The value of the word that begins here, and how long the word is with its closing brace.
fn word<'words>(text: &[u8], words: &'words Words) -> Option<(&'words str, usize)> {
    let end = text.iter().take(WORD_BYTES_MAX).position(|byte| *byte == b'}')?;
    let name = std::str::from_utf8(&text[..end]).ok()?;
    words.get(name).map(|value| (value.as_str(), end + 1))
}

fn encoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = find(rest, OPENING) {
        let inside = &rest[begin + OPENING.len()..];
        let Some(end) = find(inside, CLOSING) else { break };
        out.extend_from_slice(&rest[..begin]);
        let raw = &inside[..end];
        let hex = raw.strip_prefix(b"0x").and_then(|hex| HEXLOWER_PERMISSIVE.decode(hex).ok());
        let written = BASE64URL_NOPAD.encode(hex.as_deref().unwrap_or(raw));
        out.extend_from_slice(written.as_bytes());
        rest = &inside[end + CLOSING.len()..];
    }
    out.extend_from_slice(rest);
    out
}

/// Where a part first stands in a text.
pub(crate) fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_base64url_are_spelt_and_all_else_stays() {
        let words = Words::from([("env", "e-1".to_owned()), ("code", "123456".to_owned())]);
        let spelt = |input: &str| String::from_utf8(spell(input.as_bytes(), &words)).unwrap();
        assert_eq!(spelt(r#"{env}/{"a":"{code}"}"#), r#"e-1/{"a":"123456"}"#);
        assert_eq!(spelt("{unknown} {} { {env"), "{unknown} {} { {env");
        assert_eq!(
            spelt("a«{\"alg\":\"none\"}».«0xA0ff».«{env}»"),
            "aeyJhbGciOiJub25lIn0.oP8.ZS0x"
        );
        assert_eq!(spelt("«open {code}"), "«open 123456");
        assert_eq!(spell(&[0xff, b'{', 0xff], &words), [0xff, b'{', 0xff]);
    }
}
