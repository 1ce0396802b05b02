//! The settings of the application, as its variables have them now.

use std::{cell::RefCell, rc::Rc, time::Duration};

use tollgate_api::Denial;

use crate::{
    log::{self, Level},
    patience::within,
    settings::{NAMES, Settings},
    variables::{self, NoAnswer},
};

/// How long the provider of the variables may take. Without them nobody knows how long a request may.
const PATIENCE: Duration = Duration::from_secs(3);

/// Settings, and the values they were read from.
struct Read {
    from: Vec<Option<String>>,
    settings: Rc<Settings>,
}

thread_local! {
    static LATEST: RefCell<Option<Read>> = const { RefCell::new(None) };
}

/// What the variables say now, read again only when one of them changed.
pub(crate) async fn current() -> Result<Rc<Settings>, Denial> {
    let reading = futures::future::try_join_all(NAMES.map(variables::get));
    let values = match within(PATIENCE, reading).await {
        Some(Ok(values)) => values,
        Some(Err(NoAnswer(name))) => return Err(no_answer(name, false).await),
        None => return Err(no_answer("jwt_issuer", true).await),
    };
    let known = LATEST.with_borrow(|latest| {
        let read = latest.as_ref()?;
        (read.from == values).then(|| Rc::clone(&read.settings))
    });
    if let Some(known) = known {
        return Ok(known);
    }
    match Settings::of_variables(&values) {
        Ok(settings) => {
            let settings = Rc::new(settings);
            LATEST.set(Some(Read { from: values, settings: Rc::clone(&settings) }));
            Ok(settings)
        }
        Err(mistakes) => {
            for mistake in mistakes {
                log::write(Level::Error, "set up wrongly", &[("error", mistake.into())]).await;
            }
            Err(Denial::Misconfigured)
        }
    }
}

async fn no_answer(name: &str, timed_out: bool) -> Denial {
    let error =
        format!("the provider of Spin variables, asked for {name} and others, gave no answer");
    log::write(Level::Error, "not configured", &[("error", error.into())]).await;
    Denial::DependencyUnavailable { port: "settings".to_owned(), timed_out }
}
