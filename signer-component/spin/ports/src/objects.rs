//! Objects below the base URL, asked by Spin: HTTP HEAD whether one is there, GET for what is in a playlist.

use std::{cell::RefCell, time::Duration};

use spin_sdk::wasip3::{
    clocks::monotonic_clock,
    http::{
        client,
        types::{ErrorCode, Method, Response},
    },
    wit_bindgen::StreamResult,
    wit_future,
};

use crate::{
    address::{Base, Finding, can_exist},
    copies::Copies,
    failure::Failure,
    outbound, variables,
};

/// Bytes that are read at once.
const PART: usize = 16 << 10;

/// Nothing has to be unpacked, so that what is counted is all there is.
const UNPACKED: (&str, &str) = ("accept-encoding", "identity");

thread_local! {
    static COPIES: RefCell<Copies> = RefCell::default();
}

/// Asks for one object.
pub(crate) async fn exists(key: &str) -> Result<bool, Failure> {
    let base = base().await?;
    if !is_admitted(key)? {
        return Ok(false);
    }
    let response = send(&base, &Method::Head, &base.path_of(key), &[]).await?;
    found(&base, response.get_status_code())
}

/// Reads one playlist.
pub(crate) async fn read(
    key: &str,
    query: Option<&str>,
    most: u32,
) -> Result<Option<Vec<u8>>, Failure> {
    let base = base().await?;
    if !is_admitted(key)? {
        return Ok(None);
    }
    let mut path = base.path_of(key);
    if let Some(query) = query {
        path.extend(["?", query]);
    }
    let url = format!("{}{path}", base.origin());
    let asked = now();
    if let Some(text) = COPIES.with_borrow_mut(|copies| copies.get(&url, asked)) {
        return if fits(text.len(), most) { Ok(Some(text)) } else { Err(too_large(most)) };
    }
    let response = send(&base, &Method::Get, &path, &[UNPACKED]).await?;
    if !found(&base, response.get_status_code())? {
        return Ok(None);
    }
    let text = gather(&base, response, most).await?;
    COPIES.with_borrow_mut(|copies| copies.put(url, text.clone(), asked, now()));
    Ok(Some(text))
}

async fn base() -> Result<Base, Failure> {
    let url = variables::get_one(&["objects_url"]).await?;
    let url = url.ok_or_else(|| Failure::missing("objects_url"))?;
    Base::parse(&url)
        .map_err(|rule| Failure::of_setup(format!("the Spin variable objects_url {rule}")))
}

fn is_admitted(key: &str) -> Result<bool, Failure> {
    can_exist(key).ok_or_else(|| Failure::denied("the key has NUL or a dot segment in it"))
}

async fn send(
    base: &Base,
    method: &Method,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<Response, Failure> {
    let request = outbound::request(method, base.secure, &base.authority, path, headers);
    // Keys are escaped, so that it is the base that is wrong, or a query that was sent to us.
    let request = request.ok_or_else(|| match path.contains('?') {
        true => Failure::argument("the query cannot stand in a URL"),
        false => Failure::of_setup("the Spin variable objects_url cannot be the URL of a request"),
    })?;
    client::send(request).await.map_err(|error| unreachable_at(base, &error))
}

fn found(base: &Base, status: u16) -> Result<bool, Failure> {
    let origin = base.origin();
    match Finding::of_status(status) {
        Finding::There => Ok(true),
        Finding::Missing => Ok(false),
        Finding::Denied => Err(Failure::denied(format!(
            "{origin} answered 403: let this application read there; a missing object must be 404"
        ))),
        Finding::Elsewhere => Err(Failure::unavailable(format!(
            "{origin} answered {status}, and redirects are not followed: objects_url must be where the objects are"
        ))),
        Finding::Nothing => Err(Failure::unavailable(format!("{origin} answered {status}"))),
    }
}

/// The body of an answer, counted while it comes: what a header says of its length is only said.
async fn gather(base: &Base, response: Response, most: u32) -> Result<Vec<u8>, Failure> {
    let encodings = response.get_headers().get("content-encoding");
    if encodings.iter().any(|encoding| !encoding.eq_ignore_ascii_case(b"identity")) {
        let rule = "has a Content-Encoding; it must be kept uncompressed to be read";
        return Err(Failure::of_setup(format!("the playlist {rule}")));
    }
    let (_taken, taken) = wit_future::new(|| Ok(()));
    let (mut body, end) = Response::consume_body(response, taken);
    let mut text = Vec::new();
    loop {
        let (result, part) = body.read(Vec::with_capacity(PART)).await;
        if !fits(text.len().saturating_add(part.len()), most) {
            return Err(too_large(most));
        }
        text.extend_from_slice(&part);
        match result {
            StreamResult::Complete(_) => {}
            StreamResult::Dropped | StreamResult::Cancelled => break,
        }
    }
    // The body ends the same way if its connection did: only here it shows which.
    let broken = |_| Failure::unavailable(format!("{}: the answer broke off", base.origin()));
    end.await.map(|_trailers| text).map_err(broken)
}

fn fits(length: usize, most: u32) -> bool {
    u32::try_from(length).is_ok_and(|length| length <= most)
}

fn too_large(most: u32) -> Failure {
    Failure::of_setup(format!("the playlist is larger than {most} bytes"))
}

fn now() -> Duration {
    Duration::from_nanos(monotonic_clock::now())
}

fn unreachable_at(base: &Base, error: &ErrorCode) -> Failure {
    let origin = base.origin();
    match error {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => {
            Failure::denied(format!("add {origin} to allowed_outbound_hosts"))
        }
        // What Spin answers a dependency that inherits no hosts.
        ErrorCode::InternalError(Some(text)) if text.contains("not permitted") => Failure::denied(
            "add `allowed_outbound_hosts` to what the dependency tollgate:gate inherits",
        ),
        error => Failure::unavailable(format!("{origin} cannot be reached: {error:?}")),
    }
}
