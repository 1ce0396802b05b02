//! The exports the world asks for and no test of a faulty gate calls.

use crate::{
    Component,
    bindings::{
        exports::tollgate::gate::{signing, verification},
        tollgate::gate::types::{Algorithm, InvalidField},
    },
};

fn unused() -> InvalidField {
    InvalidField { field: "gate".to_owned(), rule: "is faulty".to_owned() }
}

impl signing::Guest for Component {
    type Signer = Component;
}

impl signing::GuestSigner for Component {
    fn parse(_: String, _: String) -> Result<signing::Signer, InvalidField> {
        Err(unused())
    }

    fn algorithm(&self) -> Algorithm {
        Algorithm::EcdsaP256
    }

    fn sign_url(&self, _: String, _: signing::Terms) -> Result<String, InvalidField> {
        Err(unused())
    }

    fn sign_urls(&self, _: Vec<String>, _: signing::Terms) -> Result<Vec<String>, InvalidField> {
        Err(unused())
    }

    fn sign_cookies(
        &self,
        _: String,
        _: signing::Terms,
        _: signing::CookieAttributes,
    ) -> Result<Vec<signing::SignedCookie>, InvalidField> {
        Err(unused())
    }
}

impl verification::Guest for Component {
    type Verifier = Component;

    fn strip(url: String) -> String {
        url
    }
}

impl verification::GuestVerifier for Component {
    fn create(
        _: Vec<verification::TrustedKey>,
        _: bool,
    ) -> Result<verification::Verifier, InvalidField> {
        Err(unused())
    }

    fn verify(&self, _: verification::EdgeRequest) -> verification::Verdict {
        verification::Verdict::Deny(denied())
    }

    fn explain(&self, _: verification::EdgeRequest) -> verification::Report {
        verification::Report {
            verdict: verification::Verdict::Deny(denied()),
            carrier: None,
            policy: None,
            expires_at: None,
            checks: Vec::new(),
        }
    }
}

fn denied() -> verification::Denied {
    verification::Denied {
        code: verification::DenialCode::AccessDenied,
        reason: "faulty".to_owned(),
        detail: "this gate is faulty".to_owned(),
    }
}
