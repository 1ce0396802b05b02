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
