//! The interface `spin:variables`: values by name, never kept.

use std::sync::Arc;

use wasmtime::component::{ComponentType, Lift, Linker, Lower};

use crate::{interference::Call, state::State};

/// Why there is no value.
#[derive(ComponentType, Lift, Lower)]
#[component(variant)]
enum VariableError {
    #[component(name = "invalid-name")]
    InvalidName(String),
    #[component(name = "undefined")]
    Undefined(String),
    #[component(name = "provider")]
    Provider(String),
    #[component(name = "other")]
    Other(String),
}

pub(crate) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut variables = linker.instance("spin:variables/variables@3.0.0")?;
    variables.func_wrap_concurrent("get", |accessor, (name,): (String,)| {
        Box::pin(async move {
            let options = accessor.with(|mut access| Arc::clone(&access.get().options));
            options.interference.before(Call::Variable(&name)).await?;
            Ok((get(&options.variables, &name),))
        })
    })
}

fn get(
    variables: &std::collections::BTreeMap<String, String>,
    name: &str,
) -> Result<String, VariableError> {
    if !is_name(name) {
        return Err(VariableError::InvalidName(name.to_owned()));
    }
    let value = variables.get(name).cloned();
    value.ok_or_else(|| VariableError::Undefined(format!("no variable {name:?}")))
}

/// Lower-case words joined by single underscores, which begin with a letter.
fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(allowed)
        && !name.contains("__")
        && !name.ends_with('_')
}
