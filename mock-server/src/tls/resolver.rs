//! Which certificate a client is shown.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use rcgen::KeyPair;
use tokio_rustls::rustls::crypto::aws_lc_rs::sign::any_supported_type;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::{CertifiedKey, SigningKey};

use super::{Authority, Name, TlsError};

/// One certificate for all names, and one made on the spot for whoever asks for a name below
/// `localhost`: clients accept no wildcard right below the root (`*.localhost`), and Firefox and
/// rustls refuse a whole certificate for holding one beside name constraints.
pub(super) struct Vouching {
    authority: Authority,
    key: KeyPair,
    signing: Arc<dyn SigningKey>,
    usual: Arc<CertifiedKey>,
    since: Timestamp,
}

impl fmt::Debug for Vouching {
    /// Says nothing of the keys.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Vouching").finish_non_exhaustive()
    }
}

impl Vouching {
    pub(super) fn new(
        authority: Authority,
        leaf: CertificateDer<'static>,
        key: KeyPair,
        since: Timestamp,
    ) -> Result<Self, TlsError> {
        let secret = PrivatePkcs8KeyDer::from(key.serialized_der()).clone_key();
        let signing = any_supported_type(&secret.into()).map_err(TlsError::cryptography)?;
        let usual = Arc::new(CertifiedKey::new(vec![leaf], Arc::clone(&signing)));
        Ok(Self { authority, key, signing, usual, since })
    }

    /// A certificate for a name below `localhost`. It is kept nowhere, since making one costs no
    /// more than the handshake itself.
    fn below_localhost(&self, asked: &str) -> Option<Arc<CertifiedKey>> {
        if !asked.ends_with(".localhost") {
            return None;
        }
        let names = [asked.parse::<Name>().ok()?];
        let leaf = self.authority.leaf(&names, &self.key, self.since).ok()?;
        Some(Arc::new(CertifiedKey::new(vec![leaf], Arc::clone(&self.signing))))
    }
}

impl ResolvesServerCert for Vouching {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let made = hello.server_name().and_then(|asked| self.below_localhost(asked));
        Some(made.unwrap_or_else(|| Arc::clone(&self.usual)))
    }
}
