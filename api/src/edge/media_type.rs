//! Which type a file of media has, by the ending of its name.

/// The media type of a file of this name; `application/octet-stream` if nobody knows.
pub fn of(name: &str) -> &'static str {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending.to_ascii_lowercase().as_str() {
        // Where the table of file types knows something else, or nothing.
        "m3u8" => "application/vnd.apple.mpegurl",
        "ts" => "video/mp2t",
        "m4s" | "cmfv" => "video/iso.segment",
        "cmfa" | "m4a" => "audio/mp4",
        "mpd" => "application/dash+xml",
        "vtt" => "text/vtt",
        _ => mime_guess::from_ext(ending).first_raw().unwrap_or("application/octet-stream"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_players_ask_for_has_the_type_they_expect() {
        for (name, media_type) in [
            ("video.m3u8", "application/vnd.apple.mpegurl"),
            ("seg000.TS", "video/mp2t"),
            ("init.mp4", "video/mp4"),
            ("1.m4s", "video/iso.segment"),
            ("poster.jpg", "image/jpeg"),
            ("hello.txt", "text/plain"),
            ("README", "application/octet-stream"),
            ("a.unheard-of", "application/octet-stream"),
            ("", "application/octet-stream"),
        ] {
            assert_eq!(of(name), media_type, "{name}");
        }
    }
}
