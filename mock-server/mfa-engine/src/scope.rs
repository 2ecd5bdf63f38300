//! What a token allows: the scopes of sessions and of elevated access tokens.
//!
//! Two vocabularies that are never mixed (rule J6): [`SessionScope`] travels in the session's
//! JWT, [`TokenScope`] in elevated access tokens.

use core::fmt;
use core::str::FromStr;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A scope of a session's JWT (`JwtScope` of the API).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SessionScope {
    /// `user:basic`: onboarding is complete; servers must require it (rule J7).
    Basic,
    /// `requiresAdditionalAuth`: a second factor is still to come (rule J8).
    RequiresAdditionalAuth,
    /// `device:register`: the session's device is not trusted yet (rule J9).
    DeviceRegister,
}

impl SessionScope {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "user:basic",
            Self::RequiresAdditionalAuth => "requiresAdditionalAuth",
            Self::DeviceRegister => "device:register",
        }
    }
}

/// The text is none of the scopes that the API knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown scope `{0}`")]
pub struct UnknownScope(pub String);

macro_rules! token_scopes {
    ($($name:ident => $word:literal),+ $(,)?) => {
        /// A scope of an elevated access token: all 26 values of the API's `TokenScope`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum TokenScope {
            $(#[doc = concat!("`", $word, "`")] #[serde(rename = $word)] $name,)+
        }

        impl TokenScope {
            /// Every scope, in the order of the API's enum.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),+ }
            }
        }

        impl FromStr for TokenScope {
            type Err = UnknownScope;
            fn from_str(text: &str) -> Result<Self, UnknownScope> {
                match text {
                    $($word => Ok(Self::$name),)+
                    _ => Err(UnknownScope(text.to_owned())),
                }
            }
        }
    };
}

token_scopes! {
    BusinessAccountLinkWallet => "business_account:link_wallet",
    BusinessAccountMemberAdd => "business_account:member:add",
    BusinessAccountMemberRemove => "business_account:member:remove",
    BusinessAccountMemberRoleUpdate => "business_account:member:role:update",
    BusinessAccountSignerAdd => "business_account:signer:add",
    BusinessAccountSignerRemove => "business_account:signer:remove",
    BusinessAccountTransferOwnership => "business_account:transfer_ownership",
    BusinessAccountWalletRemove => "business_account:wallet:remove",
    ConsoleAdminActionReview => "console:admin_action:review",
    ConsoleApprovalWorkflowUpdate => "console:approval_workflow:update",
    ConsoleMemberInvite => "console:member:invite",
    ConsoleMfaReset => "console:mfa:reset",
    ConsoleProjectDelete => "console:project:delete",
    ConsoleSettingsUpdate => "console:settings:update",
    ConsoleSsoUpdate => "console:sso:update",
    ConsoleUserDelete => "console:user:delete",
    CredentialLink => "credential:link",
    CredentialUpdate => "credential:update",
    CredentialUnlink => "credential:unlink",
    UserUpdate => "user:update",
    UserDelete => "user:delete",
    WalletExport => "wallet:export",
    WalletDelete => "wallet:delete",
    WalletDelegate => "wallet:delegate",
    WalletSign => "wallet:sign",
    WalletRestore => "wallet:restore",
}

impl TokenScope {
    /// Whether the scope concerns a wallet (`wallet:*`).
    pub fn is_wallet(self) -> bool {
        self.as_str().starts_with("wallet:")
    }

    /// Whether the scope concerns a business account (`business_account:*`).
    pub fn is_business_account(self) -> bool {
        self.as_str().starts_with("business_account:")
    }
}

impl fmt::Display for TokenScope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A set of token scopes, written as one space-separated string in a JWT (rule J6).
///
/// ```
/// use mfa_engine::{ScopeSet, TokenScope};
/// let set: ScopeSet = "wallet:sign credential:link".parse().unwrap();
/// assert!(set.contains(TokenScope::CredentialLink));
/// assert_eq!(set.to_string(), "credential:link wallet:sign");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ScopeSet(BTreeSet<TokenScope>);

impl ScopeSet {
    /// Whether the scope is in the set; there are no wildcards.
    pub fn contains(&self, scope: TokenScope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether no scope is in the set.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many scopes are in the set.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The scopes in order.
    pub fn iter(&self) -> impl Iterator<Item = TokenScope> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<TokenScope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = TokenScope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl FromStr for ScopeSet {
    type Err = UnknownScope;
    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        text.split_whitespace().map(str::parse).collect()
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            write!(formatter, "{gap}{scope}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_26_scopes_and_each_parses_back() {
        assert_eq!(TokenScope::ALL.len(), 26);
        for scope in TokenScope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(*scope));
        }
        assert!("wallet:*".parse::<TokenScope>().is_err());
    }
}
