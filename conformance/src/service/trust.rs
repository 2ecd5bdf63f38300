//! Whose certificates are believed when a service is asked over https.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mock_server::tls::rustls::crypto::aws_lc_rs;
use ureq::config::ConfigBuilder;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};
use ureq::typestate::AgentScope;

/// Where systems keep the CAs that everybody trusts, as one PEM file.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The CAs that are believed; none where nothing is asked over https.
#[derive(Clone, Debug, Default)]
pub(super) struct Trust(Option<Arc<Vec<Certificate<'static>>>>);

impl Trust {
    /// Reads the CA that is named, or those of the system.
    ///
    /// # Errors
    /// The file cannot be read or holds no certificate, or the system has no such file, in words.
    pub(super) fn read(named: Option<&Path>) -> Result<Self, String> {
        let file = named.map(Path::to_owned).or_else(system).ok_or(
            "this system keeps no CAs in one file; name the one to believe with --ca FILE",
        )?;
        let name = file.display();
        let text = fs::read(&file).map_err(|error| format!("--ca {name}: {error}"))?;
        let found: Vec<Certificate<'static>> = parse_pem(&text)
            .filter_map(|item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            })
            .collect();
        match found.is_empty() {
            true => Err(format!("--ca {name}: there is no certificate in PEM form in it")),
            false => Ok(Self(Some(Arc::new(found)))),
        }
    }

    pub(super) fn configure(&self, config: ConfigBuilder<AgentScope>) -> ConfigBuilder<AgentScope> {
        let Some(certificates) = &self.0 else { return config };
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::Specific(Arc::clone(certificates)))
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
            .build();
        config.tls_config(tls)
    }
}

fn system() -> Option<PathBuf> {
    let named = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    named.or_else(|| BUNDLES.into_iter().map(PathBuf::from).find(|file| file.exists()))
}
