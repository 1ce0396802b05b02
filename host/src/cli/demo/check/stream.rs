//! The stream: grant, playlist, every rendition and segment, poster; and the raw video where there is no HLS.

use http::Method;
use serde_json::Value;

use super::{
    super::{
        client::Reply,
        scene::{OBJECTS, RAW_VIDEO},
    },
    Broken, Check, Seen, status, text,
};

pub(super) async fn run(check: &mut Check<'_>) -> Result<(), Broken> {
    hls(check).await?;
    raw(check).await?;
    cookies(check).await
}

async fn hls(check: &mut Check<'_>) -> Result<(), Broken> {
    let reply = check.ask("alice", "ep1", "check/laptop").await;
    let grant = reply.as_ref().map(Reply::json).unwrap_or_default();
    check.step("a grant for alice", reply.and_then(|reply| granted(&reply, true)))?;

    let playlist = text(&grant, "videoUrl").unwrap_or_default();
    let poster = text(&grant, "posterUrl").unwrap_or_default();
    let master = check.fetch(&playlist).await.and_then(|reply| exact(&playlist, reply));
    let (renditions, seen) = listed(master);
    check.step("the playlist", seen)?;

    for rendition in renditions {
        let url = beside(&playlist, &rendition);
        let (segments, seen) = listed(check.fetch(&url).await.and_then(|reply| exact(&url, reply)));
        check.step(&format!("rendition {rendition}"), seen)?;
        let mut bytes = 0;
        let mut outcome = Ok(String::new());
        for segment in &segments {
            let url = beside(&url, segment);
            match check.fetch(&url).await.and_then(|reply| exact(&url, reply)) {
                Ok(reply) => bytes += reply.body.len(),
                Err(saw) => outcome = Err(format!("{segment}: {saw}")),
            }
        }
        let seen = outcome
            .map(|_| format!("{} segments, {bytes} bytes, all 200 and right", segments.len()));
        check.step(&format!("its segments ({rendition})"), seen)?;
    }
    let seen = check.fetch(&poster).await.and_then(|reply| exact(&poster, reply));
    check.step("the poster", seen.map(|reply| described(&reply)))
}

async fn raw(check: &mut Check<'_>) -> Result<(), Broken> {
    let reply = check.ask("alice", "ep2", "check/laptop").await;
    let grant = reply.as_ref().map(Reply::json).unwrap_or_default();
    check.step("a grant without HLS", reply.and_then(|reply| granted(&reply, false)))?;
    let url = text(&grant, "videoUrl").unwrap_or_default();
    let seen = if url.contains(RAW_VIDEO) {
        check.fetch(&url).await.and_then(|reply| exact(&url, reply)).map(|reply| described(&reply))
    } else {
        Err("the video is not the raw one".to_owned())
    };
    check.step("the raw video", seen)?;
    let range = check.client.send(Method::GET, &url, &[("range", "bytes=100-199")]).await;
    let seen = range.and_then(|reply| {
        status(&reply, 206)?;
        let whole = object(&url).unwrap_or_default();
        let right = whole.get(100..200) == Some(&*reply.body);
        let range = reply.header("content-range").to_owned();
        if right { Ok(format!("206 {range}")) } else { Err(format!("wrong bytes for {range}")) }
    });
    check.step("a range of it", seen)
}

async fn cookies(check: &mut Check<'_>) -> Result<(), Broken> {
    let url = format!("{}?delivery=cookies", check.scene.signed_urls("alice", "ep1"));
    let reply = check.call(Method::GET, &url, "alice", "check/laptop").await;
    let header = reply.as_ref().map(super::deliveries::cookies).unwrap_or_default();
    let video = reply.and_then(|reply| text(&reply.json(), "videoUrl")).unwrap_or_default();
    let fetched = check.client.send(Method::GET, &video, &[("cookie", header.as_str())]).await;
    let seen = fetched.and_then(|reply| exact(&video, reply)).and_then(|reply| {
        if video.contains('?') { Err("the URL is signed as well".to_owned()) } else { Ok(reply) }
    });
    check.step(
        "the playlist with cookies",
        seen.map(|reply| format!("{} cookies; {}", header.split("; ").count(), described(&reply))),
    )
}

/// A grant is complete and says what kind of video it is for.
fn granted(reply: &Reply, is_hls: bool) -> Seen {
    status(reply, 200)?;
    let grant = reply.json();
    let session = text(&grant, "sessionId")?;
    text(&grant, "videoUrl")?;
    if grant.get("isHls").and_then(Value::as_bool) != Some(is_hls) {
        return Err(format!("isHls is not {is_hls}"));
    }
    let expires_in = grant.get("expiresIn").and_then(Value::as_u64);
    let expires_in = expires_in.ok_or("no expiresIn in the grant")?;
    Ok(format!("200, isHls {is_hls}, {expires_in} s, session {session}"))
}

/// The reply is 200 and has exactly the bytes of the sample.
pub(super) fn exact(url: &str, reply: Reply) -> Result<Reply, String> {
    status(&reply, 200)?;
    match object(url) {
        Some(bytes) if bytes == reply.body => Ok(reply),
        Some(_) => Err("200 with other bytes".to_owned()),
        None => Err("200 for an object that is not there".to_owned()),
    }
}

fn described(reply: &Reply) -> String {
    format!("200 {}, {} bytes", reply.header("content-type"), reply.body.len())
}

/// The URIs of a playlist, and what was seen of it.
pub(super) fn listed(reply: Result<Reply, String>) -> (Vec<String>, Seen) {
    let reply = match reply {
        Ok(reply) => reply,
        Err(saw) => return (Vec::new(), Err(saw)),
    };
    let text = reply.text();
    let uris = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let uris: Vec<String> = uris.map(str::to_owned).collect();
    if uris.len() < 2 {
        return (Vec::new(), Err(format!("{} URIs in the playlist", uris.len())));
    }
    let seen = format!("{}, {} URIs", described(&reply), uris.len());
    (uris, Ok(seen))
}

/// A relative URI with the signature of the URL it stands in, as a player's request hook makes it.
pub(super) fn beside(url: &str, uri: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let folder = path.rsplit_once('/').map_or(path, |(folder, _)| folder);
    format!("{folder}/{uri}?{query}")
}

/// The sample's object behind a URL.
fn object(url: &str) -> Option<&'static [u8]> {
    let path = url.split_once("://")?.1.split_once('/')?.1;
    let key = path.split_once('?').map_or(path, |(key, _)| key);
    Some(OBJECTS.get_file(key)?.contents())
}
