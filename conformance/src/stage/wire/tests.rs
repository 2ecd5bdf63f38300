//! What the second witness is asked, with an answer for each side.

use super::*;
use crate::stage::tests::held::held;

const ROW: &str = "MFA-TOTP-001";

fn wire(operations: &[&str]) -> Wire {
    let exchange = |(sequence, name): (u64, &&str)| Exchange {
        sequence,
        operation: Some((*name).to_owned()),
        ..Exchange::default()
    };
    let exchanges = (1..).zip(operations).map(exchange).collect();
    Wire { exchanges, step: Some(3), scribe: Scribe::for_case(&[ROW]), tag: None }
}

/// Whether an expectation holds.
fn holds<T>(wire: &Wire, expect: impl FnOnce(&Wire) -> Result<T, Halt>) -> bool {
    let findings = held(&wire.scribe, expect(wire));
    let [found] = findings.as_slice() else { panic!("one finding, not {findings:?}") };
    assert_eq!(found.step, Some(3));
    assert!(found.what.starts_with("wire "), "{}", found.what);
    found.holds
}

#[test]
fn requests_are_counted_by_their_operation() {
    let wire = wire(&["getNonce", "authMfaTotpDevice", "getNonce"]);
    assert_eq!(wire.count("getNonce").unwrap(), 2);
    assert_eq!(wire.count("deleteMfaDevice").unwrap(), 0);
    for (times, operation, wanted) in [
        (2, "getNonce", true),
        (1, "getNonce", false),
        (3, "getNonce", false),
        (1, "authMfaTotpDevice", true),
        (0, "deleteMfaDevice", true),
    ] {
        let found = holds(&wire, |it| it.exactly(times, operation));
        assert_eq!(found, wanted, "{times} {operation}");
    }
    assert!(holds(&wire, |it| it.never("deleteMfaDevice")));
    assert!(!holds(&wire, |it| it.never("getNonce")));
    assert_eq!(wire.exchanges().len(), 3);
}

#[test]
fn silence_is_no_request_at_all() {
    assert!(holds(&wire(&[]), Wire::silent));
    let loud = wire(&["getNonce"]);
    assert!(!holds(&loud, Wire::silent));
    let unknown = Exchange { method: "GET".into(), path: "/nowhere".into(), ..Exchange::default() };
    let stray = Wire { exchanges: vec![unknown], ..wire(&[]) };
    let _ = stray.silent();
    assert_eq!(stray.scribe.close().findings[0].got, "GET /nowhere");
}

#[test]
fn an_order_may_have_others_in_between_but_not_be_turned() {
    let wire = wire(&["getNonce", "authMfaTotpDevice", "refreshAuth"]);
    for (order, wanted) in [
        (&["getNonce", "refreshAuth"][..], true),
        (&["getNonce", "authMfaTotpDevice", "refreshAuth"][..], true),
        (&[][..], true),
        (&["refreshAuth", "getNonce"][..], false),
        (&["getNonce", "getNonce"][..], false),
        (&["getNonce", "revokeSession"][..], false),
    ] {
        assert_eq!(holds(&wire, |it| it.in_order(order)), wanted, "{order:?}");
    }
}

#[test]
fn the_last_of_an_operation_is_the_newest() {
    let wire = wire(&["getNonce", "authMfaTotpDevice", "getNonce"]);
    let last = wire.last("getNonce").unwrap();
    assert_eq!(last.exchange().sequence, 3);
    let sequences: Vec<u64> =
        wire.all("getNonce").unwrap().iter().map(|seen| seen.exchange().sequence).collect();
    assert_eq!(sequences, [1, 3]);
    wire.scribe.close();
    assert!(holds(&wire, |it| it.last("authMfaTotpDevice")));
    assert!(!holds(&wire, |it| it.last("deleteMfaDevice")));
    assert!(wire.all("deleteMfaDevice").unwrap().is_empty());
}

#[test]
fn a_misspelt_operation_is_the_suites_own_mistake() {
    let wire = wire(&[]);
    let name = "authMfaTotp";
    let ended = [
        wire.count(name).map(drop),
        wire.never(name),
        wire.exactly(0, name),
        wire.in_order(&[name]),
        wire.last(name).map(drop),
        wire.all(name).map(drop),
    ];
    for (number, ended) in ended.into_iter().enumerate() {
        assert!(matches!(ended, Err(Halt::Harness(_))), "{number}: {ended:?}");
    }
}

#[test]
fn a_row_that_is_named_goes_on_to_what_was_seen() {
    let wire = wire(&["getNonce"]).proves(ROW);
    wire.last("getNonce").unwrap().expect_status(0).unwrap();
    for found in wire.scribe.close().findings {
        assert_eq!(found.requirement.as_deref(), Some(ROW), "{}", found.what);
    }
}
