//! The rows of passkeys.

use mfa_engine::passkey::{Flaw, PasskeyRefusal};

use super::Row;

/// Status, `code` and `error` of a refusal about passkeys.
///
/// A stranger who signs in hears the same of every flaw; the journal tells them apart.
pub(super) fn row(refusal: &PasskeyRefusal) -> Row<'static> {
    let invalid = "mfa_invalid_request";
    match refusal {
        PasskeyRefusal::Registration(Flaw::KnownCredential) => {
            (422, Some("duplicate_exists"), "Passkey already exists")
        }
        PasskeyRefusal::Registration(_) => {
            (422, Some(invalid), "Passkey registration could not be verified")
        }
        PasskeyRefusal::Authentication(Flaw::UnknownCredential | Flaw::ForeignCredential)
        | PasskeyRefusal::NoneToDelete => (422, Some("passkey_not_found"), "Passkey not found"),
        PasskeyRefusal::Authentication(_) => {
            (422, Some(invalid), "Passkey authentication could not be verified")
        }
        PasskeyRefusal::SignIn(Flaw::CredentialNotForSignIn) => {
            let code = "credential_not_enabled_for_sign_in";
            (422, Some(code), "Credential is not enabled for sign-in")
        }
        PasskeyRefusal::SignIn(_) => (401, None, "Unauthorized"),
        PasskeyRefusal::Disabled => {
            (422, Some(invalid), "Passkeys are not enabled for this environment")
        }
        PasskeyRefusal::SignInDisabled => {
            (400, None, "Passkey sign-in is not enabled for this environment")
        }
        PasskeyRefusal::ForeignRpId => (400, None, "Invalid relatedOriginRpId"),
        PasskeyRefusal::TooMany { .. } => {
            (422, Some("max_passkeys_per_user"), "Maximum number of passkeys reached")
        }
        PasskeyRefusal::NoneToRename => (404, Some("not_found"), "Not Found"),
        PasskeyRefusal::LastCredential => {
            let code = "cannot_delete_last_sign_in_verified_credential";
            (422, Some(code), "Cannot delete the last sign-in credential")
        }
        PasskeyRefusal::LastMethod => (422, Some(invalid), "Cannot delete the last MFA method"),
    }
}
