//! Rules that are broken wherever they hold.

use super::super::{
    BrokenService, Edit, answers, bearers, decisions, late, lenient, settings, strict,
};
use super::broken;

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
    "secrets-for-another-hash" "MFA-TOTP-003"
        "judges codes by SHA-256, which no authenticator app shows" Setting settings::other_algorithm;
    "registration-without-id" "MFA-TOTP-001"
        "registers a device and does not name it" Answer answers::registration_without_id;
    "uri-of-another-secret" "MFA-TOTP-002"
        "shows a QR code of another secret" Answer answers::uri_of_another_secret;
    "authentication-confirms-nothing" "MFA-TOTP-009"
        "confirms a device by one of the two calls only" Setting settings::authentication_confirms_nothing;
    "verified-at-is-missing" "MFA-DEV-002"
        "does not tell when a device was verified" Answer answers::devices_forget_when_they_were_verified;
    "trusts-every-device" "MFA-DEV-032"
        "lets every device in that must be registered first" Setting settings::trusts_every_device;
    "step-up-for-everybody" "MFA-STEP-013"
        "enforces step-up in environments that never opted in" Setting settings::step_up_for_everybody;
    "elevation-refused-with-401" "MFA-STEP-021"
        "refuses a missing elevated token with 401" Setting settings::elevation_refused_with_401;
    "actions-without-terms" "MFA-STEP-051"
        "forgets what the settings say of an action's token" Setting settings::actions_without_terms;
    "export-needs-nothing" "MFA-STEP-032"
        "hands out private keys to whoever is signed in" Setting settings::export_needs_nothing;
    "transfer-among-others" "MFA-STEP-035"
        "grants the transfer of ownership among other scopes" Setting settings::transfer_among_others;
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
    "unlinking-ends-nothing" "MFA-ACC-033"
        "keeps the sessions of a credential that is gone" Setting settings::unlinking_ends_nothing;
    "tells-of-no-events" "MFA-ACC-036"
        "tells nobody what happened" Answer answers::tells_of_no_events;
    "nine-codes" "MFA-REC-001"
        "makes sets of nine recovery codes" Setting settings::nine_codes;
    "recovery-stands-alone" "MFA-REC-051"
        "takes recovery codes of users without a method" Setting settings::recovery_stands_alone;
    "used-codes-are-shown" "MFA-REC-034"
        "lists recovery codes that were used" Setting settings::used_codes_are_shown;
    "wallets-never-wait" "MFA-REC-036"
        "opens wallets before the recovery codes are acknowledged" Setting settings::wallets_never_wait;
    "no-device-is-the-default" "MFA-DEV-003"
        "lists devices and no default among them" Answer answers::no_device_is_the_default;
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
}
