//! The rows of what administrators are refused.

use mfa_engine::AdminRefusal;
use mfa_engine::policy::Policy;

use super::Row;

pub(super) fn row(refusal: AdminRefusal, policy: &Policy) -> Row<'static> {
    match refusal {
        AdminRefusal::UnknownApiToken => (401, None, "Unauthorized"),
        AdminRefusal::LacksPermission { .. } => (403, None, "Access Forbidden"),
        AdminRefusal::OutOfReach => match policy.admin.unknown_subject_status {
            404 => (404, Some("not_found"), "Not Found"),
            status => (status, None, "Access Forbidden"),
        },
        AdminRefusal::NoSuchSession
        | AdminRefusal::NoSuchApiToken
        | AdminRefusal::NoTestAccount
        | AdminRefusal::NoSuchEvent
        | AdminRefusal::NoSuchWebhook
        | AdminRefusal::NoSuchMessage
        | AdminRefusal::NoSuchKey => (404, Some("not_found"), "Not Found"),
        AdminRefusal::TooManyApiTokens { .. } => (422, None, "Too many API tokens"),
        AdminRefusal::TooManyWebhooks { .. } => (422, None, "Too many webhooks"),
        AdminRefusal::TestAccountExists => (422, None, "Test account already exists"),
        AdminRefusal::KeyInUse => (409, None, "The key signs new tokens"),
        AdminRefusal::NoFurtherKey => (409, None, "Every key was used"),
    }
}
