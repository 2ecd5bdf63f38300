//! Bytes by chance, and published objects with places changed by chance: never taken, no panic.

use fixtures::webauthn::{ROWS, Row};
use mfa_engine::passkey::{AttestationObject, AuthenticatorData, ClientData, Octets, cbor};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::{assertion, authenticate, passkey, register, registration};

/// The row with self attestation: its registration is signed as a whole, so every change shows.
fn signed_row() -> &'static Row {
    ROWS.iter().find(|row| row.name == "packed-self-es256").unwrap()
}

/// One to four changes: a byte set, put in, or taken out, or the end cut off.
fn edits() -> impl Strategy<Value = Vec<(Index, u8, u8)>> {
    prop::collection::vec((any::<Index>(), 0..4_u8, any::<u8>()), 1..5)
}

fn bent(octets: &Octets, edits: &[(Index, u8, u8)]) -> Octets {
    let mut bytes = octets.as_slice().to_vec();
    for (at, kind, byte) in edits {
        if bytes.is_empty() {
            break;
        }
        let at = at.index(bytes.len());
        match kind {
            0 => bytes[at] = *byte,
            1 => bytes.insert(at, *byte),
            2 => drop(bytes.remove(at)),
            _ => bytes.truncate(at),
        }
    }
    Octets::new(bytes)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn bytes_by_chance_are_nothing(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(AttestationObject::parse(&bytes).is_err());
        prop_assert!(ClientData::parse(&bytes).is_none());
        // 37 bytes without flags are authenticator data; more of them is luck that none has.
        let data = AuthenticatorData::parse(&bytes);
        prop_assert!(data.is_err() || bytes.len() >= 37);
        let mut used = assertion(signed_row());
        used.authenticator_data = Octets::new(bytes.clone());
        prop_assert!(authenticate(&used, &passkey(signed_row())).is_err());
        used.authenticator_data = assertion(signed_row()).authenticator_data;
        used.signature = Octets::new(bytes);
        prop_assert!(authenticate(&used, &passkey(signed_row())).is_err());
    }

    #[test]
    fn a_changed_registration_is_refused(part in 0..2_u8, edits in edits()) {
        let whole = registration(signed_row());
        let mut made = whole.clone();
        match part {
            0 => made.client_data = bent(&whole.client_data, &edits),
            _ => made.attestation_object = bent(&whole.attestation_object, &edits),
        }
        prop_assert_eq!(register(&made).is_ok(), made == whole);
    }

    #[test]
    fn a_changed_assertion_is_refused(
        row in select(ROWS.to_vec()),
        part in 0..3_u8,
        edits in edits(),
    ) {
        let whole = assertion(&row);
        let mut used = whole.clone();
        match part {
            0 => used.client_data = bent(&whole.client_data, &edits),
            1 => used.authenticator_data = bent(&whole.authenticator_data, &edits),
            _ => used.signature = bent(&whole.signature, &edits),
        }
        prop_assert_eq!(authenticate(&used, &passkey(&row)).is_ok(), used == whole);
    }

    #[test]
    fn an_unsigned_registration_may_change_but_never_panics(
        row in select(ROWS.to_vec()),
        edits in edits(),
    ) {
        let mut made = registration(&row);
        made.attestation_object = bent(&made.attestation_object, &edits);
        if let Ok(object) = AttestationObject::parse(made.attestation_object.as_slice()) {
            let attested = object.data.attested.as_ref();
            // Whatever is still taken names the credential that it was posted for.
            let is_named =
                attested.is_some_and(|it| it.credential_id == made.credential_id.as_slice());
            prop_assert!(is_named || register(&made).is_err());
        } else {
            prop_assert!(register(&made).is_err());
        }
    }

    #[test]
    fn bytes_that_begin_like_a_map_never_panic(
        head in select(vec![0xa1_u8, 0xa3, 0xa5, 0x81, 0x84, 0x9f, 0xbf, 0xb8, 0xbb]),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut all = vec![head];
        all.extend(&bytes);
        if let Ok((_, rest)) = cbor::read_first(&all) {
            prop_assert!(rest.len() < all.len());
        }
    }
}
