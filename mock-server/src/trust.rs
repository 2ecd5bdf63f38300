//! Whom `doctor` and `healthcheck` trust when they ask a service over https.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::tls::default_folder;
use crate::tls::rustls::crypto::aws_lc_rs;
use crate::tls::rustls::pki_types::pem::PemObject as _;
use crate::tls::rustls::pki_types::{CertificateDer, ServerName};
use crate::tls::rustls::{
    CertificateError, ClientConfig, ClientConnection, Error, RootCertStore, StreamOwned,
};

use crate::flags::TrustFlags;
use crate::probe::Silence;

/// Where a folder of `--tls-dir` has the certificate of its CA.
const FILE: &str = "ca.pem";

/// The CA that a service may show a certificate of.
#[derive(Clone, Debug)]
pub(crate) struct Trust {
    /// The file; nothing if there is none.
    file: Option<PathBuf>,
    roots: Arc<RootCertStore>,
}

/// What is wrong with a certificate, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Distrust {
    pub(crate) what: String,
    pub(crate) mend: String,
}

impl Trust {
    /// Trusts nobody; for whoever asks in plain HTTP.
    pub(crate) fn nobody() -> Self {
        Self { file: None, roots: Arc::new(RootCertStore::empty()) }
    }

    /// Reads the CA: the one that is named, or the one that a service keeps by default.
    ///
    /// # Errors
    /// It was named, and cannot be read.
    pub(crate) fn read(flags: &TrustFlags) -> Result<Self, String> {
        let named = flags.ca.clone();
        let named = named.or_else(|| flags.tls_dir.as_ref().map(|folder| folder.join(FILE)));
        let is_named = named.is_some();
        let file = named.or_else(|| Some(default_folder()?.join(FILE)));
        let Some(file) = file.filter(|file| is_named || file.exists()) else {
            return Ok(Self::nobody());
        };
        let roots = roots(&file)
            .map_err(|problem| format!("{}: {problem}; --ca names a PEM file", file.display()))?;
        Ok(Self { file: Some(file), roots: Arc::new(roots) })
    }

    /// The file of the CA, in words.
    pub(crate) fn named(&self) -> String {
        match &self.file {
            Some(file) => format!("the CA in {}", file.display()),
            None => "no CA".to_owned(),
        }
    }

    /// Speaks TLS on a connection; the handshake is made with the first word.
    ///
    /// # Errors
    /// A host of that name cannot be asked for.
    pub(crate) fn wrap(
        &self,
        stream: TcpStream,
        host: &str,
    ) -> Result<StreamOwned<ClientConnection, TcpStream>, Silence> {
        let failed = |error: &dyn std::fmt::Display| Silence::NoTls(error.to_string());
        let name = ServerName::try_from(host.to_owned()).map_err(|error| failed(&error))?;
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| failed(&error))?
            .with_root_certificates(Arc::clone(&self.roots))
            .with_no_client_auth();
        let client =
            ClientConnection::new(Arc::new(config), name).map_err(|error| failed(&error))?;
        Ok(StreamOwned::new(client, stream))
    }

    /// Why a handshake with a host failed.
    pub(crate) fn failed(&self, error: &std::io::Error, host: &str) -> Silence {
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
        match inner {
            Some(Error::InvalidMessage(_)) => Silence::SpeaksPlain,
            Some(Error::InvalidCertificate(problem)) => {
                Silence::Distrusted(self.distrust(problem, host))
            }
            _ => Silence::NoTls(error.to_string()),
        }
    }

    fn distrust(&self, problem: &CertificateError, host: &str) -> Distrust {
        let (what, mend) = match problem {
            CertificateError::UnknownIssuer | CertificateError::BadSignature => (
                match &self.file {
                    Some(_) => format!("its certificate is none of {}", self.named()),
                    None => "no CA is known here that could vouch for its certificate".to_owned(),
                },
                "name its CA with --ca FILE (or MFA_MOCK_CA); mfa-mock --tls says at the start \
                 where that lies"
                    .to_owned(),
            ),
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                (
                    format!("its certificate is not for {host}"),
                    format!("start it with --tls-name {host}, or use a name that it is for"),
                )
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => (
                "its certificate has expired".to_owned(),
                "start it anew, or get a new certificate if it is one of your own".to_owned(),
            ),
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => (
                "its certificate is not valid yet".to_owned(),
                "look at the time of this machine".to_owned(),
            ),
            other => (
                format!("its certificate is not acceptable: {other}"),
                "use one that is signed by a CA, and name that CA with --ca FILE".to_owned(),
            ),
        };
        Distrust { what, mend }
    }
}

fn roots(file: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    let found = CertificateDer::pem_file_iter(file).map_err(|error| error.to_string())?;
    for certificate in found {
        let certificate = certificate.map_err(|error| error.to_string())?;
        roots.add(certificate).map_err(|error| error.to_string())?;
    }
    match roots.is_empty() {
        true => Err("there is no certificate in it".to_owned()),
        false => Ok(roots),
    }
}
