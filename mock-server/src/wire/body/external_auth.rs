//! JWTs of the app's own issuer: requests and answers.

use serde::{Deserialize, Serialize};

/// `ExternalAuthSigninRequest`, for `signin` and for `verify`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExternalJwt {
    /// Absent where a cookie carries it.
    pub(crate) jwt: Option<String>,
    pub(crate) session_public_key: Option<String>,
}

/// `ExternalAuthAssertionResponse`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExternalAuthAssertion {
    pub(crate) elevated_access_token: Option<String>,
}
