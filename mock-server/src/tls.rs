//! https on the port: a CA that is kept and trusted once, or a certificate of one's own.
//!
//! ```
//! use mock_server::tls::Authority;
//! use mock_server::{Clock, Mock, Options, Server, control::Guard};
//!
//! // In memory only; `Authority::in_folder` keeps one that people trust once.
//! let now = Clock::System.now();
//! let authority = Authority::new(&[], now)?;
//! let mock = Mock::new(Options::default())?;
//! let address = "127.0.0.1:0".parse()?;
//! let server = Server::spawn_tls(mock, address, Guard::loopback(), authority.vouch(&[], now)?)?;
//! assert!(server.base_url().starts_with("https://127.0.0.1:"));
//! // What a client must trust.
//! assert!(authority.certificate_pem().starts_with("-----BEGIN CERTIFICATE-----\n"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Certificates go by the system's clock, never by an environment's: they are looked at by clients
//! that know no other. Keys come from the system's entropy, whatever the seed.

mod authority;
mod doorstep;
mod error;
mod folder;
mod name;
mod pem;
mod resolver;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Semaphore;
use tokio_rustls::rustls::client::verify_server_cert_signed_by_trust_anchor;
use tokio_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use tokio_rustls::rustls::pki_types::{CertificateDer, UnixTime};
use tokio_rustls::rustls::server::{ParsedCertificate, ResolvesServerCert};
use tokio_rustls::rustls::sign::{CertifiedKey, SingleCertAndKey};
use tokio_rustls::rustls::{
    CertificateError, Error, InconsistentKeys, RootCertStore, ServerConfig,
};

pub use authority::Authority;
pub use doorstep::{PLAIN_HTTP, Troubles};
pub use error::TlsError;
pub use folder::{Kept, default_folder};
pub use name::{NAMES_MAX, Name};
/// The TLS library, for whoever asks the service from Rust.
pub use tokio_rustls::rustls;

/// How long a client may take to shake hands.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
/// How many handshakes may be under way at once; each holds some tens of kilobytes, and whoever
/// comes when there are as many waits as long as one may take, with nothing but its socket.
const HANDSHAKES_AT_ONCE: usize = 256;

/// What a port needs to speak TLS. Cheap to clone.
#[derive(Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    patience: Duration,
    under_way: Arc<Semaphore>,
    watch: Arc<doorstep::Watch>,
}

impl std::fmt::Debug for Tls {
    /// Says nothing of what is inside, since keys are.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Tls").finish_non_exhaustive()
    }
}

impl Tls {
    /// A certificate of one's own: PEM files of the chain, leaf first, and of its key.
    ///
    /// # Errors
    /// A file cannot be read, holds something else, or the key belongs to another certificate.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let chain = pem::certificates(certificate)?;
        let secret = pem::key(key)?;
        let certified = CertifiedKey::from_der(chain, secret, &provider()).map_err(|error| {
            let (certificate, key) = (certificate.to_owned(), key.to_owned());
            match error {
                Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                    TlsError::KeyOfAnother { certificate, key }
                }
                Error::InvalidCertificate(_) => {
                    TlsError::damaged(certificate, format!("holds no usable certificate: {error}"))
                }
                other => TlsError::damaged(key, format!("holds no usable key: {other}")),
            }
        })?;
        Self::resolving(Arc::new(SingleCertAndKey::from(certified)))
    }

    /// Whether the chain in a file can be accepted by nobody at that time, and why.
    ///
    /// # Errors
    /// The file cannot be read, or holds something else.
    pub fn untimely(certificate: &Path, now: Timestamp) -> Result<Option<String>, TlsError> {
        for one in pem::certificates(certificate)? {
            if let Some(problem) = untimely(&one, now) {
                return Ok(Some(format!("{} {problem}", certificate.display())));
            }
        }
        Ok(None)
    }

    /// How long a client may take to shake hands; ten seconds unless this is called.
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Tells the first time, and only then, that a client refused the certificate, and its word.
    pub fn on_refusal(self, tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.watch.tell_with(tell);
        self
    }

    /// What became of connections on which nothing was asked.
    pub fn troubles(&self) -> Troubles {
        self.watch.troubles()
    }

    fn resolving(resolver: Arc<dyn ResolvesServerCert>) -> Result<Self, TlsError> {
        let mut config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(TlsError::cryptography)?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            config: Arc::new(config),
            patience: HANDSHAKE_PATIENCE,
            under_way: Arc::new(Semaphore::new(HANDSHAKES_AT_ONCE)),
            watch: Arc::default(),
        })
    }
}

/// The cryptography that is in the service anyway.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

fn unix(at: Timestamp) -> UnixTime {
    let seconds = u64::try_from(at.as_second()).unwrap_or(0);
    UnixTime::since_unix_epoch(Duration::from_secs(seconds))
}

/// Whether clients that trust a root accept a certificate at that time.
fn verify(
    root: &CertificateDer<'_>,
    certificate: &CertificateDer<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    let mut roots = RootCertStore::empty();
    roots.add(root.clone().into_owned())?;
    let parsed = ParsedCertificate::try_from(certificate)?;
    let algorithms = provider().signature_verification_algorithms.all;
    verify_server_cert_signed_by_trust_anchor(&parsed, &roots, &[], unix(now), algorithms)
}

/// Whether a certificate is past its time or before it, in words.
///
/// Nobody is trusted here, so every certificate is refused; but its time is looked at first.
fn untimely(certificate: &CertificateDer<'_>, now: Timestamp) -> Option<&'static str> {
    let parsed = ParsedCertificate::try_from(certificate).ok()?;
    let nobody = RootCertStore::empty();
    let algorithms = provider().signature_verification_algorithms.all;
    let verdict =
        verify_server_cert_signed_by_trust_anchor(&parsed, &nobody, &[], unix(now), algorithms);
    match verdict {
        Err(Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        )) => Some("has expired"),
        Err(Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        )) => Some("is not valid yet"),
        _ => None,
    }
}
