//! The checks of WebAuthn against the standard's own vectors, another CBOR, and chance.

use data_encoding::HEXLOWER;
use fixtures::webauthn::{ORIGIN, ROWS, RP_ID, Row, TOP_ORIGIN};
use mfa_engine::CredentialId;
use mfa_engine::passkey::{Assertion, Flaw, NewCredential, Octets, Passkey, Registration, Used};
use mfa_engine::policy;

mod chance;
mod reader;

fn octets(hex: &str) -> Octets {
    Octets::new(HEXLOWER.decode(hex.as_bytes()).unwrap())
}

/// The relying party of the vectors.
fn settings() -> policy::Passkey {
    policy::Passkey {
        rp_id: RP_ID.to_owned(),
        allowed_origins: vec![ORIGIN.to_owned(), TOP_ORIGIN.to_owned()],
        cross_origin: true,
        ..policy::Passkey::default()
    }
}

fn registration(row: &Row) -> Registration {
    Registration {
        credential_id: octets(row.credential_id),
        client_data: octets(row.registration.client_data),
        attestation_object: octets(row.registration.attestation_object),
        transports: Vec::new(),
    }
}

fn assertion(row: &Row) -> Assertion {
    Assertion {
        credential_id: octets(row.credential_id),
        client_data: octets(row.authentication.client_data),
        authenticator_data: octets(row.authentication.authenticator_data),
        signature: octets(row.authentication.signature),
        user_handle: None,
    }
}

fn register(made: &Registration) -> Result<NewCredential, Flaw> {
    made.verify(&made.open()?, RP_ID, &settings())
}

fn authenticate(used: &Assertion, passkey: &Passkey) -> Result<Used, Flaw> {
    used.verify(&used.open()?, passkey, RP_ID, &settings())
}

/// The passkey that a registration leaves behind.
fn passkey(row: &Row) -> Passkey {
    let made = register(&registration(row)).unwrap();
    Passkey {
        id: CredentialId::FIRST,
        made_for: "00000000-0000-4000-8000-000000000001".parse().unwrap(),
        credential_id: octets(row.credential_id),
        public_key: made.public_key,
        sign_count: made.sign_count,
        backup_eligible: made.backup_eligible,
        backed_up: made.backed_up,
        aaguid: made.aaguid,
        transports: Vec::new(),
        alias: None,
        origin: ORIGIN.to_owned(),
        user_agent: None,
        created_at: jiff::Timestamp::UNIX_EPOCH,
        updated_at: None,
        last_used_at: None,
    }
}

#[test]
fn every_published_ceremony_passes() {
    for row in &ROWS {
        let (made, used) = (registration(row), assertion(row));
        assert_eq!(made.open().unwrap().challenge, octets(row.registration.challenge).to_string());
        assert_eq!(
            used.open().unwrap().challenge,
            octets(row.authentication.challenge).to_string()
        );
        let passkey = passkey(row);
        assert_eq!(
            authenticate(&used, &passkey).map(|used| used.sign_count),
            Ok(0),
            "{}",
            row.name
        );
        // What is written of a key verifies as well as the key did.
        let written = serde_json::to_string(&passkey).unwrap();
        assert_eq!(serde_json::from_str::<Passkey>(&written).unwrap(), passkey);
    }
}

#[test]
fn no_ceremony_passes_for_anothers_key() {
    for (at, row) in ROWS.iter().enumerate() {
        for (other, stranger) in ROWS.iter().enumerate() {
            let mut passkey = passkey(stranger);
            passkey.backup_eligible = self::passkey(row).backup_eligible;
            let verdict = authenticate(&assertion(row), &passkey);
            match at == other {
                true => assert!(verdict.is_ok()),
                false => assert_eq!(verdict, Err(Flaw::Signature)),
            }
        }
    }
}

#[test]
fn the_published_frames_are_refused_unless_they_are_expected() {
    let closed = policy::Passkey { cross_origin: false, ..settings() };
    let alone = policy::Passkey { allowed_origins: vec![ORIGIN.to_owned()], ..settings() };
    for row in &ROWS {
        let made = registration(row);
        let verdict = |settings| made.verify(&made.open().unwrap(), RP_ID, settings).map(|_| ());
        let is_framed = row.name.contains("Origin");
        assert_eq!(verdict(&closed), if is_framed { Err(Flaw::CrossOrigin) } else { Ok(()) });
        let top = Flaw::TopOrigin { origin: TOP_ORIGIN.to_owned() };
        let has_top = row.name.contains("topOrigin");
        assert_eq!(verdict(&alone), if has_top { Err(top) } else { Ok(()) });
    }
}
