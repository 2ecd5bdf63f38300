//! Rules that are broken in one corner: for one method, one scope, the second time.

use super::super::{BrokenService, Edit, narrow};
use super::broken;

broken! {
    "recovery-forgets-the-mfa-token" "MFA-TOK-001"
        "gives no MFA token for a recovery code" Command narrow::recovery_forgets_the_mfa_token;
    "recovery-grants-the-first-scope" "MFA-REC-006"
        "grants one of the scopes that were asked for with a recovery code" Command narrow::recovery_grants_the_first_scope;
    "passkey-tokens-serve-once" "MFA-TOK-006"
        "spends a multi-use MFA token of a passkey with its first use" Command narrow::passkey_tokens_serve_once;
    "mfa-tokens-delete-no-passkey" "MFA-PK-013"
        "deletes no passkey for an MFA token" Command narrow::passkey_tokens_delete_no_passkey;
    "first-factors-pass-over-scopes" "MFA-STEP-034"
        "grants half of a request for scopes by mail or text" Command narrow::first_factors_pass_over_scopes;
    "deleting-scopes-export" "MFA-STEP-032"
        "exports a key for the scope that deletes wallets" Command narrow::deleting_scopes_export;
    "wallet-tokens-serve-elsewhere" "MFA-STEP-022"
        "takes an elevated token for a wallet in another session of its user" Command narrow::wallet_tokens_serve_elsewhere;
    "assertions-serve-each-session" "MFA-STEP-037"
        "takes an assertion once in every session" Command narrow::assertions_serve_each_session;
    "long-expiries-are-cut" "MFA-STEP-051"
        "gives no action's token more than the usual life" Setting narrow::long_expiries_are_cut;
    "passed-sessions-link-freely" "MFA-ACC-035"
        "links an address for its code alone once MFA was passed" Command narrow::passed_sessions_link_freely;
    "spare-passkeys-go-freely" "MFA-PK-007"
        "deletes a passkey without a proof where another one stays" Command narrow::spare_passkeys_go_freely;
    "further-passkeys-need-nothing" "MFA-PK-010"
        "asks for an elevated token for the first passkey only" Command narrow::further_passkeys_need_nothing;
    "begun-devices-go-freely" "MFA-DEV-009"
        "deletes an unconfirmed device without a proof" Command narrow::begun_devices_go_freely;
    "begun-devices-bind" "MFA-STEP-038"
        "elevates nobody by mail who has begun a device" Command narrow::begun_devices_bind;
    "passkeys-do-not-bind" "MFA-STEP-002"
        "elevates a user with a passkey for a mailed code" Command narrow::passkeys_do_not_bind;
    "one-wallet-action-is-open" "MFA-ACT-031"
        "protects every action but the refresh of key shares" Setting narrow::one_wallet_action_is_open;
    "profiles-need-nothing" "MFA-ACT-032"
        "changes a protected profile without a proof" Setting narrow::profiles_need_nothing;
    "only-new-wallets-wait" "MFA-REC-036"
        "lets wallets wait for the recovery codes only when they are made" Command narrow::only_new_wallets_wait;
    "confirming-codes-serve-again" "MFA-TOTP-019"
        "takes the code that confirmed a device once more" Command narrow::confirming_codes_serve_again;
    "confirmation-hides-what-is-wrong" "MFA-TOTP-016"
        "calls a wrong code at the confirmation a bad request" Answer narrow::confirmation_hides_what_is_wrong;
}
