//! The driver as a process: lines in, lines out.

use std::io::{self, BufRead, Write};

use driver_protocol::{
    Authenticator, Callback, Ceremony, Declined, Driver, FramingError, Level, Log, Notice, Outcome,
    Reply, framing,
};
use serde::Serialize;
use serde_json::Value;

/// Why serving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The runner said goodbye.
    Bye,
    /// The runner went away.
    EndOfInput,
}

/// Answers request after request until the runner says `bye` or its side closes.
///
/// A line that is no request has no id to answer, so it becomes an error log. Events and log lines
/// of a call come before its reply.
///
/// # Errors
///
/// Those of the reader and the writer.
pub fn serve(
    driver: &mut impl Driver,
    reader: &mut impl BufRead,
    writer: &mut impl Write,
) -> io::Result<Ended> {
    let mut line = Vec::new();
    while framing::read_line(reader, &mut line)? {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let request = match framing::parse_request(&line) {
            Ok(request) => request,
            Err(mistake) => {
                let msg = format!("cannot read the request: {mistake}");
                write(writer, &Log { log: Level::Error, msg })?;
                continue;
            }
        };
        let mut lent = LineAuthenticator { reader: &mut *reader, writer: &mut *writer, asked: 0 };
        let outcome = driver.call(&request, &mut lent);
        for notice in driver.notices() {
            match notice {
                Notice::Event(event) => write(writer, &event)?,
                Notice::Log(log) => write(writer, &log)?,
            }
        }
        let said_bye = request.op == "bye" && matches!(outcome, Outcome::Ok(_));
        write(writer, &Reply { id: request.id, outcome })?;
        if said_bye {
            return Ok(Ended::Bye);
        }
    }
    Ok(Ended::EndOfInput)
}

/// The runner's authenticator, asked and answered line by line while a request is open.
struct LineAuthenticator<'io, R, W> {
    reader: &'io mut R,
    writer: &'io mut W,
    asked: u64,
}

impl<R: BufRead, W: Write> Authenticator for LineAuthenticator<'_, R, W> {
    fn perform(&mut self, ceremony: Ceremony, options: &Value) -> Result<Value, Declined> {
        let lost = |why: String| Declined::new("UnknownError", why);
        self.asked += 1;
        let callback = Callback { cb: self.asked, op: ceremony, args: options.clone() };
        write(self.writer, &callback).map_err(|error| lost(error.to_string()))?;
        let mut line = Vec::new();
        let read = framing::read_line(self.reader, &mut line);
        if !read.map_err(|error| lost(error.to_string()))? {
            return Err(lost("the runner went away".to_owned()));
        }
        let lent = framing::parse_lent(&line).map_err(|mistake| lost(mistake.to_string()))?;
        match lent.cb == self.asked {
            true => lent.result,
            false => Err(lost(format!("callback {} was answered as {}", self.asked, lent.cb))),
        }
    }
}

fn write(writer: &mut impl Write, message: &impl Serialize) -> io::Result<()> {
    let line = framing::encode(message)
        .map_err(|mistake: FramingError| io::Error::new(io::ErrorKind::InvalidData, mistake))?;
    writeln!(writer, "{line}")?;
    writer.flush()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn session(input: &str) -> (Ended, Vec<Value>) {
        let mut output = Vec::new();
        let ended = serve(&mut crate::reference(), &mut input.as_bytes(), &mut output).unwrap();
        let lines = str::from_utf8(&output).unwrap().lines();
        (ended, lines.map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    #[test]
    fn bye_is_answered_and_ends_the_loop() {
        let (ended, lines) = session(
            "{\"mdp\":1,\"id\":7,\"op\":\"bye\",\"args\":{}}\n{\"mdp\":1,\"id\":8,\"op\":\"bye\"}\n",
        );
        assert_eq!((ended, lines), (Ended::Bye, vec![json!({ "id": 7, "ok": {} })]));
    }

    #[test]
    fn bad_lines_are_logged_and_survived() {
        let (ended, lines) = session(
            "{oops\n\n[1]\n{\"mdp\":1,\"id\":\"3\",\"op\":\"bye\"}\n@mdp {\"mdp\":1,\"id\":4,\"op\":\"bye\"}",
        );
        assert_eq!(ended, Ended::Bye);
        assert_eq!(lines.len(), 4);
        assert_eq!(lines[0]["log"], "error");
        assert!(lines[0]["msg"].as_str().unwrap().contains("not JSON"));
        assert!(lines[1]["msg"].as_str().unwrap().contains("the line is an array"));
        assert!(lines[2]["msg"].as_str().unwrap().contains("wrong shape of request"));
        assert_eq!(lines[3], json!({ "id": 4, "ok": {} }));
    }

    #[test]
    fn an_unknown_op_is_unsupported() {
        let (ended, lines) = session("{\"mdp\":1,\"id\":5,\"op\":\"device.lst\"}\n");
        assert_eq!(ended, Ended::EndOfInput);
        assert_eq!(
            lines,
            [json!({ "id": 5, "unsupported": {
                "why": "unknown op \"device.lst\"; did you mean \"device.list\"?", "issue": null
            } })]
        );
    }
}
