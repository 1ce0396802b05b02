//! `tollgate token`: a token for development, as an issuer would mint it.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use tollgate_api::{Id, Role};

use super::{Exit, Failure, keys, output, serve::ConfigArg, time};
use crate::config::{Config, Needs};

/// Mints a token for development, with issuer and audience from the configuration.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  tollgate token --private-key issuer.private.pem --user alice
  tollgate token --private-key issuer.private.pem --user root --role Admin \\
      --issuer https://login.example.com --audience video --expires-in 300

The key must be the private half of what [auth] trusts: RSA, P-256 or Ed25519, the last two in PKCS#8 form.")]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigArg,
    /// The issuer's private key
    #[arg(long, value_name = "[file://]PATH", allow_hyphen_values = true)]
    private_key: String,
    /// Whom the token is about (`sub`)
    #[arg(long)]
    user: String,
    /// A role: Standard, Admin or ContentCreator; repeat for more
    #[arg(long = "role", value_name = "ROLE", default_value = "Standard")]
    roles: Vec<String>,
    /// Seconds until it expires
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, value_parser = clap::value_parser!(u64).range(1..=31_536_000))]
    expires_in: u64,
    /// `iss`, instead of the one in the configuration
    #[arg(long, requires = "audience")]
    issuer: Option<String>,
    /// `aud`, instead of the one in the configuration
    #[arg(long, requires = "issuer")]
    audience: Option<String>,
    /// `kid`: which key of a JWKS this is
    #[arg(long)]
    key_id: Option<String>,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let (issuer, audience) = match (&args.issuer, &args.audience) {
        (Some(issuer), Some(audience)) => (issuer.clone(), audience.clone()),
        _ => {
            let config = Config::load(&args.config.file, Needs::Auth)?;
            let rules = config.auth.map(|auth| auth.rules);
            let rules = rules.ok_or_else(|| Failure::Wrong("auth: is required".to_owned()))?;
            (rules.issuer, rules.audiences.into_iter().next().unwrap_or_default())
        }
    };
    let user =
        Id::parse("user", &args.user).map_err(|error| Failure::argument("user", error.rule))?;
    for role in &args.roles {
        if Role::from_name(role).is_none() {
            return Err(Failure::argument("role", "must be Standard, Admin or ContentCreator"));
        }
    }
    let pem = keys::read("private-key", &args.private_key)?;
    let token = Token {
        issuer: &issuer,
        audience: &audience,
        user: user.as_str(),
        roles: &args.roles,
        expires_in: args.expires_in,
        key_id: args.key_id.as_deref(),
    };
    output::line(token.mint(&pem).map_err(|rule| Failure::argument("private-key", rule))?)?;
    Ok(Exit::Done)
}

/// What a token says.
pub(super) struct Token<'a> {
    pub(super) issuer: &'a str,
    pub(super) audience: &'a str,
    pub(super) user: &'a str,
    pub(super) roles: &'a [String],
    pub(super) expires_in: u64,
    pub(super) key_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    roles: &'a [String],
    iat: u64,
    nbf: u64,
    exp: u64,
}

impl Token<'_> {
    /// Signs it with the private key in `pem`.
    pub(super) fn mint(&self, pem: &str) -> Result<String, &'static str> {
        let now = time::now();
        let (algorithm, key) = signing_key(pem.as_bytes())?;
        let header = Header { kid: self.key_id.map(str::to_owned), ..Header::new(algorithm) };
        let claims = Claims {
            iss: self.issuer,
            aud: self.audience,
            sub: self.user,
            roles: self.roles,
            iat: now,
            nbf: now,
            exp: now + self.expires_in,
        };
        // Whatever the library says about a key is not repeated: it is a private one.
        jsonwebtoken::encode(&header, &claims, &key).map_err(|_| "cannot sign a token")
    }
}

fn signing_key(pem: &[u8]) -> Result<(Algorithm, EncodingKey), &'static str> {
    if let Ok(key) = EncodingKey::from_ec_pem(pem) {
        return Ok((Algorithm::ES256, key));
    }
    if let Ok(key) = EncodingKey::from_ed_pem(pem) {
        return Ok((Algorithm::EdDSA, key));
    }
    match EncodingKey::from_rsa_pem(pem) {
        Ok(key) => Ok((Algorithm::RS256, key)),
        Err(_) => {
            Err("must be an RSA, P-256 or Ed25519 private key in PEM form, the last two as PKCS#8")
        }
    }
}
