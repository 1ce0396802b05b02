//! `tollgate sign` and `tollgate sign-cookies`: CloudFront signatures by hand, with the flags of the aws command line.

use serde_json::{Map, Value};

use super::{Exit, Failure, keys, output, time};
use crate::component::{
    Runtime, SignerComponent,
    signer::{Algorithm, CookieAttributes, Hash, Terms},
};

/// What both commands take.
#[derive(Debug, clap::Args)]
struct SigningArgs {
    /// CloudFront's id of the public key, for example K2JCJMDEHXQW5F
    #[arg(long, value_name = "ID")]
    key_pair_id: String,
    /// The private key: RSA-2048 or P-256, PEM in PKCS#1, PKCS#8 or SEC1 form, not encrypted
    #[arg(long, value_name = "[file://]PATH", allow_hyphen_values = true)]
    private_key: String,
    /// First second in which the signature no longer holds: epoch seconds, YYYY-MM-DD, YYYY-MM-DDThh:mm:ss
    /// (both UTC), or with an offset
    #[arg(long, value_name = "TIME")]
    date_less_than: String,
    /// Last second in which it does not hold yet; makes the policy a custom one
    #[arg(long, value_name = "TIME")]
    date_greater_than: Option<String>,
    /// IPv4 address or range that may use it; makes the policy a custom one
    #[arg(long, value_name = "CIDR")]
    ip_address: Option<String>,
    /// Pattern to sign instead of the URL, `*` and `?` being wildcards; the URL must match it
    #[arg(long, value_name = "PATTERN")]
    policy_resource: Option<String>,
    /// Accept a wildcard in the domain of the pattern
    #[arg(long)]
    allow_wildcard_domain: bool,
    /// Hash under the signature. RSA keys default to SHA1, as CloudFront does; P-256 keys to SHA256
    #[arg(long, value_name = "HASH", value_enum)]
    hash_algorithm: Option<HashArg>,
    /// Sign even though the signature has already expired, for tests
    #[arg(long)]
    allow_expired: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum HashArg {
    #[value(name = "SHA1")]
    Sha1,
    #[value(name = "SHA256")]
    Sha256,
}

/// Signs one URL for CloudFront and prints it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  tollgate sign --url https://d111111abcdef8.cloudfront.net/a.mp4 \\
      --key-pair-id K2JCJMDEHXQW5F --private-key file://cloudfront.private.pem \\
      --date-less-than 2030-01-01
  tollgate sign --url https://media.example.com/v/1/a.m3u8 \\
      --policy-resource 'https://media.example.com/v/1/*' \\
      --key-pair-id K2JCJMDEHXQW5F --private-key cloudfront.private.pem \\
      --date-less-than 2030-01-01T18:00:00Z

The URL is signed as it is written: encode it first. Refused is what CloudFront would read differently or what \
opens more than it says: signing parameters, fragments, spaces, non-ASCII, upper case or the protocol's own port in \
the host, no path, milliseconds, IPv6, and a `*` at the end of a pattern that does not follow a `/`. \
A custom policy is used when a start, an address, or a pattern other than the URL is given; else the canned one.")]
pub(super) struct UrlArgs {
    /// The URL, exactly as it will be requested
    #[arg(long)]
    url: String,
    #[command(flatten)]
    signing: SigningArgs,
    /// Print {\"url\": …} instead
    #[arg(long)]
    json: bool,
}

/// Makes the cookies that let a browser fetch a URL, or everything that matches a pattern, and prints them.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  tollgate sign-cookies --url https://media.example.com/v/1/a.m3u8 \\
      --policy-resource 'https://media.example.com/v/1/*' \\
      --key-pair-id K2JCJMDEHXQW5F --private-key cloudfront.private.pem \\
      --date-less-than 2030-01-01 --domain example.com --path /v/1/

Each line is one Set-Cookie header. With --json: an object of names and values.")]
pub(super) struct CookieArgs {
    /// The URL, exactly as it will be requested
    #[arg(long)]
    url: String,
    #[command(flatten)]
    signing: SigningArgs,
    /// `Domain` of the cookies; without it they go only to the host that sets them
    #[arg(long)]
    domain: Option<String>,
    /// `Path` prefix the cookies are sent under
    #[arg(long)]
    path: Option<String>,
    /// Leave out `Secure`, for plain http on this machine
    #[arg(long)]
    insecure: bool,
    /// Leave out `HttpOnly`, so that scripts can read the cookies
    #[arg(long)]
    readable: bool,
    /// `SameSite`: Strict, Lax or None
    #[arg(long, value_name = "RULE")]
    same_site: Option<String>,
    /// Print {\"NAME\": \"VALUE\", …} instead
    #[arg(long)]
    json: bool,
}

pub(super) fn url(args: &UrlArgs) -> Result<Exit, Failure> {
    let signer = SignerComponent::new(&Runtime::new()?)?;
    let pem = keys::read("private-key", &args.signing.private_key)?;
    let terms = args.signing.terms(&signer, &pem)?;
    let signed = signer.sign_url(&args.signing.key_pair_id, &pem, &args.url, &terms)?;
    if args.json {
        output::json(&serde_json::json!({ "url": signed }))?;
    } else {
        output::line(signed)?;
    }
    Ok(Exit::Done)
}

pub(super) fn cookies(args: &CookieArgs) -> Result<Exit, Failure> {
    let signer = SignerComponent::new(&Runtime::new()?)?;
    let pem = keys::read("private-key", &args.signing.private_key)?;
    let terms = args.signing.terms(&signer, &pem)?;
    let attributes = CookieAttributes {
        domain: args.domain.clone(),
        path: args.path.clone(),
        secure: !args.insecure,
        http_only: !args.readable,
        same_site: args.same_site.clone(),
    };
    let id = &args.signing.key_pair_id;
    let cookies = signer.sign_cookies(id, &pem, &args.url, &terms, &attributes)?;
    if args.json {
        let pairs = cookies.into_iter().map(|cookie| (cookie.name, Value::String(cookie.value)));
        output::json(&pairs.collect::<Map<_, _>>())?;
    } else {
        for cookie in cookies {
            output::line(format_args!("Set-Cookie: {}", cookie.header))?;
        }
    }
    Ok(Exit::Done)
}

impl SigningArgs {
    fn terms(&self, signer: &SignerComponent, pem: &str) -> Result<Terms, Failure> {
        let algorithm = signer.algorithm(&self.key_pair_id, pem)?;
        let hash = match (self.hash_algorithm, algorithm) {
            (Some(HashArg::Sha256), _) | (None, Algorithm::EcdsaP256) => Hash::Sha256,
            (Some(HashArg::Sha1), _) | (None, Algorithm::Rsa2048) => Hash::Sha1,
        };
        let moment = |name: &str, text: &str| {
            time::parse(text).map_err(|rule| Failure::argument(name, rule))
        };
        let not_before = self.date_greater_than.as_deref();
        Ok(Terms {
            expires_at: moment("date-less-than", &self.date_less_than)?,
            not_before: not_before.map(|text| moment("date-greater-than", text)).transpose()?,
            ip_address: self.ip_address.clone(),
            resource: self.policy_resource.clone(),
            allow_wildcard_domain: self.allow_wildcard_domain,
            hash,
            now: (!self.allow_expired).then(time::now),
        })
    }
}
