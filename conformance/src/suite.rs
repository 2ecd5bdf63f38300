//! All cases, family by family.

mod account_service;
mod acknowledge_service;
mod action;
mod action_service;
mod admin_service;
mod after_deletion_service;
mod answered;
mod app_issuer;
mod client_codes;
mod client_ends;
mod client_passkey;
mod client_proofs;
mod client_requests;
mod client_session;
mod client_traffic;
mod code_service;
mod crowd;
mod debt_service;
mod deletion;
mod devices;
mod elevated;
mod elevated_service;
mod errors;
mod every_factor_service;
mod every_gate_service;
mod every_scope_service;
mod every_way_service;
mod gate_service;
mod jwt;
mod jwt_forgery;
mod jwt_service;
mod last_method_service;
mod made_service;
mod mfa_token;
mod mfa_token_service;
mod network;
mod odd_answers;
mod partial_service;
mod passkey;
mod passkey_service;
mod race_order_service;
mod race_service;
mod raw_passkey;
mod raw_session;
mod reach_service;
mod record;
mod recovery;
mod recovery_service;
mod removal;
mod role_service;
mod scope_service;
mod security;
mod sensitive;
mod sent_again_service;
mod session_mfa;
mod session_service;
mod shape_service;
mod sign_in;
mod signed_in;
mod signing_device;
mod start;
mod step_up;
mod stored;
mod sweep;
mod totp_enrol;
mod totp_register;
mod totp_service;
mod totp_time;
mod totp_verify;
mod trust_service;
mod walk_account;
mod walk_action;
mod walk_devices;
mod walk_passkey;
mod walk_recovery;
mod walk_session;
mod walk_step_up;
mod walk_totp;
mod ways_in;
mod wire_service;

use crate::case::Case;

/// Every family's table, in the order in which reports list them.
const FAMILIES: &[&[Case]] = &[
    start::CASES,
    totp_register::CASES,
    totp_enrol::CASES,
    totp_verify::CASES,
    totp_time::CASES,
    devices::CASES,
    deletion::CASES,
    errors::CASES,
    walk_totp::CASES,
    walk_devices::CASES,
    step_up::CASES,
    elevated::CASES,
    elevated_service::CASES,
    mfa_token::CASES,
    mfa_token_service::CASES,
    sign_in::CASES,
    session_mfa::CASES,
    partial_service::CASES,
    reach_service::CASES,
    jwt::CASES,
    jwt_forgery::CASES,
    jwt_service::CASES,
    debt_service::CASES,
    action::CASES,
    network::CASES,
    security::CASES,
    stored::CASES,
    passkey::CASES,
    recovery::CASES,
    recovery_service::CASES,
    acknowledge_service::CASES,
    gate_service::CASES,
    account_service::CASES,
    role_service::CASES,
    admin_service::CASES,
    code_service::CASES,
    sent_again_service::CASES,
    every_way_service::CASES,
    session_service::CASES,
    made_service::CASES,
    shape_service::CASES,
    trust_service::CASES,
    totp_service::CASES,
    passkey_service::CASES,
    scope_service::CASES,
    every_factor_service::CASES,
    every_scope_service::CASES,
    every_gate_service::CASES,
    after_deletion_service::CASES,
    last_method_service::CASES,
    action_service::CASES,
    wire_service::CASES,
    race_service::CASES,
    race_order_service::CASES,
    sweep::FAULTY,
    sweep::LATE,
    client_traffic::CASES,
    client_session::CASES,
    client_codes::CASES,
    client_proofs::CASES,
    client_passkey::CASES,
    client_ends::CASES,
    client_requests::CASES,
    odd_answers::CASES,
    walk_step_up::CASES,
    walk_session::CASES,
    walk_action::CASES,
    walk_passkey::CASES,
    walk_account::CASES,
    walk_recovery::CASES,
];

/// Cases that wait for the SDK's own clock, which cannot be moved: about a second each.
pub const WAITING: [&str; 7] = [
    "elevated/an-expired-one-hides-no-other",
    "elevated/expired-is-not-restored",
    "elevated/expired-is-not-used",
    "session/ends-in-the-sdk",
    "session/refreshing-can-shorten-it",
    "session/refreshing-prolongs-it-in-the-sdk",
    "session/what-was-ended-stays-ended",
];

/// Every case, in the order of the tables.
#[must_use]
pub fn cases() -> Vec<&'static Case> {
    FAMILIES.iter().flat_map(|family| family.iter()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::needs;
    use crate::requirement::Requirements;
    use crate::run::tenant_time;
    use crate::service::Service;
    use crate::world::World;

    #[test]
    fn ids_are_unique_and_well_formed() {
        let mut seen = BTreeSet::new();
        for case in cases() {
            assert!(seen.insert(case.id), "{} is there twice", case.id);
            let shown = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-/".contains(c);
            assert!(case.id.contains('/') && case.id.chars().all(shown), "{}", case.id);
            assert!(!case.title.is_empty() && !case.title.ends_with('.'), "{}: title", case.id);
        }
    }

    #[test]
    fn every_case_proves_rows_that_exist() {
        let rows = Requirements::load().unwrap();
        for case in cases() {
            assert!(!case.proves.is_empty(), "{} proves nothing", case.id);
            for id in case.proves {
                assert!(rows.find(id).is_some(), "{} proves the unknown {id}", case.id);
            }
        }
    }

    #[test]
    fn every_counter_is_another_case() {
        let all: BTreeSet<&str> = cases().iter().map(|case| case.id).collect();
        for case in cases() {
            let Some(counter) = case.counter else { continue };
            assert!(all.contains(counter), "{}: there is no counter {counter}", case.id);
            assert_ne!(counter, case.id);
        }
    }

    #[test]
    fn every_case_that_waits_is_one() {
        let all: BTreeSet<&str> = cases().iter().map(|case| case.id).collect();
        for id in WAITING {
            assert!(all.contains(id), "there is no case {id}");
        }
    }

    #[test]
    fn every_world_can_be_furnished() {
        let service = Service::start(7).unwrap();
        let presets = [World::PLAIN, World::LEGACY, World::MFA_REQUIRED];
        for world in presets.into_iter().chain(cases().iter().map(|case| case.world)) {
            let tenant = service.tenant("a world", tenant_time(1_790_000_000_000)).unwrap();
            tenant.furnish(&world).unwrap();
        }
    }

    #[test]
    fn every_need_exists() {
        let hello = needs::tests::hello();
        for case in cases() {
            assert!(needs::unmet(case.needs, &hello).is_ok(), "{}: {:?}", case.id, case.needs);
        }
    }
}
