//! The CA: a certificate that clients trust once, and the key that vouches for this service.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PublicKeyData as _,
};
use sha2::{Digest as _, Sha256};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::name::{constraints, with_usual};
use super::resolver::Vouching;
use super::{Name, Tls, TlsError, pem, verify};

/// Days before now from which on certificates count, for clients whose clock is behind.
const DAYS_BEFORE: u64 = 1;
/// Days that the CA is good for; ten years, since trusting it is work.
const AUTHORITY_DAYS: u64 = 3_650;
/// Days that a service's certificate is good for. Apple's systems refuse more than 825, and for
/// public ones more than 398; one is made at each start, so it need only outlast the longest run.
const LEAF_DAYS: u64 = 397;
const DAY: u64 = 86_400;
/// 9999-12-31T23:59:59Z, the last that a certificate can say (RFC 5280, section 4.1.2.5).
const LAST_SECOND: u64 = 253_402_300_799;

/// A CA of this service's own. Cheap to clone.
#[derive(Clone)]
pub struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Arc<Issuer<'static, KeyPair>>,
}

impl std::fmt::Debug for Authority {
    /// Says nothing of the key.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Authority").finish_non_exhaustive()
    }
}

impl Authority {
    /// Makes a CA that is kept nowhere, for tests in Rust.
    ///
    /// It may vouch for names of this machine and of local networks, and for those that are asked
    /// for here (name constraints, RFC 5280 section 4.2.1.10).
    ///
    /// # Errors
    /// The cryptography refuses, as it does without entropy.
    pub fn new(names: &[Name], now: Timestamp) -> Result<Self, TlsError> {
        let key = KeyPair::generate().map_err(TlsError::cryptography)?;
        let mut params = about(&key);
        set_period(&mut params, now, AUTHORITY_DAYS);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.name_constraints = Some(constraints(names));
        let certificate = params.self_signed(&key).map_err(TlsError::cryptography)?;
        Ok(Self {
            certificate: certificate.der().clone(),
            issuer: Arc::new(Issuer::new(params, key)),
        })
    }

    /// The CA of a certificate and a key that were kept; nothing if they do not belong together.
    pub(super) fn kept(
        certificate: CertificateDer<'static>,
        key: &PrivateKeyDer<'_>,
        now: Timestamp,
    ) -> Option<Self> {
        let key = KeyPair::try_from(key).ok()?;
        // A CA of ours is named after its key, so there is nothing to read in its certificate.
        let issuer = Arc::new(Issuer::new(about(&key), key));
        let authority = Self { certificate, issuer };
        let try_out = KeyPair::generate().ok()?;
        let leaf = authority.leaf(&["localhost".parse().ok()?], &try_out, now).ok()?;
        authority.accepts(&leaf, now).then_some(authority)
    }

    /// The certificate that clients must trust, as PEM.
    pub fn certificate_pem(&self) -> String {
        pem::written("CERTIFICATE", &self.certificate)
    }

    /// The key as PEM, to be kept.
    pub(super) fn key_pem(&self) -> String {
        pem::written("PRIVATE KEY", self.issuer.key().serialized_der())
    }

    /// Makes a certificate for a port that is about to be opened.
    ///
    /// It is for `localhost` and every name below, 127.0.0.1, `::1`, 10.0.2.2 (where an Android
    /// emulator finds this machine) and the names that are asked for.
    ///
    /// # Errors
    /// The CA may not vouch for a name, or the names are too many.
    pub fn vouch(&self, names: &[Name], now: Timestamp) -> Result<Tls, TlsError> {
        let names = with_usual(names)?;
        let key = KeyPair::generate().map_err(TlsError::cryptography)?;
        let leaf = self.leaf(&names, &key, now)?;
        if !self.accepts(&leaf, now) {
            let is_strange = |name: &&Name| {
                let leaf = self.leaf(std::slice::from_ref(*name), &key, now);
                !leaf.is_ok_and(|leaf| self.accepts(&leaf, now))
            };
            let strange = names.iter().find(is_strange).map(Name::to_string);
            return Err(TlsError::NotPermitted(strange.unwrap_or_default()));
        }
        Tls::resolving(Arc::new(Vouching::new(self.clone(), leaf, key, now)?))
    }

    /// A certificate for some names and a key.
    pub(super) fn leaf(
        &self,
        names: &[Name],
        key: &KeyPair,
        now: Timestamp,
    ) -> Result<CertificateDer<'static>, TlsError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "mfa-mock");
        set_period(&mut params, now, LEAF_DAYS);
        params.subject_alt_names = names.iter().map(Name::subject).collect::<Result<_, _>>()?;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let leaf = params.signed_by(key, &*self.issuer).map_err(TlsError::cryptography)?;
        Ok(leaf.der().clone())
    }

    /// Whether whoever trusts this CA accepts a certificate; the look that every client takes.
    fn accepts(&self, leaf: &CertificateDer<'_>, now: Timestamp) -> bool {
        verify(&self.certificate, leaf, now).is_ok()
    }
}

/// Who a CA of ours is. The name tells those of several machines apart in a list of trusted ones.
fn about(key: &KeyPair) -> CertificateParams {
    let mut params = CertificateParams::default();
    let digest = Sha256::digest(key.der_bytes());
    let short: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "mfa-mock (for local tests only)");
    params.distinguished_name.push(DnType::CommonName, format!("mfa-mock CA {short}"));
    params
}

/// The time that a certificate is good for.
fn set_period(params: &mut CertificateParams, now: Timestamp, days: u64) {
    let now = u64::try_from(now.as_second()).unwrap_or(0);
    let from = now.saturating_sub(DAYS_BEFORE * DAY);
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let at = |seconds: u64| epoch + Duration::from_secs(seconds.min(LAST_SECOND));
    (params.not_before, params.not_after) = (at(from), at(from + days * DAY));
}
