//! Build tool: turns a core module into a component and fails unless its imports are exactly the listed ones.
//!
//! `tollgate-componentize MODULE.wasm OUT.wasm WIT_DIR WORLD` writes OUT.wasm only when every import of the
//! component stands in `WIT_DIR/WORLD.imports` and the other way round. Test fixtures, which import less, are made
//! with `--fixture` in front. `--print COMPONENT.wasm` prints the imports of any component in the same form.

mod imports;

use std::{env, fs, io::Write as _, path::Path};

use anyhow::{Context as _, Result, bail};
use wit_component::ComponentEncoder;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--print", component] => {
            let bytes = fs::read(component).with_context(|| format!("cannot read {component}"))?;
            let text = imports::of_component(&bytes)?.join("\n");
            writeln!(std::io::stdout(), "{text}")?;
            Ok(())
        }
        ["--fixture", module, out] => write(Path::new(out), &encode(Path::new(module))?),
        [module, out, wit, world] => {
            componentize(Path::new(module), Path::new(out), Path::new(wit), world)
        }
        _ => bail!(
            "usage: tollgate-componentize MODULE.wasm OUT.wasm WIT_DIR WORLD | --fixture MODULE.wasm OUT.wasm | --print COMPONENT.wasm"
        ),
    }
}

/// Encodes, checks and only then writes, so that a component with a wrong import list never exists as a file.
fn componentize(module: &Path, out: &Path, wit: &Path, world: &str) -> Result<()> {
    let component = encode(module)?;
    let found = imports::of_component(&component)?;
    imports::check_within_world(&found, wit, world)?;
    let list = wit.join(format!("{world}.imports"));
    let text =
        fs::read_to_string(&list).with_context(|| format!("cannot read {}", list.display()))?;
    let differences = imports::differences(&found, &text);
    if !differences.is_empty() {
        bail!(
            "the imports of {} are not those of {}:\n{}",
            out.display(),
            list.display(),
            differences.join("\n")
        );
    }
    write(out, &component)
}

fn encode(module: &Path) -> Result<Vec<u8>> {
    let bytes = fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
    ComponentEncoder::default()
        .module(&bytes)
        .with_context(|| format!("{} is not a module made from wit/", module.display()))?
        .validate(true)
        .encode()
        .with_context(|| format!("cannot make a component of {}", module.display()))
}

/// Writes beside and renames, so that nobody who waits for the file sees half of it.
fn write(out: &Path, component: &[u8]) -> Result<()> {
    if let Some(folder) = out.parent() {
        fs::create_dir_all(folder)?;
    }
    let unfinished = out.with_extension("wasm.part");
    fs::write(&unfinished, component)
        .with_context(|| format!("cannot write {}", unfinished.display()))?;
    fs::rename(&unfinished, out).with_context(|| format!("cannot write {}", out.display()))
}
