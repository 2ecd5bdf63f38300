//! The bytes of a secret, which are few.

/// Bytes that stand in the key itself: the 20 that RFC 4226 section 4 (R6) recommends, and as many
/// more as fit into three words.
const SHORT: usize = 22;

/// The bytes of a secret. Those of most devices need no memory of their own, and a world may hold
/// a million devices.
#[derive(Clone)]
pub(super) enum Key {
    /// As many of them as the length says.
    Short {
        length: u8,
        bytes: [u8; SHORT],
    },
    Long(Box<[u8]>),
}

impl Key {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Short { length, bytes } => bytes.get(..usize::from(*length)).unwrap_or(bytes),
            Self::Long(bytes) => bytes,
        }
    }
}

impl From<Vec<u8>> for Key {
    fn from(secret: Vec<u8>) -> Self {
        match u8::try_from(secret.len()) {
            Ok(length) if secret.len() <= SHORT => {
                let mut bytes = [0; SHORT];
                for (place, byte) in bytes.iter_mut().zip(secret) {
                    *place = byte;
                }
                Self::Short { length, bytes }
            }
            Ok(_) | Err(_) => Self::Long(secret.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_keeps_its_bytes_and_the_usual_one_no_memory() {
        for length in [1, 10, 20, SHORT, SHORT + 1, 32, 64, 255, 256, 1_000] {
            let secret: Vec<u8> = (1..=u8::MAX).cycle().take(length).collect();
            let key = Key::from(secret.clone());
            assert_eq!(key.bytes(), secret);
            assert_eq!(matches!(key, Key::Short { .. }), length <= SHORT, "{length}");
        }
        assert_eq!(size_of::<Key>(), 24);
    }
}
