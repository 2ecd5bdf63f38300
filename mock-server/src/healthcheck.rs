//! `mfa-mock healthcheck`: for images that hold the program and nothing else.

use std::process::ExitCode;

use serde_json::json;

use crate::banner::complain;
use crate::flags::Healthcheck;
use crate::probe::{Silence, Target};
use crate::trust::{Distrust, Trust};

/// Asks a service whether it is well.
///
/// # Errors
/// The URL is none.
pub(crate) fn ask(asked: &Healthcheck) -> Result<ExitCode, String> {
    let target = Target::read(&asked.url).map_err(|problem| format!("--url: {problem}"))?;
    let trust = match target.is_tls {
        true => Trust::read(&asked.trust)?,
        false => Trust::nobody(),
    };
    let problem = match target.ask(&trust, "GET", "/_mock/v1/", &[]) {
        // Its guard wants a token or another host name; one that says so is well.
        Ok(reply) if is_mock(&reply.json()) || is_guarded(reply.status, &reply.json()) => {
            return Ok(ExitCode::SUCCESS);
        }
        Ok(reply) if reply.status == 503 => reply.text("error"),
        Ok(reply) => format!("something else than mfa-mock answered ({})", reply.status),
        Err(Silence::SpeaksTls) => "it speaks https; ask it with an https:// address".to_owned(),
        Err(Silence::SpeaksPlain) => "it speaks plain HTTP; ask it with http://".to_owned(),
        Err(Silence::Distrusted(Distrust { what, mend })) => format!("{what}; {mend}"),
        Err(Silence::Nobody(problem) | Silence::NoTls(problem)) => format!("no answer: {problem}"),
        Err(Silence::NoHttp) => "no answer: what listens there speaks no HTTP".to_owned(),
    };
    complain(&format!("{}: {problem}", asked.url));
    Ok(ExitCode::from(1))
}

/// Whether an answer is the index of the control API.
pub(crate) fn is_mock(body: &serde_json::Value) -> bool {
    body.get("service") == Some(&json!("mfa-mock"))
}

/// Whether an answer is the control API's guard, who lets nobody in without a token.
pub(crate) fn is_guarded(status: u16, body: &serde_json::Value) -> bool {
    let error = body.get("error").and_then(serde_json::Value::as_str).unwrap_or("");
    [401, 403].contains(&status) && error.starts_with("the control API ")
}
