//! Every broken service, with the requirement that must fail because of it.

use super::{
    BrokenService, Edit, answers, bearers, decisions, factors, gates, late, lenient, narrow,
    people, settings, strict,
};

macro_rules! broken {
    ($($name:literal $breaks:literal $sin:literal $kind:ident $edit:path;)+) => {
        /// Every broken service.
        pub const BROKEN_SERVICES: &[BrokenService] = &[
            $(BrokenService { name: $name, sin: $sin, breaks: $breaks, edit: Edit::$kind($edit) }),+
        ];
    };
}

broken! {
    "accept-any-code" "MFA-TOTP-016"
        "takes any six digits for the right TOTP code" Command decisions::accept_any_code;
    "replay-allowed" "MFA-TOTP-019"
        "takes a TOTP code a second time" Setting settings::replay_allowed;
    "window-of-five" "MFA-TOTP-020"
        "takes codes that are up to five steps old" Setting settings::window_of_five;
    "no-window" "MFA-TOTP-020"
        "takes the code of the current step only" Setting settings::no_window;
    "second-device-is-409" "MFA-TOTP-013"
        "refuses a second TOTP device with 409" Setting settings::second_device_is_409;
    "second-device-is-registered" "MFA-TOTP-013"
        "registers a second TOTP device" Decision decisions::register_second_device;
    "keep-unverified-device" "MFA-TOTP-015"
        "hands out the same unverified device again" Setting settings::keep_unverified_device;
    "confirmation-upgrades" "MFA-TOTP-010"
        "counts the confirmation of a device as passing MFA" Command decisions::confirmation_upgrades;
    "never-rate-limited" "MFA-TOTP-017"
        "lets anybody guess codes for ever" Setting settings::never_rate_limited;
    "delete-needs-nothing" "MFA-DEV-009"
        "deletes a device for whoever asks" Command decisions::delete_needs_nothing;
    "delete-does-nothing" "MFA-DEV-001"
        "says that a device is deleted and keeps it" Command decisions::delete_does_nothing;
    "elevated-ignores-scope" "MFA-STEP-012"
        "takes an elevated token for scopes that it does not name" Command decisions::elevated_ignores_scope;
    "elevated-ignores-session" "MFA-STEP-022"
        "takes an elevated token in another session" Command decisions::elevated_ignores_session;
    "elevated-ignores-expiry" "MFA-STEP-011"
        "takes an elevated token after its end" Command decisions::elevated_ignores_expiry;
    "elevated-never-spent" "MFA-STEP-014"
        "takes a single-use elevated token again and again" Command decisions::elevated_never_spent;
    "elevated-lives-an-hour" "MFA-STEP-007"
        "gives elevated tokens an hour" Setting settings::elevated_lives_an_hour;
    "wallet-token-time-bound" "MFA-STEP-016"
        "lets a wallet token be used again and again" Setting settings::nothing_is_single_use;
    "reauthentication-despite-mfa" "MFA-STEP-002"
        "elevates a user with MFA for a mailed code" Setting settings::reauthentication_despite_mfa;
    "register-needs-nothing" "MFA-STEP-001"
        "registers a device without an elevated token" Command decisions::register_needs_nothing;
    "mfa-token-never-spent" "MFA-TOK-005"
        "takes a single-use MFA token again and again" Command decisions::mfa_token_never_spent;
    "mfa-token-always-spent" "MFA-TOK-006"
        "spends a multi-use MFA token with its first use" Command decisions::mfa_token_always_spent;
    "mfa-token-unasked" "MFA-TOK-001"
        "hands out an MFA token that nobody asked for" Command decisions::mfa_token_unasked;
    "empty-header-is-a-token" "MFA-TOK-008"
        "takes an empty MFA token header for a token" Command decisions::empty_header_is_a_token;
    "mfa-never-done" "MFA-JWT-008"
        "keeps requiresAdditionalAuth after MFA" Decision decisions::mfa_never_done;
    "basic-while-pending" "MFA-JWT-010"
        "grants user:basic while MFA is still to do" Setting settings::basic_while_pending;
    "wrong-kid" "MFA-JWT-001"
        "publishes another key id than it signs with" Answer answers::wrong_kid;
    "never-challenges" "MFA-SES-001"
        "asks for MFA only once in a lifetime" Setting settings::never_challenges;
    "asks-everybody" "MFA-SES-002"
        "asks users without any factor for one" Setting settings::asks_everybody;
    "logout-keeps-session" "MFA-SES-004"
        "says goodbye and keeps the session open" Command decisions::logout_keeps_session;
    "refresh-forgets-mfa" "MFA-SES-005"
        "asks for MFA anew after a refresh" Decision decisions::refresh_forgets_mfa;
    "partial-reaches-everything" "MFA-SES-009"
        "lets a session that owes MFA do everything" Setting settings::partial_reaches_everything;
    "code-without-name" "MFA-ERR-003"
        "refuses with a nested error object" Answer answers::nested_error;
    "registered-passkeys-vanish" "MFA-PK-001"
        "registers a passkey and never lists it" Answer factors::registered_passkeys_vanish;
    "registering-passes-nothing" "MFA-PK-002"
        "asks for a second factor after a passkey was registered" Answer factors::registering_passes_nothing;
    "passkey-passes-nothing" "MFA-PK-003"
        "asks for a second factor after a passkey was shown" Answer factors::passkey_passes_nothing;
    "one-challenge-for-all" "MFA-PK-004"
        "has every passkey sign the same challenge" Answer factors::one_challenge_for_all;
    "passkey-ignores-scopes" "MFA-PK-006"
        "elevates nobody for a passkey" Command factors::passkey_ignores_scopes;
    "delete-passkey-does-nothing" "MFA-PK-007"
        "says that a passkey is deleted and keeps it" Command factors::delete_passkey_does_nothing;
    "passkeys-are-no-methods" "MFA-PK-009"
        "leaves passkeys out of the methods" Answer factors::passkeys_are_no_methods;
    "register-passkey-needs-nothing" "MFA-PK-010"
        "registers a passkey without an elevated token" Command factors::register_passkey_needs_nothing;
    "any-origin" "MFA-PK-011"
        "takes an assertion that was made for another site" Setting factors::any_origin;
    "counter-ignored" "MFA-PK-012"
        "takes an assertion of a copied passkey" Setting factors::counter_ignored;
    "passkey-forgets-the-mfa-token" "MFA-PK-013"
        "gives no MFA token for a passkey" Command factors::passkey_forgets_the_mfa_token;
    "no-passkey-sign-in" "MFA-PK-014"
        "signs nobody in with a passkey" Setting factors::no_passkey_sign_in;
    "reading-makes-a-new-set" "MFA-REC-001"
        "makes new recovery codes whenever they are read" Command factors::reading_makes_a_new_set;
    "recovery-passes-nothing" "MFA-REC-002"
        "asks for a second factor after a recovery code" Answer factors::recovery_passes_nothing;
    "used-codes-work" "MFA-REC-003"
        "takes a recovery code a second time" Command factors::used_codes_work;
    "count-stands-still" "MFA-REC-004"
        "counts used recovery codes among those left" Answer factors::count_stands_still;
    "rotation-keeps-the-set" "MFA-REC-005"
        "calls the old recovery codes new ones" Command factors::rotation_keeps_the_set;
    "recovery-ignores-scopes" "MFA-REC-006"
        "elevates nobody for a recovery code" Command factors::recovery_ignores_scopes;
    "without-recovery-codes" "MFA-REC-012"
        "hands out no recovery codes to be acknowledged" Setting factors::without_recovery_codes;
    "acknowledgement-is-forgotten" "MFA-REC-013"
        "takes note of an acknowledgement and forgets it" Command factors::acknowledgement_is_forgotten;
    "secrets-for-another-hash" "MFA-TOTP-003"
        "judges codes by SHA-256, which no authenticator app shows" Setting settings::other_algorithm;
    "registration-without-id" "MFA-TOTP-001"
        "registers a device and does not name it" Answer answers::registration_without_id;
    "uri-of-another-secret" "MFA-TOTP-002"
        "shows a QR code of another secret" Answer answers::uri_of_another_secret;
    "authentication-confirms-nothing" "MFA-TOTP-009"
        "confirms a device by one of the two calls only" Setting settings::authentication_confirms_nothing;
    "device-id-is-demanded" "MFA-TOTP-012"
        "authenticates nobody who does not name the device" Command gates::device_id_is_demanded;
    "any-device-id-will-do" "MFA-TOTP-018"
        "authenticates with a device that the user does not have" Command gates::any_device_id_will_do;
    "verified-at-is-missing" "MFA-DEV-002"
        "does not tell when a device was verified" Answer answers::devices_forget_when_they_were_verified;
    "devices-cannot-be-read" "MFA-DEV-004"
        "knows no device by its id" Command gates::devices_cannot_be_read;
    "mfa-tokens-delete-nothing" "MFA-DEV-010"
        "deletes no device for an MFA token" Command gates::mfa_tokens_delete_nothing;
    "elevated-deletes-nothing" "MFA-DEV-011"
        "deletes no device for an elevated token" Command gates::elevated_deletes_nothing;
    "one-device-in-a-lifetime" "MFA-DEV-012"
        "registers no device after one was deleted" Command gates::one_device_in_a_lifetime;
    "reset-leaves-the-device" "MFA-DEV-031"
        "says that MFA was reset and keeps the device" Command people::reset_leaves_the_device;
    "trusts-every-device" "MFA-DEV-032"
        "lets every device in that must be registered first" Setting settings::trusts_every_device;
    "revoked-devices-stay" "MFA-DEV-033"
        "says that a device is revoked and trusts it" Command people::revoked_devices_stay;
    "mail-elevates-nobody" "MFA-STEP-003"
        "elevates nobody for a mailed code" Command gates::mail_elevates_nobody;
    "totp-ignores-scopes" "MFA-STEP-005"
        "elevates nobody for a TOTP code" Command gates::totp_ignores_scopes;
    "step-up-for-everybody" "MFA-STEP-013"
        "enforces step-up in environments that never opted in" Setting settings::step_up_for_everybody;
    "wider-than-asked" "MFA-STEP-015"
        "grants a scope that nobody asked for" Command gates::wider_than_asked;
    "check-says-never" "MFA-STEP-017"
        "answers every step-up check with no" Decision gates::check_says_never;
    "check-says-always" "MFA-STEP-017"
        "answers every step-up check with yes" Decision gates::check_says_always;
    "elevation-refused-with-401" "MFA-STEP-021"
        "refuses a missing elevated token with 401" Setting settings::elevation_refused_with_401;
    "actions-without-terms" "MFA-STEP-051"
        "forgets what the settings say of an action's token" Setting settings::actions_without_terms;
    "export-needs-nothing" "MFA-STEP-032"
        "hands out private keys to whoever is signed in" Setting settings::export_needs_nothing;
    "creating-needs-elevation" "MFA-STEP-033"
        "asks for an elevated token before it makes a wallet" Command gates::creating_needs_elevation;
    "unknown-scopes-are-passed-over" "MFA-STEP-034"
        "grants half of a request for scopes" Command gates::unknown_scopes_are_passed_over;
    "transfer-among-others" "MFA-STEP-035"
        "grants the transfer of ownership among other scopes" Setting settings::transfer_among_others;
    "assertions-need-no-id" "MFA-STEP-036"
        "takes an assertion that has no id" Command gates::assertions_need_no_id;
    "assertions-serve-again" "MFA-STEP-037"
        "takes an assertion a second time" Command gates::assertions_serve_again;
    "tokens-of-anybody" "MFA-TOK-007"
        "takes the MFA token of another session" Decision gates::tokens_of_anybody;
    "actions-open-to-all" "MFA-ACT-031"
        "performs protected actions for whoever asks" Setting settings::actions_open_to_all;
    "one-token-for-all" "MFA-JWT-003"
        "hands out the long token as the bearer" Answer answers::one_token_for_all;
    "bearers-never-expire" "MFA-JWT-011"
        "takes a session token after its end" Command bearers::bearers_never_expire;
    "unsigned-tokens-serve" "MFA-JWT-011"
        "takes a token that says of itself that it is unsigned" Answer answers::unsigned_tokens_serve;
    "stale-key-set" "MFA-JWT-031"
        "publishes the first key only, whatever signs" Answer answers::stale_key_set;
    "retired-keys-serve" "MFA-JWT-032"
        "takes tokens of a key that was taken out of use" Decision bearers::retired_keys_serve;
    "any-environment-will-do" "MFA-SEC-006"
        "takes a session token of another environment" Decision bearers::any_environment_will_do;
    "end-users-administrate" "MFA-SEC-031"
        "opens the calls for an app's own servers to end users" Answer answers::end_users_administrate;
    "required-asks-nobody" "MFA-SES-003"
        "asks only the enrolled where MFA is required" Setting settings::required_asks_nobody;
    "sessions-never-end" "MFA-SES-007"
        "answers sessions that have ended" Decision bearers::sessions_never_end;
    "mailed-codes-can-be-guessed" "MFA-SES-008"
        "lets a mailed code be guessed" Setting settings::mailed_codes_can_be_guessed;
    "mailed-codes-live-a-day" "MFA-SES-008"
        "takes a mailed code the next morning" Setting settings::mailed_codes_live_a_day;
    "revocation-leaves-sessions" "MFA-SES-032"
        "says that sessions are revoked and keeps them" Command people::revocation_leaves_sessions;
    "mailed-codes-work-again" "MFA-SES-033"
        "takes a mailed code that was used" Decision people::mailed_codes_work_again;
    "any-mailed-code" "MFA-SES-034"
        "takes the code of another address" Command people::any_mailed_code;
    "any-texted-code" "MFA-SES-035"
        "takes the code of another number" Command people::any_texted_code;
    "tells-who-has-an-account" "MFA-SES-036"
        "mails no code to strangers, and says so" Decision people::tells_who_has_an_account;
    "no-test-account" "MFA-SES-037"
        "gives test accounts another code each time" Setting settings::no_test_account;
    "cookies-for-scripts" "MFA-SES-038"
        "lets scripts read the session cookie" Answer answers::cookies_for_scripts;
    "refusals-without-words" "MFA-ERR-001"
        "refuses without a word" Answer answers::refusals_without_words;
    "json-as-text" "MFA-ERR-031"
        "sends JSON as plain text" Answer answers::json_as_text;
    "never-limits" "MFA-NET-051"
        "answers as many calls as anybody makes" Setting settings::never_limits;
    "limits-without-words" "MFA-NET-052"
        "answers a 429 with an empty body" Answer answers::limits_without_words;
    "preflight-forgets-the-proofs" "MFA-NET-053"
        "lets no page send an MFA token" Answer answers::preflight_forgets_the_proofs;
    "every-origin-reads" "MFA-NET-034"
        "lets pages of every origin read its answers" Setting settings::every_origin_reads;
    "unlinking-needs-nothing" "MFA-ACC-031"
        "unlinks a credential without an elevated token" Command gates::unlinking_needs_nothing;
    "last-credentials-go" "MFA-ACC-032"
        "agrees to unlink the last credential" Decision people::last_credentials_go;
    "unlinking-ends-nothing" "MFA-ACC-033"
        "keeps the sessions of a credential that is gone" Setting settings::unlinking_ends_nothing;
    "taken-addresses-are-linked" "MFA-ACC-034"
        "agrees to link an address of another user" Decision people::taken_addresses_are_linked;
    "linking-needs-nothing" "MFA-ACC-035"
        "links an address for its code alone" Command gates::linking_needs_nothing;
    "tells-of-no-events" "MFA-ACC-036"
        "tells nobody what happened" Answer answers::tells_of_no_events;
    "nine-codes" "MFA-REC-001"
        "makes sets of nine recovery codes" Setting settings::nine_codes;
    "recovery-stands-alone" "MFA-REC-051"
        "takes recovery codes of users without a method" Setting settings::recovery_stands_alone;
    "case-matters" "MFA-REC-032"
        "takes recovery codes only as they were written" Command people::case_matters;
    "any-recovery-code" "MFA-REC-033"
        "takes any word for a recovery code" Command people::any_recovery_code;
    "used-codes-are-shown" "MFA-REC-034"
        "lists recovery codes that were used" Setting settings::used_codes_are_shown;
    "exhausted-sets-stay" "MFA-REC-035"
        "makes no new recovery codes when all are used" Command people::exhausted_sets_stay;
    "wallets-never-wait" "MFA-REC-036"
        "opens wallets before the recovery codes are acknowledged" Setting settings::wallets_never_wait;
    "counts-from-another-epoch" "MFA-TOTP-STD-01"
        "takes codes a minute and a half too late" Command gates::counts_from_another_epoch;
    "no-device-is-the-default" "MFA-DEV-003"
        "lists devices and no default among them" Answer answers::no_device_is_the_default;
    "hides-that-it-is-single-use" "MFA-STEP-006"
        "does not say which elevated tokens are single-use" Decision gates::hides_that_it_is_single_use;
    "actions-ask-nobody" "MFA-ACT-001"
        "tells SDKs that protected actions ask for nothing" Answer answers::actions_ask_nobody;
    "names-another-session" "MFA-JWT-002"
        "names a session in its tokens that does not exist" Decision bearers::names_another_session;
    "names-one-scope-only" "MFA-JWT-004"
        "names one scope in its tokens, whatever was granted" Decision bearers::names_one_scope_only;
    "sessions-live-a-year" "MFA-SES-039"
        "gives session tokens a year" Decision bearers::sessions_live_a_year;
    "owing-sessions-enrol" "MFA-SES-040"
        "agrees to whatever a session asks that owes a factor" Decision bearers::owing_sessions_enrol;
    "deletion-leaves-the-user" "MFA-SES-041"
        "ends one session and calls it a deletion" Command people::deletion_leaves_the_user;
    "roles-do-not-matter" "MFA-ACC-037"
        "lets every member of a business account change it" Decision people::roles_do_not_matter;
    "short-secrets" "MFA-TOTP-031"
        "makes TOTP secrets of eighty bits" Setting settings::short_secrets;
    "passkeys-are-two-factors" "MFA-PK-051"
        "counts signing in with a passkey as both factors" Setting settings::passkeys_are_two_factors;
    "revoked-devices-go-on" "MFA-DEV-034"
        "leaves a revoked device signed in" Setting settings::revoked_devices_go_on;
    "mails-register-any-device" "MFA-DEV-035"
        "registers whichever device answers a mail" Setting settings::mails_register_any_device;
    "elevated-tokens-open-sessions" "MFA-JWT-011"
        "takes an elevated token for the token of a session" Answer lenient::elevated_tokens_open_sessions;
    "users-are-read-without-a-token" "MFA-JWT-011"
        "answers for a user where no token is shown" Answer lenient::users_are_read_without_a_token;
    "device-signatures-do-not-matter" "MFA-SEC-002"
        "refreshes whatever the device has signed" Answer lenient::device_signatures_do_not_matter;
    "nonces-serve-again" "MFA-SEC-003"
        "takes a nonce that was used before" Decision lenient::nonces_serve_again;
    "challenges-serve-again" "MFA-PK-004"
        "takes an assertion over a challenge that was used" Decision lenient::challenges_serve_again;
    "any-token-deletes" "MFA-DEV-009"
        "deletes a device for any text in place of an MFA token" Command lenient::any_token_deletes;
    "anothers-devices-are-told" "MFA-DEV-004"
        "answers for a device of another user" Command lenient::anothers_devices_are_told;
    "removals-spend-nothing" "MFA-STEP-014"
        "spends no single-use elevated token for a removal" Command lenient::removals_spend_nothing;
    "passkeys-cost-no-token" "MFA-TOK-005"
        "spends no single-use MFA token for the deletion of a passkey" Command lenient::passkeys_cost_no_token;
    "step-ups-use-no-code-up" "MFA-REC-003"
        "takes a used recovery code again where it earns scopes" Command lenient::step_ups_use_no_code_up;
    "reset-leaves-passkeys" "MFA-DEV-031"
        "says that MFA was reset and keeps the passkeys" Command lenient::reset_leaves_passkeys;
    "mixed-requests-are-time-bound" "MFA-STEP-016"
        "gives a wallet scope among others in a time-bound token" Decision lenient::mixed_requests_are_time_bound;
    "devices-share-an-id" "MFA-TOTP-015"
        "names every new device alike" Decision lenient::devices_share_an_id;
    "refresh-forgives" "MFA-SES-005"
        "takes a refresh for the second factor" Command lenient::refresh_forgives;
    "codes-outlive-their-step" "MFA-TOTP-003"
        "takes a code of the step before where no window is allowed" Setting lenient::codes_outlive_their_step;
    "listed-origins-are-beginnings" "MFA-NET-034"
        "takes an origin for a listed one that begins like it" Setting lenient::listed_origins_are_beginnings;
    "wallets-stay-shut" "MFA-REC-036"
        "makes no wallet, whatever was acknowledged" Command strict::wallets_stay_shut;
    "complete-sessions-are-held-back" "MFA-SES-009"
        "keeps a call from sessions that owe nothing" Command strict::complete_sessions_are_held_back;
    "owners-add-nobody" "MFA-ACC-037"
        "keeps the owner of a business account from adding members" Command strict::owners_add_nobody;
    "passed-factors-enrol-nothing" "MFA-SES-040"
        "begins no passkey for a session that has passed its factor" Command strict::passed_factors_enrol_nothing;
    "free-addresses-are-refused" "MFA-ACC-034"
        "links no address that nobody has" Command strict::free_addresses_are_refused;
    "good-tokens-perform-nothing" "MFA-ACT-031"
        "performs no protected action for a good MFA token" Command strict::good_tokens_perform_nothing;
    "good-scopes-export-nothing" "MFA-STEP-032"
        "exports no key for the scope that allows it" Command strict::good_scopes_export_nothing;
    "unlinking-takes-no-token" "MFA-ACC-031"
        "unlinks nothing for the scope that allows it" Command strict::unlinking_takes_no_token;
    "transfers-are-never-granted" "MFA-STEP-035"
        "grants no token for a transfer that is asked for alone" Command strict::transfers_are_never_granted;
    "answered-mails-register-nothing" "MFA-DEV-032"
        "registers no device whose mail was answered" Command strict::answered_mails_register_nothing;
    "assertions-elevate-nobody" "MFA-STEP-036"
        "refuses an assertion that lacks nothing" Command gates::assertions_elevate_nobody;
    "no-texted-sign-in" "MFA-SES-035"
        "signs nobody in with a texted code" Command strict::no_texted_sign_in;
    "own-call-confirms-nothing" "MFA-TOTP-009"
        "confirms no device by the call that is made for it" Command strict::own_call_confirms_nothing;
    "one-code-in-a-lifetime" "MFA-TOTP-019"
        "takes no further code of a device" Command strict::one_code_in_a_lifetime;
    "locks-longer-than-it-says" "MFA-TOTP-032"
        "names one second for every wait, and lets nobody in after it" Answer answers::locks_longer_than_it_says;
    "one-action-protects-all" "MFA-ACT-031"
        "asks for a proof at every action as soon as one is protected" Setting settings::one_action_protects_all;
    "locks-at-the-first-failure" "MFA-TOTP-017"
        "locks out whoever mistypes once" Setting strict::locks_at_the_first_failure;
    "limits-too-early" "MFA-NET-051"
        "refuses calls that are within the limit" Setting strict::limits_too_early;
    "no-origin-reads" "MFA-NET-034"
        "lets pages of no origin read its answers" Answer strict::no_origin_reads;
    "spent-mfa-tokens-pass-at-once" "MFA-TOK-005"
        "looks whether an MFA token was spent when the call comes, not when it is decided" Late late::actions;
    "spent-elevated-tokens-pass-at-once" "MFA-STEP-014"
        "looks whether an elevated token was spent when the call comes, not when it is decided" Late late::registrations;
    "uses-bring-old-sets-back" "MFA-REC-005"
        "takes a code of the set that there was when the call came, and writes that set back" Late late::uses_of_recovery_codes;
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
