//! Business accounts at the service: what each role may do, and what it may not.

use serde_json::{Value, json};

use crate::case::{Case, Guide};
use crate::stage::{Halt, RawAnswer, Stage};
use crate::world::World;

use super::gate_service::make_wallet;
use super::raw_session::{ELEVATED, RawSession, prepared, text};
use super::record;
use super::ways_in::{Somebody, Way};

const STEP_UP: &[Guide] = &[Guide::StepUp];
const OWNER: Somebody = Somebody(1);
const ADMIN: Somebody = Somebody(2);
const VIEWER: Somebody = Somebody(3);
const STRANGER: Somebody = Somebody(4);
/// A member about whom something is done.
const MEMBER: Somebody = Somebody(5);
/// A user who is no member.
const OUTSIDER: Somebody = Somebody(6);
/// The versions without and with elevated tokens.
const VERSIONS: [&str; 2] = ["2026_01_01", "2026_04_01"];

pub(super) const CASES: &[Case] = &[
    Case {
        id: "account/each-role-does-what-it-may",
        title: "owner and admin of a business account change it in every way that is theirs",
        proves: &["MFA-ACC-037"],
        counter: None,
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN,
        play: each_role_does_what_it_may,
    },
    Case {
        id: "account/no-role-does-more",
        title: "strangers see nothing of a business account, viewers change nothing of it, and only its owner gives it away",
        proves: &["MFA-ACC-037"],
        counter: Some("account/each-role-does-what-it-may"),
        guides: STEP_UP,
        needs: &[],
        world: World::PLAIN,
        play: no_role_does_more,
    },
];

/// Something that is done to an account.
struct Deed {
    name: &'static str,
    method: &'static str,
    /// Below the account; `{…}` stands for an id.
    path: &'static str,
    body: &'static str,
    /// What the elevated token must name, if one is asked for.
    scope: Option<&'static str>,
}

macro_rules! deeds {
    ($($name:literal $method:ident $path:literal $body:expr, $scope:expr;)+) => {
        &[$(Deed {
            name: $name, method: stringify!($method), path: $path, body: $body, scope: $scope,
        }),+]
    };
}

const SIGNER: &str = r#"{"signerType":"server","clientKeygenIds":["k1"],"oldThresholdSignatureScheme":"TWO_OF_TWO","newThresholdSignatureScheme":"TWO_OF_TWO"}"#;

/// What changes an account, in an order in which all of it can be done one after the other.
const CHANGES: &[Deed] = deeds! {
    "renaming" PATCH "" r#"{"name":"New"}"#, None;
    "adding a member" POST "/members" r#"{"role":"viewer","userId":"{outsider}"}"#,
        Some("business_account:member:add");
    "changing another's role" PATCH "/members/{member}" r#"{"role":"admin"}"#,
        Some("business_account:member:role:update");
    "changing it back" PATCH "/members/{member}" r#"{"role":"viewer"}"#,
        Some("business_account:member:role:update");
    "removing a member" DELETE "/members/{member}" "", Some("business_account:member:remove");
    "adding a signer" POST "/wallets/{wallet}/signers" SIGNER,
        Some("business_account:signer:add");
    "removing a signer" DELETE "/wallets/{wallet}/signers/{signer}" "",
        Some("business_account:signer:remove");
    "removing a wallet" DELETE "/wallets/{wallet}" "", Some("business_account:wallet:remove");
};
/// What only those without a say would try.
const ASCENT: &[Deed] = deeds! {
    "changing one's own role" PATCH "/members/{self}" r#"{"role":"admin"}"#,
        Some("business_account:member:role:update");
    "lowering the admin's role" PATCH "/members/{admin}" r#"{"role":"viewer"}"#,
        Some("business_account:member:role:update");
    "removing the admin" DELETE "/members/{admin}" "", Some("business_account:member:remove");
    "adding an admin" POST "/members" r#"{"role":"admin","userId":"{outsider}"}"#,
        Some("business_account:member:add");
};
const TRANSFER: &[Deed] = deeds! {
    "giving it to a member" POST "/transferOwnership" r#"{"newOwnerUserId":"{member}"}"#,
        Some("business_account:transfer_ownership");
    "giving it to oneself" POST "/transferOwnership" r#"{"newOwnerUserId":"{self}"}"#,
        Some("business_account:transfer_ownership");
};
const READING: &[Deed] = deeds! { "reading" GET "" "", None; };

/// An account with everybody in it, and the ids by which deeds name its parts.
struct Company {
    owner: RawSession,
    path: String,
    ids: Vec<(&'static str, String)>,
}

fn id_of(stage: &Stage, who: Somebody) -> Result<String, Halt> {
    record::text(&stage.user(&who.email())?, "/id")
}

fn arrive(stage: &mut Stage) -> Result<(), Halt> {
    let everybody = [OWNER, ADMIN, VIEWER, STRANGER, MEMBER, OUTSIDER];
    everybody.into_iter().try_for_each(|who| who.arrive(stage, Value::Null))
}

/// Founds a company while no call asks for an elevated token; `version` rules from then on.
fn found(stage: &mut Stage, version: &str) -> Result<Company, Halt> {
    stage.set("minApiVersion", "2026_01_01")?;
    let owner = Way::Mail.open(stage, OWNER)?;
    let made = owner.request(stage, "POST", "businessAccounts").json(json!({ "name": "Acme" }));
    let account = text(&prepared(made)?, "/id")?;
    let path = format!("businessAccounts/{account}");
    let mut ids = vec![("{outsider}", id_of(stage, OUTSIDER)?)];
    for (place, who, role) in [
        ("{admin}", ADMIN, "admin"),
        ("{viewer}", VIEWER, "viewer"),
        ("{member}", MEMBER, "viewer"),
    ] {
        let id = id_of(stage, who)?;
        let body = json!({ "role": role, "userId": id });
        let members = format!("{path}/members");
        prepared(owner.request(stage, "POST", &members).json(body))?;
        ids.push((place, id));
    }
    let wallet = make_wallet(stage, &owner)?;
    let body = json!({ "walletId": wallet, "businessAccountId": account });
    prepared(owner.request(stage, "POST", "businessAccounts/linkWallet").json(body))?;
    let signers = format!("{path}/wallets/{wallet}/signers");
    let request = owner.request(stage, "POST", &signers).header("content-type", "application/json");
    ids.push(("{signer}", text(&prepared(request.text(SIGNER))?, "/id")?));
    ids.push(("{wallet}", wallet));
    stage.set("minApiVersion", version)?;
    Ok(Company { owner, path, ids })
}

impl Company {
    /// Lets somebody try something, with the elevated token for it where one is asked for.
    fn attempt(
        &self,
        stage: &mut Stage,
        (session, who): (&mut RawSession, Somebody),
        deed: &Deed,
    ) -> Result<RawAnswer, Halt> {
        let own = id_of(stage, who)?;
        let fill = |template: &str| {
            let filled = template.replace("{self}", &own);
            self.ids.iter().fold(filled, |filled, (place, id)| filled.replace(place, id))
        };
        let token = match deed.scope {
            Some(scope) => Some(session.reauthenticate(stage, &who.email(), &[scope])?),
            None => None,
        };
        let path = format!("{}{}", self.path, fill(deed.path));
        let request = session.request(stage, deed.method, &path);
        let request = token.iter().fold(request, |request, token| request.header(ELEVATED, token));
        match deed.body {
            "" => request,
            body => request.header("content-type", "application/json").text(&fill(body)),
        }
        .send()
    }

    /// The account as its first owner sees it.
    fn seen(&self, stage: &Stage) -> Result<Value, Halt> {
        Ok(prepared(self.owner.request(stage, "GET", &self.path))?.body)
    }
}

fn each_role_does_what_it_may(stage: &mut Stage) -> Result<(), Halt> {
    arrive(stage)?;
    for version in VERSIONS {
        for (role, who) in [("owner", OWNER), ("admin", ADMIN)] {
            let company = found(stage, version)?;
            let mut session = Way::Mail.open(stage, who)?;
            for deed in READING.iter().chain(CHANGES) {
                let before = company.seen(stage)?;
                let done = company.attempt(stage, (&mut session, who), deed)?;
                let what = format!("{} by the {role} in {version}", deed.name);
                let granted = (200..300).contains(&done.status);
                stage.note(&what, "granted", done.status, granted)?;
                let is_changed = before != company.seen(stage)?;
                let wanted = deed.method != "GET";
                stage.note(
                    &format!("{what}: a change"),
                    &wanted.to_string(),
                    is_changed,
                    is_changed == wanted,
                )?;
            }
        }
        let company = found(stage, version)?;
        let mut viewer = Way::Mail.open(stage, VIEWER)?;
        for deed in READING {
            let done = company.attempt(stage, (&mut viewer, VIEWER), deed)?;
            let what = format!("{} by a viewer in {version}", deed.name);
            stage.note(&what, "200", done.status, done.status == 200)?;
        }
        let mut owner = Way::Mail.open(stage, OWNER)?;
        for deed in TRANSFER.iter().take(1) {
            let done = company.attempt(stage, (&mut owner, OWNER), deed)?;
            let what = format!("{} by the owner in {version}", deed.name);
            stage.note(&what, "granted", done.status, (200..300).contains(&done.status))?;
        }
    }
    Ok(())
}

fn no_role_does_more(stage: &mut Stage) -> Result<(), Halt> {
    arrive(stage)?;
    for version in VERSIONS {
        let company = found(stage, version)?;
        let before = company.seen(stage)?;
        let tries: [(&str, Somebody, [&[Deed]; 3]); 3] = [
            ("a stranger", STRANGER, [READING, CHANGES, TRANSFER]),
            ("a viewer", VIEWER, [ASCENT, CHANGES, TRANSFER]),
            ("an admin", ADMIN, [&[], &[], TRANSFER]),
        ];
        for (role, who, deeds) in tries {
            let mut session = Way::Mail.open(stage, who)?;
            for deed in deeds.into_iter().flatten() {
                let tried = company.attempt(stage, (&mut session, who), deed)?;
                let what = format!("{} by {role} in {version}", deed.name);
                let refused = (400..500).contains(&tried.status);
                stage.note(&what, "refused", tried.status, refused)?;
            }
        }
        let what = format!("the account afterwards in {version}");
        stage.expect_equal(&what, before, company.seen(stage)?)?;
        let stranger = Way::Mail.open(stage, STRANGER)?;
        let listed = prepared(stranger.request(stage, "GET", "businessAccounts"))?;
        stage.expect_equal("accounts that a stranger sees", json!([]), listed.value("/items"))?;
    }
    Ok(())
}
