//! CloudFront's base64 alphabet and the names it reserves.

/// Query parameters that belong to CloudFront. Cookies carry the same with the prefix `CloudFront-`.
pub const RESERVED: [&str; 5] = ["Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"];

/// Padded base64 with `+` `=` `/` written as `-` `_` `~`.
pub fn encode(bytes: &[u8]) -> String {
    let _ = bytes;
    unimplemented!()
}

/// The opposite of [`encode`]; `None` for anything outside the alphabet or wrongly padded.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let _ = text;
    unimplemented!()
}
