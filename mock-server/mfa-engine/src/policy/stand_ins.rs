//! Settings of the stand-ins behind the wallet and business gates.

use serde::{Deserialize, Serialize};

use super::range::{PolicyError, within};

/// What the settings of an environment say of wallets, and how much the stand-ins may hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct StandIns {
    /// Whether `GET settings` shows embedded wallets as switched on; the calls answer either way.
    pub wallets_in_settings: bool,
    /// Embedded wallets of a user, deleted ones included; one more is refused.
    pub wallets_per_user_max: u32,
    /// Business accounts that a user may make or be added to; one more is refused.
    pub business_accounts_per_user_max: u32,
    /// Members, wallets or signers of one business account; one more is refused.
    pub business_account_parts_max: u32,
}

impl StandIns {
    pub(super) fn check(&self) -> Result<(), PolicyError> {
        within("standIns.walletsPerUserMax", self.wallets_per_user_max, 1, 10_000)?;
        let accounts = self.business_accounts_per_user_max;
        within("standIns.businessAccountsPerUserMax", accounts, 1, 10_000)?;
        within("standIns.businessAccountPartsMax", self.business_account_parts_max, 1, 10_000)
    }
}

impl Default for StandIns {
    fn default() -> Self {
        Self {
            wallets_in_settings: false,
            wallets_per_user_max: 50,
            business_accounts_per_user_max: 50,
            business_account_parts_max: 100,
        }
    }
}
