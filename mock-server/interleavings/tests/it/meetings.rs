//! Calls that wait for each other: nobody waits for ever, and who is first in line wins.

use interleavings::{Effect, Fault, Hosting, Order};
use serde_json::json;
use shuttle::thread;

use crate::client::{Errand, WORLD, at_once, code, service, signed_in, winners};
use crate::orders::in_every_order;

/// Holds the next calls until so many stand there; a wait never times out here.
fn all_meet(world: &Hosting, calls: u32, order: Order) -> u64 {
    let meet = Effect::Meet { calls, order, milliseconds: 1_000, name: None };
    world.inject_fault(Fault { times: Some(calls), ..Fault::on("*", meet) }).unwrap()
}

/// Uses of one code that all begin at once, and the status of the one that was decided first.
fn first_of(order: Order) -> (Vec<u16>, u16) {
    let mock = service();
    let world = mock.environment(WORLD).unwrap();
    let bearer = signed_in(&mock, &world);
    let body = json!({ "code": code(&world) });
    let errand = Errand::post(&mock, "users/mfa/auth/totp", &body).by(&bearer);
    let newest = world.journal_newest();
    all_meet(&world, 3, order);
    let statuses = at_once(vec![errand; 3]);
    let exchanges = world.journal_after(newest, false);
    let is_first = |words: &str| words.ends_with(": decided as number 1");
    let first = exchanges.iter().find(|it| it.fault.as_deref().is_some_and(is_first)).unwrap();
    (statuses, first.status)
}

#[test]
fn who_is_decided_first_is_the_one_that_wins() {
    in_every_order(|| assert_first_wins(Order::FirstCome));
    in_every_order(|| assert_first_wins(Order::LastCome));
}

fn assert_first_wins(order: Order) {
    let (statuses, first) = first_of(order);
    assert_eq!((winners(&statuses), first), (1, 200), "{statuses:?}");
}

/// Two stand where three were to meet; the fault may go before, between or after their arrivals.
#[test]
fn a_fault_that_is_removed_holds_nobody() {
    in_every_order(|| {
        let mock = service();
        let world = mock.environment(WORLD).unwrap();
        let bearer = signed_in(&mock, &world);
        let fault = all_meet(&world, 3, Order::LastCome);
        let look = Errand::get(&mock, "users").by(&bearer);
        let removing = thread::spawn(move || world.remove_fault(fault).unwrap());
        assert_eq!(at_once(vec![look; 2]), [200, 200]);
        assert!(removing.join().unwrap());
    });
}

/// Four calls are two meetings of two, whoever meets whom.
#[test]
fn a_meeting_that_is_complete_takes_nobody_else() {
    in_every_order(|| {
        let mock = service();
        let world = mock.environment(WORLD).unwrap();
        let bearer = signed_in(&mock, &world);
        let newest = world.journal_newest();
        let meet =
            Effect::Meet { calls: 2, order: Order::FirstCome, milliseconds: 1_000, name: None };
        world.inject_fault(Fault { times: Some(4), ..Fault::on("*", meet) }).unwrap();
        let look = Errand::get(&mock, "users").by(&bearer);
        assert_eq!(at_once(vec![look; 4]), [200; 4]);
        let exchanges = world.journal_after(newest, false);
        let decided = |nth: u8| {
            let end = format!(": decided as number {nth}");
            exchanges
                .iter()
                .filter(|it| it.fault.as_ref().is_some_and(|it| it.ends_with(&end)))
                .count()
        };
        assert_eq!([decided(1), decided(2), decided(3)], [2, 2, 0]);
    });
}
