//! Calls that a fault holds until others stand beside them: who is decided first, and who is let go.

use std::net::SocketAddr;
use std::time::Duration;

use mock_server::policy::Policy;
use mock_server::{Effect, Fault, Hosting, Mock, Order, Server};
use serde_json::{Value, json};

use crate::client::{ALICE, Client, legacy};
use crate::socket::exchange;

mod leaving;
mod winners;

/// Longer than any test runs: where this is waited for, something is wrong.
const PATIENCE: u64 = 60_000;

/// A request that is sent later, by a thread.
#[derive(Clone, Debug)]
struct Call {
    method: &'static str,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Call {
    /// A request of this client's session.
    fn of(client: &Client, method: &'static str, path: &str, body: &Value) -> Self {
        let mut headers = vec![("content-type", "application/json".to_owned())];
        headers.extend(client.bearer.iter().map(|it| ("authorization", format!("Bearer {it}"))));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        Self { method, path: client.path(path), headers, body }
    }

    fn get(client: &Client, path: &str) -> Self {
        Self::of(client, "GET", path, &Value::Null)
    }
}

/// The two ways in that can let a call wait.
#[derive(Clone, Copy)]
enum Door<'door> {
    Called(&'door Mock),
    Port(SocketAddr),
}

impl Door<'_> {
    fn send(self, call: &Call) -> (u16, Value) {
        let headers: Vec<_> = call.headers.iter().map(|(name, it)| (*name, it.as_str())).collect();
        match self {
            Self::Called(mock) => {
                let body = call.body.clone();
                let reply = crate::client::send(mock, call.method, &call.path, &headers, body);
                (reply.status, reply.body)
            }
            Self::Port(address) => {
                let body = call.body.as_bytes();
                let received = exchange(address, call.method, &call.path, &headers, body);
                (received.status.unwrap_or(0), received.json())
            }
        }
    }

    /// Sends the calls one by one, each when the one before stands at its place; their answers.
    fn race(self, world: &Hosting, calls: &[Call]) -> Vec<(u16, Value)> {
        let before = fired(world);
        std::thread::scope(|scope| {
            let mut racers = Vec::new();
            for call in calls {
                racers.push(scope.spawn(move || self.send(call)));
                stand(world, before + racers.len());
            }
            racers.into_iter().map(|racer| racer.join().unwrap()).collect()
        })
    }
}

/// A world with a port beside the front door.
fn on_a_port(client: &Client) -> Server {
    Server::spawn(client.mock.clone(), "127.0.0.1:0".parse().unwrap()).unwrap()
}

fn meet(calls: u32, order: Order, milliseconds: u64, name: Option<&str>) -> Effect {
    Effect::Meet { calls, order, milliseconds, name: name.map(str::to_owned) }
}

/// The next calls, whichever they are, meet.
fn all_meet(world: &Hosting, calls: u32, order: Order) -> u64 {
    let fault = Fault::on("*", meet(calls, order, PATIENCE, None));
    world.inject_fault(Fault { times: Some(calls), ..fault }).unwrap()
}

fn fired(world: &Hosting) -> usize {
    world.faults().iter().map(|fault| usize::try_from(fault.fired).unwrap()).sum()
}

/// Waits until so many calls were counted, which is when they stand there.
fn stand(world: &Hosting, calls: usize) {
    while fired(world) < calls {
        std::thread::yield_now();
    }
}

/// What the journal says of the faults that calls met, in the order of decision.
fn told(world: &Hosting) -> Vec<String> {
    world.journal().into_iter().filter_map(|exchange| exchange.fault).collect()
}

#[expect(clippy::disallowed_methods, reason = "how long a call was held is what is asked here")]
fn timed<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let start = std::time::Instant::now();
    let value = run();
    (value, start.elapsed())
}

#[test]
fn a_place_has_a_name_or_belongs_to_one_fault() {
    let client = Client::new(Policy::default());
    let (world, door) = (&client.world, Door::Called(&client.mock));
    let calls = [Call::get(&client, "nonce"), Call::get(&client, "settings")];
    // Two faults of one name: two operations meet.
    for operation in ["getNonce", "getEnvironmentSettings"] {
        let effect = meet(2, Order::LastCome, PATIENCE, Some("start"));
        world.inject_fault(Fault::on(operation, effect)).unwrap();
    }
    let answers = door.race(world, &calls);
    assert_eq!((answers[0].0, answers[1].0), (200, 200));
    let title = "meet \"start\" of 2 calls, last come first: decided as number";
    assert_eq!(told(world), [format!("{title} 1"), format!("{title} 2")]);
    let paths: Vec<_> = world.journal().into_iter().map(|it| it.operation.unwrap()).collect();
    assert_eq!(paths, ["getEnvironmentSettings", "getNonce"]);
    // Without a name, what another fault holds stands elsewhere.
    world.clear_journal();
    for operation in ["getNonce", "getEnvironmentSettings"] {
        let fault = Fault::on(operation, meet(2, Order::FirstCome, 30, None));
        world.inject_fault(Fault { times: None, ..fault }).unwrap();
    }
    door.race(world, &calls);
    let alone =
        "meet of 2 calls, first come first failed, 1 came within 30 ms: decided as number 1";
    assert_eq!(told(world), [alone, alone]);
}

#[test]
fn who_waits_in_vain_goes_on_and_no_clock_has_moved() {
    let client = Client::new(Policy::default());
    let (world, server) = (&client.world, on_a_port(&client));
    let calls = [Call::get(&client, "nonce"), Call::get(&client, "settings")];
    let now = world.now();
    for door in [Door::Called(&client.mock), Door::Port(server.address())] {
        for (order, operations) in [
            (Order::FirstCome, ["getNonce", "getEnvironmentSettings"]),
            (Order::LastCome, ["getEnvironmentSettings", "getNonce"]),
        ] {
            world.clear_journal();
            let fault = Fault::on("*", meet(3, order, 60, None));
            world.inject_fault(Fault { times: Some(3), ..fault }).unwrap();
            let (answers, took) = timed(|| door.race(world, &calls));
            assert_eq!((answers[0].0, answers[1].0), (200, 200));
            assert!(
                took >= Duration::from_millis(60) && took < Duration::from_secs(20),
                "{took:?}"
            );
            let decided: Vec<_> =
                world.journal().into_iter().map(|it| it.operation.unwrap()).collect();
            assert_eq!(decided, operations);
            for (nth, words) in told(world).iter().enumerate() {
                let end = format!("failed, 2 came within 60 ms: decided as number {}", nth + 1);
                assert!(words.ends_with(&end), "{words}");
            }
            world.clear_faults().unwrap();
        }
    }
    assert_eq!(world.now(), now);
}

#[test]
fn other_faults_have_their_turn_with_the_call() {
    let client = Client::new(Policy::default());
    let (world, server) = (&client.world, on_a_port(&client));
    let body = json!({ "email": ALICE });
    let create = Call::of(&client, "POST", "emailVerifications/create", &body);
    for (effect, status, mails, words) in [
        (Effect::status(503), 503, 0, "status 503"),
        (Effect::DropBefore, 0, 0, "drop_before"),
        (Effect::DropAfter, 0, 1, "drop_after"),
        (Effect::Delay { milliseconds: 20 }, 201, 1, "delay of 20 ms"),
        (Effect::Replace { body: json!({}) }, 201, 1, "replace"),
    ] {
        world.reset().unwrap();
        world.inject_fault(Fault::on("createEmailVerification", effect)).unwrap();
        let fault = Fault::on("*", meet(2, Order::FirstCome, PATIENCE, None));
        world.inject_fault(Fault { times: Some(2), ..fault }).unwrap();
        let calls = [create.clone(), Call::get(&client, "nonce")];
        let held = std::thread::scope(|scope| {
            let first = scope.spawn(|| Door::Port(server.address()).send(&calls[0]));
            stand(world, 2);
            // Nothing has happened to it yet, and nobody else is kept waiting.
            assert_eq!((world.inbox(None, 0).len(), world.journal().len()), (0, 0));
            assert_eq!(Door::Port(server.address()).send(&calls[1]).0, 200);
            first.join().unwrap().0
        });
        assert_eq!((held, world.inbox(None, 0).len()), (status, mails));
        let title = "meet of 2 calls, first come first: decided as number";
        assert_eq!(told(world), [format!("{title} 1; {words}"), format!("{title} 2")]);
    }
}

#[test]
fn many_worlds_wait_at_once_and_hold_up_nobody() {
    let mock = crate::client::still_mock(legacy(|_| {}));
    let server = Server::spawn(mock.clone(), "127.0.0.1:0".parse().unwrap()).unwrap();
    let door = Door::Port(server.address());
    let worlds: Vec<Client> = (0..4)
        .map(|nth| {
            let id = format!("00000000-0000-4000-8000-0000000000{nth:02}");
            let mut client = Client::of(&mock, &id);
            client.sign_in(ALICE);
            client
        })
        .collect();
    // More calls that sign than may sign at once: none of them has a permit while it waits.
    std::thread::scope(|scope| {
        let mut racers = Vec::new();
        for client in &worlds {
            let fault = Fault::on("*", meet(4, Order::LastCome, PATIENCE, Some("race")));
            client.world.inject_fault(Fault { times: Some(4), ..fault }).unwrap();
            let refresh = Call::of(client, "POST", "refresh", &Value::Null);
            let sent = (0..3).map(|_| refresh.clone());
            racers.extend(sent.map(|call| scope.spawn(move || door.send(&call).0)));
        }
        for client in &worlds {
            stand(&client.world, 3);
        }
        let apart = Client::of(&mock, "00000000-0000-4000-8000-0000000000ff");
        assert_eq!(door.send(&Call::get(&apart, "healthcheck")).0, 200);
        for client in &worlds {
            assert!(told(&client.world).is_empty());
            assert_eq!(door.send(&Call::of(client, "POST", "refresh", &Value::Null)).0, 200);
        }
        racers.into_iter().for_each(|racer| assert_eq!(racer.join().unwrap(), 200));
    });
    let title = "meet \"race\" of 4 calls, last come first: decided as number";
    let wanted = [1, 2, 3, 4].map(|nth| format!("{title} {nth}"));
    worlds.iter().for_each(|client| assert_eq!(told(&client.world), wanted));
}

#[test]
fn a_meeting_without_end_goes_on_meeting() {
    let client = Client::new(Policy::default());
    let (world, door) = (&client.world, Door::Called(&client.mock));
    let fault = Fault::on("getNonce", meet(2, Order::LastCome, PATIENCE, None));
    world.inject_fault(Fault { nth: 2, times: None, ..fault }).unwrap();
    let nonce = Call::get(&client, "nonce");
    assert_eq!(door.send(&nonce).0, 200);
    for _ in 0..3 {
        door.race(world, &[nonce.clone(), nonce.clone()]);
    }
    let told = told(world);
    assert_eq!(told.len(), 6);
    assert!(told.iter().all(|words| !words.contains("failed")), "{told:?}");
}
