//! The rows of what lies behind the wallet and business gates.

use mfa_engine::{BusinessRefusal, WaasRefusal};

use super::Row;

pub(super) fn waas_row(refusal: &WaasRefusal) -> Row<'static> {
    match refusal {
        WaasRefusal::NoSuchWallet => (404, Some("not_found"), "Not Found"),
        WaasRefusal::NoSuchKeyShare => (400, None, "Bad Request"),
        WaasRefusal::NotDelegated => (422, None, "Wallet is not delegated"),
        WaasRefusal::TooManyWallets { .. } => {
            (422, Some("too_many_embedded_wallets_for_user"), "Too many embedded wallets")
        }
    }
}

pub(super) fn business_row(refusal: &BusinessRefusal) -> Row<'static> {
    match refusal {
        BusinessRefusal::NoSuchAccount | BusinessRefusal::NoSuchPart { .. } => {
            (404, Some("not_found"), "Not Found")
        }
        BusinessRefusal::RoleTooLow { .. } => (403, None, "Access Forbidden"),
        BusinessRefusal::NoSuchPerson => (422, None, "User not found"),
        BusinessRefusal::AlreadyMember => {
            (422, None, "User is already a member of the business account")
        }
        BusinessRefusal::AlreadyLinked => {
            (422, None, "Wallet already belongs to a business account")
        }
        BusinessRefusal::OwnerStays => {
            (422, None, "The owner of the business account cannot be changed this way")
        }
        BusinessRefusal::TooMany { .. } => (422, None, "Business account limit reached"),
    }
}
