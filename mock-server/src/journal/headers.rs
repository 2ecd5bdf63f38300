//! The headers of a request, as the journal keeps them.

use http::HeaderMap;

/// Headers in one piece of memory, in the order of their arrival.
///
/// A map of headers takes several pieces and twice the room, and its values point into what a
/// connection has read: the journal would hold that as well, and every connection would need
/// another buffer for its next request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Headers {
    /// Name, NUL, value, newline for each: neither is allowed in a value (RFC 9110 section 5.5), and
    /// both are no letters of a name.
    bytes: Box<[u8]>,
}

impl Headers {
    /// How many bytes they take.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Name and value of each.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let lines = self.bytes.split_inclusive(|byte| *byte == b'\n');
        lines.filter_map(|line| {
            let line = line.strip_suffix(b"\n")?;
            let end = line.iter().position(|byte| *byte == 0)?;
            let (name, value) = line.split_at_checked(end)?;
            Some((str::from_utf8(name).ok()?, value.strip_prefix(b"\0")?))
        })
    }
}

impl From<&HeaderMap> for Headers {
    fn from(headers: &HeaderMap) -> Self {
        let length = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            name.as_str().len() + value.len() + 2
        };
        let mut bytes = Vec::with_capacity(headers.iter().map(length).sum());
        for (name, value) in headers {
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.push(0);
            bytes.extend_from_slice(value.as_bytes());
            bytes.push(b'\n');
        }
        Self { bytes: bytes.into() }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn whatever_a_header_may_say_is_kept() {
        let mut map = HeaderMap::new();
        map.append("host", HeaderValue::from_static("127.0.0.1"));
        map.append("empty", HeaderValue::from_static(""));
        map.append("twice", HeaderValue::from_static("one: 1\ttwo"));
        map.append("twice", HeaderValue::from_bytes(b"\xff\xfe").unwrap());
        let kept = Headers::from(&map);
        let all: Vec<_> = kept.iter().collect();
        assert_eq!(all, map.iter().map(|(n, v)| (n.as_str(), v.as_bytes())).collect::<Vec<_>>());
        assert_eq!(all.len(), 4);
        assert_eq!(kept.len(), "host.127.0.0.1.empty..twice.one: 1.two.twice.xx.".len());
        assert_eq!(Headers::from(&HeaderMap::new()).iter().count(), 0);
    }

    #[test]
    fn no_header_can_be_taken_for_two() {
        for bad in [b"a\nb".as_slice(), b"a\0b", b"\n"] {
            assert!(HeaderValue::from_bytes(bad).is_err(), "{bad:?}");
        }
    }
}
