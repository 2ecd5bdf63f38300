//! Every kind of prize, many times: by threads, and by connections to a socket.
//!
//! The example `races` of this package plays the same a million times.

use mock_server::Server;

use super::heat::{Course, Prize, foul};
use super::track::{Connections, Threads, Track};
use crate::client::{WORLD, policy, still_mock};

/// Heats for each kind of prize.
const HEATS: u32 = 30;
const RACERS: usize = 6;

fn race(course: &mut Course, track: &mut impl Track, prize: Prize) {
    for heat in 0..HEATS {
        let entry = course.next();
        let foul = foul(prize, &track.run(&entry));
        assert_eq!(foul, None, "heat {heat}");
        // The race is over, and the prize is gone for good.
        assert_eq!(entry.send(&course.client.mock), prize.loser(), "heat {heat}: {prize:?}");
    }
}

#[test]
fn one_thread_wins() {
    let mock = still_mock(policy(|_| {}));
    let mut track = Threads::new(&mock, RACERS);
    for prize in Prize::ALL {
        race(&mut Course::new(&mock, WORLD, prize), &mut track, prize);
    }
}

#[test]
fn one_connection_wins() {
    let mock = still_mock(policy(|_| {}));
    let server = Server::spawn(mock.clone(), "127.0.0.1:0".parse().unwrap()).unwrap();
    let mut track = Connections::new(server.address(), RACERS);
    for prize in Prize::ALL {
        race(&mut Course::new(&mock, WORLD, prize), &mut track, prize);
    }
}

#[test]
fn a_heat_without_one_winner_is_foul() {
    let prize = Prize::TimeStep;
    assert_eq!(foul(prize, &[422, 200, 422]), None);
    for statuses in [[200, 200, 422], [422, 422, 422], [200, 500, 422], [200, 401, 422]] {
        assert!(foul(prize, &statuses).is_some(), "{statuses:?}");
    }
}
