//! `tollgate keygen`: a key pair for CloudFront.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der},
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use pem::{EncodeConfig, LineEnding, Pem};
use zeroize::Zeroizing;

use super::{Exit, Failure, output};

/// Makes a key pair: keep the private key, upload the public one to CloudFront.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  tollgate keygen --algorithm ecdsa-p256 --out keys
  KEY=$(cat keys/cloudfront.public.pem)
  aws cloudfront create-public-key --public-key-config \\
      \"CallerReference=$(date +%s),Name=tollgate,EncodedKey=$KEY\"

The private key is readable by its owner only (0600). Files that are there are never overwritten.")]
pub(super) struct Args {
    /// P-256 signs faster and makes URLs shorter; RSA is what older tools expect
    #[arg(long, value_enum, default_value = "ecdsa-p256")]
    algorithm: KeyAlgorithm,
    /// The folder to write to; made if it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// What the files are called: NAME.private.pem and NAME.public.pem
    #[arg(long, default_value = "cloudfront")]
    name: String,
    /// Print the paths for a program to read
    #[arg(long)]
    json: bool,
}

/// The kinds of keys CloudFront takes.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum KeyAlgorithm {
    /// ECDSA on NIST P-256
    EcdsaP256,
    /// RSA with a 2048-bit modulus
    #[value(name = "rsa-2048")]
    Rsa2048,
}

/// Where a new pair of keys was written.
pub(super) struct KeyFiles {
    pub(super) private: PathBuf,
    pub(super) public: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let fits = (1..=128).contains(&args.name.len()) && !args.name.starts_with('.');
    if !fits || !args.name.bytes().all(plain) {
        return Err(Failure::argument(
            "name",
            "must be 1 to 128 letters, digits, `.`, `_` and `-`",
        ));
    }
    let files = generate(args.algorithm, &args.out, &args.name)?;
    if args.json {
        output::json(
            &serde_json::json!({ "privateKey": files.private, "publicKey": files.public }),
        )?;
    } else {
        output::line(format_args!("private key  {}", files.private.display()))?;
        output::line(format_args!("public key   {}", files.public.display()))?;
    }
    Ok(Exit::Done)
}

/// Makes a pair and writes it to `folder`.
pub(super) fn generate(
    algorithm: KeyAlgorithm,
    folder: &Path,
    name: &str,
) -> Result<KeyFiles, Failure> {
    let (private, public) =
        pair(algorithm).map_err(|_| Failure::Failed("this machine cannot make keys".to_owned()))?;
    fs::create_dir_all(folder)
        .map_err(|error| Failure::argument("out", format_args!("{}: {error}", folder.display())))?;
    let files = KeyFiles {
        private: folder.join(format!("{name}.private.pem")),
        public: folder.join(format!("{name}.public.pem")),
    };
    // Both or none: a pair of which one half is older is worse than no pair.
    for path in [&files.private, &files.public] {
        // A link that leads nowhere is in the way as well, so links are not followed.
        if path.symlink_metadata().is_ok() {
            return Err(Failure::argument(
                "out",
                format_args!("{} is there already", path.display()),
            ));
        }
    }
    write(&files.private, &private, 0o600)?;
    if let Err(failure) = write(&files.public, &public, 0o644) {
        // Best effort: it was made a moment ago, and nobody has the other half.
        let _ = fs::remove_file(&files.private);
        return Err(failure);
    }
    Ok(files)
}

/// Makes a private key that is written nowhere.
#[cfg(feature = "aws")]
pub(super) fn private_key(
    algorithm: KeyAlgorithm,
) -> Result<Zeroizing<String>, aws_lc_rs::error::Unspecified> {
    pair(algorithm).map(|(private, _)| private)
}

fn pair(
    algorithm: KeyAlgorithm,
) -> Result<(Zeroizing<String>, Zeroizing<String>), aws_lc_rs::error::Unspecified> {
    let (private, public) = match algorithm {
        KeyAlgorithm::EcdsaP256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)?;
            (Zeroizing::new(pair.to_pkcs8v1()?.as_ref().to_vec()), pair.public_key().as_der()?)
        }
        KeyAlgorithm::Rsa2048 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
            let private: Pkcs8V1Der<'_> = pair.as_der()?;
            (Zeroizing::new(private.as_ref().to_vec()), pair.public_key().as_der()?)
        }
    };
    let public: PublicKeyX509Der<'_> = public;
    Ok((pem("PRIVATE KEY", &private), pem("PUBLIC KEY", public.as_ref())))
}

fn pem(label: &str, der: &[u8]) -> Zeroizing<String> {
    let config = EncodeConfig::new().set_line_ending(LineEnding::LF);
    Zeroizing::new(pem::encode_config(&Pem::new(label, der), config))
}

fn write(path: &Path, text: &str, mode: u32) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
    #[cfg(not(unix))]
    let _ = mode;
    let written = options.open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written
        .map_err(|error| Failure::Failed(format!("{} cannot be written: {error}", path.display())))
}
