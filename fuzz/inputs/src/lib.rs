//! What must hold for any bytes: one function for each fuzz target, with every assertion in it.
//!
//! The fuzzer's own binaries are one line each and call these; `tests/it/replay.rs` calls them with
//! every file that the repository keeps, so what was found once is looked for in every test run.
//!
//! Inputs are texts wherever a text does: people can read and write them, and a fuzzer that
//! changes a place changes a meaning. `{word}` stands for something of the scene, such as
//! `{bearer}` or `{code}`; what stands between `«` and `»` is written as base64url.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "an input that breaks a rule ends in a panic: that is what a fuzzer finds"
)]

mod answers;
mod cbor;
mod command_line;
mod configuration;
mod driver_lines;
mod journal;
mod jwt;
mod operation;
mod otpauth;
mod scene;
mod scratch;
mod seed;
mod snapshot;
mod spelling;
mod story;
mod webauthn;

// Every operation that is served; the service's own tests hold it against the service's table.
#[path = "../../../mock-server/tests/it/routes.rs"]
#[expect(dead_code, reason = "the paths are filled with other ids here")]
mod routes;

/// Something that reads bytes from elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name of the function, of the binary, and of the folders of its inputs.
    pub name: &'static str,
    /// What must hold for any bytes.
    pub run: fn(&[u8]),
}

macro_rules! targets {
    ($($(#[$doc:meta])+ $name:ident = $run:path;)+) => {
        $($(#[$doc])+ pub fn $name(bytes: &[u8]) { $run(bytes); })+

        /// Every target.
        pub const TARGETS: &[Target] = &[$(Target { name: stringify!($name), run: $name }),+];
    };
}

targets! {
    /// Requests of HTTP, one after the other, to a service that somebody lives in.
    http_request = story::requests;
    /// Lines of an operation's name and a body, by somebody who may do it.
    request_body = operation::bodies;
    /// A token, shown as a bearer, in a cookie and as an elevated access token.
    jwt = jwt::token;
    /// One item of CBOR (RFC 8949).
    cbor = cbor::item;
    /// An attestation object (WebAuthn section 6.5).
    attestation_object = webauthn::attestation_object;
    /// Authenticator data with its COSE key (WebAuthn section 6.1).
    authenticator_data = webauthn::authenticator_data;
    /// Client data, and an origin (WebAuthn section 5.8.1).
    client_data = webauthn::client_data;
    /// Issuer and account of an otpauth URI, which another hand reads.
    otpauth = otpauth::uri;
    /// Lines that a driver says to the runner (MDP/1).
    driver_line = driver_lines::of_a_driver;
    /// Lines that the runner says to a driver (MDP/1).
    runner_line = driver_lines::of_the_runner;
    /// A configuration file.
    configuration = configuration::file;
    /// Flags and environment variables, a line for each.
    command_line = command_line::words;
    /// A file of seeded users.
    seed = seed::users;
    /// Changes of a snapshot, a line for each, and then its restoration.
    snapshot = snapshot::changes;
    /// A journal file, byte for byte.
    journal_file = journal::bytes;
    /// Records of a journal file, a line for each, which are sealed before they are read.
    journal_record = journal::records;
}

/// Method and name of every operation that `request_body` can ask for.
pub fn operations() -> impl Iterator<Item = (&'static str, &'static str)> {
    routes::ROUTES.iter().chain(&routes::ADMIN_ROUTES).map(|(method, _, name)| (*method, *name))
}
