//! Rules that are broken in one corner: for one method, one scope, the second time.

use super::super::{
    BrokenService, Edit, bearers, corner_factors, corner_sessions, corner_ways, narrow,
};
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
    "codes-upgrade-no-passkey-session" "MFA-REC-002"
        "takes a recovery code and upgrades nothing in a session that a passkey opened" Command corner_factors::codes_upgrade_no_passkey_session;
    "named-devices-upgrade-nothing-required" "MFA-TOTP-012"
        "upgrades nothing for a code with its device's id where MFA is required" Command corner_factors::named_devices_upgrade_nothing_required;
    "passkeys-upgrade-no-texted-session" "MFA-PK-003"
        "upgrades no session that a text opened for a passkey, in the older version" Command corner_factors::passkeys_upgrade_no_texted_session;
    "texted-sessions-begin-no-passkey" "MFA-SES-040"
        "begins no passkey in a session that a text opened, whatever was passed" Command corner_factors::texted_sessions_begin_no_passkey;
    "texts-elevate-no-mailed-session" "MFA-STEP-003"
        "elevates a session that a mail opened for no texted code" Command corner_factors::texts_elevate_no_mailed_session;
    "codes-earn-nothing-for-accounts" "MFA-REC-006"
        "leaves the scopes of business accounts out for a recovery code" Command corner_factors::codes_earn_nothing_for_accounts;
    "mfa-tokens-register-devices" "MFA-STEP-001"
        "registers a TOTP device for an MFA token in place of an elevated one" Command corner_factors::mfa_tokens_register_devices;
    "empty-headers-spoil-accounts" "MFA-TOK-008"
        "refuses a good token in a business account beside an empty MFA header" Answer corner_factors::empty_headers_spoil_accounts;
    "account-tokens-serve-elsewhere" "MFA-STEP-022"
        "takes an elevated token for a business account in another session of its user" Command corner_factors::account_tokens_serve_elsewhere;
    "owners-of-passkeys-make-no-wallet" "MFA-STEP-033"
        "makes no wallet for a user who has a passkey" Command corner_factors::owners_of_passkeys_make_no_wallet;
    "tokens-of-codes-spare-begun-devices" "MFA-DEV-010"
        "deletes no unconfirmed device for an MFA token of a recovery code" Command corner_factors::tokens_of_codes_spare_begun_devices;
    "old-ids-show-new-devices" "MFA-DEV-012"
        "shows the new device under the id of the deleted one" Command corner_factors::old_ids_show_new_devices;
    "codes-stand-alone-for-scopes" "MFA-REC-051"
        "passes a recovery code of a user without a method if scopes are asked for" Command corner_factors::codes_stand_alone_for_scopes;
    "changed-profiles-owe-nothing" "MFA-JWT-010"
        "forgives a session its factor in the answer to a change of the profile" Decision corner_sessions::changed_profiles_owe_nothing;
    "texted-sessions-are-forgiven" "MFA-SES-005"
        "takes the refresh of a session that a text opened for its second factor" Decision corner_sessions::texted_sessions_are_forgiven;
    "owing-sessions-list-devices" "MFA-SES-009"
        "lists trusted devices in a session that owes its factor" Command corner_sessions::owing_sessions_list_devices;
    "passed-sessions-list-no-devices" "MFA-SES-009"
        "lists no trusted devices in a session that owes nothing" Answer corner_sessions::passed_sessions_list_no_devices;
    "sessions-of-the-app-live-longer" "MFA-SES-039"
        "adds a month to the tokens of whom the app's issuer has named" Decision corner_sessions::sessions_of_the_app_live_longer;
    "acknowledgements-come-alone" "MFA-REC-013"
        "passes over an acknowledgement beside a change of the profile" Command corner_sessions::acknowledgements_come_alone;
    "left-codes-are-a-method" "MFA-SES-002"
        "asks for a factor whose recovery codes alone are left" Decision corner_sessions::left_codes_are_a_method;
    "proven-numbers-are-not-named" "MFA-JWT-002"
        "names no number as the credential last verified that did not open the session" Decision corner_sessions::proven_numbers_are_not_named;
    "admins-give-accounts-away" "MFA-ACC-037"
        "lets an admin give a business account away" Decision corner_sessions::admins_give_accounts_away;
    "foreign-tokens-ask-for-step-up" "MFA-SEC-006"
        "answers step-up checks for tokens of other environments" Answer corner_sessions::foreign_tokens_ask_for_step_up;
    "late-logouts-are-taken" "MFA-SES-007"
        "does not refuse a logout after the end of the session" Command corner_sessions::late_logouts_are_taken;
    "texts-go-elsewhere" "MFA-SES-035"
        "sends another code to any number that is named, and takes it at the first" Command corner_ways::texts_go_elsewhere;
    "countries-do-not-matter" "MFA-SES-035"
        "takes one number in two countries for one person" Decision corner_ways::countries_do_not_matter;
    "retries-know-accounts" "MFA-SES-036"
        "sends a second code only to addresses with an account" Command corner_ways::retries_know_accounts;
    "texts-need-no-signature" "MFA-SEC-002"
        "answers 200 to a texted sign-in whose device signature is wrong" Answer corner_ways::texts_need_no_signature;
    "texts-set-no-cookie" "MFA-SES-038"
        "sets no cookie for whom a text signed in" Answer corner_ways::texts_set_no_cookie;
    "check-leaves-numbers-out" "MFA-STEP-017"
        "leaves telephone numbers out of the step-up check" Decision corner_ways::check_leaves_numbers_out;
    "other-sessions-see-another-set" "MFA-REC-001"
        "makes a new set of recovery codes for each later session that reads them" Command corner_ways::other_sessions_see_another_set;
    "codes-stand-alone-where-owed" "MFA-REC-051"
        "takes recovery codes of users without a method where one has to be enrolled" Command corner_ways::codes_stand_alone_where_owed;
    "settings-hide-resharing" "MFA-ACT-001"
        "leaves one protected action out of the settings" Answer corner_ways::settings_hide_resharing;
    "mailed-tokens-are-not-spent" "MFA-STEP-016"
        "lets tokens that a mailed code earned be used again, also those for wallets" Decision corner_ways::mailed_tokens_are_not_spent;
    "single-use-does-not-end" "MFA-STEP-011"
        "registers a device for a single-use token after its end" Command corner_ways::single_use_does_not_end;
    "passkeys-beside-totp-earn-no-token" "MFA-PK-013"
        "gives no MFA token for the passkey of a user with a TOTP device" Command corner_ways::passkeys_beside_totp_earn_no_token;
    "new-devices-have-no-window" "MFA-TOTP-020"
        "confirms a new device by a code of the present step only" Command corner_ways::new_devices_have_no_window;
    "older-codes-work-again" "MFA-REC-003"
        "takes a used recovery code again once three are used" Command corner_ways::older_codes_work_again;
    "clients-without-a-page-have-no-audience" "MFA-JWT-002"
        "leaves the audience empty in tokens for a client that names no origin" Decision bearers::clients_without_a_page_have_no_audience;
    "the-first-credential-is-named" "MFA-JWT-002"
        "names what opened the session as the credential last verified" Decision bearers::the_first_credential_is_named;
    "all-revoked-devices-stay" "MFA-DEV-033"
        "says that all devices are revoked and trusts them" Command corner_ways::all_revoked_devices_stay;
    "one-device-vouches-for-all" "MFA-DEV-035"
        "trusts every device once a mail about one was answered" Command corner_ways::one_device_vouches_for_all;
    "uses-are-counted-by-scope" "MFA-STEP-015"
        "spends a single-use token of several scopes once for each of them" Command corner_ways::uses_are_counted_by_scope;
    "accounts-keep-their-signers" "MFA-ACC-037"
        "keeps everybody from removing a signer of a business account" Command corner_ways::accounts_keep_their_signers;
}
