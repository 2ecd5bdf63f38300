//! Random texts, straight from the system's entropy.

use driver_protocol::SdkError;

use crate::sdk::error;

/// So many random letters and digits.
pub(crate) fn alphanumerics(length: usize) -> Result<String, SdkError> {
    let mut text = String::with_capacity(length);
    let mut bytes = [0; 64];
    while text.len() < length {
        getrandom::fill(&mut bytes).map_err(|cause| error::no_entropy(&cause))?;
        let missing = length - text.len();
        // Bytes beyond the last full round of the alphabet would favour its first letters.
        let letters = bytes
            .iter()
            .filter(|byte| usize::from(**byte) < ALPHABET.len() * (256 / ALPHABET.len()))
            .filter_map(|byte| ALPHABET.get(usize::from(*byte) % ALPHABET.len()))
            .map(|letter| char::from(*letter));
        text.extend(letters.take(missing));
    }
    Ok(text)
}

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_their_length_and_do_not_repeat() {
        let (one, other) = (alphanumerics(50).unwrap(), alphanumerics(50).unwrap());
        assert_eq!(one.len(), 50);
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(one, other);
    }
}
