//! What players without a hook for requests are given: signed playlists by a link, DASH, and cookies by a link. And the
//! live stream, which is there for whoever looks.

use http::Method;
use serde_json::Value;

use super::{
    super::client::Reply,
    Broken, Check, Seen, status,
    stream::{beside, exact, listed},
    text,
};

pub(super) async fn run(check: &mut Check<'_>) -> Result<(), Broken> {
    playlist(check, "ep1").await?;
    playlist(check, "ep3").await?;
    dash(check).await?;
    bootstrap(check).await?;
    if check.scene.objects().is_some() {
        live(check).await?;
    }
    Ok(())
}

/// A grant in this delivery.
async fn grant(check: &Check<'_>, episode: &str, delivery: &str) -> Result<Value, String> {
    let url = format!("{}?delivery={delivery}", check.scene.signed_urls("alice", episode));
    let reply = check.call(Method::GET, &url, "alice", "check/laptop").await?;
    status(&reply, 200)?;
    Ok(reply.json())
}

/// Everything behind the link, without a token, a cookie or a parameter of one's own.
async fn playlist(check: &mut Check<'_>, episode: &str) -> Result<(), Broken> {
    let grant = grant(check, episode, "playlist").await;
    let link = grant.and_then(|grant| text(&grant, "videoUrl"));
    let (nested, seen) = match &link {
        Ok(link) => listed(check.fetch(link).await.and_then(found)),
        Err(saw) => (Vec::new(), Err(saw.clone())),
    };
    check.step(&format!("{episode} by a link: the playlist, without a token"), seen)?;
    let mut seen = Ok((0, 0));
    for media in nested {
        if let Ok((segments, bytes)) = seen {
            seen = segments_behind(check, &media)
                .await
                .map(|(more, of_bytes)| (segments + more, bytes + of_bytes));
        }
    }
    let seen = seen.map(|(segments, bytes)| {
        format!("{segments} segments of every rendition, {bytes} bytes, all 200 and right")
    });
    check.step(&format!("{episode} by a link: what it names"), seen)
}

async fn segments_behind(check: &Check<'_>, media: &str) -> Result<(usize, usize), String> {
    let (segments, seen) = listed(check.fetch(media).await.and_then(found));
    seen?;
    let mut bytes = 0;
    for segment in &segments {
        bytes += exact(segment, check.fetch(segment).await?)?.body.len();
    }
    Ok((segments.len(), bytes))
}

async fn dash(check: &mut Check<'_>) -> Result<(), Broken> {
    let signed = grant(check, "ep3", "url").await.and_then(|grant| text(&grant, "dashUrl"));
    let seen = match &signed {
        Ok(url) => check.fetch(url).await.and_then(|reply| exact(url, reply)),
        Err(saw) => Err(saw.clone()),
    };
    check.step("ep3 as DASH: the manifest by its signed URL", seen.map(|reply| size(&reply)))?;

    let link = grant(check, "ep3", "playlist").await.and_then(|grant| text(&grant, "dashUrl"));
    let manifest = match &link {
        Ok(link) => check.fetch(link).await.and_then(found),
        Err(saw) => Err(saw.clone()),
    };
    let seen = match manifest {
        Ok(manifest) => of_template(check, &manifest.text()).await,
        Err(saw) => Err(saw),
    };
    check.step("ep3 as DASH by a link: its first segments", seen)
}

/// Asks for what each template of a manifest stands for first, as a player fills it in.
async fn of_template(check: &Check<'_>, manifest: &str) -> Seen {
    let base = manifest.split_once("<BaseURL>").and_then(|(_, rest)| rest.split_once('<'));
    let (base, _) = base.ok_or("the manifest does not say where the edge is")?;
    let mut urls = Vec::new();
    for representation in manifest.split("<Representation ").skip(1) {
        let id = attribute(representation, "id").ok_or("a representation without an id")?;
        for name in ["initialization", "media"] {
            let template = attribute(representation, name).ok_or("no template")?;
            let url = template
                .replace("$RepresentationID$", &id)
                .replace("$Number%03d$", "001")
                .replace("&amp;", "&");
            urls.push(format!("{base}{url}"));
        }
    }
    if urls.len() < 6 {
        return Err(format!("{} templates in the manifest", urls.len()));
    }
    for url in &urls {
        exact(url, check.fetch(url).await?)?;
    }
    Ok(format!("{} objects of every representation, all 200 and right", urls.len()))
}

/// The value of an XML attribute.
fn attribute(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("{name}=\""))?;
    Some(rest.split_once('"')?.0.to_owned())
}

async fn bootstrap(check: &mut Check<'_>) -> Result<(), Broken> {
    let link = grant(check, "ep1", "cookies").await.and_then(|grant| text(&grant, "bootstrapUrl"));
    let reply = match &link {
        Ok(link) => check.fetch(link).await,
        Err(saw) => Err(saw.clone()),
    };
    let cookies = reply.as_ref().map(cookies).unwrap_or_default();
    let location = reply.and_then(|reply| {
        status(&reply, 302)?;
        Ok(reply.header("location").to_owned())
    });
    let seen = match &location {
        Ok(url) if url.contains('?') => Err("it leads to a signed URL".to_owned()),
        Ok(url) => {
            let fetched = check.client.send(Method::GET, url, &[("cookie", &cookies)]).await;
            fetched.and_then(|reply| exact(url, reply)).map(|reply| size(&reply))
        }
        Err(saw) => Err(saw.clone()),
    };
    check.step("a link that sets cookies: 302, and the playlist with them", seen)
}

async fn live(check: &mut Check<'_>) -> Result<(), Broken> {
    let url = grant(check, "live", "url").await.and_then(|grant| text(&grant, "videoUrl"));
    let url = url.unwrap_or_default();
    let (renditions, seen) = listed(check.fetch(&url).await.and_then(found));
    let media = renditions.first().map(|uri| beside(&url, uri)).unwrap_or_default();
    let seen = match seen {
        Ok(_) => newest(check, &media).await,
        Err(saw) => Err(saw),
    };
    check.step("the live stream", seen)
}

async fn newest(check: &Check<'_>, media: &str) -> Seen {
    let playlist = found(check.fetch(media).await?)?;
    let text = playlist.text();
    let sequence = text.lines().find_map(|line| line.strip_prefix("#EXT-X-MEDIA-SEQUENCE:"));
    let sequence = sequence.ok_or("no media sequence")?.to_owned();
    let (segments, seen) = listed(Ok(playlist));
    seen?;
    if text.contains("#EXT-X-ENDLIST") {
        return Err("it has an end".to_owned());
    }
    let segment = segments.last().map(|uri| beside(media, uri)).unwrap_or_default();
    status(&check.fetch(&segment).await?, 200)?;
    Ok(format!("{} segments from number {sequence}, the newest 200", segments.len()))
}

fn found(reply: Reply) -> Result<Reply, String> {
    status(&reply, 200)?;
    Ok(reply)
}

/// The cookies an answer sets, as a browser sends them.
pub(super) fn cookies(reply: &Reply) -> String {
    let set = reply.headers.get_all("set-cookie").iter();
    let pairs = set.filter_map(|value| value.to_str().ok()?.split(';').next());
    pairs.collect::<Vec<_>>().join("; ")
}

fn size(reply: &Reply) -> String {
    format!("200 {}, {} bytes", reply.header("content-type"), reply.body.len())
}
