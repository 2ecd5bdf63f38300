//! The flags about https: of a service, and of whoever asks one.

use std::path::PathBuf;

use crate::tls::Name;
use clap::Args;

/// How a service speaks https.
#[derive(Debug, Default, Args)]
pub(crate) struct HttpsFlags {
    /// Speak https, and only https, with a certificate from a CA that is made once and kept;
    /// clients must be told to trust it. Certificates go by the system's time, even if the clocks
    /// are held
    #[arg(
        long, value_name = "BOOL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true", hide_possible_values = true,
        env = "MFA_MOCK_TLS", hide_env = true
    )]
    pub(crate) tls: Option<bool>,

    /// Folder of the CA: ca.pem, which clients trust, and ca-key.pem, its owner's alone
    /// [default: mfa-mock in the user's data folder, such as ~/.local/share/mfa-mock]
    #[arg(long, value_name = "DIR", env = "MFA_MOCK_TLS_DIR", hide_env = true)]
    pub(crate) tls_dir: Option<PathBuf>,

    /// Another host name or IP address that the certificate is for, besides localhost,
    /// *.localhost, 127.0.0.1, ::1, 10.0.2.2 (this machine in an Android emulator) and --host
    #[arg(
        long,
        value_name = "NAME",
        value_delimiter = ',',
        env = "MFA_MOCK_TLS_NAME",
        hide_env = true
    )]
    pub(crate) tls_name: Vec<Name>,

    /// A certificate of your own in place of all that: a PEM file, the service's certificate first
    #[arg(long, value_name = "FILE", env = "MFA_MOCK_TLS_CERT", hide_env = true)]
    pub(crate) tls_cert: Option<PathBuf>,

    /// The key of --tls-cert: a PEM file without a password
    #[arg(long, value_name = "FILE", env = "MFA_MOCK_TLS_KEY", hide_env = true)]
    pub(crate) tls_key: Option<PathBuf>,
}

/// Whom to trust when a service is asked over https.
#[derive(Debug, Args)]
pub(crate) struct TrustFlags {
    /// A PEM file with the CA of the service [default: ca.pem in the folder of --tls-dir]
    #[arg(long, value_name = "FILE", env = "MFA_MOCK_CA")]
    pub(crate) ca: Option<PathBuf>,

    /// The service's own --tls-dir, if it has one
    #[arg(long, value_name = "DIR", env = "MFA_MOCK_TLS_DIR")]
    pub(crate) tls_dir: Option<PathBuf>,
}
