//! Certificates and keys as text (RFC 7468).

use std::io::Read as _;
use std::path::Path;

use data_encoding::BASE64;
use tokio_rustls::rustls::pki_types::pem::{Error, PemObject as _};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::TlsError;

/// The longest file that is read: a chain and its remarks are far shorter.
const BYTES_MAX: u64 = 1 << 20;
const LINE: usize = 64;

/// Every certificate in a file, at least one.
pub(super) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let text = read(path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match found {
        Ok(found) if found.is_empty() => Err(TlsError::damaged(
            path.to_owned(),
            "holds no certificate: nothing in it begins with -----BEGIN CERTIFICATE-----",
        )),
        Ok(found) => Ok(found),
        Err(problem) => Err(unreadable(path, "certificate", &problem)),
    }
}

/// The private key in a file.
pub(super) fn key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let text = read(path)?;
    PrivateKeyDer::from_pem_slice(&text).map_err(|problem| match problem {
        Error::NoItemsFound => TlsError::damaged(
            path.to_owned(),
            "holds no private key in PEM without a password (-----BEGIN PRIVATE KEY-----)",
        ),
        problem => unreadable(path, "private key", &problem),
    })
}

/// Something as text.
pub(super) fn written(label: &str, bytes: &[u8]) -> String {
    let encoded = BASE64.encode(bytes);
    let mut text = format!("-----BEGIN {label}-----\n");
    for (index, letter) in encoded.chars().enumerate() {
        if index > 0 && index % LINE == 0 {
            text.push('\n');
        }
        text.push(letter);
    }
    text + &format!("\n-----END {label}-----\n")
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let file = |error: std::io::Error| TlsError::File {
        deed: "read",
        path: path.to_owned(),
        problem: error.to_string(),
    };
    let mut bytes = Vec::new();
    let opened = std::fs::File::open(path).map_err(file)?;
    opened.take(BYTES_MAX + 1).read_to_end(&mut bytes).map_err(file)?;
    match bytes.len() as u64 > BYTES_MAX {
        true => Err(TlsError::damaged(path.to_owned(), "is too long to be a PEM file")),
        false => Ok(bytes),
    }
}

/// Says what is wrong without repeating anything of the file, which may be a key.
fn unreadable(path: &Path, what: &str, problem: &Error) -> TlsError {
    let problem = match problem {
        Error::MissingSectionEnd { .. } => "ends in the middle",
        Error::Base64Decode(_) => "is not base64",
        Error::IllegalSectionStart { .. } => "begins with a line that is none of PEM",
        Error::SectionTooLarge => "is too long",
        _ => "is no PEM",
    };
    TlsError::damaged(path.to_owned(), format!("holds a {what} that {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for length in [0, 1, 47, 48, 49, 96, 1_000] {
            let bytes: Vec<u8> = (0..length).map(|index| (index % 251) as u8).collect();
            let text = written("CERTIFICATE", &bytes);
            assert!(text.lines().all(|line| line.len() <= LINE), "{text}");
            let read = CertificateDer::from_pem_slice(text.as_bytes()).unwrap();
            assert_eq!(read.as_ref(), bytes, "{length}");
        }
    }
}
