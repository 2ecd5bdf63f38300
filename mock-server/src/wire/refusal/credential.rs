//! The rows of wallets, social accounts, linking and merging.

use mfa_engine::{LinkingRefusal, Refusal, SocialRefusal, WalletRefusal};
use serde_json::{Value, json};

use super::Row;
use crate::wire::body::wallet::Conflicts;

/// One row for whatever is wrong with message, signature or nonce: which of them it was stands
/// in the journal.
pub(super) fn wallet_row(refusal: &WalletRefusal) -> Row<'static> {
    let (code, error) = match refusal {
        WalletRefusal::EmbeddedCannotElevate => {
            return (403, None, "Embedded wallets cannot be used for step-up");
        }
        WalletRefusal::UnsupportedChain { .. } => ("unsupported_chain", "Unsupported chain"),
        WalletRefusal::BadAddress => ("invalid_wallet_address", "Invalid wallet address"),
        WalletRefusal::BadMessage(_)
        | WalletRefusal::BadSignature(_)
        | WalletRefusal::StaleNonce => ("other_verify_failure", "Wallet verification failed"),
        WalletRefusal::EmbeddedCannotBeLinked => {
            ("no_compatible_wallet_service_enabled", "Embedded wallets cannot be linked")
        }
        WalletRefusal::NoSuchWallet => ("invalid_wallet_id", "Invalid wallet id"),
    };
    (422, Some(code), error)
}

pub(super) fn social_row(refusal: &SocialRefusal) -> Row<'static> {
    let (code, error) = match refusal {
        SocialRefusal::RedirectNotAllowed => return (403, None, "Redirect URL not allowed"),
        SocialRefusal::ProviderOff { .. } => ("provider_not_available", "Provider not available"),
        SocialRefusal::StateTaken
        | SocialRefusal::NoSuchFlow
        | SocialRefusal::WrongCode
        | SocialRefusal::WrongVerifier => ("invalid_verification", "Invalid verification"),
        SocialRefusal::KnownEmail { way, .. } if way == "emailOnly" => {
            ("user_has_already_account_with_email", "User already has an account with this email")
        }
        SocialRefusal::KnownEmail { .. } => (
            "email_associated_with_different_provider",
            "Email is associated with a different provider",
        ),
    };
    (422, Some(code), error)
}

pub(super) fn linking_row(refusal: &LinkingRefusal) -> Row<'static> {
    let (code, error) = match refusal {
        LinkingRefusal::NothingToUnlink => ("invalid_unlink_request", "Invalid unlink request"),
        LinkingRefusal::LastCredential => (
            "cannot_delete_last_sign_in_verified_credential",
            "Cannot delete the last credential that can sign in",
        ),
        LinkingRefusal::EmbeddedWallet | LinkingRefusal::Passkey => {
            ("forbidden_unlink_request", "This credential cannot be unlinked")
        }
        LinkingRefusal::TooManyCredentials { .. } => return (422, None, "Too many credentials"),
        LinkingRefusal::TransferOffered => {
            ("reassign_wallet_confirm", "Wallet is linked to another user")
        }
        LinkingRefusal::NotTransferable(_) => {
            ("reassign_wallet_error", "Wallet belongs to another user")
        }
        LinkingRefusal::MergeOffered(_) => {
            ("merge_accounts_confirmation", "Accounts can be merged")
        }
        LinkingRefusal::NotMergeable(_) => ("merge_accounts_invalid", "Accounts cannot be merged"),
    };
    (422, Some(code), error)
}

/// What a refusal tells beside its code (`UnprocessableEntityErrorPayload`).
pub(super) fn payload(refusal: &Refusal) -> Option<Value> {
    match refusal {
        Refusal::Linking(LinkingRefusal::MergeOffered(offer)) => {
            Some(json!({ "mergeConflicts": Conflicts::of(offer) }))
        }
        Refusal::Social(SocialRefusal::KnownEmail { email, way }) => {
            Some(json!({ "email": email, "loginProvider": way }))
        }
        _ => None,
    }
}
