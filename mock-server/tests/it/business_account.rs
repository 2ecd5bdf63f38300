//! Business accounts: the small stand-in behind the business gates.

use mock_server::policy::Policy;
use serde_json::{Value, json};

use crate::belongings::{create_wallet, credential};
use crate::client::{ALICE, Client, Reply, keys, policy, text};

const BOB: &str = "bob@example.com";
const CAROL: &str = "carol@example.com";

/// A world in which no gate is closed; what opens them is tried in [`crate::gates`].
fn open(change: impl FnOnce(&mut Policy)) -> Policy {
    policy(|policy| {
        policy.elevation.required_scopes = [].into_iter().collect();
        change(policy);
    })
}

/// Three people: the owner of an account, and two others who are nothing to it yet.
struct Company {
    alice: Client,
    bob: Client,
    carol: Client,
    account: String,
}

fn company(change: impl FnOnce(&mut Policy)) -> Company {
    let alice = Client::authenticated(open(change));
    let body = json!({ "name": "Acme", "externalRef": "a-1", "metadata": { "tier": 1 } });
    let made = alice.post("businessAccounts", &body).ok(201);
    let seven =
        ["createdAt", "externalRef", "id", "metadata", "name", "projectEnvironmentId", "updatedAt"];
    assert_eq!(keys(&made), seven);
    assert_eq!(made["metadata"], json!({ "tier": 1 }));
    let (bob, carol) = (alice.elsewhere(BOB), alice.elsewhere(CAROL));
    Company { alice, bob, carol, account: text(&made["id"]) }
}

fn id(client: &Client) -> String {
    text(&client.get("users").ok(200)["id"])
}

impl Company {
    fn path(&self, rest: &str) -> String {
        format!("businessAccounts/{}{rest}", self.account)
    }

    fn read(&self, by: &Client) -> Reply {
        by.get(&self.path(""))
    }

    fn add(&self, by: &Client, who: &str, role: &str) -> Reply {
        let body = json!({ "role": role, "type": "email", "identifier": who });
        by.post(&self.path("/members"), &body)
    }

    fn member(&self, who: &Client) -> String {
        self.path(&format!("/members/{}", id(who)))
    }

    fn set_role(&self, by: &Client, who: &Client, role: &str) -> Reply {
        by.send("PATCH", &self.member(who), &[], json!({ "role": role }).to_string())
    }

    fn transfer(&self, by: &Client, to: &Client) -> Reply {
        by.post(&self.path("/transferOwnership"), &json!({ "newOwnerUserId": id(to) }))
    }

    /// Puts a new wallet of somebody into the account.
    fn link(&self, by: &Client) -> String {
        let wallet = text(&create_wallet(by)["walletId"]);
        let body = json!({ "walletId": wallet, "businessAccountId": self.account });
        by.post("businessAccounts/linkWallet", &body).ok(200);
        wallet
    }

    fn sign_for(&self, by: &Client, wallet: &str, more: Value) -> Reply {
        let mut body = json!({
            "clientKeygenIds": ["k"], "oldThresholdSignatureScheme": "TWO_OF_TWO",
            "newThresholdSignatureScheme": "TWO_OF_TWO",
        });
        let Value::Object(more) = more else { panic!("{more}") };
        body.as_object_mut().unwrap().extend(more);
        by.post(&self.path(&format!("/wallets/{wallet}/signers")), &body)
    }

    fn roles(&self) -> Vec<(String, String)> {
        let detail = self.read(&self.alice).ok(200);
        let members = detail["members"].as_array().unwrap();
        members.iter().map(|it| (text(&it["userId"]), text(&it["role"]))).collect()
    }
}

#[test]
fn whoever_makes_an_account_owns_it_and_others_see_none() {
    let company = company(|_| {});
    let detail = company.read(&company.alice).ok(200);
    assert_eq!(detail["wallets"], json!([]));
    assert_eq!(detail["signers"], json!([]));
    let owner = &detail["members"][0];
    let six = ["addedByUserId", "businessAccountId", "createdAt", "id", "role", "userId"];
    assert_eq!(keys(owner), six);
    assert_eq!((&owner["role"], &owner["userId"]), (&json!("owner"), &json!(id(&company.alice))));
    assert_eq!(owner["businessAccountId"], json!(company.account));
    let list = company.alice.get("businessAccounts").ok(200);
    assert_eq!(keys(&list), ["items"]);
    assert_eq!(list["items"][0]["id"], json!(company.account));
    assert_eq!(list["items"][0].get("members"), None);
    assert_eq!(company.bob.get("businessAccounts").ok(200), json!({ "items": [] }));
    company.read(&company.bob).not_found();
}

#[test]
fn an_account_without_a_body_has_no_name_until_it_gets_one() {
    let client = Client::authenticated(open(|_| {}));
    let made = client.send("POST", "businessAccounts", &[], "").ok(201);
    assert_eq!((&made["name"], &made["metadata"]), (&Value::Null, &json!({})));
    let path = format!("businessAccounts/{}", text(&made["id"]));
    client.advance(5);
    let renamed = client.send("PATCH", &path, &[], r#"{"name":"New"}"#).ok(200);
    assert_eq!(renamed["name"], json!("New"));
    assert_ne!(renamed["updatedAt"], made["updatedAt"]);
    assert_eq!(renamed["createdAt"], made["createdAt"]);
}

#[test]
fn members_come_change_and_go() {
    let company = company(|_| {});
    let Company { alice, bob, carol, .. } = &company;
    let added = company.add(alice, BOB, "viewer").ok(201);
    assert_eq!(added["addedByUserId"], json!(id(alice)));
    let by_id = json!({ "role": "admin", "userId": id(carol) });
    company.alice.post(&company.path("/members"), &by_id).ok(201);
    let pair = |who: &Client, role: &str| (id(who), role.to_owned());
    assert_eq!(company.roles(), [pair(alice, "owner"), pair(bob, "viewer"), pair(carol, "admin")]);
    // Now it is theirs to see as well, also after the world was put away and taken out again.
    let snapshot = alice.world.snapshot();
    alice.world.reset().unwrap();
    alice.world.restore(snapshot).unwrap();
    company.read(bob).ok(200);
    assert_eq!(bob.get("businessAccounts").ok(200)["items"][0]["id"], json!(company.account));
    assert_eq!(company.set_role(carol, bob, "admin").ok(200)["role"], json!("admin"));
    let removed = carol.delete(&company.member(bob), &[]).ok(200);
    assert_eq!(removed["member"]["userId"], json!(id(bob)));
    company.read(bob).not_found();
    carol.delete(&company.member(bob), &[]).not_found();
}

#[test]
fn a_person_is_added_once_and_must_exist() {
    let company = company(|_| {});
    company.add(&company.alice, BOB, "viewer").ok(201);
    let before = company.alice.state();
    let again = company.add(&company.alice, BOB, "admin");
    again.refused(422, None, "User is already a member of the business account");
    company.add(&company.alice, "nobody@example.com", "admin").refused(422, None, "User not found");
    let unknown = json!({ "role": "admin", "userId": "00000000-0000-4000-8000-000000000000" });
    let reply = company.alice.post(&company.path("/members"), &unknown);
    reply.refused(422, None, "User not found");
    company.alice.stays(&before);
}

#[test]
fn what_a_role_does_not_allow_is_forbidden() {
    let company = company(|_| {});
    let Company { alice, bob, carol, .. } = &company;
    company.add(alice, BOB, "viewer").ok(201);
    company.add(alice, CAROL, "admin").ok(201);
    let wallet = company.link(alice);
    let server = company.sign_for(alice, &wallet, json!({ "signerType": "server" })).ok(201);
    let signer = text(&server["id"]);
    let forbidden = |reply: &Reply| reply.refused(403, None, "Access Forbidden");
    let before = alice.state();
    // A viewer reads.
    company.read(bob).ok(200);
    forbidden(&bob.send("PATCH", &company.path(""), &[], r#"{"name":"Bob's"}"#));
    forbidden(&company.add(bob, "nobody@example.com", "viewer"));
    forbidden(&bob.delete(&company.member(carol), &[]));
    forbidden(&company.set_role(bob, bob, "admin"));
    forbidden(&company.sign_for(bob, &wallet, json!({ "signerType": "server" })));
    forbidden(&bob.delete(&company.path(&format!("/wallets/{wallet}")), &[]));
    forbidden(&bob.delete(&company.path(&format!("/wallets/{wallet}/signers/{signer}")), &[]));
    // Nor does an admin give away what is not theirs.
    forbidden(&company.transfer(bob, bob));
    forbidden(&company.transfer(carol, carol));
    alice.stays(&before);
    let own = text(&create_wallet(bob)["walletId"]);
    let link = json!({ "walletId": own, "businessAccountId": company.account });
    forbidden(&bob.post("businessAccounts/linkWallet", &link));
    let make = json!({
        "chain": "EVM", "clientKeygenIds": ["k"], "businessAccountId": company.account,
    });
    forbidden(&bob.post("waas/create", &make));
    carol.post("waas/create", &make).ok(200);
}

#[test]
fn the_owner_stays_until_they_give_the_account_away() {
    let company = company(|_| {});
    let Company { alice, bob, carol, .. } = &company;
    company.add(alice, BOB, "admin").ok(201);
    let error = "The owner of the business account cannot be changed this way";
    let before = alice.state();
    bob.delete(&company.member(alice), &[]).refused(422, None, error);
    company.set_role(bob, alice, "viewer").refused(422, None, error);
    company.set_role(alice, alice, "admin").refused(422, None, error);
    company.transfer(alice, alice).refused(422, None, error);
    company.transfer(alice, carol).not_found();
    alice.stays(&before);
    let detail = company.transfer(alice, bob).ok(200);
    assert!(detail["signers"].is_array() && detail["wallets"].is_array());
    let pair = |who: &Client, role: &str| (id(who), role.to_owned());
    assert_eq!(company.roles(), [pair(alice, "admin"), pair(bob, "owner")]);
    company.transfer(alice, bob).refused(403, None, "Access Forbidden");
    bob.delete(&company.member(alice), &[]).ok(200);
}

#[test]
fn wallets_are_linked_once_and_removed_with_their_signers() {
    let company = company(|_| {});
    let Company { alice, bob, .. } = &company;
    let wallet = company.link(alice);
    let detail = company.read(alice).ok(200);
    assert_eq!(keys(&detail["wallets"][0]), ["chain", "createdAt", "id", "publicKey"]);
    assert_eq!(detail["wallets"][0]["chain"], json!("EVM"));
    let shown = credential(alice, &wallet);
    assert_eq!(detail["wallets"][0]["publicKey"], shown["address"]);
    assert_eq!(shown["wallet_properties"]["businessAccountId"], json!(company.account));
    // Named twice it is refused; unnamed it is found.
    let link = |body: &Value| alice.post("businessAccounts/linkWallet", body);
    let twice = link(&json!({ "walletId": wallet, "businessAccountId": company.account }));
    twice.refused(422, None, "Wallet already belongs to a business account");
    assert_eq!(link(&json!({ "walletId": wallet })).ok(200)["id"], json!(company.account));
    let own = text(&create_wallet(alice)["walletId"]);
    let made = link(&json!({ "walletId": own })).ok(200);
    assert_ne!(made["id"], json!(company.account));
    assert_eq!(made["wallets"][0]["id"], json!(own));
    bob.post("businessAccounts/linkWallet", &json!({ "walletId": wallet })).not_found();

    company.add(alice, BOB, "viewer").ok(201);
    let person = json!({ "signerType": "endUser", "type": "email", "identifier": BOB });
    let person = company.sign_for(alice, &wallet, person).ok(201);
    assert_eq!((&person["type"], &person["userId"]), (&json!("endUser"), &json!(id(bob))));
    let server = company.sign_for(alice, &wallet, json!({ "signerType": "server" })).ok(201);
    assert_eq!((&server["type"], &server["userId"]), (&json!("server"), &Value::Null));
    assert!(text(&server["apiKeyIdentityRef"]).starts_with("mock-"));
    let signer = |id: &Value| company.path(&format!("/wallets/{wallet}/signers/{}", text(id)));
    let removed = alice.delete(&signer(&server["id"]), &[]).ok(200);
    assert_eq!(removed["signer"]["id"], server["id"]);
    alice.delete(&signer(&server["id"]), &[]).not_found();
    // Who leaves signs no more; what leaves is signed for no more.
    alice.delete(&company.member(bob), &[]).ok(200);
    assert_eq!(company.read(alice).ok(200)["signers"], json!([]));
    company.sign_for(alice, &wallet, json!({ "signerType": "server" })).ok(201);
    let detail = alice.delete(&company.path(&format!("/wallets/{wallet}")), &[]).ok(200);
    assert_eq!((&detail["wallets"], &detail["signers"]), (&json!([]), &json!([])));
    let properties = credential(alice, &wallet)["wallet_properties"].clone();
    assert_eq!(properties.get("businessAccountId"), None);
    alice.delete(&company.path(&format!("/wallets/{wallet}")), &[]).not_found();
    company.sign_for(alice, &wallet, json!({ "signerType": "server" })).not_found();
    // A wallet that is deleted leaves too.
    let wallet = company.link(alice);
    alice.delete(&format!("users/embeddedWallets/{wallet}/softDelete"), &[]).ok(204);
    assert_eq!(company.read(alice).ok(200)["wallets"], json!([]));
}

#[test]
fn accounts_and_their_parts_are_bounded() {
    let company = company(|policy| {
        policy.stand_ins.business_accounts_per_user_max = 2;
        policy.stand_ins.business_account_parts_max = 2;
    });
    let Company { alice, bob, .. } = &company;
    let full = |reply: &Reply| reply.refused(422, None, "Business account limit reached");
    company.add(alice, BOB, "admin").ok(201);
    full(&company.add(alice, CAROL, "viewer"));
    alice.post("businessAccounts", &json!({})).ok(201);
    full(&alice.post("businessAccounts", &json!({})));
    let wallet = company.link(alice);
    company.link(alice);
    let third = text(&create_wallet(alice)["walletId"]);
    let link = json!({ "walletId": third, "businessAccountId": company.account });
    full(&alice.post("businessAccounts/linkWallet", &link));
    // To link without naming an account makes one, and there are two already.
    full(&alice.post("businessAccounts/linkWallet", &json!({ "walletId": third })));
    for _ in 0..2 {
        company.sign_for(alice, &wallet, json!({ "signerType": "server" })).ok(201);
    }
    full(&company.sign_for(alice, &wallet, json!({ "signerType": "server" })));
    // Nobody is pressed into a third account.
    bob.post("businessAccounts", &json!({})).ok(201);
    let third = text(&company.carol.post("businessAccounts", &json!({})).ok(201)["id"]);
    let body = json!({ "role": "viewer", "type": "email", "identifier": BOB });
    full(&company.carol.post(&format!("businessAccounts/{third}/members"), &body));
}

#[test]
fn an_account_goes_with_its_owner_and_a_member_leaves_it_alone() {
    let company = company(|_| {});
    let Company { alice, bob, carol, .. } = &company;
    company.add(alice, BOB, "admin").ok(201);
    company.add(alice, CAROL, "admin").ok(201);
    let (of_bob, of_carol) = (company.link(bob), company.link(carol));
    let signer = json!({ "signerType": "endUser", "userId": id(bob) });
    company.sign_for(alice, &of_carol, signer).ok(201);
    bob.delete("users", &[]).ok(204);
    let detail = company.read(alice).ok(200);
    let wallets: Vec<_> =
        detail["wallets"].as_array().unwrap().iter().map(|it| text(&it["id"])).collect();
    assert_eq!(wallets, [of_carol.as_str()]);
    assert!(!wallets.contains(&of_bob));
    assert_eq!(detail["signers"], json!([]));
    assert_eq!(company.roles().len(), 2);
    alice.delete("users", &[]).ok(204);
    company.read(carol).not_found();
    let properties = credential(carol, &of_carol)["wallet_properties"].clone();
    assert_eq!(properties.get("businessAccountId"), None);
    assert!(alice.world.user(ALICE).is_none());
}
