//! What becomes of single URIs, by tables.

mod bounds;
mod dash;
mod dash_bases;
mod hls;
mod places;
mod variables;

use super::Places;

const SIGNATURE: &str = "Policy=P_&Signature=S~&Key-Pair-Id=K1";
const LINK: &str = "Policy=L_&Signature=T~&Key-Pair-Id=K1";

/// One viewer of one episode, whose playlists are one folder deeper than what is protected.
fn places() -> Places<'static> {
    Places {
        object: "https://media.example.com/content/s/e/hls/video.m3u8",
        protected: "https://media.example.com/content/s/e/",
        signature: SIGNATURE,
        nested: "https://api.example.com/sessions/1/media/",
        link: LINK,
        query: None,
        nested_already: false,
    }
}

/// Writes `S` and `L` for the parameters, and shortens the hosts.
fn short(text: &str) -> String {
    text.replace(&SIGNATURE.replace('&', "&amp;"), "S")
        .replace(&LINK.replace('&', "&amp;"), "L")
        .replace(SIGNATURE, "S")
        .replace(LINK, "L")
        .replace("https://media.example.com/content/s/e/", "[E]/")
        .replace("https://media.example.com", "[M]")
        .replace("https://api.example.com/sessions/1/media/content/s/e/", "[NE]/")
        .replace("https://api.example.com/sessions/1/media", "[N]")
}
