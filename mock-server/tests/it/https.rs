//! https: whom clients trust, whom they do not, and what becomes of those that speak otherwise.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use mock_server::control::Guard;
use mock_server::tls::rustls::crypto::aws_lc_rs;
use mock_server::tls::rustls::pki_types::pem::PemObject as _;
use mock_server::tls::rustls::pki_types::{CertificateDer, ServerName};
use mock_server::tls::rustls::{ClientConfig, ClientConnection, Error, RootCertStore, StreamOwned};
use mock_server::tls::{Authority, Name, Tls};
use mock_server::{Clock, Mock, Options, Server};

use crate::client::WORLD;
use crate::socket::{Received, parse};

mod asking;
mod certificates;
mod doorstep;
mod folder;
mod handshake;
mod program;
mod settings;

/// A client that trusts the CA of a PEM file, if any, and nobody else.
#[derive(Clone)]
pub(crate) struct Caller(Arc<ClientConfig>);

impl Caller {
    pub(crate) fn trusting(pem: &str) -> Self {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            roots.add(certificate.unwrap()).unwrap();
        }
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap();
        Self(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
    }

    /// Asks for a path under a host name, on a connection of its own.
    pub(crate) fn get(
        &self,
        address: SocketAddr,
        host: &str,
        path: &str,
        headers: &str,
    ) -> Result<Received, Error> {
        self.ask(address, host, path, headers).map_err(|error| {
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
            inner.unwrap_or_else(|| panic!("{error}")).clone()
        })
    }

    fn ask(
        &self,
        address: SocketAddr,
        host: &str,
        path: &str,
        headers: &str,
    ) -> std::io::Result<Received> {
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let client = ClientConnection::new(Arc::clone(&self.0), name).unwrap();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let mut stream = StreamOwned::new(client, stream);
        let port = address.port();
        let head = format!(
            "GET {path} HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes())?;
        let mut all = Vec::new();
        // A connection that is broken off ends in an error; what arrived before counts.
        let _ = stream.read_to_end(&mut all);
        Ok(parse(&all))
    }

    /// Whether it shakes hands with whoever is there, under a name.
    fn reaches(&self, server: &Server, host: &str) -> Result<(), Error> {
        let path = format!("/api/v0/sdk/{WORLD}/healthcheck");
        self.get(server.address(), host, &path, "")?.ok(200);
        Ok(())
    }
}

fn now() -> Timestamp {
    Clock::System.now()
}

fn names(names: &[&str]) -> Vec<Name> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

fn still() -> Mock {
    Mock::new(Options { seed: Some(7), ..Options::default() }).unwrap()
}

fn serve(tls: &Tls) -> Server {
    let address = "127.0.0.1:0".parse().unwrap();
    Server::spawn_tls(still(), address, Guard::loopback(), tls.clone()).unwrap()
}

/// Waits for what another thread does.
fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..1_000 {
        if holds() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("never: {what}");
}
