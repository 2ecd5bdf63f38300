//! One line of a journal file: JSON that ends with a sum over itself and the sum before it.
//!
//! The sum is the first eight bytes of SHA-256. As each one includes the one before, a line fits
//! nowhere but where it was written: one that is missing, moved, or of another file shows.

use data_encoding::HEXLOWER;
use sha2::Digest as _;

/// The sum of a line.
pub(super) type Sum = [u8; 8];

/// The sum before the first line.
pub(super) const NOTHING: Sum = [0; 8];

const KEY: &[u8] = br#","sum":""#;
const END: &[u8] = br#""}"#;
/// Bytes of `,"sum":"0123456789abcdef"}`.
const TAIL: usize = KEY.len() + 16 + END.len();

/// Makes a line of a number and an object, and yields it with its sum.
pub(super) fn seal(before: Sum, seq: u64, object: &[u8]) -> (Vec<u8>, Sum) {
    let mut line = Vec::with_capacity(object.len() + 64);
    line.extend_from_slice(format!(r#"{{"seq":{seq},"#).as_bytes());
    let inside = object.strip_prefix(b"{").unwrap_or(object);
    line.extend_from_slice(inside.strip_suffix(b"}").unwrap_or(inside));
    let sum = sum_of(before, &line);
    line.extend_from_slice(KEY);
    line.extend_from_slice(HEXLOWER.encode(&sum).as_bytes());
    line.extend_from_slice(END);
    line.push(b'\n');
    (line, sum)
}

/// The sum of a line without its line break, if the line is whole and stands where it belongs.
pub(super) fn check(before: Sum, line: &[u8]) -> Option<Sum> {
    let (body, tail) = line.split_at_checked(line.len().checked_sub(TAIL)?)?;
    let written = tail.strip_prefix(KEY)?.strip_suffix(END)?;
    let written: Sum = HEXLOWER.decode(written).ok()?.try_into().ok()?;
    (written == sum_of(before, body)).then_some(written)
}

/// Whether a line ends as every line of a journal file does, whatever its sum is.
pub(super) fn is_shaped(line: &[u8]) -> bool {
    let tail = line.len().checked_sub(TAIL).and_then(|begin| line.get(begin..));
    tail.is_some_and(|tail| tail.starts_with(KEY) && tail.ends_with(END))
}

fn sum_of(before: Sum, body: &[u8]) -> Sum {
    let digest = sha2::Sha256::new().chain_update(before).chain_update(body).finalize();
    let mut sum = NOTHING;
    sum.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_fits_only_where_it_was_written() {
        let (first, one) = seal(NOTHING, 0, br#"{"a":1}"#);
        let (second, two) = seal(one, 1, br#"{"a":1}"#);
        let text = std::str::from_utf8(&first).unwrap();
        assert!(text.starts_with(r#"{"seq":0,"a":1,"sum":""#) && text.ends_with("\"}\n"), "{text}");
        assert!(serde_json::from_slice::<serde_json::Value>(&first).unwrap()["sum"].is_string());
        let bare = |line: &[u8]| line[..line.len() - 1].to_vec();
        assert_eq!(check(NOTHING, &bare(&first)), Some(one));
        assert_eq!(check(one, &bare(&second)), Some(two));
        assert_eq!(check(NOTHING, &bare(&second)), None);
        assert_eq!(check(one, &first), None, "the line break is no part of it");
        assert_eq!(check(one, b""), None);
        assert_eq!(check(one, b"{}"), None);
        assert!(is_shaped(&bare(&first)) && is_shaped(&bare(&second)));
        assert!(!is_shaped(&first) && !is_shaped(b"") && !is_shaped(&first[1..20]));
    }
}
