//! The policy of the host, parsed once as long as its text stays the same.

use std::{cell::RefCell, rc::Rc};

use tollgate_core::{
    bytes::same,
    playback::{self as core, Policy},
};

use crate::{
    bindings::{exports::tollgate::gate::playback::Denial, tollgate::gate::settings},
    failure::no_answer,
};

thread_local! {
    // One instance has one thread; the cell only spans the synchronous part of a request.
    static PARSED: RefCell<Option<(String, Rc<Policy>)>> = const { RefCell::new(None) };
}

/// Asks the host for the policy and parses it if it is new.
pub(crate) async fn current() -> Result<Rc<Policy>, Denial> {
    let text = settings::policy().await.map_err(no_answer("settings"))?;
    PARSED.with_borrow_mut(|parsed| {
        if let Some((known, policy)) = parsed
            && same(known, &text)
        {
            return Ok(Rc::clone(policy));
        }
        let wrong = |mistakes| core::Denial::Misconfigured(mistakes);
        let policy = Rc::new(Policy::parse(&text).map_err(wrong)?);
        *parsed = Some((text, Rc::clone(&policy)));
        Ok(policy)
    })
}
