//! Every call that stays shut without an elevated token where step-up is enforced.
//!
//! Each comes with the scene that it needs and with a request that lacks nothing but the proof, so
//! that a rule about proofs can be walked over all of them.

use serde_json::{Map, Value, json};

use crate::stage::{Halt, RawAnswer, RawRequest, Stage};

use super::crowd::{Crowd, Fresh, Has};
use super::raw_passkey;
use super::raw_session::{ELEVATED, RawSession, email_proof, prepared, text, text_of, text_proof};
use super::record;

/// A call behind a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gated {
    LinkAddress,
    LinkNumber,
    RegisterPasskey,
    RegisterTotp,
    Unlink,
    DeleteDevice,
    DeletePasskey,
    ExportKey,
    ExportWallet,
    LinkWallet,
    AddMember,
    RemoveMember,
    ChangeRole,
    Transfer,
    RemoveWallet,
    AddSigner,
    RemoveSigner,
}

impl Gated {
    pub(super) const ALL: [Self; 17] = [
        Self::LinkAddress,
        Self::LinkNumber,
        Self::RegisterPasskey,
        Self::RegisterTotp,
        Self::Unlink,
        Self::DeleteDevice,
        Self::DeletePasskey,
        Self::ExportKey,
        Self::ExportWallet,
        Self::LinkWallet,
        Self::AddMember,
        Self::RemoveMember,
        Self::ChangeRole,
        Self::Transfer,
        Self::RemoveWallet,
        Self::AddSigner,
        Self::RemoveSigner,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::LinkAddress => "linking an address",
            Self::LinkNumber => "linking a number",
            Self::RegisterPasskey => "registering a passkey",
            Self::RegisterTotp => "registering a TOTP device",
            Self::Unlink => "unlinking a credential",
            Self::DeleteDevice => "deleting a TOTP device",
            Self::DeletePasskey => "deleting a passkey",
            Self::ExportKey => "exporting a key",
            Self::ExportWallet => "exporting an older wallet",
            Self::LinkWallet => "linking a wallet to a business account",
            Self::AddMember => "adding a member",
            Self::RemoveMember => "removing a member",
            Self::ChangeRole => "changing a role",
            Self::Transfer => "transferring the ownership",
            Self::RemoveWallet => "removing a wallet",
            Self::AddSigner => "adding a signer",
            Self::RemoveSigner => "removing a signer",
        }
    }

    /// The scope that opens it.
    pub(super) const fn scope(self) -> &'static str {
        match self {
            Self::LinkAddress | Self::LinkNumber | Self::RegisterPasskey | Self::RegisterTotp => {
                "credential:link"
            }
            Self::Unlink | Self::DeleteDevice | Self::DeletePasskey => "credential:unlink",
            Self::ExportKey | Self::ExportWallet => "wallet:export",
            Self::LinkWallet => "business_account:link_wallet",
            Self::AddMember => "business_account:member:add",
            Self::RemoveMember => "business_account:member:remove",
            Self::ChangeRole => "business_account:member:role:update",
            Self::Transfer => "business_account:transfer_ownership",
            Self::RemoveWallet => "business_account:wallet:remove",
            Self::AddSigner => "business_account:signer:add",
            Self::RemoveSigner => "business_account:signer:remove",
        }
    }

    /// Whether an MFA token opens it, too: removals of factors take either.
    pub(super) const fn takes_mfa_tokens(self) -> bool {
        matches!(self, Self::DeleteDevice | Self::DeletePasskey)
    }

    /// Whether it concerns a business account.
    pub(super) fn is_in_an_account(self) -> bool {
        self.scope().starts_with("business_account:")
    }

    /// The requirement that says that it needs its scope.
    pub(super) const fn requirement(self) -> &'static str {
        match self {
            Self::LinkAddress | Self::LinkNumber => "MFA-ACC-035",
            Self::RegisterPasskey => "MFA-PK-010",
            Self::RegisterTotp => "MFA-STEP-001",
            Self::Unlink => "MFA-ACC-031",
            Self::ExportKey | Self::ExportWallet => "MFA-STEP-032",
            _ => "MFA-STEP-021",
        }
    }

    /// What the person must have who makes this call: a factor in any case.
    const fn needs(self) -> Has {
        match self {
            // One verified device is all that there can be.
            Self::RegisterTotp => Has::PASSKEY,
            Self::DeletePasskey => Has::BOTH,
            _ => Has::TOTP,
        }
    }
}

/// A gated call, ready to be made by somebody who has passed a factor.
pub(super) struct Scene {
    gated: Gated,
    pub(super) person: Fresh,
    pub(super) session: RawSession,
    place: Place,
}

/// What the path and the body of a call name.
#[derive(Default)]
struct Place {
    account: String,
    wallet: String,
    other: String,
    id: Value,
}

const KEYGENS: [&str; 1] = ["k1"];

impl Scene {
    pub(super) fn set(stage: &mut Stage, crowd: &mut Crowd, gated: Gated) -> Result<Self, Halt> {
        let person = crowd.join(stage, gated.needs())?;
        let session = person.complete(stage)?;
        let mut scene = Self { gated, person, session, place: Place::default() };
        scene.furnish(stage, crowd)?;
        Ok(scene)
    }

    fn furnish(&mut self, stage: &mut Stage, crowd: &mut Crowd) -> Result<(), Halt> {
        match self.gated {
            Gated::RegisterPasskey | Gated::RegisterTotp => {}
            Gated::LinkAddress => self.place.other = format!("second.{}", self.person.email),
            Gated::LinkNumber => {
                // Nobody in the crowd has such a number.
                self.place.other = self.person.number.replacen('9', "8", 1);
            }
            Gated::Unlink => {
                let user = prepared(self.session.request(stage, "GET", "users"))?;
                let known = user.value("/verifiedCredentials");
                let mut known = known.as_array().into_iter().flatten();
                let number = known.find(|it| it["format"] == "phoneNumber");
                self.place.id = number.map(|it| it["id"].clone()).unwrap_or_default();
            }
            Gated::DeleteDevice => self.place.id = json!(self.person.device(stage)?),
            Gated::DeletePasskey => {
                let passkeys = raw_passkey::listed(stage, &self.session)?;
                self.place.id = passkeys.first().cloned().unwrap_or_default();
            }
            Gated::ExportKey | Gated::ExportWallet => {
                self.place.wallet = self.make_wallet(stage, false)?;
            }
            Gated::LinkWallet | Gated::AddMember => {
                self.open_account(stage)?;
                self.place.wallet = self.make_wallet(stage, false)?;
                self.place.other = crowd.join(stage, Has::NOTHING)?.email;
            }
            Gated::RemoveMember | Gated::ChangeRole | Gated::Transfer => {
                self.open_account(stage)?;
                let other = crowd.join(stage, Has::NOTHING)?;
                self.place.other = record::text(&stage.user(&other.email)?, "/id")?;
                let add = self.add_member(stage, &other.email);
                self.prepare_with(stage, "business_account:member:add", add)?;
            }
            Gated::RemoveWallet | Gated::AddSigner => {
                self.open_account(stage)?;
                self.place.wallet = self.make_wallet(stage, true)?;
            }
            Gated::RemoveSigner => {
                self.open_account(stage)?;
                self.place.wallet = self.make_wallet(stage, true)?;
                let add = self.add_signer(stage);
                let added = self.prepare_with(stage, "business_account:signer:add", add)?;
                self.place.other = text(&added, "/id")?;
            }
        }
        Ok(())
    }

    /// Sends what only prepares, with a proof for it.
    fn prepare_with(
        &mut self,
        stage: &mut Stage,
        scope: &str,
        request: RawRequest,
    ) -> Result<RawAnswer, Halt> {
        let token = self.person.elevate(stage, &mut self.session, &[scope])?;
        prepared(request.header(ELEVATED, &token))
    }

    fn open_account(&mut self, stage: &Stage) -> Result<(), Halt> {
        let request = self.session.request(stage, "POST", "businessAccounts");
        self.place.account = text(&prepared(request.json(json!({ "name": "Acme" })))?, "/id")?;
        Ok(())
    }

    fn make_wallet(&self, stage: &Stage, in_account: bool) -> Result<String, Halt> {
        let body = json!({
            "chain": "EVM", "clientKeygenIds": KEYGENS,
            "businessAccountId": in_account.then_some(&self.place.account),
        });
        let made = prepared(self.session.request(stage, "POST", "waas/create").json(body))?;
        text(&made, "/walletId")
    }

    fn on_account(&self, stage: &Stage, method: &str, rest: &str) -> RawRequest {
        let path = format!("businessAccounts/{}/{rest}", self.place.account);
        self.session.request(stage, method, &path)
    }

    fn add_member(&self, stage: &Stage, email: &str) -> RawRequest {
        let body = json!({ "role": "viewer", "type": "email", "identifier": email });
        self.on_account(stage, "POST", "members").json(body)
    }

    fn add_signer(&self, stage: &Stage) -> RawRequest {
        let path = format!("wallets/{}/signers", self.place.wallet);
        self.on_account(stage, "POST", &path).json(json!({
            "signerType": "server", "clientKeygenIds": KEYGENS,
            "oldThresholdSignatureScheme": "TWO_OF_TWO",
            "newThresholdSignatureScheme": "TWO_OF_THREE",
        }))
    }

    /// The call, which lacks nothing but a proof. Codes and ceremonies are made anew each time.
    pub(super) fn call(&self, stage: &mut Stage) -> Result<RawRequest, Halt> {
        let (here, place) = (&self.session, &self.place);
        let linking = |stage: &Stage, path: &str, body: Map<String, Value>| {
            here.request(stage, "POST", path).json(body)
        };
        Ok(match self.gated {
            Gated::LinkAddress => {
                let body = email_proof(stage, &place.other)?;
                linking(stage, "emailVerifications/verify", body)
            }
            Gated::LinkNumber => {
                let body = text_proof(stage, &place.other)?;
                linking(stage, "smsVerifications/verify", body)
            }
            Gated::RegisterPasskey => {
                let options = prepared(here.request(stage, "GET", "users/passkeys/register"))?;
                raw_passkey::registration(stage, here, options.body)?
            }
            Gated::RegisterTotp => here.request(stage, "GET", "users/mfa/register/totp"),
            Gated::Unlink => {
                let body = json!({ "verifiedCredentialId": place.id });
                here.request(stage, "POST", "verify/unlink").json(body)
            }
            Gated::DeleteDevice => {
                let id = text_of(&place.id, "the id of a device")?;
                here.request(stage, "DELETE", &format!("users/mfa/{id}"))
            }
            Gated::DeletePasskey => {
                let body = json!({ "passkeyId": place.id });
                here.request(stage, "DELETE", "users/passkeys").json(body)
            }
            Gated::ExportKey => {
                let path = format!("waas/{}/privateKey/export", place.wallet);
                here.request(stage, "POST", &path).json(json!({ "exportId": "k" }))
            }
            Gated::ExportWallet => {
                let activity = "activities/00000000-0000-4000-8000-000000000001/export";
                let path = format!("users/embeddedWallets/{}/{activity}", place.wallet);
                here.request(stage, "GET", &path)
            }
            Gated::LinkWallet => {
                let body = json!({ "walletId": place.wallet, "businessAccountId": place.account });
                here.request(stage, "POST", "businessAccounts/linkWallet").json(body)
            }
            _ => self.call_on_account(stage),
        })
    }

    fn call_on_account(&self, stage: &Stage) -> RawRequest {
        let Place { other, wallet, .. } = &self.place;
        match self.gated {
            Gated::AddMember => self.add_member(stage, other),
            Gated::RemoveMember => self.on_account(stage, "DELETE", &format!("members/{other}")),
            Gated::ChangeRole => {
                let body = json!({ "role": "admin" });
                self.on_account(stage, "PATCH", &format!("members/{other}")).json(body)
            }
            Gated::Transfer => {
                let body = json!({ "newOwnerUserId": other });
                self.on_account(stage, "POST", "transferOwnership").json(body)
            }
            Gated::RemoveWallet => self.on_account(stage, "DELETE", &format!("wallets/{wallet}")),
            Gated::RemoveSigner => {
                self.on_account(stage, "DELETE", &format!("wallets/{wallet}/signers/{other}"))
            }
            _ => self.add_signer(stage),
        }
    }
}
