//! Addresses of the Ethereum family, with the checksum that their case carries (EIP-55).

use core::fmt;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use k256::ecdsa::VerifyingKey;
use sha3::{Digest as _, Keccak256};

/// The last 20 bytes of the Keccak-256 of a public key.
///
/// ```
/// use mfa_engine::EvmAddress;
/// let address = EvmAddress::parse("0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359").unwrap();
/// assert_eq!(address.to_string(), "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359");
/// assert_eq!(EvmAddress::parse("0xFb6916095ca1df60bB79Ce92cE3Ea74c37c5d359"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvmAddress([u8; 20]);

impl EvmAddress {
    /// Reads `0x` and 40 hex digits.
    ///
    /// Digits of one case carry no checksum; with both cases it must be right, because a wrong
    /// one is how a mistyped address shows.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("0x")?;
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?;
        let address = Self(bytes.try_into().ok()?);
        let has_checksum = digits.bytes().any(|digit| digit.is_ascii_uppercase())
            && digits.bytes().any(|digit| digit.is_ascii_lowercase());
        (!has_checksum || address.to_string() == text).then_some(address)
    }

    /// The address of a public key.
    pub fn of_key(key: &VerifyingKey) -> Self {
        let point = key.to_sec1_point(false);
        // The first byte only says that the point is not compressed.
        let coordinates = point.as_bytes().get(1..).unwrap_or_default();
        let hash: [u8; 32] = Keccak256::digest(coordinates).into();
        let mut address = [0; 20];
        address.iter_mut().zip(hash.into_iter().skip(12)).for_each(|(to, from)| *to = from);
        Self(address)
    }
}

impl fmt::Display for EvmAddress {
    /// Writes the address with its checksum.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = HEXLOWER.encode(&self.0);
        let hash = HEXLOWER.encode(&Keccak256::digest(plain.as_bytes()));
        formatter.write_str("0x")?;
        for (digit, guide) in plain.chars().zip(hash.chars()) {
            let is_upper = guide >= '8';
            let digit = if is_upper { digit.to_ascii_uppercase() } else { digit };
            write!(formatter, "{digit}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of EIP-55.
    const EXAMPLES: [&str; 8] = [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ];

    #[test]
    fn the_published_examples_have_the_right_checksum() {
        for example in EXAMPLES {
            assert_eq!(EvmAddress::parse(example).unwrap().to_string(), example);
            let lower = example.to_lowercase();
            assert_eq!(EvmAddress::parse(&lower).unwrap().to_string(), example);
            let upper = format!("0x{}", example[2..].to_uppercase());
            assert_eq!(EvmAddress::parse(&upper).unwrap().to_string(), example);
        }
    }

    #[test]
    fn one_letter_of_the_wrong_case_is_noticed() {
        for wrong in [
            "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9adb",
            "0X5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAedd",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeg",
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe\u{e9}",
            "0x",
            "",
        ] {
            assert_eq!(EvmAddress::parse(wrong), None, "{wrong}");
        }
    }
}
