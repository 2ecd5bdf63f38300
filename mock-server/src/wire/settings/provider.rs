//! What sends codes, and who vouches for users.

use std::borrow::Cow;

use mfa_engine::policy::{Policy, SmsCountry};
use serde::Serialize;

use crate::wire::public_address::PublicAddress;

/// `Provider`. An SDK reads from it which countries can be offered.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Provider<'policy> {
    #[serde(skip_serializing_if = "Option::is_none")]
    base_auth_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    enabled_at: &'static str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    enabled_countries: &'policy [SmsCountry],
    id: Cow<'static, str>,
    provider: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<&'static str>,
}

/// The providers of an environment; the switches decide which.
pub(super) fn of<'policy>(
    policy: &'policy Policy,
    address: &PublicAddress,
) -> Vec<Provider<'policy>> {
    let sms = &policy.sms;
    let enabled_at = "2026-01-01T00:00:00.000Z";
    let own = |id, provider| Provider {
        id: Cow::Borrowed(id),
        provider,
        enabled_at,
        ..Provider::default()
    };
    let mails = own("00000000-0000-4000-8000-000000000001", "emailOnly");
    let texts = Provider {
        enabled_countries: &sms.enabled_countries,
        ..own("00000000-0000-4000-8000-000000000002", "sms")
    };
    let passkeys = own("00000000-0000-4000-8000-000000000003", "passkey");
    let shown = [(true, mails), (sms.enabled, texts), (policy.passkey.sign_in, passkeys)];
    let shown = shown.into_iter().filter(|(is_on, _)| *is_on).map(|(_, provider)| provider);
    let social = (1..).zip(&policy.social.providers).map(|(number, provider): (u8, _)| Provider {
        id: Cow::Owned(format!("00000000-0000-4000-8000-0000000001{number:02}")),
        provider: provider.as_str(),
        enabled_at,
        enabled_countries: &[],
        client_id: Some(format!("mfa-mock-{provider}")),
        base_auth_url: Some(address.consent_page(*provider)),
        redirect_url: Some(address.redirect(*provider)),
        scopes: Some("openid email profile"),
    });
    shown.chain(social).collect()
}
