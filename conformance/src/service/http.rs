//! Asking a service over HTTP, and saying in words why it did not answer.

use std::io;
use std::time::Duration;

use ureq::http::{Method, Request};
use ureq::{Agent, Error};

use super::Address;
use super::trust::Trust;

/// The longest answer that is read: far more than an honest one has.
pub(super) const ANSWER_BYTES_MAX: u64 = 8 << 20;

/// Time for one call, beyond which nobody waits.
const PATIENCE: Duration = Duration::from_secs(30);

/// What came back.
pub(super) struct Heard {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
}

/// Something that asks, keeps its connections, and follows nobody elsewhere.
pub(super) fn agent(trust: &Trust) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .max_redirects(0)
        .max_redirects_will_error(false)
        // A proxy of the environment would be one more who sees what is sent.
        .proxy(None)
        .timeout_global(Some(PATIENCE));
    trust.configure(config).build().into()
}

/// Sends one request and reads the whole answer.
pub(super) fn send(
    agent: &Agent,
    method: &str,
    url: &str,
    headers: &[(String, Vec<u8>)],
    body: Option<Vec<u8>>,
) -> Result<Heard, Error> {
    let method: Method = method.parse().map_err(|_| Error::BadUri("no such method".to_owned()))?;
    let mut request = Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(name, value.as_slice());
    }
    let request = request.body(())?;
    let sent = match body {
        Some(body) => agent.run(request.map(|()| body)),
        None => agent.run(request),
    };
    let mut answer = sent?;
    let named = |(name, value): (&ureq::http::HeaderName, &ureq::http::HeaderValue)| {
        (name.to_string(), value.as_bytes().to_vec())
    };
    let headers = answer.headers().iter().map(named).collect();
    let status = answer.status().as_u16();
    let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_vec()?;
    Ok(Heard { status, headers, body })
}

/// Why nothing came back, and what to look at next.
pub(super) fn silence(address: &Address, error: &Error) -> String {
    let refused = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
    match error {
        Error::Io(io) if refused(io) => nobody(address),
        Error::ConnectionFailed => nobody(address),
        Error::HostNotFound => {
            format!("the host of {address} is not known; look at how its name is spelt")
        }
        Error::Timeout(_) => {
            format!("{address} does not answer within {} s", PATIENCE.as_secs())
        }
        Error::BodyExceedsLimit(_) => {
            format!("{address} answers with more than {} MiB", ANSWER_BYTES_MAX >> 20)
        }
        error if address.is_tls() => format!(
            "{address}: {error}; if its certificate is of a CA of its own, name that with --ca"
        ),
        error => format!("{address} does not answer in HTTP: {error}"),
    }
}

fn nobody(address: &Address) -> String {
    format!("nobody listens at {}; start the service, or mend the URL", address.origin())
}
