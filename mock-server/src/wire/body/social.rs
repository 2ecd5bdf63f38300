//! Social sign-in: requests and answers.

use serde::{Deserialize, Serialize};

/// `OauthInitAuthRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InitAuth {
    pub(crate) state: String,
    pub(crate) redirect_url: Option<String>,
}

/// `OauthRequest`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Oauth {
    pub(crate) code: Option<String>,
    pub(crate) code_verifier: Option<String>,
    pub(crate) state: String,
    pub(crate) session_public_key: Option<String>,
    pub(crate) requested_scopes: Option<Vec<String>>,
}

/// `OauthResultRequest`, of which only the state says which sign-in is meant.
#[derive(Deserialize)]
pub(crate) struct OauthResult {
    pub(crate) state: Option<String>,
}

/// `OauthResultResponse`
#[derive(Serialize)]
pub(crate) struct OauthResulted<'code> {
    pub(crate) status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code: Option<&'code str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<&'static str>,
}

/// `OauthProviderLoginUrl`
#[derive(Serialize)]
pub(crate) struct LoginUrl {
    pub(crate) url: String,
}
