//! Values of our own that do not fit together.

use super::places;
use crate::playlist::{Places, PlaylistError, rewrite_dash, rewrite_hls};

#[test]
fn nothing_is_written_for_places_that_contradict_each_other() {
    let good = places();
    for (field, places) in [
        ("object", Places { object: "https://media.example.com/other/video.m3u8", ..good }),
        ("object", Places { object: "http://media.example.com/content/s/e/a", ..good }),
        ("object", Places { object: "https://other.example.com/content/s/e/a", ..good }),
        ("object", Places { object: "https://media.example.com/content/s/e/../a", ..good }),
        ("object", Places { object: "https://media.example.com/content/s/e/a?b", ..good }),
        ("object", Places { object: "https://media.example.com/content/s/e/a b", ..good }),
        ("object", Places { object: "https://u@media.example.com/content/s/e/a", ..good }),
        ("object", Places { object: "https://media.example.com/content/s/e/{$a}", ..good }),
        ("object", Places { object: "/content/s/e/a", ..good }),
        ("object", Places { object: "", ..good }),
        ("protected", Places { protected: "https://media.example.com/content/s/e", ..good }),
        ("protected", Places { protected: "https://media.example.com", ..good }),
        ("nested", Places { nested: "https://api.example.com/media", ..good }),
        ("nested", Places { nested: "/media/", ..good }),
        ("signature", Places { signature: "", ..good }),
        ("signature", Places { signature: "?Policy=x", ..good }),
        ("signature", Places { signature: "Policy=\"x", ..good }),
        ("signature", Places { signature: "Policy=x\n", ..good }),
        ("link", Places { link: "", ..good }),
        ("link", Places { link: "Policy=x#", ..good }),
    ] {
        for answer in [rewrite_hls("#EXTM3U\n", &places, None), rewrite_dash("<MPD/>", &places)] {
            let found = match answer {
                Err(PlaylistError::Places { field, .. }) => field,
                other => panic!("{other:?}"),
            };
            assert_eq!(found, field);
        }
    }
}

#[test]
fn the_distributions_own_port_and_case_do_not_matter() {
    let places = Places { object: "https://Media.example.com:443/content/s/e/a.m3u8", ..places() };
    assert_eq!(
        rewrite_hls("#EXTM3U\nhttps://media.example.com/content/s/e/b\nc", &places, None).unwrap(),
        format!(
            "#EXTM3U\nhttps://media.example.com/content/s/e/b?{0}\n\
             https://Media.example.com:443/content/s/e/c?{0}",
            places.signature
        )
    );
}

#[test]
fn signatures_are_not_shown() {
    let text = format!("{:?}", places());
    assert!(!text.contains("Signature") && !text.contains("api."), "{text}");
}
