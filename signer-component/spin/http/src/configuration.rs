//! The settings of the application, as its variables have them now.

use std::{cell::RefCell, rc::Rc};

use tollgate_api::Denial;

use crate::{
    log::{self, Level},
    settings::{NAMES, Settings},
    variables::{self, NoAnswer},
};

/// Settings, and the values they were read from.
struct Read {
    from: [Option<String>; NAMES.len()],
    settings: Rc<Settings>,
}

thread_local! {
    static LATEST: RefCell<Option<Read>> = const { RefCell::new(None) };
}

/// What the variables say now, read again only when one of them changed.
pub(crate) async fn current() -> Result<Rc<Settings>, Denial> {
    let values = match variables::get(&NAMES).await {
        Ok(values) => values,
        Err(error) => return Err(no_answer(error).await),
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

async fn no_answer(NoAnswer { name, timed_out }: NoAnswer) -> Denial {
    let error =
        format!("the provider of Spin variables, asked for {name} and others, gave no answer");
    log::write(Level::Error, "not configured", &[("error", error.into())]).await;
    Denial::DependencyUnavailable { port: "settings".to_owned(), timed_out }
}
