//! Calls that are let go, or go by themselves, before the others have come.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::Duration;

use mock_server::policy::Policy;
use mock_server::{Fault, Hosting, JournalFile, Mock, Options, Order};
use serde_json::json;
use tokio::runtime::Runtime;

use super::{Call, Door, PATIENCE, all_meet, fired, meet, on_a_port, stand, told};
use crate::client::{Client, WORLD, still_mock};
use crate::holds::Scratch;
use crate::socket::exchange;

/// Runs something that ends by itself, or fails; a hang would end no test.
fn soon<T: Send>(what: &str, run: impl FnOnce() -> T + Send) -> T {
    let (done, is_done) = mpsc::channel();
    std::thread::scope(|scope| {
        let running = scope.spawn(move || {
            let value = run();
            let _ = done.send(());
            value
        });
        assert!(is_done.recv_timeout(Duration::from_secs(20)).is_ok(), "{what} does not end");
        running.join().unwrap()
    })
}

#[test]
fn whoever_takes_the_fault_away_lets_everybody_go() {
    type Take = fn(&Client, u64);
    let takes: [(&str, Take); 5] = [
        ("clear", |client, _| client.world.clear_faults().unwrap()),
        ("remove", |client, id| assert!(client.world.remove_fault(id).unwrap())),
        ("reset", |client, _| client.world.reset().unwrap()),
        ("restore", |client, _| {
            let fresh = Client::of(&still_mock(Policy::default()), WORLD);
            client.world.restore(fresh.world.snapshot()).unwrap();
        }),
        ("forget", |client, _| assert!(client.mock.forget(WORLD).unwrap())),
    ];
    for (what, take) in takes {
        for is_port in [false, true] {
            let client = Client::new(Policy::default());
            let server = on_a_port(&client);
            let door = match is_port {
                true => Door::Port(server.address()),
                false => Door::Called(&client.mock),
            };
            let id = all_meet(&client.world, 4, Order::LastCome);
            let calls = ["nonce", "settings", "healthcheck"].map(|path| Call::get(&client, path));
            let statuses = soon(what, || {
                std::thread::scope(|scope| {
                    let mut racers = Vec::new();
                    for call in &calls {
                        racers.push(scope.spawn(move || door.send(call).0));
                        stand(&client.world, racers.len());
                    }
                    take(&client, id);
                    racers.into_iter().map(|racer| racer.join().unwrap()).collect::<Vec<_>>()
                })
            });
            assert_eq!(statuses, [200; 3], "{what}");
            let title = "meet of 4 calls, last come first failed, its fault was removed";
            let wanted = [1, 2, 3].map(|nth| format!("{title}: decided as number {nth}"));
            assert_eq!(told(&client.world), wanted, "{what}");
            let journal = client.world.journal();
            let decided: Vec<_> =
                journal.iter().filter_map(|exchange| exchange.operation).collect();
            assert_eq!(decided, ["getHealthcheck", "getEnvironmentSettings", "getNonce"], "{what}");
        }
    }
}

/// Sends a request and does not wait for the answer.
fn begin(client: &Client, server: &mock_server::Server, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let head = format!("GET {} HTTP/1.1\r\nhost: {}\r\n\r\n", client.path(path), server.address());
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

/// Waits until the journal has so many exchanges.
fn noted(world: &Hosting, exchanges: usize) {
    while world.journal().len() < exchanges {
        std::thread::yield_now();
    }
}

#[test]
fn whoever_hangs_up_is_not_there() {
    let client = Client::new(Policy::default());
    let (world, server) = (&client.world, on_a_port(&client));
    let fault = Fault::on("*", meet(2, Order::LastCome, PATIENCE, None));
    world.inject_fault(Fault { times: Some(3), ..fault }).unwrap();
    let gone = begin(&client, &server, "nonce");
    stand(world, 1);
    drop(gone);
    soon("hanging up", || noted(world, 1));
    let title = "meet of 2 calls, last come first";
    assert_eq!(told(world), [format!("{title}: hung up while it waited")]);
    assert_eq!(world.journal()[0].status, 503);
    // The next one does not meet somebody who is gone; the one after it does meet.
    let calls = ["settings", "healthcheck"].map(|path| Call::get(&client, path));
    let door = Door::Port(server.address());
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| door.send(&calls[0]).0);
        stand(world, 2);
        assert_eq!(world.journal().len(), 1);
        assert_eq!(door.send(&calls[1]).0, 200);
        assert_eq!(waits.join().unwrap(), 200);
    });
    let wanted = [1, 2].map(|nth| format!("{title}: decided as number {nth}"));
    assert_eq!(told(world)[1..], wanted);
}

#[test]
fn a_call_that_hung_up_was_never_decided() {
    let client = Client::new(Policy::default());
    let (world, server) = (&client.world, on_a_port(&client));
    let id = all_meet(world, 2, Order::FirstCome);
    let before = client.state();
    let gone = begin(&client, &server, "nonce");
    stand(world, 1);
    drop(gone);
    soon("hanging up", || noted(world, 1));
    client.differs_only(&before, &["/faults/list"]);
    assert!(world.remove_fault(id).unwrap());
}

#[test]
fn a_server_ends_while_calls_wait() {
    let client = Client::new(Policy::default());
    let (world, server) = (&client.world, on_a_port(&client));
    all_meet(world, 4, Order::FirstCome);
    let address = server.address();
    let call = Call::get(&client, "nonce");
    let statuses = soon("the server", || {
        std::thread::scope(|scope| {
            let port = [(); 2].map(|()| scope.spawn(|| Door::Port(address).send(&call).0));
            stand(world, 2);
            // One waits at the other door, which stays.
            let stays = scope.spawn(|| Door::Called(&client.mock).send(&call).0);
            stand(world, 3);
            drop(server);
            let cut = port.map(|waiting| waiting.join().unwrap());
            assert_eq!(world.journal().len(), 2);
            world.clear_faults().unwrap();
            (cut, stays.join().unwrap())
        })
    });
    assert_eq!(statuses, ([0, 0], 200));
    let title = "meet of 4 calls, first come first";
    let cut = format!("{title}: hung up while it waited");
    let stays = format!("{title} failed, its fault was removed: decided as number 1");
    assert_eq!(told(world), [cut.clone(), cut, stays]);
}

#[test]
fn wiremock_holds_nobody() {
    let runtime = Runtime::new().unwrap();
    let mock = still_mock(Policy::default());
    let server = runtime.block_on(mock.wiremock(Vec::new));
    let address = server.base_url().replace("http://", "").replace("/api/v0", "").parse().unwrap();
    let client = Client::of(&mock, WORLD);
    let before = client.state();
    all_meet(&client.world, 2, Order::FirstCome);
    let path = client.path("nonce");
    let get = || exchange(address, "GET", &path, &[], b"");
    let refused = soon("wiremock", || [get(), get()].map(|received| received.ok(502)));
    let error = "a fault would have held this call here until others stood beside it";
    assert_eq!(refused, [json!({ "error": error }), json!({ "error": error })]);
    client.differs_only(&before, &["/faults/list", "/faults/next_id"]);
    let words = "meet of 2 calls, first come first: wiremock takes one call at a time";
    assert_eq!(told(&client.world), [words, words]);
    get().ok(200);
}

#[test]
fn a_meeting_that_was_written_down_is_held_after_a_restart() {
    let scratch = Scratch::new();
    let mock = || {
        let journal_file = Some(JournalFile::at(&scratch.0));
        Mock::new(Options { seed: Some(7), journal_file, ..Options::default() }).unwrap()
    };
    let first = mock();
    let client = Client::of(&first, WORLD);
    let fault = Fault::on("getNonce", meet(2, Order::LastCome, 30, Some("later")));
    client.world.inject_fault(Fault { times: Some(3), ..fault }).unwrap();
    // It waits in vain, and counts.
    client.get("nonce").ok(200);
    drop((client, first));
    let second = mock();
    let client = Client::of(&second, WORLD);
    assert_eq!(fired(&client.world), 1);
    let nonce = Call::get(&client, "nonce");
    let answers = soon("the meeting", || {
        Door::Called(&second).race(&client.world, &[nonce.clone(), nonce.clone()])
    });
    assert_eq!((answers[0].0, answers[1].0, fired(&client.world)), (200, 200, 3));
}

#[test]
fn a_storm_of_calls_and_faults_ends() {
    let client = Client::new(Policy::default());
    let (world, server) = (&client.world, on_a_port(&client));
    let nonce = Call::get(&client, "nonce");
    let name = ["a", "b"].map(Some);
    let round = |nth: usize| {
        let order = if nth.is_multiple_of(2) { Order::FirstCome } else { Order::LastCome };
        let (calls, name) = if nth.is_multiple_of(3) { (2, None) } else { (3, name[nth % 2]) };
        let effect = meet(calls, order, 4, name);
        // One that does not fit what is there already is refused, which is well.
        let _ = world.inject_fault(Fault { times: None, ..Fault::on("*", effect) });
        match nth % 8 {
            7 => world.clear_faults().unwrap(),
            5 => drop(world.remove_fault(world.faults().first().map_or(0, |fault| fault.id))),
            3 => drop(begin(&client, &server, "nonce")),
            _ => {}
        }
    };
    let statuses = soon("the storm", || {
        std::thread::scope(|scope| {
            let doors = [Door::Called(&client.mock), Door::Port(server.address())];
            let nonce = &nonce;
            let racers: Vec<_> = (0..8)
                .map(|nth| {
                    let door = doors[nth % 2];
                    scope.spawn(move || (0..30).map(|_| door.send(nonce).0).collect::<Vec<_>>())
                })
                .collect();
            (0..200).for_each(round);
            racers.into_iter().flat_map(|racer| racer.join().unwrap()).collect::<Vec<_>>()
        })
    });
    assert_eq!(statuses, [200; 240]);
}
