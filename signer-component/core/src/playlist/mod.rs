//! Playlists that carry their viewer's signature: for players that can neither be told to append a query nor keep cookies.
//!
//! The origin's playlist is one for everybody. [`rewrite_hls`] and [`rewrite_dash`] make one viewer's of it, and change as
//! little as they can: **what is written stays, byte for byte; text is only inserted.**
//!
//! - In front of a relative URI comes what it is relative to at the distribution, because the player has the playlist from
//!   the gateway. Behind a URI come the parameters, after its own query and before its fragment.
//! - Replaced in HLS are the origin of a nested playlist that is written as an absolute URL, so that players ask the
//!   gateway for it, and variables that a scheme or host is made of: not every player knows variables, and whoever takes
//!   `https://{$host}@example.com/` as it is written must not carry a signature there.
//!
//! **A URI is signed only when it surely lies below [`Places::protected`]**, resolved as a browser resolves it. Whatever
//! players would not agree about is left alone: backslashes, control characters, user names, `https:/host`, encoded
//! slashes, `..` above the root, variables without one certain value. No other host gets a signature or a link. A URI
//! that has a parameter of CloudFront's already is somebody else's signed URL and is not signed again.
//!
//! What a player makes of an answer of somebody else's is beyond a rewriter: a content steering server may move URIs with
//! their query to another host (`PATHWAY-CLONES`), and an element behind an `xlink:href` is used as it comes. Name only
//! servers there that may see a viewer's link.

mod dash;
mod edit;
mod error;
mod hls;
mod places;
mod reference;
mod resolve;
mod spelling;

pub use dash::rewrite_dash;
pub use error::PlaylistError;
pub use hls::{needs_imports, rewrite_hls};
pub use places::Places;

/// The longest playlist that is read, in bytes.
pub const MOST_INPUT: usize = 2 * 1024 * 1024;
/// The longest playlist that is made, in bytes.
pub const MOST_OUTPUT: usize = 8 * 1024 * 1024;
/// The longest URL that CloudFront takes, in bytes.
const MOST_URI: usize = 8192;
/// What some editors put in front of a text.
const BYTE_ORDER_MARK: char = '\u{feff}';

#[cfg(test)]
mod tests;
