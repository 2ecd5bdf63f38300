//! What the SDK tells its caller when a call fails.

use driver_protocol::{ErrorOrigin, SdkError};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::sabotage::{Deed, Sabotages};

/// The service refused; the kind of the error follows from its code alone.
pub(crate) fn refused(status: u16, body: &[u8], sabotages: &Sabotages) -> SdkError {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    // Most refusals have `error` and `code` as texts, one kind of 403 nests them.
    let nested = body.get("error").filter(|error| error.is_object()).unwrap_or(&body);
    let text =
        |value: &Value, field: &str| value.get(field).and_then(Value::as_str).map(str::to_owned);
    let mute = || sabotages.commits(Deed::MuteWithoutError);
    let message = text(&body, "error")
        .or_else(|| text(nested, "message").filter(|_| !mute()))
        .unwrap_or_else(|| format!("the service answered with status {status}"));
    let code = text(nested, "code");
    let (class, code) = match sinned(status, &body, code.as_deref(), sabotages) {
        Some((class, code)) => (class, code.map(str::to_owned)),
        None => (class_of(code.as_deref()), code),
    };
    let disowned = status == 403 && sabotages.commits(Deed::RefusalAsClientError);
    SdkError {
        origin: if disowned { ErrorOrigin::Client } else { ErrorOrigin::Server },
        class: Some(class.into()),
        code,
        http: Some(status),
        message,
        retryable: status == 429 || status >= 500,
    }
}

fn class_of(code: Option<&str>) -> &'static str {
    match code {
        Some(INVALID) => "MfaInvalidOtpError",
        Some(LIMITED) => "MfaRateLimitedError",
        _ => "ApiError",
    }
}

/// Class and code as a sin has them, where it makes a difference.
fn sinned(
    status: u16,
    body: &Value,
    code: Option<&str>,
    sabotages: &Sabotages,
) -> Option<(&'static str, Option<&'static str>)> {
    if body.get("error").and_then(Value::as_str).is_none()
        && sabotages.commits(Deed::CrashWithoutErrorText)
    {
        // Unwinds as a panic does, only without a word on stderr.
        std::panic::resume_unwind(Box::new("the SDK trips over a refusal without a text"));
    }
    let is_number = body.get("code").is_some_and(Value::is_number);
    match code {
        Some(INVALID) if sabotages.commits(Deed::GenericErrorForInvalidCode) => {
            Some(("ApiError", None))
        }
        Some(INVALID) if status != 422 && sabotages.commits(Deed::InvalidCodeOnlyUnder422) => {
            Some(("ApiError", None))
        }
        Some(LIMITED) if sabotages.commits(Deed::SameErrorForRateLimit) => {
            Some((class_of(Some(INVALID)), Some(INVALID)))
        }
        Some(LIMITED) if status != 429 && sabotages.commits(Deed::RateLimitOnlyUnder429) => {
            Some(("ApiError", None))
        }
        Some(_) if body.get("code").is_some() && sabotages.commits(Deed::NestedErrorsOnly) => {
            Some(("ApiError", None))
        }
        Some(INVALID | LIMITED) => None,
        Some(_) if sabotages.commits(Deed::LoseUnknownCodes) => Some(("ApiError", None)),
        _ if status == 422 && sabotages.commits(Deed::KindByStatus) => {
            Some((class_of(Some(INVALID)), Some(INVALID)))
        }
        None if is_number && sabotages.commits(Deed::NumberAsCode) => {
            Some((class_of(Some(LIMITED)), Some(LIMITED)))
        }
        _ => None,
    }
}

/// No answer arrived, or not all of it.
pub(crate) fn unanswered(cause: &ureq::Error) -> SdkError {
    let (origin, class) = match cause {
        ureq::Error::Timeout(_) => (ErrorOrigin::Timeout, "TimeoutError"),
        _ => (ErrorOrigin::Network, "NetworkError"),
    };
    SdkError { origin, retryable: true, ..client(class, None, cause.to_string()) }
}

/// The service succeeded, but its answer makes no sense.
pub(crate) fn unreadable(status: Option<u16>, detail: &str) -> SdkError {
    let message = format!("cannot read the answer: {detail}");
    SdkError { http: status, ..client("UnreadableAnswerError", None, message) }
}

/// The request could not even be built.
pub(crate) fn unsendable(detail: &str) -> SdkError {
    client("InvalidParamError", Some("invalid_param_error"), format!("cannot send: {detail}"))
}

/// A value that the SDK was given is malformed.
pub(crate) fn invalid(message: &str) -> SdkError {
    client("InvalidParamError", Some("invalid_param_error"), message.into())
}

/// Something that the call needs is not there.
pub(crate) fn missing(message: &str) -> SdkError {
    client("ValueMustBeDefinedError", Some("value_must_be_defined_error"), message.into())
}

/// The system has no random numbers.
pub(crate) fn no_entropy(cause: &getrandom::Error) -> SdkError {
    client("EntropyError", None, cause.to_string())
}

/// Reads an answer as what it should be.
pub(crate) fn shaped<T: DeserializeOwned>(answer: Value) -> Result<T, SdkError> {
    serde_json::from_value(answer).map_err(|cause| unreadable(None, &cause.to_string()))
}

fn client(class: &str, code: Option<&str>, message: String) -> SdkError {
    SdkError {
        origin: ErrorOrigin::Client,
        class: Some(class.into()),
        code: code.map(str::to_owned),
        http: None,
        message,
        retryable: false,
    }
}

const INVALID: &str = "mfa_invalid_code";
const LIMITED: &str = "mfa_rate_limited";

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, body: &str) -> (String, Option<String>, String) {
        let error = refused(status, body.as_bytes(), &Sabotages::default());
        assert_eq!((error.origin, error.http), (ErrorOrigin::Server, Some(status)));
        (error.class.unwrap(), error.code, error.message)
    }

    #[test]
    fn the_code_alone_decides_the_class() {
        for status in [400, 401, 422, 429, 500] {
            let invalid = told(status, r#"{"error":"no","code":"mfa_invalid_code"}"#);
            assert_eq!(invalid.0, "MfaInvalidOtpError");
            let limited = told(status, r#"{"error":"wait","code":"mfa_rate_limited"}"#);
            assert_eq!(limited.0, "MfaRateLimitedError");
        }
    }

    #[test]
    fn every_shape_of_refusal_is_an_api_error() {
        let api = |code: Option<&str>, message: &str| {
            ("ApiError".to_owned(), code.map(str::to_owned), message.to_owned())
        };
        assert_eq!(told(403, r#"{"error":"Forbidden"}"#), api(None, "Forbidden"));
        assert_eq!(
            told(403, r#"{"error":{"code":"c","message":"m"},"payload":{}}"#),
            api(Some("c"), "m")
        );
        let limited = r#"{"message":"Rate limit exceeded","code":429}"#;
        assert_eq!(told(429, limited), api(None, "Rate limit exceeded"));
        for body in ["", "<html>", "null", "[]", "{}"] {
            assert_eq!(told(502, body), api(None, "the service answered with status 502"));
        }
    }

    #[test]
    fn silence_is_told_from_a_broken_connection() {
        let silence = unanswered(&ureq::Error::Timeout(ureq::Timeout::Global));
        assert_eq!((silence.origin, silence.http), (ErrorOrigin::Timeout, None));
        let broken = unanswered(&ureq::Error::ConnectionFailed);
        assert_eq!(
            (broken.origin, broken.class.as_deref()),
            (ErrorOrigin::Network, Some("NetworkError"))
        );
        assert!(silence.retryable && broken.retryable);
    }
}
