use serde_json::json;

use super::*;
use crate::{ErrorOrigin, Level, SdkError};

fn mistake(line: &str) -> String {
    parse_line(line.as_bytes()).unwrap_err().to_string()
}

#[test]
fn a_reply_is_read_with_and_without_prefix() {
    let wanted = Incoming::Reply(Reply { id: 7, outcome: Outcome::Ok(json!({ "a": 1 })) });
    for line in [
        r#"{"id":7,"ok":{"a":1}}"#,
        r#"@mdp {"id":7,"ok":{"a":1}}"#,
        "  { \"id\": 7, \"ok\": {\"a\": 1} }\r",
    ] {
        assert_eq!(parse_line(line.as_bytes()).unwrap(), wanted, "{line}");
    }
}

#[test]
fn all_four_outcomes_are_read() {
    let error = SdkError {
        origin: ErrorOrigin::Network,
        class: None,
        code: None,
        http: None,
        message: "gone".into(),
        retryable: true,
    };
    for outcome in [
        Outcome::Ok(json!({})),
        Outcome::Err(error),
        Outcome::unsupported("no such call"),
        Outcome::fault("lost"),
    ] {
        let reply = Reply { id: 3, outcome };
        let line = encode(&reply).unwrap();
        assert_eq!(parse_line(line.as_bytes()).unwrap(), Incoming::Reply(reply));
    }
}

#[test]
fn events_and_logs_are_read() {
    let event = parse_line(br#"{"ev":"auth.changed","inst":"c1","data":{"x":1}}"#).unwrap();
    assert_eq!(
        event,
        Incoming::Event(Event {
            ev: "auth.changed".into(),
            inst: Some("c1".into()),
            data: json!({ "x": 1 })
        })
    );
    let log = parse_line(br#"@mdp {"log":"warn","msg":"odd"}"#).unwrap();
    assert_eq!(log, Incoming::Log(Log { log: Level::Warn, msg: "odd".into() }));
}

#[test]
fn a_mark_without_a_message_is_a_mistake() {
    for line in ["@mdp ", "@mdp \t", " @mdp  \r"] {
        assert!(is_marked(line.as_bytes()));
        assert!(mistake(line).starts_with("not JSON: EOF while parsing a value"), "{line:?}");
    }
}

#[test]
fn noise_is_chatter() {
    for line in [&b"BUILD SUCCESSFUL in 3s"[..], b"", b"[1,2]", b"7", b"@mdpx {}", b"caf\xe9"] {
        assert!(
            matches!(parse_line(line).unwrap(), Incoming::Chatter(_)),
            "{}",
            String::from_utf8_lossy(line)
        );
    }
}

#[test]
fn a_line_may_be_one_mebibyte_and_not_more() {
    let frame = r#"{"id":7,"ok":{"a":""}}"#;
    let fill = |bytes: usize| format!(r#"{{"id":7,"ok":{{"a":"{}"}}}}"#, "x".repeat(bytes));
    let longest = fill(LINE_BYTES_MAX - frame.len());
    assert_eq!(longest.len(), LINE_BYTES_MAX);
    assert!(matches!(parse_line(longest.as_bytes()).unwrap(), Incoming::Reply(_)));
    assert_eq!(
        mistake(&fill(LINE_BYTES_MAX - frame.len() + 1)),
        "line of 1048577 bytes or more; a line has at most 1048576"
    );
    let big = Reply { id: 1, outcome: Outcome::Ok(json!({ "a": "x".repeat(LINE_BYTES_MAX) })) };
    assert!(matches!(encode(&big), Err(FramingError::LineTooLong { .. })));
}

#[test]
fn invalid_utf8_is_named_by_its_byte() {
    let error = parse_line(b"@mdp {\"id\":7,\"ok\":{\"a\":\"\xff\"}}").unwrap_err();
    assert_eq!(error.to_string(), "invalid UTF-8 at byte 19 of the line");
    assert!(matches!(
        parse_line(b"{\"id\":7,\"ok\":{\"a\":\"\xff\"}}"),
        Err(FramingError::InvalidUtf8 { .. })
    ));
}

#[test]
fn a_claimed_line_that_is_no_json_is_a_mistake() {
    assert!(mistake("@mdp hello").starts_with("not JSON: expected value"));
    assert!(mistake(r#"{"id":7,"ok":{"#).starts_with("not JSON: EOF"));
    assert!(mistake("{ name: 'x', id: 7 }").starts_with("not JSON: key must be a string"));
    assert!(mistake("{").starts_with("not JSON: EOF"));
}

#[test]
fn a_marked_line_is_told_from_all_others() {
    assert!(is_marked(b"@mdp {}") && is_marked(b"  @mdp {}"));
    assert!(!is_marked(b"{}") && !is_marked(b"@mdpx {}") && !is_marked(b"x @mdp {}"));
}

#[test]
fn a_prefixed_line_must_be_an_object() {
    assert_eq!(mistake("@mdp [1]"), "the line is an array; a message is a JSON object");
    assert_eq!(mistake("@mdp \"x\""), "the line is a string; a message is a JSON object");
}

#[test]
fn a_json_logger_on_stdout_is_told_where_to_go() {
    assert!(mistake(r#"{"level":30,"msg":"x"}"#).ends_with("belongs on stderr"));
}

#[test]
fn the_id_must_be_an_integer() {
    assert_eq!(
        mistake(r#"{"id":"7","ok":{}}"#),
        r#"id came back as the string "7"; it must be the integer 7"#
    );
    assert_eq!(
        mistake(r#"{"id":"seven","ok":{}}"#),
        r#"id came back as the string "seven"; it must be the integer of the request"#
    );
    assert_eq!(mistake(r#"{"id":7.5,"ok":{}}"#), "id came back as 7.5; it must be an integer");
    assert_eq!(mistake(r#"{"id":null,"ok":{}}"#), "id came back as null; it must be an integer");
    assert_eq!(mistake(r#"{"id":-7,"ok":{}}"#), "id came back as -7; it must be an integer");
    assert_eq!(mistake(r#"{"ok":{}}"#), "a reply without \"id\"");
}

#[test]
fn a_reply_has_exactly_one_outcome() {
    assert_eq!(
        mistake(r#"{"id":7}"#),
        "reply 7 has none of ok, err, unsupported, fault; it must have exactly one"
    );
    assert_eq!(
        mistake(r#"{"id":7,"ok":{},"err":{"origin":"client","message":"x"}}"#),
        "reply 7 has err and ok; it must have exactly one"
    );
}

#[test]
fn unknown_fields_are_refused_with_a_hint() {
    assert_eq!(
        mistake(r#"{"id":7,"ok":{},"time_ms":3}"#),
        "unknown field \"time_ms\" in reply; known in reply are ok, err, unsupported, fault"
    );
    assert_eq!(
        mistake(r#"{"id":7,"unsuported":{"why":"x"}}"#),
        "unknown field \"unsuported\" in reply; did you mean \"unsupported\"?"
    );
    assert_eq!(
        mistake(r#"{"ev":"x","dat":{}}"#),
        "unknown field \"dat\" in event; did you mean \"data\"?"
    );
    assert_eq!(
        mistake(r#"{"log":"warn","message":"x"}"#),
        "unknown field \"message\" in log; known in log are log, msg"
    );
    assert!(
        mistake(r#"{"id":7,"err":{"origin":"server","message":"x","status":422}}"#)
            .contains("unknown field `status`")
    );
    assert!(
        mistake(r#"{"id":7,"fault":{"message":"x","stack":""}}"#).contains("unknown field `stack`")
    );
}

#[test]
fn wrong_types_are_refused() {
    assert_eq!(mistake(r#"{"id":7,"ok":null}"#), "wrong shape of ok: it is null, not an object");
    assert!(mistake(r#"{"id":7,"err":{"message":"x"}}"#).contains("missing field `origin`"));
    assert!(mistake(r#"{"id":7,"err":{"origin":"moon","message":"x"}}"#).contains("moon"));
    assert!(mistake(r#"{"log":"loud","msg":"x"}"#).contains("loud"));
}

#[test]
fn a_driver_ignores_what_it_does_not_know() {
    let request =
        parse_request(br#"{"mdp":1,"id":7,"op":"bye","args":{},"colour":"red"}"#).unwrap();
    assert_eq!(request, Request::new(7, "bye", json!({})));
    assert!(matches!(parse_request(b"{\"mdp\":1}"), Err(FramingError::WrongShape { .. })));
    assert!(matches!(parse_request(b"[]"), Err(FramingError::NotAnObject { .. })));
    assert!(matches!(parse_request(b"hello"), Err(FramingError::NotJson { .. })));
}

#[test]
fn lines_are_read_one_by_one_and_never_kept_whole_when_too_long() {
    let text = format!("one\n\n{}\nlast", "x".repeat(LINE_BYTES_MAX + 500));
    let mut reader = io::BufReader::with_capacity(1000, text.as_bytes());
    let mut line = Vec::new();
    let mut lengths = Vec::new();
    while read_line(&mut reader, &mut line).unwrap() {
        lengths.push(line.len());
    }
    assert_eq!(lengths, [3, 0, LINE_BYTES_MAX + 1, 4]);
}
