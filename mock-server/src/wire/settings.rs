//! `ProjectSettings`: what an SDK reads at its start, in the service's own shape (rule D1).
//!
//! All of it is typed and borrowed from the settings of the world, because a value of JSON
//! allocates each of its keys, and there is no longer answer than this one.

mod provider;
mod sdk;
mod security;

use mfa_engine::policy::Policy;
use serde::Serialize;

use super::public_address::PublicAddress;
use provider::Provider;
use sdk::Sdk;
use security::Security;

/// `ProjectSettings`, its fields in the order of their names.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ProjectSettings<'policy> {
    chains: [Chain; 1],
    custom_fields: [Nothing; 0],
    design: Nothing,
    environment_name: &'static str,
    general: General<'policy>,
    kyc: [Nothing; 0],
    networks: [Nothing; 0],
    privacy: Privacy,
    providers: Vec<Provider<'policy>>,
    sdk: Sdk<'policy>,
    security: Security<'policy>,
}

/// `ChainConfiguration`
#[derive(Serialize)]
struct Chain {
    enabled: bool,
    name: &'static str,
    networks: [Nothing; 0],
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

/// The settings of an environment as `GET settings` shows them.
pub(super) fn render<'policy>(
    policy: &'policy Policy,
    address: &PublicAddress,
) -> ProjectSettings<'policy> {
    let issuer = &policy.totp.issuer;
    ProjectSettings {
        // The networks of the chain stay empty: nothing is reached from here.
        chains: [Chain { enabled: true, name: "EVM", networks: [] }],
        custom_fields: [],
        design: Nothing {},
        environment_name: "sandbox",
        general: General { display_name: issuer, email_company_name: issuer },
        kyc: [],
        networks: [],
        privacy: Privacy { collect_ip: false },
        providers: provider::of(policy, address),
        sdk: sdk::of(policy),
        security: security::of(policy),
    }
}
