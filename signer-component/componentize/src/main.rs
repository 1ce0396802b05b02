//! Build tool: turns a core module into a component and fails unless its imports are exactly the listed ones.
//!
//! `tollgate-componentize MODULE.wasm OUT.wasm WIT_DIR WORLD` writes OUT.wasm only when every import of the
//! component stands in `WIT_DIR/WORLD.imports` and the other way round. [`USAGE`] lists the rest.

mod compose;
mod imports;

use std::{env, fs, io::Write as _, path::Path};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};
use wit_component::ComponentEncoder;

const USAGE: &str = "usage: tollgate-componentize MODULE.wasm OUT.wasm WIT_DIR WORLD
  --guest MODULE.wasm OUT.wasm LIST.imports     a component of a world that is not the contract's
  --fixture MODULE.wasm OUT.wasm                a component whatever it imports, for tests
  --compose SOCKET.wasm PLUG.wasm OUT.wasm [LIST.imports]
                                                one component's exports in the other's imports
  --contains OUTER.wasm INNER.wasm              fails unless INNER is nested in OUTER, byte for byte
  --print COMPONENT.wasm                        the imports of any component, as the lists have them
  --digest FILE...                              name and SHA-256 of files";

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--print", component] => {
            say(&imports::of_component(&read(Path::new(component))?)?.join("\n"))
        }
        ["--fixture", module, out] => write(Path::new(out), &encode(Path::new(module))?),
        ["--guest", module, out, list] => {
            let component = encode(Path::new(module))?;
            check_list(&component, Path::new(out), Path::new(list))?;
            write(Path::new(out), &component)
        }
        ["--compose", socket, plug, out, list @ ..] => {
            let component = compose::compose(&read(Path::new(socket))?, &read(Path::new(plug))?)
                .with_context(|| format!("cannot plug {plug} into {socket}"))?;
            match list {
                [] => {}
                [list] => check_list(&component, Path::new(out), Path::new(list))?,
                _ => bail!(USAGE),
            }
            write(Path::new(out), &component)
        }
        ["--contains", outer, inner] => {
            if !compose::contains(&read(Path::new(outer))?, &read(Path::new(inner))?)? {
                bail!("{outer} does not hold {inner} byte for byte");
            }
            Ok(())
        }
        ["--digest", files @ ..] => files.iter().try_for_each(|file| digest(Path::new(file))),
        [module, out, wit, world] => {
            componentize(Path::new(module), Path::new(out), Path::new(wit), world)
        }
        _ => bail!(USAGE),
    }
}

/// Encodes, checks and only then writes, so that a component with a wrong import list never exists as a file.
fn componentize(module: &Path, out: &Path, wit: &Path, world: &str) -> Result<()> {
    let component = encode(module)?;
    let found = imports::of_component(&component)?;
    imports::check_within_world(&found, wit, world)?;
    check_list(&component, out, &wit.join(format!("{world}.imports")))?;
    write(out, &component)
}

/// Fails unless the component imports exactly what the list says.
fn check_list(component: &[u8], out: &Path, list: &Path) -> Result<()> {
    let text =
        fs::read_to_string(list).with_context(|| format!("cannot read {}", list.display()))?;
    let differences = imports::differences(&imports::of_component(component)?, &text);
    if !differences.is_empty() {
        bail!(
            "the imports of {} are not those of {}:\n{}",
            out.display(),
            list.display(),
            differences.join("\n")
        );
    }
    Ok(())
}

fn digest(file: &Path) -> Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let digest: String =
        Sha256::digest(read(file)?).iter().map(|byte| format!("{byte:02x}")).collect();
    say(&format!("{name} sha256:{digest}"))
}

fn say(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn encode(module: &Path) -> Result<Vec<u8>> {
    let bytes = read(module)?;
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
