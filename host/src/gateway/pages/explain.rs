//! `POST /explain`: what `tollgate verify --explain --json` says, for the page. Nothing of it is logged or kept.

use std::path::PathBuf;

use serde_json::{Map, Value};
use tollgate_api::{Denial, FieldError};
use tollgate_backends::section::Mistake;

use super::{headers, open::read};
use crate::{
    component::{
        EdgeVerifier, Runtime, SignerComponent,
        signer::{EdgeRequest, TrustedKey},
    },
    explain::{Explanation, address_of, time_of},
    gateway::{answer::Answer, denial::Refusal},
};

/// The longest question that is read, in bytes: URL and headers have 28 KiB at most before an edge says 413.
pub(super) const MOST: usize = 64 << 10;

/// A public key is half a page; more is a mistake in the path.
const LARGEST_KEY: u64 = 64 << 10;

/// The trusted keys at work.
pub(in crate::gateway) struct Explain {
    lenient: EdgeVerifier,
    strict: EdgeVerifier,
}

impl Explain {
    /// Reads the keys; each is tried by itself, so that a wrong one is named.
    pub(super) fn open(
        files: &[(String, PathBuf)],
        runtime: &Runtime,
    ) -> Result<Self, Vec<Mistake>> {
        let wrong = |key: &str, rule: String| Mistake { key: key.to_owned(), rule };
        let signer = SignerComponent::new(runtime)
            .map_err(|error| vec![wrong("gateway.pages.explain", error.to_string())])?;
        let (mut keys, mut mistakes) = (Vec::new(), Vec::new());
        for (id, path) in files {
            let text = read(path, LARGEST_KEY)
                .map_err(|error| error.to_string())
                .and_then(|text| String::from_utf8(text).map_err(|_| "is no text".to_owned()));
            let key = text
                .map_err(|error| format!("{} cannot be read: {error}", path.display()))
                .and_then(|public_key| {
                    let key = TrustedKey { key_pair_id: id.clone(), public_key };
                    let tried = signer.verifier(vec![key.clone()], true);
                    tried.map(|_| key).map_err(|error| error.to_string())
                });
            match key {
                Ok(key) => keys.push(key),
                Err(rule) => mistakes.push(wrong(&format!("gateway.pages.public-keys.{id}"), rule)),
            }
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let verifier = |strict| {
            signer
                .verifier(keys.clone(), strict)
                .map_err(|error| vec![wrong("gateway.pages.public-keys", error.to_string())])
        };
        Ok(Self { lenient: verifier(false)?, strict: verifier(true)? })
    }

    /// Judges the request that a body of JSON describes.
    pub(super) fn answer(&self, body: &[u8]) -> Result<Answer, Refusal> {
        let question = Question::read(body).map_err(Denial::InvalidRequest)?;
        let verifier = if question.strict { &self.strict } else { &self.lenient };
        let report = verifier.explain(&question.request).map_err(|_| Denial::Internal)?;
        let text = serde_json::to_string(&Explanation::of(&report, true));
        let text = text.map_err(|_| Denial::Internal)?;
        Ok(Answer::json(text).with_headers(headers::own_site_only()))
    }
}

/// What is asked. Its errors name fields and never repeat what stands in them.
struct Question {
    request: EdgeRequest,
    strict: bool,
}

impl Question {
    fn read(body: &[u8]) -> Result<Self, Vec<FieldError>> {
        let Ok(Value::Object(mut fields)) = serde_json::from_slice(body) else {
            return Err(vec![FieldError::new("body", "must be a JSON object with `url`")]);
        };
        let mut errors = Vec::new();
        let mut wrong = |field: &str, rule: &str| errors.push(FieldError::new(field, rule));
        let url = match take(&mut fields, "url") {
            Some(Value::String(url)) => url,
            _ => {
                wrong("url", "must be a text");
                String::new()
            }
        };
        let cookies = match take(&mut fields, "cookies") {
            None => Some(Vec::new()),
            Some(Value::String(text)) => Some(vec![text]),
            Some(Value::Array(texts)) => texts
                .into_iter()
                .map(|text| if let Value::String(text) = text { Some(text) } else { None })
                .collect(),
            Some(_) => None,
        };
        let cookies = cookies.ok_or_else(|| "must be a text, or a list of texts".to_owned());
        let cookies = cookies.and_then(|texts| pasted(&texts)).unwrap_or_else(|rule| {
            wrong("cookies", &rule);
            None
        });
        let at = match take(&mut fields, "at") {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err("must be a text or a number".to_owned()),
        };
        let now = at.and_then(|at| time_of(at.as_deref())).unwrap_or_else(|rule| {
            wrong("at", &rule);
            0
        });
        let ip = match take(&mut fields, "ip") {
            None => Ok(None),
            Some(Value::String(text)) => address_of(Some(text)),
            Some(_) => Err("must be a text"),
        };
        let client_ip = ip.unwrap_or_else(|rule| {
            wrong("ip", rule);
            None
        });
        let strict = match take(&mut fields, "strict") {
            None => false,
            Some(Value::Bool(strict)) => strict,
            Some(_) => {
                wrong("strict", "must be true or false");
                false
            }
        };
        if !fields.is_empty() {
            wrong("body", "must have no fields but url, cookies, at, ip and strict");
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let cookies = cookies.into_iter().collect();
        Ok(Self { request: EdgeRequest { url, cookies, client_ip, now }, strict })
    }
}

/// Takes a field; `null` and an empty text count as one that is not there.
fn take(fields: &mut Map<String, Value>, name: &str) -> Option<Value> {
    let value = fields.remove(name)?;
    let empty = value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty());
    (!empty).then_some(value)
}

/// Cookies as people find them: a `Cookie` header, lines of `name=value`, or the `Set-Cookie` lines of an answer.
/// As a browser sends them: in one header.
fn pasted(texts: &[String]) -> Result<Option<String>, String> {
    let mut pairs = Vec::new();
    let lines = texts.iter().flat_map(|text| text.lines());
    for (index, line) in lines.enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let (name, rest) = line.split_once(':').unwrap_or(("", ""));
        let pair = match name.trim().to_ascii_lowercase().as_str() {
            "cookie" => rest.trim(),
            // Behind the first semicolon stand attributes, which no browser sends back.
            "set-cookie" => rest.split(';').next().unwrap_or_default().trim(),
            _ => line,
        };
        // By its place and not by its text, which is a secret.
        if !pair.contains('=') {
            return Err(format!("must be NAME=VALUE; line {} has no `=`", index + 1));
        }
        pairs.push(pair.trim_end_matches(';'));
    }
    Ok((!pairs.is_empty()).then(|| pairs.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_read_however_they_were_copied() {
        let header = "CloudFront-Policy=p; CloudFront-Signature=s";
        for text in [
            header,
            "Cookie: CloudFront-Policy=p; CloudFront-Signature=s",
            "CloudFront-Policy=p\nCloudFront-Signature=s;\n",
            "set-cookie: CloudFront-Policy=p; Path=/a; HttpOnly\r\n\
             Set-Cookie:CloudFront-Signature=s; Secure",
        ] {
            assert_eq!(pasted(&[text.to_owned()]), Ok(Some(header.to_owned())), "{text}");
        }
        let pairs = header.split("; ").map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(pasted(&pairs), Ok(Some(header.to_owned())));
        assert_eq!(pasted(&[" \n".to_owned()]), Ok(None));
        let rule = pasted(&["a=b\nsecret".to_owned()]).unwrap_err();
        assert!(rule.contains("line 2") && !rule.contains("secret"), "{rule}");
    }

    #[test]
    fn every_wrong_field_is_named_at_once_and_nothing_is_repeated() {
        let body = r#"{"url": 7, "cookies": [1], "at": "secret-a", "ip": "secret-b", "strict": "secret-c",
            "secret-d": 1}"#;
        let errors = Question::read(body.as_bytes()).err().unwrap();
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["url", "cookies", "at", "ip", "strict", "body"]);
        assert!(!format!("{errors:?}").contains("secret"), "{errors:?}");
        for body in ["", "7", "[]", "{", "\u{0}"] {
            assert_eq!(Question::read(body.as_bytes()).err().unwrap().len(), 1, "{body}");
        }
    }

    #[test]
    fn what_is_left_out_has_its_usual_meaning() {
        let question = Question::read(br#"{"url": "u", "cookies": "", "at": 12, "ip": null}"#);
        let Question { request, strict } = question.ok().unwrap();
        assert_eq!((request.now, request.cookies.len(), request.client_ip), (12, 0, None));
        assert!(!strict);
    }
}
