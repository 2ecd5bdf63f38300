//! What can be wrong with certificates, keys and their files.

use std::path::PathBuf;

/// https cannot be spoken; says which file is at fault and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsError {
    /// A file or folder cannot be reached.
    #[error("cannot {deed} {}: {problem}", path.display())]
    File {
        /// What was tried, such as `read`.
        deed: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        problem: String,
    },
    /// A file holds something else than it should.
    #[error("{} {problem}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A file of the CA cannot be used; nothing of it is replaced by itself.
    #[error(
        "{} {problem}; put the right file back, or remove ca.pem and ca-key.pem in its folder: \
         a new CA is made then, which clients must be told to trust",
        path.display()
    )]
    Authority {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A key belongs to another certificate.
    #[error(
        "{} is not the key of the first certificate in {}; name the two that belong together, and \
         let the chain begin with the certificate of this service",
        key.display(),
        certificate.display()
    )]
    KeyOfAnother {
        /// The chain.
        certificate: PathBuf,
        /// The key.
        key: PathBuf,
    },
    /// The CA was made for other names.
    #[error(
        "the CA may not vouch for `{0}`: it was made for names of this machine and of local \
         networks only; use another --tls-dir, whose CA is then made with this name, or a \
         certificate of your own (--tls-cert, --tls-key)"
    )]
    NotPermitted(String),
    /// Neither a host name nor an address.
    #[error("`{0}` is neither a host name nor an IP address")]
    Name(String),
    /// A wildcard that clients do not accept.
    #[error(
        "`{0}`: clients accept a wildcard only before two labels or more, as in *.app.test; every \
         name below localhost is answered for without being named"
    )]
    Wildcard(String),
    /// More names than a certificate should have.
    #[error("a certificate has at most {} names", super::NAMES_MAX)]
    TooManyNames,
    /// The cryptography refused.
    #[error("TLS cannot be set up: {0}")]
    Cryptography(String),
}

impl TlsError {
    pub(super) fn damaged(path: PathBuf, problem: impl Into<String>) -> Self {
        Self::Damaged { path, problem: problem.into() }
    }

    pub(super) fn cryptography(problem: impl std::fmt::Display) -> Self {
        Self::Cryptography(problem.to_string())
    }
}
