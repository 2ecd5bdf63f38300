//! A certificate of one's own.

use data_encoding::BASE64;
use mock_server::tls::TlsError;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use super::*;
use crate::holds::Folder;

/// A CA that is none of the service's, and a chain of it.
pub(super) struct Own {
    pub(super) root: String,
    pub(super) folder: Folder,
    pub(super) cert: String,
    pub(super) key: String,
}

impl Own {
    pub(super) fn new() -> Self {
        Self::until(4000)
    }

    /// One that was good in the year 2000 only.
    pub(super) fn expired() -> Self {
        Self::until(2001)
    }

    fn until(year: i32) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let mut params = CertificateParams::new(vec!["mock.example.com".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2000, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let pair = KeyPair::generate().unwrap();
        let leaf = pem("CERTIFICATE", params.signed_by(&pair, &root).unwrap().der());
        let root = pem("CERTIFICATE", root.der());
        let folder = Folder::new();
        // Remarks around it, as people's files have them.
        let cert = folder.write("cert.pem", &format!("the service:\n{leaf}the CA:\n{root}"));
        let key = folder.write("key.pem", &pem("PRIVATE KEY", pair.serialized_der()));
        Self { root, folder, cert, key }
    }

    fn read(&self) -> Result<Tls, TlsError> {
        Tls::from_files(self.cert.as_ref(), self.key.as_ref())
    }
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64.encode(der);
    format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
}

#[test]
fn a_certificate_of_one_s_own_is_shown() {
    let own = Own::new();
    let server = serve(&own.read().unwrap());
    let caller = Caller::trusting(&own.root);
    caller.reaches(&server, "mock.example.com").unwrap();
    assert!(caller.reaches(&server, "localhost").is_err(), "it is not for that name");
    assert_eq!(Tls::untimely(own.cert.as_ref(), now()).unwrap(), None);
    let old = Own::expired();
    let problem = Tls::untimely(old.cert.as_ref(), now()).unwrap().unwrap();
    assert_eq!(problem, format!("{} has expired", old.cert));
    // Whoever tests what an SDK makes of that can have it.
    serve(&old.read().unwrap());
}

#[test]
fn what_does_not_fit_is_named() {
    let own = Own::new();
    let other = Own::new();
    let said = |cert: &str, key: &str| {
        let error = Tls::from_files(cert.as_ref(), key.as_ref()).unwrap_err().to_string();
        error.replace(own.folder.0.to_str().unwrap(), "DIR")
    };
    let mismatch = said(&own.cert, &other.key);
    assert!(mismatch.contains("is not the key of the first certificate in DIR/cert.pem"));
    assert!(said("/nonexistent", &own.key).starts_with("cannot read /nonexistent: "));
    assert!(said(&own.cert, "/nonexistent").starts_with("cannot read /nonexistent: "));
    assert!(said(own.folder.0.to_str().unwrap(), &own.key).starts_with("cannot read DIR: "));
    assert!(said(&own.key, &own.key).starts_with("DIR/key.pem holds no certificate: "));
    assert!(said(&own.cert, &own.cert).starts_with("DIR/cert.pem holds no private key "));
    let locked =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let locked = own.folder.write("locked.pem", locked);
    let without = "DIR/locked.pem holds no private key in PEM without a password";
    assert!(said(&own.cert, &locked).starts_with(without));
    let label = "PRIVATE KEY";
    let garbled = format!("-----BEGIN {label}-----\nc2VjcmV0\n-----END {label}-----\n");
    let garbled = said(&own.cert, &own.folder.write("garbled.pem", &garbled));
    assert!(garbled.starts_with("DIR/garbled.pem holds no usable key: "), "{garbled}");
    assert!(!garbled.contains("c2VjcmV0") && !garbled.contains("secret"));
    let half = format!("-----BEGIN {label}-----\nc2VjcmV0\n");
    let half = said(&own.cert, &own.folder.write("half.pem", &half));
    assert_eq!(half, "DIR/half.pem holds a private key that ends in the middle");
    let long = own.folder.write("long.pem", &"x".repeat((1 << 20) + 1));
    assert_eq!(said(&long, &own.key), "DIR/long.pem is too long to be a PEM file");
    let empty = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let empty = said(&own.folder.write("empty.pem", empty), &own.key);
    assert!(empty.starts_with("DIR/empty.pem holds no usable certificate: "), "{empty}");
}

#[test]
fn nothing_that_is_shown_holds_a_key() {
    let authority = Authority::new(&[], now()).unwrap();
    let tls = authority.vouch(&[], now()).unwrap();
    assert_eq!(format!("{authority:?}"), "Authority { .. }");
    assert_eq!(format!("{tls:?}"), "Tls { .. }");
    assert_eq!(format!("{:?}", mock_server::Door::tls(tls)), "Door(\"https\")");
}
