//! Every refusal of wallets, social accounts and linking; the matches stop the compiler.

use mock_server::engine::{
    FieldConflict, LinkingRefusal, MergeConflicts, MessageFlaw, SignatureFlaw, SocialProvider,
    SocialRefusal, WalletRefusal,
};
use mock_server::policy::Policy;

use crate::client::{ALICE, Client};

pub(super) fn wallet() -> Vec<WalletRefusal> {
    let all = vec![
        WalletRefusal::UnsupportedChain { chain: "SOL".into() },
        WalletRefusal::BadAddress,
        WalletRefusal::BadMessage(MessageFlaw::Nonce),
        WalletRefusal::BadSignature(SignatureFlaw::Foreign),
        WalletRefusal::StaleNonce,
        WalletRefusal::EmbeddedCannotElevate,
        WalletRefusal::EmbeddedCannotBeLinked,
        WalletRefusal::NoSuchWallet,
    ];
    for (at, refusal) in all.iter().enumerate() {
        let position = match refusal {
            WalletRefusal::UnsupportedChain { .. } => 0,
            WalletRefusal::BadAddress => 1,
            WalletRefusal::BadMessage(_) => 2,
            WalletRefusal::BadSignature(_) => 3,
            WalletRefusal::StaleNonce => 4,
            WalletRefusal::EmbeddedCannotElevate => 5,
            WalletRefusal::EmbeddedCannotBeLinked => 6,
            WalletRefusal::NoSuchWallet => 7,
        };
        assert_eq!(position, at);
    }
    all
}

pub(super) fn social() -> Vec<SocialRefusal> {
    let known = |way: &str| SocialRefusal::KnownEmail { email: ALICE.into(), way: way.into() };
    let all = vec![
        SocialRefusal::ProviderOff { provider: SocialProvider::Twitter },
        SocialRefusal::RedirectNotAllowed,
        SocialRefusal::StateTaken,
        SocialRefusal::NoSuchFlow,
        SocialRefusal::WrongCode,
        SocialRefusal::WrongVerifier,
        known("emailOnly"),
        known("github"),
    ];
    for (at, refusal) in all.iter().enumerate() {
        let position = match refusal {
            SocialRefusal::ProviderOff { .. } => 0,
            SocialRefusal::RedirectNotAllowed => 1,
            SocialRefusal::StateTaken => 2,
            SocialRefusal::NoSuchFlow => 3,
            SocialRefusal::WrongCode => 4,
            SocialRefusal::WrongVerifier => 5,
            SocialRefusal::KnownEmail { .. } => at.max(6),
        };
        assert_eq!(position, at);
    }
    all
}

pub(super) fn linking() -> Vec<LinkingRefusal> {
    let all = vec![
        LinkingRefusal::NothingToUnlink,
        LinkingRefusal::LastCredential,
        LinkingRefusal::EmbeddedWallet,
        LinkingRefusal::Passkey,
        LinkingRefusal::TooManyCredentials { max: 100 },
        LinkingRefusal::TransferOffered,
        LinkingRefusal::NotTransferable("because"),
        LinkingRefusal::MergeOffered(Box::new(offer())),
        LinkingRefusal::NotMergeable("because"),
    ];
    for (at, refusal) in all.iter().enumerate() {
        let position = match refusal {
            LinkingRefusal::NothingToUnlink => 0,
            LinkingRefusal::LastCredential => 1,
            LinkingRefusal::EmbeddedWallet => 2,
            LinkingRefusal::Passkey => 3,
            LinkingRefusal::TooManyCredentials { .. } => 4,
            LinkingRefusal::TransferOffered => 5,
            LinkingRefusal::NotTransferable(_) => 6,
            LinkingRefusal::MergeOffered(_) => 7,
            LinkingRefusal::NotMergeable(_) => 8,
        };
        assert_eq!(position, at);
    }
    all
}

/// An offer with one conflict, by a user who really exists.
fn offer() -> MergeConflicts {
    let client = Client::signed_in(Policy::default());
    let user = client.world.user(ALICE).unwrap();
    let view = mock_server::engine::UserView {
        id: user.id.parse().unwrap(),
        profile: mock_server::engine::Profile::default().into(),
        credentials: Vec::new(),
        acknowledgement: mock_server::engine::Acknowledgement::NotAsked,
        first_visit: user.first_visit,
        last_visit: user.last_visit,
        new_user: false,
        session: user.sessions[0].parse().unwrap(),
        last_credential: user.sessions[0].parse().unwrap(),
        scopes: Vec::new(),
        wallets: Vec::new(),
    };
    let field =
        FieldConflict { field: "alias", from: "theirs".to_owned(), current: "ours".to_owned() };
    let environment = client.world.id().parse().unwrap();
    MergeConflicts { environment, current: view.id, from: view, fields: vec![field] }
}
