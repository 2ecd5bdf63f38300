//! `SdkSettings`: how users sign in, and what an app may offer them.

use mfa_engine::policy::{ApiVersion, Policy};
use mfa_engine::{BackupLocation, SocialProvider};
use serde::{Serialize, Serializer};

/// `SdkSettings`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sdk<'policy> {
    email_sign_in: EmailSignIn,
    #[serde(skip_serializing_if = "Option::is_none")]
    embedded_wallets: Option<EmbeddedWallets>,
    min_api_version: ApiVersion,
    multi_wallet: bool,
    social_sign_in: SocialSignIn<'policy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waas: Option<Waas>,
}

/// `EmailSignIn`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EmailSignIn {
    sign_in_provider: &'static str,
}

/// `SocialSignIn`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SocialSignIn<'policy> {
    #[serde(serialize_with = "each_enabled")]
    providers: &'policy [SocialProvider],
    sign_in_provider: &'static str,
}

/// `SocialSignInProvider`
#[derive(Serialize)]
struct SocialSignInProvider {
    enabled: bool,
    provider: SocialProvider,
}

/// `EmbeddedWallets`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EmbeddedWallets {
    automatic_embedded_wallet_creation: bool,
    chain_configurations: [ChainConfiguration; 1],
    default_wallet_version: &'static str,
}

/// `EmbeddedWalletChainConfiguration`
#[derive(Serialize)]
struct ChainConfiguration {
    enabled: bool,
    name: &'static str,
    primary: bool,
}

/// `Waas`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Waas {
    allow_multiple_waas_wallets_per_chain: bool,
    backup_options: [BackupLocation; 1],
    delegated_access: DelegatedAccess,
    on_sign_up: OnSignUp,
    passcode_required: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DelegatedAccess {
    enabled: bool,
    prompt_users_on_sign_in: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OnSignUp {
    prompt_backup_options: bool,
    prompt_client_share_export: bool,
}

/// How users sign in to an environment.
pub(super) fn of(policy: &Policy) -> Sdk<'_> {
    let sign_in_provider = "dynamic";
    let shows_wallets = policy.stand_ins.wallets_in_settings;
    Sdk {
        email_sign_in: EmailSignIn { sign_in_provider },
        embedded_wallets: shows_wallets.then_some(EmbeddedWallets {
            automatic_embedded_wallet_creation: false,
            chain_configurations: [ChainConfiguration {
                enabled: true,
                name: "EVM",
                primary: true,
            }],
            default_wallet_version: "V3",
        }),
        min_api_version: policy.min_api_version,
        multi_wallet: false,
        social_sign_in: SocialSignIn { providers: &policy.social.providers, sign_in_provider },
        waas: shows_wallets.then_some(Waas {
            allow_multiple_waas_wallets_per_chain: true,
            backup_options: [BackupLocation::Dynamic],
            delegated_access: DelegatedAccess { enabled: true, prompt_users_on_sign_in: false },
            on_sign_up: OnSignUp {
                prompt_backup_options: false,
                prompt_client_share_export: false,
            },
            passcode_required: false,
        }),
    }
}

fn each_enabled<S: Serializer>(
    providers: &[SocialProvider],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let shown =
        |provider: &SocialProvider| SocialSignInProvider { enabled: true, provider: *provider };
    serializer.collect_seq(providers.iter().map(shown))
}
