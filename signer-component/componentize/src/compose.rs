//! Plugs the exports of one component into the imports of another, ahead of time.
//!
//! Spin does the same when it loads an application, but composes no dependency of a dependency.

use std::ops::Range;

use anyhow::{Context as _, Result, bail};
use wac_graph::{CompositionGraph, EncodeOptions, plug, types::Package};
use wasmparser::{Parser, Payload};

/// The socket with every import that the plug exports taken from the plug. Whatever both still import, the result
/// imports once. The same two give the same bytes.
pub fn compose(socket: &[u8], plug_in: &[u8]) -> Result<Vec<u8>> {
    let mut graph = CompositionGraph::new();
    // The names stand in no file of anybody's: they only tell the two apart.
    let inner = register(&mut graph, "tollgate:plug", plug_in)?;
    let outer = register(&mut graph, "tollgate:socket", socket)?;
    plug(&mut graph, vec![inner], outer).context("one does not fit into the other")?;
    let bytes = graph.encode(EncodeOptions::default()).context("cannot encode the composition")?;
    for (name, part) in [("socket", socket), ("plug", plug_in)] {
        if !contains(&bytes, part)? {
            bail!("the composition changed the bytes of the {name}");
        }
    }
    Ok(bytes)
}

/// Whether a component has exactly these bytes as a component nested in it, at any depth.
pub fn contains(outer: &[u8], inner: &[u8]) -> Result<bool> {
    for range in nested(outer)? {
        let part = outer.get(range).context("a section ends outside its component")?;
        if part == inner {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Where the nested components are, those within others included.
fn nested(component: &[u8]) -> Result<Vec<Range<usize>>> {
    let mut ranges = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        if let Payload::ComponentSection { unchecked_range, .. } = payload? {
            let start = usize::try_from(unchecked_range.start)?;
            ranges.push(start..usize::try_from(unchecked_range.end)?);
        }
    }
    Ok(ranges)
}

fn register(
    graph: &mut CompositionGraph,
    name: &str,
    bytes: &[u8],
) -> Result<wac_graph::PackageId> {
    let package = Package::from_bytes(name, None, bytes, graph.types_mut())
        .with_context(|| format!("{name} is not a component"))?;
    graph.register_package(package).with_context(|| format!("cannot register {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A component with nothing in it.
    const EMPTY: &[u8] = b"\0asm\x0d\0\x01\0";

    fn around(inner: &[u8]) -> Vec<u8> {
        let length = u8::try_from(inner.len()).unwrap();
        [EMPTY, &[4, length], inner].concat()
    }

    #[test]
    fn a_nested_component_is_found_at_any_depth_and_only_unchanged() {
        // A custom section, so that it differs from the others.
        let named = [EMPTY, &[0, 2, 1, b'x']].concat();
        let other = [EMPTY, &[0, 2, 1, b'y']].concat();
        let (once, twice) = (around(&named), around(&around(&named)));
        assert!(contains(&once, &named).unwrap());
        assert!(contains(&twice, &named).unwrap() && contains(&twice, &once).unwrap());
        assert!(!contains(&twice, &other).unwrap());
        // Bytes that only happen to be there are no component.
        let hidden = [EMPTY, &[0, 14, 1, b'x'], &named].concat();
        assert!(!contains(&hidden, &named).unwrap());
    }

    #[test]
    fn what_does_not_fit_is_not_composed() {
        let error = format!("{:#}", compose(EMPTY, EMPTY).unwrap_err());
        assert!(error.contains("does not fit"), "{error}");
    }
}
