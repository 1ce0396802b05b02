//! Path patterns of behaviours: `*` for any run of characters, `?` for one; case counts.

/// A path pattern. The slash in front may be left out, as in CloudFront's console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern(String);

/// CloudFront's limit.
const LONGEST: usize = 255;

impl PathPattern {
    /// Takes CloudFront's form of a pattern, or says which rule it breaks.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.*$/~\"'@:+&?".contains(&byte);
        if text.is_empty() || text.len() > LONGEST {
            return Err("must have 1 to 255 characters");
        }
        if !text.bytes().all(allowed) {
            return Err("must hold only letters, digits and _-.*$/~\"'@:+&?");
        }
        Ok(Self(text.strip_prefix('/').unwrap_or(text).to_owned()))
    }

    /// Whether this is the pattern that takes whatever no other took.
    pub fn is_default(&self) -> bool {
        self.0 == "*"
    }

    /// Whether the path, in its normal form and without its query, matches.
    pub fn matches(&self, path: &str) -> bool {
        glob(self.0.as_bytes(), path.strip_prefix('/').unwrap_or(path).as_bytes())
    }
}

/// Whether a path pattern of CloudFront takes this path; a text that is none takes nothing.
pub fn path_matches(pattern: &str, path: &str) -> bool {
    PathPattern::parse(pattern).is_ok_and(|pattern| pattern.matches(path))
}

/// Takes time proportional to the product of both lengths at worst, whatever the pattern.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut seen) = (0, 0);
    // Where to go on if the present reading fails: after the last star, one character later.
    let mut retry: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(seen) {
        match pattern.get(at) {
            Some(b'*') => {
                retry = Some((at + 1, seen));
                at += 1;
            }
            Some(wanted) if *wanted == b'?' || wanted == byte => {
                at += 1;
                seen += 1;
            }
            _ => {
                let Some((after_star, from)) = retry else { return false };
                retry = Some((after_star, from + 1));
                at = after_star;
                seen = from + 1;
            }
        }
    }
    pattern.get(at..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_cloudfronts() {
        for (pattern, path, matches) in [
            ("*", "/", true),
            ("*", "/a/b.ts", true),
            ("/public/*", "/public/a", true),
            ("/public/*", "/public/a/b/c", true),
            ("public/*", "/public/", true),
            ("/public/*", "/public", false),
            ("/public/*", "/Public/a", false),
            ("/public/*", "/private/public/a", false),
            ("*.m3u8", "/a/b/video.m3u8", true),
            ("*.m3u8", "/a/b/video.m3u8/x", false),
            ("/a?c/*.ts", "/abc/1.ts", true),
            ("/a?c/*.ts", "/ac/1.ts", false),
            ("/*a*a*b", "/aaaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
            ("/*/x", "/a/b/x", true),
            ("/a", "/a", true),
            ("/a", "/ab", false),
        ] {
            let parsed = PathPattern::parse(pattern).unwrap();
            assert_eq!(parsed.matches(path), matches, "{pattern} {path}");
        }
        for wrong in ["", "a b", "/ä", &"a".repeat(256)] {
            assert!(PathPattern::parse(wrong).is_err(), "{wrong}");
        }
    }
}
