//! `ProjectSettings`: what an SDK reads at its start, in the service's own shape (rule D1).

use std::borrow::Cow;

use mfa_engine::policy::{Enrollment, ExternalAuth, Policy, SmsCountry};
use mfa_engine::{BackupLocation, SocialProvider};
use serde::Serialize;
use serde_json::{Value, json};

use super::public_address::PublicAddress;

/// `ProjectSettings`, its fields in the order of their names, as the JSON values in it have theirs.
///
/// What can change is typed, because a value of JSON allocates each of its keys.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProjectSettings<'policy> {
    chains: Value,
    custom_fields: [Value; 0],
    design: Nothing,
    environment_name: &'static str,
    general: General<'policy>,
    kyc: [Value; 0],
    networks: [Value; 0],
    privacy: Privacy,
    providers: Vec<Provider<'policy>>,
    sdk: Value,
    security: Value,
}

/// An object without fields.
#[derive(Serialize)]
struct Nothing {}

/// `GeneralSettings`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct General<'policy> {
    display_name: &'policy str,
    email_company_name: &'policy str,
}

/// `PrivacySettings`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Privacy {
    collect_ip: bool,
}

/// `Provider`: what sends codes, and who vouches for users. An SDK reads from it which countries
/// can be offered.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Provider<'policy> {
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

/// The settings of an environment as `GET settings` shows them.
pub(super) fn render<'policy>(
    policy: &'policy Policy,
    address: &PublicAddress,
) -> ProjectSettings<'policy> {
    let mfa = &policy.mfa;
    let available: Vec<_> = mfa.methods.iter().map(|method| method.kind).collect();
    let social: Vec<Value> = policy.social.providers.iter().map(social_provider).collect();
    let mut sdk = json!({
        "emailSignIn": { "signInProvider": "dynamic" },
        "socialSignIn": { "signInProvider": "dynamic", "providers": social },
        "minApiVersion": policy.min_api_version,
        "multiWallet": false,
    });
    if policy.stand_ins.wallets_in_settings {
        show_wallets(&mut sdk);
    }
    let mut security = json!({
        "jwtDuration": duration(policy.session.life_seconds),
        "auth": { "storage": policy.auth.storage, "allowMultipleCredentialsForSignIn": false },
        "captcha": { "enabled": false },
        "hCaptcha": { "enabled": false },
        "deviceRegistrationRequired": policy.device_registration.required,
        "environmentLocked": false,
        "mfa": {
            "enabled": mfa.enabled,
            "required": mfa.enrollment != Enrollment::None,
            "enrollment": mfa.enrollment,
            "availableMethods": available,
            "methods": mfa.methods,
            "actions": mfa.actions,
        },
    });
    if policy.external_auth.enabled
        && let Some(security) = security.as_object_mut()
    {
        let shown = external_auth(&policy.external_auth);
        security.insert("externalAuth".to_owned(), json!(shown));
    }
    let issuer = &policy.totp.issuer;
    ProjectSettings {
        // The networks of the chain stay empty: nothing is reached from here.
        chains: json!([{ "name": "EVM", "enabled": true, "networks": [] }]),
        custom_fields: [],
        design: Nothing {},
        environment_name: "sandbox",
        general: General { display_name: issuer, email_company_name: issuer },
        kyc: [],
        networks: [],
        privacy: Privacy { collect_ip: false },
        providers: providers(policy, address),
        sdk,
        security,
    }
}

/// `ExternalAuth`. There is no `jwksUrl`: the keys stand in the settings of the world.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExternalAuthShown<'policy> {
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'policy str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'policy str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cookie_name: Option<&'policy str>,
}

fn providers<'policy>(policy: &'policy Policy, address: &PublicAddress) -> Vec<Provider<'policy>> {
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

fn external_auth(settings: &ExternalAuth) -> ExternalAuthShown<'_> {
    ExternalAuthShown {
        enabled: settings.enabled,
        iss: settings.issuer.as_deref(),
        aud: settings.audience.as_deref(),
        cookie_name: settings.cookie_name.as_deref(),
    }
}

/// Embedded wallets as switched on: what an app reads before it offers one.
fn show_wallets(sdk: &mut Value) {
    let embedded_wallets = json!({
        "automaticEmbeddedWalletCreation": false,
        "chainConfigurations": [{ "name": "EVM", "enabled": true, "primary": true }],
        "defaultWalletVersion": "V3",
    });
    let waas = json!({
        "allowMultipleWaasWalletsPerChain": true,
        "passcodeRequired": false,
        "onSignUp": { "promptBackupOptions": false, "promptClientShareExport": false },
        "backupOptions": [BackupLocation::Dynamic],
        "delegatedAccess": { "enabled": true, "promptUsersOnSignIn": false },
    });
    let Some(sdk) = sdk.as_object_mut() else { return };
    sdk.insert("embeddedWallets".to_owned(), embedded_wallets);
    sdk.insert("waas".to_owned(), waas);
}

/// `SocialSignInProvider`
fn social_provider(provider: &SocialProvider) -> Value {
    json!({ "provider": provider, "enabled": true })
}

/// `Duration`: the largest unit that divides the life without a rest; minutes are the smallest.
fn duration(seconds: u32) -> Value {
    let (amount, unit) = match seconds {
        _ if seconds.is_multiple_of(86_400) => (seconds / 86_400, "days"),
        _ if seconds.is_multiple_of(3_600) => (seconds / 3_600, "hours"),
        _ => (seconds.div_ceil(60), "minutes"),
    };
    json!({ "amount": amount, "unit": unit })
}
