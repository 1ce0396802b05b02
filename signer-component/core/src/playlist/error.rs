//! Why a playlist is not handed out.

/// A playlist that cannot be rewritten. No text of it holds a signature, a link or a word of the playlist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaylistError {
    /// The text is something else; of an origin that answers errors with 200, for example.
    #[error("it is no playlist: HLS begins with #EXTM3U, and the root of DASH is an MPD element")]
    NotAPlaylist,
    /// The playlist is beyond [`MOST_INPUT`](super::MOST_INPUT), or its rewritten form beyond
    /// [`MOST_OUTPUT`](super::MOST_OUTPUT).
    #[error("it is larger than 2 MiB, or would be larger than 8 MiB with its signatures")]
    TooLarge,
    /// A playlist that another one names must not name others in turn.
    #[error("a multivariant playlist named it, and it is a multivariant playlist itself")]
    TooDeep,
    /// The playlist breaks a rule without which its URIs cannot be told apart, or kept from others.
    #[error("line {line}: {rule}")]
    Malformed {
        /// The line, counted from 1.
        line: usize,
        /// The rule that was broken, as a sentence without a final period.
        rule: &'static str,
    },
    /// The caller's own values contradict each other; the playlist is not to blame.
    #[error("{field} {rule}")]
    Places {
        /// The field of [`Places`](super::Places).
        field: &'static str,
        /// The rule it breaks.
        rule: &'static str,
    },
}
