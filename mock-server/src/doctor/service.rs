//! What a running service says: whether it is there, is the mock, and what time it has.
//!
//! Nothing is asked that would make an environment, so looking changes nothing.

use crate::Clock;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::Finding;
use crate::flags::Doctor;
use crate::healthcheck::{is_guarded, is_mock};
use crate::probe::{Reply, Silence, Target};
use crate::trust::{Distrust, Trust};

const CONTROL: &str = "/_mock/v1";
/// Clocks closer than this are the same to every token and every code.
const SKEW_MAX: SignedDuration = SignedDuration::from_secs(5);

/// Everything that can be found out by asking.
///
/// # Errors
/// The CA that was named cannot be read.
pub(super) fn look(asked: &Doctor) -> Result<Vec<Finding>, String> {
    // What is wrong with the URL itself was said already.
    let Ok(target) = Target::read(&asked.base_url) else { return Ok(Vec::new()) };
    let trust = match target.is_tls {
        true => Trust::read(&asked.trust)?,
        false => Trust::nobody(),
    };
    let service = Service { target, trust, token: asked.control_token.clone() };
    let index = match service.get("/") {
        Ok(reply) => reply,
        Err(silence) => return Ok(vec![service.silent(silence)]),
    };
    let mut findings = Vec::new();
    if service.target.is_tls {
        let (authority, named) = (service.target.authority(), service.trust.named());
        findings.push(Finding::well(format!("TLS: {authority} shows a certificate of {named}")));
    }
    findings.extend(service.examine(asked, &index));
    Ok(findings)
}

struct Service {
    target: Target,
    trust: Trust,
    token: Option<String>,
}

impl Service {
    /// What an answer says, and what can be asked then.
    fn examine(&self, asked: &Doctor, index: &Reply) -> Vec<Finding> {
        let authority = self.target.authority();
        if is_guarded(index.status, &index.json()) {
            let error = index.text("error");
            let mend =
                "pass --control-token (or set MFA_MOCK_CONTROL_TOKEN) to let me look further";
            return vec![Finding::note(format!("service: a mfa-mock, but {error}"), mend)];
        }
        if !is_mock(&index.json()) {
            return vec![Finding::wrong(
                format!("service: something else than mfa-mock answers on {authority}"),
                "stop it, or start the mock with another --port and use that one",
            )];
        }
        let version = index.text("version");
        let mut findings =
            vec![Finding::well(format!("service: mfa-mock {version} on {authority}"))];
        match &asked.environment {
            Some(id) if self.has(id) => {
                findings.push(self.clock(id));
                findings.extend(asked.origin.as_deref().map(|origin| self.cors(id, origin)));
            }
            Some(id) => findings.push(Finding::note(
                format!("environment: nobody has asked anything of {id} yet"),
                format!(
                    "it begins with its first request; with --strict-environments it must be made \
                     first: PUT {CONTROL}/environments/{id}"
                ),
            )),
            None => findings.push(Finding::note(
                "environment: none was named, so its id, clock and origins were not looked at",
                "name it with --environment",
            )),
        }
        findings
    }

    fn get(&self, path: &str) -> Result<Reply, Silence> {
        let bearer = self.token.as_ref().map(|token| format!("Bearer {token}"));
        let headers: Vec<_> =
            bearer.iter().map(|bearer| ("authorization", bearer.as_str())).collect();
        self.target.ask(&self.trust, "GET", &format!("{CONTROL}{path}"), &headers)
    }

    fn silent(&self, silence: Silence) -> Finding {
        let tls = if self.target.is_tls { " --tls" } else { "" };
        let (authority, port) = (self.target.authority(), self.target.port);
        match silence {
            Silence::Nobody(problem) => Finding::wrong(
                format!("service: nothing answers on {authority} ({problem})"),
                format!("start it: mfa-mock --port {port}{tls}"),
            ),
            Silence::SpeaksTls => Finding::wrong(
                format!("TLS: {authority} speaks TLS, or something that is no mfa-mock does"),
                format!("give the SDK https://{authority}/api/v0, or start mfa-mock there"),
            ),
            Silence::SpeaksPlain => Finding::wrong(
                format!("TLS: {authority} speaks plain HTTP"),
                format!("give the SDK http://{authority}/api/v0, or start mfa-mock with --tls"),
            ),
            Silence::Distrusted(Distrust { what, mend }) => {
                Finding::wrong(format!("TLS: {authority} is not trusted: {what}"), mend)
            }
            Silence::NoTls(problem) => Finding::wrong(
                format!("TLS: what listens on {authority} shakes no hands ({problem})"),
                "stop it, or start the mock with another --port and use that one",
            ),
            Silence::NoHttp => Finding::wrong(
                format!("service: what listens on {authority} speaks no HTTP"),
                "stop it, or start the mock with another --port and use that one",
            ),
        }
    }

    fn has(&self, id: &str) -> bool {
        let Ok(reply) = self.get("/environments") else { return false };
        let known = reply.json();
        let known = known.get("environments").and_then(Value::as_array);
        known.is_some_and(|known| known.iter().any(|known| known == id))
    }

    fn clock(&self, id: &str) -> Finding {
        let told = self.get(&format!("/environments/{id}/clock")).ok();
        let now = told.and_then(|told| told.text("now").parse::<Timestamp>().ok());
        let Some(now) = now else {
            return Finding::note("clock: the service did not tell its time", "ask once more");
        };
        let ahead = now.duration_since(Clock::System.now());
        if ahead.abs() <= SKEW_MAX {
            return Finding::well("clock: the environment's time is the system's");
        }
        let (seconds, side) =
            (ahead.abs().as_secs(), if ahead.is_negative() { "behind" } else { "ahead of" });
        Finding::note(
            format!(
                "clock: the environment's time is {seconds} s {side} the system's; a phone's codes \
                 and a library's look at `exp` go by the system's"
            ),
            format!("PUT {CONTROL}/environments/{id}/clock with {{\"mode\":\"system\"}}"),
        )
    }

    fn cors(&self, id: &str, origin: &str) -> Finding {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization,content-type"),
        ];
        let path = format!("/api/v0/sdk/{id}/refresh");
        let allowed = self.target.ask(&self.trust, "OPTIONS", &path, &headers).ok();
        let allowed =
            allowed.as_ref().and_then(|reply| reply.header("access-control-allow-origin"));
        match allowed {
            Some(allowed) if allowed == origin || allowed == "*" => {
                Finding::well(format!("CORS: pages of {origin} may read the answers"))
            }
            _ => Finding::wrong(
                format!("CORS: pages of {origin} may not read the answers"),
                format!("add it to the setting `corsOrigins` of {id}, or empty that list"),
            ),
        }
    }
}
