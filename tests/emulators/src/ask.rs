//! A question to an emulator without an SDK, so that what tests put there does not come from what they test.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

/// No emulator checks who asks, but some want to see that somebody says so.
const SOMEBODY: &str = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/any/aws4_request, \
                        SignedHeaders=host;x-amz-date, Signature=00";

/// Asks a service that speaks JSON, for example `DynamoDB_20120810.PutItem`.
///
/// # Errors
/// What the service said in place of 200.
pub fn ask(url: &str, target: &str, body: &Value) -> Result<Value, String> {
    let kind = if target.starts_with("DynamoDB") { "1.0" } else { "1.1" };
    let kind = format!("application/x-amz-json-{kind}");
    let headers = [("X-Amz-Target", target), ("Content-Type", &kind)];
    let text = body.to_string();
    let (status, answer) = exchange(host(url), "POST", "/", &headers, text.as_bytes()).unwrap();
    let answer = String::from_utf8(answer).unwrap();
    if status != 200 {
        return Err(format!("{target}: {status} {answer}"));
    }
    Ok(serde_json::from_str(&answer).unwrap_or(Value::Null))
}

/// Asks a service that speaks HTTP, as S3 and CloudFront do: status and body.
pub fn rest(url: &str, method: &str, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
    exchange(host(url), method, path, &[], body).unwrap()
}

fn host(url: &str) -> &str {
    url.strip_prefix("http://").unwrap()
}

/// One request on a connection of its own.
pub(crate) fn exchange(
    host: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<(u16, Vec<u8>)> {
    read(&raw(host, method, path, headers, body)?).ok_or_else(|| io::Error::other("not an answer"))
}

/// The head of an answer to GET.
pub(crate) fn head(host: &str, path: &str) -> String {
    let answer = raw(host, "GET", path, &[], b"").unwrap();
    let text = String::from_utf8_lossy(&answer);
    text.split("\r\n\r\n").next().unwrap().to_owned()
}

fn raw(
    host: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: {SOMEBODY}\r\n\
         X-Amz-Date: 20260101T000000Z\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// Status and body of a whole answer.
fn read(answer: &[u8]) -> Option<(u16, Vec<u8>)> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let (head, body) = answer.split_at_checked(end + 4)?;
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let status = head.split(' ').nth(1)?.parse().ok()?;
    if !head.contains("transfer-encoding: chunked") {
        return Some((status, body.to_vec()));
    }
    let (mut whole, mut rest) = (Vec::new(), body);
    loop {
        let line = rest.windows(2).position(|window| window == b"\r\n")?;
        let size = std::str::from_utf8(rest.get(..line)?).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        let chunk = rest.get(line + 2..)?;
        whole.extend_from_slice(chunk.get(..size)?);
        if size == 0 {
            return Some((status, whole));
        }
        rest = chunk.get(size + 2..)?;
    }
}
