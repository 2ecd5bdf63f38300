//! Rules about who may do what, and with which factor.

use super::super::{BrokenService, Edit, factors, gates, people};
use super::broken;

broken! {
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
    "device-id-is-demanded" "MFA-TOTP-012"
        "authenticates nobody who does not name the device" Command gates::device_id_is_demanded;
    "any-device-id-will-do" "MFA-TOTP-018"
        "authenticates with a device that the user does not have" Command gates::any_device_id_will_do;
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
    "revoked-devices-stay" "MFA-DEV-033"
        "says that a device is revoked and trusts it" Command people::revoked_devices_stay;
    "mail-elevates-nobody" "MFA-STEP-003"
        "elevates nobody for a mailed code" Command gates::mail_elevates_nobody;
    "totp-ignores-scopes" "MFA-STEP-005"
        "elevates nobody for a TOTP code" Command gates::totp_ignores_scopes;
    "wider-than-asked" "MFA-STEP-015"
        "grants a scope that nobody asked for" Command gates::wider_than_asked;
    "check-says-never" "MFA-STEP-017"
        "answers every step-up check with no" Decision gates::check_says_never;
    "check-says-always" "MFA-STEP-017"
        "answers every step-up check with yes" Decision gates::check_says_always;
    "creating-needs-elevation" "MFA-STEP-033"
        "asks for an elevated token before it makes a wallet" Command gates::creating_needs_elevation;
    "unknown-scopes-are-passed-over" "MFA-STEP-034"
        "grants half of a request for scopes" Command gates::unknown_scopes_are_passed_over;
    "assertions-need-no-id" "MFA-STEP-036"
        "takes an assertion that has no id" Command gates::assertions_need_no_id;
    "assertions-serve-again" "MFA-STEP-037"
        "takes an assertion a second time" Command gates::assertions_serve_again;
    "tokens-of-anybody" "MFA-TOK-007"
        "takes the MFA token of another session" Decision gates::tokens_of_anybody;
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
    "unlinking-needs-nothing" "MFA-ACC-031"
        "unlinks a credential without an elevated token" Command gates::unlinking_needs_nothing;
    "last-credentials-go" "MFA-ACC-032"
        "agrees to unlink the last credential" Decision people::last_credentials_go;
    "taken-addresses-are-linked" "MFA-ACC-034"
        "agrees to link an address of another user" Decision people::taken_addresses_are_linked;
    "linking-needs-nothing" "MFA-ACC-035"
        "links an address for its code alone" Command gates::linking_needs_nothing;
    "case-matters" "MFA-REC-032"
        "takes recovery codes only as they were written" Command people::case_matters;
    "any-recovery-code" "MFA-REC-033"
        "takes any word for a recovery code" Command people::any_recovery_code;
    "exhausted-sets-stay" "MFA-REC-035"
        "makes no new recovery codes when all are used" Command people::exhausted_sets_stay;
    "counts-from-another-epoch" "MFA-TOTP-STD-01"
        "takes codes a minute and a half too late" Command gates::counts_from_another_epoch;
    "hides-that-it-is-single-use" "MFA-STEP-006"
        "does not say which elevated tokens are single-use" Decision gates::hides_that_it_is_single_use;
    "deletion-leaves-the-user" "MFA-SES-041"
        "ends one session and calls it a deletion" Command people::deletion_leaves_the_user;
    "roles-do-not-matter" "MFA-ACC-037"
        "lets every member of a business account change it" Decision people::roles_do_not_matter;
    "assertions-elevate-nobody" "MFA-STEP-036"
        "refuses an assertion that lacks nothing" Command gates::assertions_elevate_nobody;
}
