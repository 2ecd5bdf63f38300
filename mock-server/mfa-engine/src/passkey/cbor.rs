//! A reader of CBOR that takes only what authenticators may write (RFC 8949; CTAP 2.1, section 8).
//!
//! The canonical form of CTAP2 has definite lengths, shortest integers, no tags, no repeated keys
//! and four levels at most. A general reader takes more than that, and whatever it takes silently
//! is a second spelling of one object. Only the order of keys is left free, because the outermost
//! map is written by browsers. Absent on purpose: floats, which no structure of WebAuthn has.

/// Levels of maps and lists that a structure may have; CTAP2's own bound.
const DEPTH_MAX: usize = 4;

/// Entries of one map or list. The widest that WebAuthn knows has a handful; looking for repeated
/// keys takes time that grows with the square.
const ENTRIES_MAX: u64 = 64;

/// One item, borrowed from the bytes it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'bytes> {
    /// Major types 0 and 1; -2^64 to 2^64 - 1.
    Integer(i128),
    /// Major type 2.
    Bytes(&'bytes [u8]),
    /// Major type 3.
    Text(&'bytes str),
    /// Major type 4.
    List(Vec<Value<'bytes>>),
    /// Major type 5, in the order written; no key twice.
    Map(Vec<(Value<'bytes>, Value<'bytes>)>),
    /// `false` and `true` of major type 7.
    Bool(bool),
    /// `null` of major type 7.
    Null,
}

/// Why bytes are not one canonical item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// The bytes end in the middle of an item.
    #[error("it ends too early")]
    Truncated,
    /// Something follows the item.
    #[error("bytes follow its end")]
    TrailingBytes,
    /// A length is left open.
    #[error("a length is indefinite")]
    Indefinite,
    /// A number or a length takes more bytes than it needs.
    #[error("a number is not in its shortest form")]
    NotShortest,
    /// Maps and lists are nested too deeply.
    #[error("it has more than {DEPTH_MAX} levels")]
    TooDeep,
    /// A map or a list is too long.
    #[error("a map or list has more than {ENTRIES_MAX} entries")]
    TooWide,
    /// A key stands twice in a map.
    #[error("a key is repeated")]
    RepeatedKey,
    /// A text is not UTF-8.
    #[error("a text is not UTF-8")]
    NotUtf8,
    /// A tag, a float, or a simple value without a meaning here.
    #[error("it has a tag, a float or an unknown simple value")]
    Unsupported,
}

/// Reads exactly one item.
///
/// # Errors
/// The bytes are not one canonical item and nothing else.
pub fn read(bytes: &[u8]) -> Result<Value<'_>, Flaw> {
    match read_first(bytes)? {
        (value, []) => Ok(value),
        _ => Err(Flaw::TrailingBytes),
    }
}

/// Reads one item, and yields it with the bytes behind it.
///
/// # Errors
/// The bytes do not begin with a canonical item.
pub fn read_first(bytes: &[u8]) -> Result<(Value<'_>, &[u8]), Flaw> {
    let mut rest = bytes;
    let value = item(&mut rest, 0)?;
    Ok((value, rest))
}

impl<'bytes> Value<'bytes> {
    /// The value of a text key, if this is a map that has it.
    pub fn at(&self, key: &str) -> Option<&Self> {
        self.entry(|known| matches!(known, Value::Text(text) if *text == key))
    }

    /// The value of an integer key, if this is a map that has it.
    pub fn at_number(&self, key: i128) -> Option<&Self> {
        self.entry(|known| matches!(known, Value::Integer(number) if *number == key))
    }

    /// The bytes, if this is a byte string.
    pub fn bytes(&self) -> Option<&'bytes [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The number, if this is one.
    pub fn integer(&self) -> Option<i128> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// How many entries a map has; none if this is no map.
    pub fn width(&self) -> Option<usize> {
        match self {
            Self::Map(entries) => Some(entries.len()),
            _ => None,
        }
    }

    fn entry(&self, is_key: impl Fn(&Self) -> bool) -> Option<&Self> {
        match self {
            Self::Map(entries) => {
                entries.iter().find(|(key, _)| is_key(key)).map(|(_, value)| value)
            }
            _ => None,
        }
    }
}

fn item<'bytes>(rest: &mut &'bytes [u8], depth: usize) -> Result<Value<'bytes>, Flaw> {
    let (head, behind) = rest.split_first().ok_or(Flaw::Truncated)?;
    *rest = behind;
    let (major, low) = (head >> 5, head & 0x1f);
    if major == 7 {
        return match low {
            20 => Ok(Value::Bool(false)),
            21 => Ok(Value::Bool(true)),
            22 => Ok(Value::Null),
            _ => Err(Flaw::Unsupported),
        };
    }
    let argument = argument(low, rest)?;
    match major {
        0 => Ok(Value::Integer(argument.into())),
        1 => Ok(Value::Integer(-1 - i128::from(argument))),
        2 => Ok(Value::Bytes(take(argument, rest)?)),
        3 => {
            let text = take(argument, rest)?;
            Ok(Value::Text(core::str::from_utf8(text).map_err(|_| Flaw::NotUtf8)?))
        }
        4 => {
            let count = entries(argument, depth)?;
            (0..count).map(|_| item(rest, depth + 1)).collect::<Result<_, _>>().map(Value::List)
        }
        5 => map(entries(argument, depth)?, rest, depth),
        _ => Err(Flaw::Unsupported),
    }
}

fn map<'bytes>(count: u64, rest: &mut &'bytes [u8], depth: usize) -> Result<Value<'bytes>, Flaw> {
    let mut entries: Vec<(Value<'bytes>, Value<'bytes>)> = Vec::new();
    for _ in 0..count {
        let key = item(rest, depth + 1)?;
        if entries.iter().any(|(known, _)| *known == key) {
            return Err(Flaw::RepeatedKey);
        }
        entries.push((key, item(rest, depth + 1)?));
    }
    Ok(Value::Map(entries))
}

/// The number of entries, if it and the level are within bounds.
fn entries(argument: u64, depth: usize) -> Result<u64, Flaw> {
    match (argument, depth) {
        (_, DEPTH_MAX..) => Err(Flaw::TooDeep),
        (0..=ENTRIES_MAX, _) => Ok(argument),
        _ => Err(Flaw::TooWide),
    }
}

fn argument(low: u8, rest: &mut &[u8]) -> Result<u64, Flaw> {
    let width = match low {
        0..=23 => return Ok(low.into()),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        31 => return Err(Flaw::Indefinite),
        _ => return Err(Flaw::Unsupported),
    };
    let bytes = take(width, rest)?;
    let value = bytes.iter().fold(0, |value: u64, byte| value << 8 | u64::from(*byte));
    let least = match width {
        1 => 24,
        2 => 1 << 8,
        4 => 1 << 16,
        _ => 1 << 32,
    };
    if value < least { Err(Flaw::NotShortest) } else { Ok(value) }
}

fn take<'bytes>(length: u64, rest: &mut &'bytes [u8]) -> Result<&'bytes [u8], Flaw> {
    let length = usize::try_from(length).map_err(|_| Flaw::Truncated)?;
    let (taken, behind) = rest.split_at_checked(length).ok_or(Flaw::Truncated)?;
    *rest = behind;
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_of_each_thing_is_read() {
        let map = [0xa2, 0x01, 0x26, 0x61, b'a', 0x42, 7, 8];
        let entries = vec![
            (Value::Integer(1), Value::Integer(-7)),
            (Value::Text("a"), Value::Bytes(&[7, 8])),
        ];
        assert_eq!(read(&map), Ok(Value::Map(entries)));
        assert_eq!(read(&[0x19, 0x01, 0x00]), Ok(Value::Integer(256)));
        let lowest = [0x3b, 255, 255, 255, 255, 255, 255, 255, 255];
        assert_eq!(read(&lowest), Ok(Value::Integer(-(1 << 64))));
        assert_eq!(read_first(&[0xf5, 0xf6]), Ok((Value::Bool(true), [0xf6].as_slice())));
    }

    #[test]
    fn every_other_spelling_is_refused_for_its_own_reason() {
        let deep = [0x81, 0x81, 0x81, 0x81, 0x81, 0x00];
        let wide = [0x98, 65];
        let cases: [(&[u8], Flaw); 17] = [
            (&[], Flaw::Truncated),
            (&[0x42, 1], Flaw::Truncated),
            (&[0x19, 1], Flaw::Truncated),
            (&[0x5b, 255, 255, 255, 255, 255, 255, 255, 255], Flaw::Truncated),
            (&[0xa1, 1], Flaw::Truncated),
            (&[0x00, 0x00], Flaw::TrailingBytes),
            (&[0x5f, 0x41, 1, 0xff], Flaw::Indefinite),
            (&[0xbf, 0xff], Flaw::Indefinite),
            (&[0x18, 23], Flaw::NotShortest),
            (&[0x19, 0, 255], Flaw::NotShortest),
            (&deep, Flaw::TooDeep),
            (&wide, Flaw::TooWide),
            (&[0xa2, 1, 1, 1, 2], Flaw::RepeatedKey),
            (&[0x61, 0xff], Flaw::NotUtf8),
            (&[0xc1, 0x00], Flaw::Unsupported),
            (&[0xf9, 0, 0], Flaw::Unsupported),
            (&[0x1c], Flaw::Unsupported),
        ];
        for (bytes, flaw) in cases {
            assert_eq!(read(bytes), Err(flaw), "{bytes:?}");
        }
    }
}
