//! A live stream: the segments of `ep1` in a loop, of which a few are there at any time.
//!
//! It is made of files, so that edge and gateway meet it as they would meet a packager's output.

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use tokio::task::AbortHandle;

use super::scene::SERIES;
use crate::cli::Failure;

/// The loop, as `host/demo/make-content` made it: renditions, and segments of so many seconds.
const RENDITIONS: [&str; 2] = ["360p", "180p"];
const LOOP: u64 = 5;
const SECONDS: u64 = 4;

/// How many segments a playlist names. A player begins three from the end.
const WINDOW: u64 = 6;

/// How many stay after they have left the playlist, for players that have read an older one.
const GRACE: u64 = 6;

/// A live stream that goes on until it is dropped.
pub(super) struct Live(AbortHandle);

impl Live {
    /// Puts a playlist with a full window into the folder of objects, and a new segment every four seconds.
    pub(super) fn start(objects: &Path) -> Result<Self, Failure> {
        let stream = Stream::in_folder(objects);
        let failed = |error: io::Error| Failure::Failed(format!("the live stream: {error}"));
        stream.begin().map_err(failed)?;
        let advance = async move {
            let begun = Instant::now();
            for newest in WINDOW.. {
                let after = Duration::from_secs((newest - WINDOW + 1) * SECONDS);
                tokio::time::sleep_until((begun + after).into()).await;
                if let Err(error) = stream.publish(newest) {
                    tracing::warn!(%error, "the live stream of the demo stands still");
                }
            }
        };
        Ok(Self(tokio::spawn(advance).abort_handle()))
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Where the stream is, and when its first segment began.
struct Stream {
    source: PathBuf,
    target: PathBuf,
    began: SystemTime,
}

impl Stream {
    fn in_folder(objects: &Path) -> Self {
        let videos = objects.join(format!("content/series/{SERIES}/video"));
        // The window is full at once, so that nobody has to wait for it.
        let past = Duration::from_secs(WINDOW * SECONDS);
        let began = SystemTime::now().checked_sub(past).unwrap_or(SystemTime::UNIX_EPOCH);
        Self { source: videos.join("ep1"), target: videos.join("live"), began }
    }

    fn begin(&self) -> io::Result<()> {
        for rendition in RENDITIONS {
            fs::create_dir_all(self.target.join(rendition))?;
        }
        (0..WINDOW).try_for_each(|number| self.publish(number))?;
        // It names the renditions, and they have the names of those of `ep1`.
        fs::copy(self.source.join(PLAYLIST), self.target.join(PLAYLIST)).map(|_| ())
    }

    /// Adds a segment, names it, and takes away one that nobody can want any more.
    fn publish(&self, newest: u64) -> io::Result<()> {
        for rendition in RENDITIONS {
            let folder = self.target.join(rendition);
            let source = self.source.join(rendition).join(format!("seg{:03}.ts", newest % LOOP));
            let segment = folder.join(segment(newest));
            // A link costs no room, but not every file system has them.
            fs::hard_link(&source, &segment)
                .or_else(|_| fs::copy(&source, &segment).map(|_| ()))?;
            let first = (newest + 1).saturating_sub(WINDOW);
            let playlist = playlist(first, newest, self.began);
            let draft = folder.join(".index.m3u8");
            fs::write(&draft, playlist)?;
            // Whoever reads it has the old one or the new one.
            fs::rename(&draft, folder.join("index.m3u8"))?;
            if let Some(gone) = first.checked_sub(GRACE) {
                match fs::remove_file(folder.join(self::segment(gone))) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

const PLAYLIST: &str = "video.m3u8";

fn segment(number: u64) -> String {
    format!("live{number:06}.ts")
}

/// The media playlist with these segments. Each loop begins its clocks anew, which is a discontinuity.
fn playlist(first: u64, last: u64, began: SystemTime) -> String {
    let begins = |number: u64| number > 0 && number.is_multiple_of(LOOP);
    let left = first.saturating_sub(1) / LOOP;
    let mut text = format!(
        "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:{SECONDS}\n#EXT-X-MEDIA-SEQUENCE:{first}\n\
         #EXT-X-DISCONTINUITY-SEQUENCE:{left}\n#EXT-X-INDEPENDENT-SEGMENTS\n"
    );
    for number in first..=last {
        let date = OffsetDateTime::from(began + Duration::from_secs(number * SECONDS));
        let date = date.format(&Rfc3339).ok().filter(|_| begins(number) || number == first);
        // Writing into a text cannot fail.
        let _ = write!(
            text,
            "{}{}#EXTINF:{SECONDS}.000,\n{}\n",
            if begins(number) { "#EXT-X-DISCONTINUITY\n" } else { "" },
            date.map(|date| format!("#EXT-X-PROGRAM-DATE-TIME:{date}\n")).unwrap_or_default(),
            segment(number),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The discontinuity sequence of each segment in a playlist, as a player counts it.
    fn sequences(text: &str) -> Vec<(u64, u64)> {
        let value = |tag: &str| -> u64 {
            let line = text.lines().find_map(|line| line.strip_prefix(tag)).unwrap();
            line.parse().unwrap()
        };
        let mut sequence = value("#EXT-X-DISCONTINUITY-SEQUENCE:");
        let mut number = value("#EXT-X-MEDIA-SEQUENCE:");
        let mut found = Vec::new();
        for line in text.lines() {
            if line == "#EXT-X-DISCONTINUITY" {
                sequence += 1;
            } else if !line.starts_with('#') {
                assert_eq!(line, segment(number));
                found.push((number, sequence));
                number += 1;
            }
        }
        found
    }

    #[test]
    fn a_segment_keeps_its_numbers_for_as_long_as_it_is_there() {
        for first in 0..40 {
            let text = playlist(first, first + WINDOW - 1, SystemTime::UNIX_EPOCH);
            let found = sequences(&text);
            assert_eq!(found.len() as u64, WINDOW);
            for (number, sequence) in found {
                assert_eq!(
                    sequence,
                    number / LOOP,
                    "segment {number} of the playlist from {first}"
                );
            }
            assert!(!text.contains("ENDLIST"), "it has no end");
        }
    }

    #[test]
    fn old_segments_go_and_every_one_that_is_named_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("content/series/series-1/video/ep1");
        for rendition in RENDITIONS {
            fs::create_dir_all(source.join(rendition)).unwrap();
            for number in 0..LOOP {
                fs::write(source.join(format!("{rendition}/seg{number:03}.ts")), "x").unwrap();
            }
        }
        fs::write(source.join(PLAYLIST), "#EXTM3U\n").unwrap();
        let stream = Stream::in_folder(folder.path());
        stream.begin().unwrap();
        for newest in WINDOW..30 {
            stream.publish(newest).unwrap();
            let live = stream.target.join("180p");
            let text = fs::read_to_string(live.join("index.m3u8")).unwrap();
            for line in text.lines().filter(|line| !line.starts_with('#')) {
                assert!(live.join(line).is_file(), "{line}");
            }
            let files = fs::read_dir(&live).unwrap().count() as u64;
            assert!(files <= WINDOW + GRACE + 1, "{files} files");
        }
    }
}
