//! The protocol MDP/1 on stdin and stdout; nothing here needs a change.
use std::collections::HashMap;
use std::error::Error;
use std::io::{self, Write};

use serde_json::{Map, Value, json};

/// What a call of the SDK comes to.
pub(crate) type Answer<T> = Result<T, Box<dyn Error>>;

/// The runner's authenticator: `webauthn.create` or `webauthn.get`, the options in JSON, to the credential in JSON.
pub(crate) type Lend<'a> = &'a mut dyn FnMut(&str, &Value) -> Answer<Value>;

/// What a driver does for an op.
pub(crate) enum Play<C> {
    /// It is not filled in yet.
    Todo,
    /// The SDK has no such call, for this reason.
    No(&'static str),
    /// The SDK's one call.
    Call(fn(&mut C, &Value, Lend<'_>) -> Answer<Value>),
}

/// The `caps` of hello: every optional op but those that are not filled in.
pub(crate) fn caps<C>(ops: &[(&str, Play<C>)]) -> Value {
    let optional = ops.iter().filter(|(op, _)| !["client.close", "state.get"].contains(op));
    let cap = |play: &Play<C>| match play {
        Play::Todo => None,
        Play::No(why) => Some(json!({ "no": why })),
        Play::Call(_) => Some(json!(true)),
    };
    optional
        .filter_map(|(op, play)| Some(((*op).to_owned(), cap(play)?)))
        .collect::<Map<_, _>>()
        .into()
}

/// Answers each request until the runner says bye.
pub(crate) fn serve<C>(
    ops: &[(&str, Play<C>)],
    hello: fn() -> Value,
    open: fn(&Value) -> Option<Answer<C>>,
    described: fn(&dyn Error) -> Value,
) -> Answer<()> {
    let (mut clients, mut made, mut asked) = (HashMap::<String, C>::new(), 0, 0);
    let mut lend = |op: &str, options: &Value| {
        asked += 1;
        send(&json!({ "cb": asked, "op": op, "args": options }))?;
        let mut answer = read()?.ok_or("the runner went away")?;
        let declined = answer.get("err").map(Value::to_string).unwrap_or_default();
        answer.get_mut("ok").map(Value::take).ok_or_else(|| declined.into())
    };
    let unsupported = |why: &str| json!({ "unsupported": { "why": why, "issue": null } });
    let unknown = Play::No("this driver knows no such op");
    while let Some(request) = read()? {
        let text = |field| request.get(field).and_then(Value::as_str).unwrap_or_default();
        let (op, inst) = (text("op"), text("inst"));
        let args = request.get("args").unwrap_or(&Value::Null);
        let play = ops.iter().find(|(name, _)| *name == op).map_or(&unknown, |(_, play)| play);
        let outcome = match (op, play, clients.get_mut(inst)) {
            ("hello", ..) => json!({ "ok": hello() }),
            ("bye", ..) => json!({ "ok": {} }),
            ("client.new", ..) => match open(args) {
                None => unsupported("not filled in yet"),
                Some(Err(error)) => json!({ "err": described(&*error) }),
                Some(Ok(client)) => {
                    made += 1;
                    clients.insert(format!("c{made}"), client);
                    json!({ "ok": { "inst": format!("c{made}") } })
                }
            },
            (_, Play::Todo, _) => unsupported("not filled in yet"),
            (_, Play::No(why), _) => unsupported(why),
            (_, Play::Call(_), None) => {
                json!({ "fault": { "message": format!("there is no client {inst}"), "trace": null } })
            }
            (_, Play::Call(call), Some(client)) => match call(client, args, &mut lend) {
                Ok(value) => json!({ "ok": value }),
                Err(error) => json!({ "err": described(&*error) }),
            },
        };
        if op == "client.close" {
            clients.remove(inst);
        }
        let mut reply = Map::from_iter([("id".to_owned(), json!(request.get("id")))]);
        reply.extend(outcome.as_object().cloned().unwrap_or_default());
        send(&reply.into())?;
        if op == "bye" {
            break;
        }
    }
    Ok(())
}

fn send(message: &Value) -> io::Result<()> {
    writeln!(io::stdout(), "{message}")?;
    io::stdout().flush()
}

fn read() -> Answer<Option<Value>> {
    let mut line = String::new();
    let bytes = io::stdin().read_line(&mut line)?;
    Ok(if bytes == 0 { None } else { Some(serde_json::from_str(&line)?) })
}
