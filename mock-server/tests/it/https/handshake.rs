//! Who is let in, under which name, and what is told over https.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use mock_server::tls::rustls::{CertificateError, Error};
use mock_server::tls::{NAMES_MAX, TlsError};
use mock_server::{Effect, Fault};
use serde_json::json;

use super::*;
use crate::client::NOON;

fn is_of_stranger(error: &Error) -> bool {
    matches!(error, Error::InvalidCertificate(CertificateError::UnknownIssuer))
}

fn is_for_others(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
        )
    )
}

#[test]
fn who_trusts_the_ca_is_answered_and_nobody_else() {
    let authority = Authority::new(&[], now()).unwrap();
    let told = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&told);
    let tls = authority.vouch(&[], now()).unwrap().on_refusal(move |word| {
        assert_eq!(word, "UnknownCA");
        counter.fetch_add(1, Ordering::Relaxed);
    });
    let server = serve(&tls);
    assert_eq!(server.base_url(), format!("https://{}/api/v0", server.address()));
    let path = format!("/api/v0/sdk/{WORLD}/healthcheck");
    let caller = Caller::trusting(&authority.certificate_pem());
    let reply = caller.get(server.address(), "localhost", &path, "").unwrap();
    assert_eq!(reply.ok(200), json!({ "status": "healthy" }));
    let other = Authority::new(&[], now()).unwrap();
    for stranger in ["", &other.certificate_pem()] {
        let refused = Caller::trusting(stranger).get(server.address(), "localhost", &path, "");
        let error = refused.unwrap_err();
        assert!(is_of_stranger(&error), "{error}");
    }
    until("both refusals are noted", || tls.troubles().refused == 2);
    assert_eq!(told.load(Ordering::Relaxed), 1, "told of the first only");
    // One who was refused has kept nobody else from being answered.
    caller.reaches(&server, "localhost").unwrap();
    assert_eq!(tls.troubles().plain, 0);
}

#[test]
fn a_certificate_is_for_the_usual_names_and_those_asked_for() {
    let asked = names(&["box.lan", "*.app.test", "192.168.1.7", "mock.example.com"]);
    let authority = Authority::new(&asked, now()).unwrap();
    let server = serve(&authority.vouch(&asked, now()).unwrap());
    let caller = Caller::trusting(&authority.certificate_pem());
    for host in [
        "localhost",
        "127.0.0.1",
        "::1",
        "10.0.2.2",
        "web.localhost",
        "a.b.localhost",
        "box.lan",
        "x.app.test",
        "192.168.1.7",
        "mock.example.com",
        "LOCALHOST",
    ] {
        caller.reaches(&server, host).unwrap_or_else(|error| panic!("{host}: {error}"));
    }
    for host in [
        "example.com",
        "www.mock.example.com",
        "a.box.lan",
        "app.test",
        "x.y.app.test",
        "192.168.1.8",
        "127.0.0.2",
        "localhost.example.com",
    ] {
        let error = caller.reaches(&server, host).unwrap_err();
        assert!(is_for_others(&error), "{host}: {error}");
    }
}

#[test]
fn a_ca_vouches_for_this_machine_local_networks_and_what_it_was_made_for() {
    let authority = Authority::new(&names(&["mock.example.com"]), now()).unwrap();
    for local in ["box.local", "a.test", "10.1.2.3", "172.16.0.1", "fd00::1", "mock.example.com"] {
        authority.vouch(&names(&[local]), now()).unwrap();
    }
    for strange in ["example.com", "dynamicauth.com", "192.0.2.1", "172.32.0.1", "2001:db8::1"] {
        let refused = authority.vouch(&names(&["box.lan", strange]), now()).unwrap_err();
        assert_eq!(refused, TlsError::NotPermitted(strange.to_owned()));
    }
    let many: Vec<_> =
        (0..NAMES_MAX).map(|index| format!("h{index}.test").parse().unwrap()).collect();
    assert_eq!(authority.vouch(&many, now()).unwrap_err(), TlsError::TooManyNames);
}

#[test]
fn certificates_go_by_the_system_s_time_and_no_other() {
    // The service lives in 2030; its clients do not.
    let clock = Clock::held_at(NOON.parse().unwrap());
    let mock = Mock::new(Options { clock, ..Options::default() }).unwrap();
    let authority = Authority::new(&[], now()).unwrap();
    let tls = authority.vouch(&[], now()).unwrap();
    let address = "127.0.0.1:0".parse().unwrap();
    let server = Server::spawn_tls(mock, address, Guard::loopback(), tls).unwrap();
    let caller = Caller::trusting(&authority.certificate_pem());
    let path = format!("/_mock/v1/environments/{WORLD}/clock");
    caller.get(server.address(), "localhost", &format!("/api/v0/sdk/{WORLD}/nonce"), "").unwrap();
    let clock = caller.get(server.address(), "localhost", &path, "").unwrap().ok(200);
    assert_eq!(clock["now"], json!(NOON));
    // What was made for another time is of no use in this one.
    let then = NOON.parse().unwrap();
    let server = serve(&authority.vouch(&[], then).unwrap());
    let error = caller.reaches(&server, "localhost").unwrap_err();
    let is_early = matches!(
        error,
        Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. }
        )
    );
    assert!(is_early, "{error}");
}

#[test]
fn every_address_that_is_told_says_https() {
    let authority = Authority::new(&[], now()).unwrap();
    let server = serve(&authority.vouch(&[], now()).unwrap());
    let caller = Caller::trusting(&authority.certificate_pem());
    let ask = |path: &str, headers: &str| {
        caller.get(server.address(), "localhost", path, headers).unwrap()
    };
    let settings = ask(&format!("/api/v0/sdk/{WORLD}/settings"), "").ok(200);
    let origin = format!("https://localhost:{}/", server.address().port());
    let mut told = 0;
    for provider in settings["providers"].as_array().unwrap() {
        for (key, value) in provider.as_object().unwrap() {
            if let Some(url) = value.as_str().filter(|value| value.contains("://")) {
                assert!(url.starts_with(&origin), "{key}: {url}");
                told += 1;
            }
        }
    }
    assert!(told >= 2, "{settings}");
    // A proxy in front knows better by what scheme it was asked.
    let proxied = ask(&format!("/api/v0/sdk/{WORLD}/settings"), "x-forwarded-proto: http\r\n");
    let plain = format!("http://localhost:{}/", server.address().port());
    assert!(proxied.ok(200)["providers"].to_string().contains(&plain));
    // A page of the service itself may drive the control API, one of the same port in http not.
    let port = server.address().port();
    let from =
        |scheme: &str| ask("/_mock/v1/", &format!("origin: {scheme}://localhost:{port}\r\n"));
    assert_eq!(from("https").status, Some(200));
    assert_eq!(from("http").status, Some(403));
}

#[test]
fn faults_reach_through_tls() {
    let mock = still();
    let world = mock.environment(WORLD).unwrap();
    let authority = Authority::new(&[], now()).unwrap();
    let tls = authority.vouch(&[], now()).unwrap();
    let address = "127.0.0.1:0".parse().unwrap();
    let server = Server::spawn_tls(mock, address, Guard::loopback(), tls).unwrap();
    let caller = Caller::trusting(&authority.certificate_pem());
    let ask = || {
        let path = format!("/api/v0/sdk/{WORLD}/healthcheck");
        caller.get(server.address(), "localhost", &path, "").unwrap()
    };
    let whole = ask();
    let fault = |effect| Fault::on(whole_operation(&world), effect);
    world.inject_fault(fault(Effect::DropAfter)).unwrap();
    assert_eq!(ask().status, None, "closed without a word");
    world.clear_faults().unwrap();
    world.inject_fault(fault(Effect::Truncate { bytes: 5 })).unwrap();
    let half = ask();
    assert_eq!((half.status, half.body.as_slice()), (Some(200), &whole.body[..5]));
}

/// The operation that was called last.
fn whole_operation(world: &mock_server::Hosting) -> &'static str {
    world.journal().pop().unwrap().operation.unwrap()
}
