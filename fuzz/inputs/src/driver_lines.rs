//! The lines of MDP/1 in both directions: what is read is written, and read again as the same.

use std::fmt::Debug;
use std::io::BufReader;

use driver_protocol::framing::{
    FramingError, Incoming, encode, is_marked, parse_lent, parse_line, parse_request, read_line,
};
use driver_protocol::{HelloAnswer, HelloArgs, LINE_BYTES_MAX, Outcome, PREFIX, op};
use serde::Serialize;

/// Lines of a driver: a message, chatter, or a mistake that is named.
pub(crate) fn of_a_driver(bytes: &[u8]) {
    for line in lines(bytes) {
        let heard = named(parse_line(&line));
        let body = line.trim_ascii();
        let claims = is_marked(&line) || body.starts_with(b"{");
        match &heard {
            Some(Incoming::Chatter(text)) => {
                assert!(!claims);
                assert_eq!(text.as_str(), String::from_utf8_lossy(body));
            }
            None => assert!(claims, "what does not claim to be a message cannot be a wrong one"),
            Some(Incoming::Reply(reply)) => {
                again(&heard, reply);
                // Whatever is answered is judged: none of that may fail, and mistakes are words.
                if let Outcome::Ok(value) = &reply.outcome {
                    greeting(value);
                }
            }
            Some(Incoming::Callback(callback)) => again(&heard, callback),
            Some(Incoming::Event(event)) => again(&heard, event),
            Some(Incoming::Log(log)) => again(&heard, log),
        }
        if !is_marked(&line) && body.starts_with(b"{") {
            let marked = parse_line(&[PREFIX.as_bytes(), body].concat());
            assert_eq!(named(marked), heard, "the mark changes nothing");
        }
    }
}

/// Lines of the runner: a request, the answer to a callback, or a mistake that is named.
pub(crate) fn of_the_runner(bytes: &[u8]) {
    for line in lines(bytes) {
        if let Some(request) = named(parse_request(&line)) {
            let written = encode(&request).unwrap();
            assert_eq!(parse_request(written.as_bytes()).unwrap(), request);
            if let Ok(args) = serde_json::from_value::<HelloArgs>(request.args) {
                let written = serde_json::to_value(&args).unwrap();
                assert_eq!(serde_json::from_value::<HelloArgs>(written).unwrap(), args);
            }
        }
        if let Some(lent) = named(parse_lent(&line)) {
            let written = encode(&lent).unwrap();
            assert_eq!(parse_lent(written.as_bytes()).unwrap(), lent);
        }
    }
}

/// The lines, read in pieces of odd lengths; however they are read, they are the same.
fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    let read = |piece: usize| {
        let (mut reader, mut line) = (BufReader::with_capacity(piece, bytes), Vec::new());
        let mut lines = Vec::new();
        while read_line(&mut reader, &mut line).unwrap() {
            assert!(line.len() <= LINE_BYTES_MAX + 1);
            lines.push(line.clone());
        }
        lines
    };
    let lines = read(7);
    assert_eq!(lines, read(1 << 16));
    lines
}

/// A mistake has words.
fn named<T>(heard: Result<T, FramingError>) -> Option<T> {
    heard.map_err(|mistake| assert!(!mistake.to_string().is_empty())).ok()
}

/// What was heard, written and heard again.
fn again<T: Serialize + Debug>(heard: &Option<Incoming>, message: &T) {
    let line = encode(message).unwrap();
    assert!(!line.contains('\n'), "one line, one message");
    assert_eq!(&parse_line(line.as_bytes()).ok(), heard);
}

/// An answer to `hello` that can be read is one that can be written, and its mistakes are named.
fn greeting(value: &serde_json::Value) {
    let Ok(answer) = serde_json::from_value::<HelloAnswer>(value.clone()) else { return };
    let written = serde_json::to_value(&answer).unwrap();
    assert_eq!(serde_json::from_value::<HelloAnswer>(written.clone()).unwrap(), answer);
    assert!(answer.mistakes().iter().all(|mistake| !mistake.is_empty()));
    let misfits = op("hello").unwrap().misfits(&written);
    assert_eq!(misfits, Vec::<String>::new(), "serde and the table agree on the shape");
    for name in answer.undeclared() {
        assert!(!answer.can(name));
    }
}
