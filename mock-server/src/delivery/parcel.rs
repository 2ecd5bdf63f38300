//! One attempt: the body, its signature, and the request that carries both.

use std::io::Read as _;
use std::time::Duration;

use aws_lc_rs::hmac;
use data_encoding::HEXLOWER;
use mfa_engine::Secret;

use super::Outcome;
use super::receiver::Receiver;

/// Bytes of a receiver's answer that are kept.
const ANSWER_MAX: u64 = 1_024;
/// The header that proves who sent the message.
const SIGNATURE: &str = "x-dynamic-signature-256";

/// The signature of a body under a webhook's secret: HMAC-SHA256 (RFC 2104), hex.
pub(super) fn signature(secret: &Secret, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.reveal().as_bytes());
    format!("sha256={}", HEXLOWER.encode(hmac::sign(&key, body.as_bytes()).as_ref()))
}

/// Posts a body; waits no longer than told.
pub(super) fn post(url: &str, signature: &str, body: &str, timeout: Duration) -> Outcome {
    // Judged again at the last moment: a restored world may hold any URL.
    let receiver = match Receiver::parse(url) {
        Ok(receiver) => receiver,
        Err(problem) => return Outcome::Failed(problem.to_owned()),
    };
    let config = ureq::Agent::config_builder()
        .timeout_global(Some(timeout))
        // A redirection could lead off this machine, and so could a proxy.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .http_status_as_error(false)
        .build();
    let agent = ureq::Agent::new_with_config(config);
    let mut outcome = Outcome::Failed("the URL names no address".to_owned());
    for url in &receiver.urls {
        let request = agent
            .post(url)
            .header("host", &receiver.host)
            .header("content-type", "application/json")
            .header("user-agent", "mfa-mock")
            .header(SIGNATURE, signature);
        match request.send(body) {
            Ok(mut response) => {
                let mut kept = Vec::new();
                let answer = response.body_mut().as_reader();
                // What breaks off after the status is the receiver's business.
                let _ = answer.take(ANSWER_MAX).read_to_end(&mut kept);
                let body = String::from_utf8_lossy(&kept).into_owned();
                return Outcome::Answered { status: response.status().as_u16(), body };
            }
            Err(problem) => {
                let is_refused =
                    matches!(&problem, ureq::Error::Io(_) | ureq::Error::ConnectionFailed);
                outcome = Outcome::Failed(problem.to_string());
                if !is_refused {
                    return outcome;
                }
            }
        }
    }
    outcome
}
