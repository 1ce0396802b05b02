//! Guesses which name somebody meant.

/// The name nearest to `written`, if one is near enough to be worth saying.
pub(crate) fn nearest<'a>(written: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Underscores and capitals are the commonest slips of all, so they cost nothing.
    let written = plain(written);
    let allowed = written.chars().count() / 3;
    names
        .map(|name| (distance(&written, &plain(name)), name))
        .filter(|(distance, _)| *distance <= allowed.clamp(1, 3))
        .min()
        .map(|(_, name)| name)
}

fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

/// How many letters must be added, left out, replaced or swapped with their neighbour.
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, a) in from.iter().enumerate() {
        let mut left = line + 1;
        let mut next = vec![left];
        for (column, (b, pair)) in to.iter().zip(row.windows(2)).enumerate() {
            let [diagonal, above] = pair else { continue };
            left = (diagonal + usize::from(a != b)).min(above + 1).min(left + 1);
            let letters = |at: usize| from.get(line.wrapping_sub(1)).zip(to.get(at));
            let swapped = column.checked_sub(1).filter(|at| letters(*at) == Some((b, a)));
            if let Some(cost) = swapped.and_then(|at| before.get(at)) {
                left = left.min(cost + 1);
            }
            next.push(left);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or_default()
}
