//! Every broken service, with the requirement that must fail because of it.

use super::{BrokenService, Edit, answers, decisions, factors, settings};

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
}
