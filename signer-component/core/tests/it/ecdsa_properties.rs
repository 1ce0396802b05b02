//! P-256 is multiplied with a table when a key signs and without one when a signature is judged: one checks the other.

use p256::{
    NistP256, ProjectivePoint, PublicKey as Point, SecretKey, U256,
    elliptic_curve::{Curve, sec1::ToSec1Point},
    pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding},
};
use proptest::{array::uniform32, prelude::*};
use tollgate_core::cloudfront::{Hash, PublicKey, SigningKey};

/// The key with a scalar, and its other half by multiplication without a table.
fn pair(scalar: &SecretKey) -> (SigningKey, PublicKey, Point) {
    let point = ProjectivePoint::GENERATOR * *scalar.to_nonzero_scalar();
    let point = Point::from_affine(point.to_affine()).unwrap();
    let private = SigningKey::from_pem(&scalar.to_pkcs8_pem(LineEnding::LF).unwrap()).unwrap();
    let public = PublicKey::from_pem(&point.to_public_key_pem(LineEnding::LF).unwrap()).unwrap();
    (private, public, point)
}

fn check(scalar: &SecretKey, message: &[u8]) {
    let (private, public, point) = pair(scalar);
    assert_eq!(scalar.public_key().to_sec1_point(false), point.to_sec1_point(false));
    for hash in [Hash::Sha1, Hash::Sha256] {
        let signature = private.sign(message, hash).unwrap();
        assert!(public.verifies(message, hash, &signature), "{hash:?}");
        assert_eq!(private.sign(message, hash).unwrap(), signature, "{hash:?}");
    }
}

#[test]
fn scalars_at_the_edges() {
    let below_order = |difference: u8| *NistP256::ORDER - U256::from_u8(difference);
    // The table is asked for signed digits of four bits, of which 8 is where the sign changes.
    let digits = ["0", "7", "8", "9", "f"].map(|digit| format!("7{}", digit.repeat(63)));
    let scalars = (1..20_u8)
        .flat_map(|small| [U256::from_u8(small), below_order(small)])
        .chain(digits.iter().map(|text| U256::from_be_hex(text)))
        .chain((0..256).step_by(5).map(|bit| U256::ONE << bit));
    for scalar in scalars {
        check(&SecretKey::from_slice(&scalar.to_be_bytes()).unwrap(), b"message");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_scalar(bytes in uniform32(any::<u8>()), message in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(scalar) = SecretKey::from_slice(&bytes) {
            check(&scalar, &message);
        }
    }
}
