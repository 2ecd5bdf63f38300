//! Which calls are sensitive and what opens them: one table.
//!
//! The scope is what an elevated access token must name, the action is what the settings can
//! protect. The two vocabularies differ and no published table maps them (rule K9), so each row
//! says how it is known. What a gate then demands is decided in `environment/gate.rs`.

use crate::policy::MfaAction;
use crate::scope::TokenScope;

/// How a row of the table is known; the words are those of DIFFERENCES.md.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// A page or reference of the vendor states it.
    Documented,
    /// Seen in a client that the vendor publishes.
    Client,
    /// Our conclusion, mostly from a name.
    Inferred,
}

impl Certainty {
    /// The word of DIFFERENCES.md.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Client => "client",
            Self::Inferred => "inferred",
        }
    }
}

/// One row: a sensitive operation, and what opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The operation by the name that the API's own client gives it.
    pub operation: &'static str,
    /// What an elevated access token must name.
    pub scope: TokenScope,
    /// The action whose rule in the settings closes the gate (`mfa.actions`).
    pub action: Option<MfaAction>,
    /// How the row is known.
    pub certainty: Certainty,
}

macro_rules! gates {
    ($($name:ident = $operation:literal, $scope:ident, $action:expr, $certainty:ident;)+) => {
        /// A sensitive operation.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Gated { $($name),+ }

        impl Gated {
            /// Its row.
            pub(crate) const fn gate(self) -> Gate {
                match self {
                    $(Self::$name => Gate {
                        operation: $operation,
                        scope: TokenScope::$scope,
                        action: $action,
                        certainty: Certainty::$certainty,
                    }),+
                }
            }
        }

        /// Every gate, in the order of the API's areas.
        ///
        /// ```
        /// use mfa_engine::{GATES, TokenScope};
        /// let sign = GATES.iter().find(|gate| gate.operation == "signMessage").unwrap();
        /// assert_eq!(sign.scope, TokenScope::WalletSign);
        /// ```
        pub const GATES: &[Gate] = &[$(Gated::$name.gate()),+];
    };
}

gates! {
    VerifyEmail = "verifyEmailVerification", CredentialLink, None, Inferred;
    VerifySms = "verifySmsVerification", CredentialLink, None, Inferred;
    VerifySocial = "oauthVerify", CredentialLink, None, Inferred;
    LinkCredential = "verifyLink", CredentialLink, None, Documented;
    TransferCredential = "verifyTransfer", CredentialLink, None, Inferred;
    UnlinkCredential = "verifyUnlink", CredentialUnlink, None, Documented;
    MergeUsers = "mergeUsers", CredentialLink, None, Inferred;
    MergeWithResolutions = "verifyMergeUsers", CredentialLink, None, Inferred;
    RegisterPasskey = "registerPasskey", CredentialLink, None, Documented;
    RegisterPasskeyDevice = "registerPasskeyMfaDeviceVerify", CredentialLink, None, Inferred;
    UpdatePasskey = "updatePasskey", CredentialUpdate, None, Inferred;
    DeletePasskey = "deletePasskey", CredentialUnlink, None, Documented;
    RegisterTotp = "registerTotpMfaDevice", CredentialLink, None, Documented;
    DeleteDevice = "deleteMfaDevice", CredentialUnlink, None, Documented;
    UpdateUser = "updateSelf", UserUpdate, Some(MfaAction::UserUpdate), Inferred;
    DeleteUser = "hardDeleteUser", UserDelete, None, Inferred;
    ExportKey = "exportPrivateKey", WalletExport, Some(MfaAction::WalletWaasExport), Documented;
    SignMessage = "signMessage", WalletSign, Some(MfaAction::WalletWaasSign), Documented;
    Reshare = "reshare", WalletDelegate, Some(MfaAction::WalletWaasReshare), Inferred;
    RefreshShares = "refreshKeyShares", WalletDelegate, Some(MfaAction::WalletWaasRefresh), Inferred;
    RecoverShares = "recoverKeyShares", WalletRestore, None, Inferred;
    DeliverShare = "deliverDelegatedShare", WalletDelegate, None, Inferred;
    RevokeShare = "revokeDelegatedShareSet", WalletDelegate, None, Inferred;
    DeleteWallets = "deleteEmbeddedWallets", WalletDelete, None, Inferred;
    DeleteWallet = "softDeleteEmbeddedWallet", WalletDelete, None, Inferred;
    RestoreWallet = "restoreEmbeddedWallet", WalletRestore, None, Inferred;
    ExportWallet = "embeddedWalletExport", WalletExport, None, Inferred;
    LinkWallet = "sdkLinkBusinessAccountWallet", BusinessAccountLinkWallet, None, Client;
    AddMember = "sdkAddBusinessAccountMember", BusinessAccountMemberAdd, None, Client;
    RemoveMember = "sdkRemoveBusinessAccountMember", BusinessAccountMemberRemove, None, Client;
    UpdateRole =
        "sdkUpdateBusinessAccountMemberRole", BusinessAccountMemberRoleUpdate, None, Client;
    TransferOwnership =
        "sdkTransferBusinessAccountOwnership", BusinessAccountTransferOwnership, None, Client;
    RemoveWallet = "sdkRemoveBusinessAccountWallet", BusinessAccountWalletRemove, None, Client;
    AddSigner = "sdkAddBusinessAccountSigner", BusinessAccountSignerAdd, None, Client;
    RemoveSigner = "sdkRemoveBusinessAccountSigner", BusinessAccountSignerRemove, None, Client;
}

/// The actions whose rules govern a scope: those of every gate that the scope opens (K9).
pub(crate) fn actions_of(scope: TokenScope) -> impl Iterator<Item = MfaAction> {
    GATES.iter().filter(move |gate| gate.scope == scope).filter_map(|gate| gate.action)
}

/// Why a scope is not granted, or a protected action is not let through before its proof.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GateRefusal {
    /// The action is protected, enrolment is forced at such an action, and the user has nothing.
    #[error("the action is protected, and the user must enrol a second factor first")]
    EnrolmentOwed,
    /// The environment grants this scope to nobody.
    #[error("the environment does not grant {scope}")]
    ScopeNotGranted {
        /// The scope that was asked for.
        scope: TokenScope,
    },
    /// The scope must be asked for alone.
    #[error("{scope} must be asked for alone")]
    ScopeNotAlone {
        /// The scope that was asked for among others.
        scope: TokenScope,
    },
}

impl GateRefusal {
    /// The rule behind the refusal.
    pub(crate) const fn rule(&self) -> &'static str {
        match self {
            Self::EnrolmentOwed => "F5",
            Self::ScopeNotGranted { .. } => "E11",
            Self::ScopeNotAlone { .. } => "E10",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_closes_exactly_one_gate_and_no_operation_stands_twice() {
        for action in MfaAction::ALL {
            let gates = GATES.iter().filter(|gate| gate.action == Some(*action)).count();
            assert_eq!(gates, 1, "{action:?}");
        }
        let mut names: Vec<&str> = GATES.iter().map(|gate| gate.operation).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn one_scope_may_stand_for_two_actions() {
        let of = |scope| actions_of(scope).collect::<Vec<_>>();
        assert_eq!(
            of(TokenScope::WalletDelegate),
            [MfaAction::WalletWaasReshare, MfaAction::WalletWaasRefresh]
        );
        assert_eq!(of(TokenScope::WalletSign), [MfaAction::WalletWaasSign]);
        assert_eq!(of(TokenScope::CredentialLink), []);
    }
}
