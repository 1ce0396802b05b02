//! What a row is, and what several rounds of it come to.

/// Which side of a ratio is good.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bound {
    AtMost,
    AtLeast,
}

/// A row of the table.
#[derive(Clone, Copy)]
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) what: &'static str,
    pub(crate) against: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) bound: Bound,
    pub(crate) goal: f64,
    /// Whether the goal is for our figure itself, and not for the ratio.
    pub(crate) is_absolute: bool,
}

const fn row(
    id: &'static str,
    [what, against, unit]: [&'static str; 3],
    bound: Bound,
    goal: f64,
) -> Row {
    Row { id, what, against, unit, bound, goal, is_absolute: false }
}

/// Every row, in the order of the table.
pub(crate) const ROWS: [Row; 13] = [
    row(
        "rsa-wide",
        ["RSA-2048 SHA-1 signature in gate.wasm, wide", "OpenSSL, same core", "µs"],
        Bound::AtMost,
        2.5,
    ),
    row(
        "rsa-portable",
        ["RSA-2048 SHA-1 signature in gate.wasm, portable", "OpenSSL, same core", "µs"],
        Bound::AtMost,
        8.0,
    ),
    row(
        "p256-wide",
        ["P-256 signature in gate.wasm, wide", "native p256 crate", "µs"],
        Bound::AtMost,
        2.5,
    ),
    row(
        "p256-portable",
        ["P-256 signature in gate.wasm, portable", "native p256 crate", "µs"],
        Bound::AtMost,
        8.0,
    ),
    row(
        "rsa-held",
        ["RSA-2048 SHA-256 signature with a held key", "aws-lc-rs alone", "µs"],
        Bound::AtMost,
        1.1,
    ),
    row(
        "grants-warm",
        ["grants, same episode, same window", "Node peer", "1/s"],
        Bound::AtLeast,
        20.0,
    ),
    row(
        "grants-unique",
        ["grants, each its own statement, held key", "Node peer", "1/s"],
        Bound::AtLeast,
        3.0,
    ),
    row(
        "latency-p99",
        ["p99 latency at half of the peer's peak", "Node peer", "ms"],
        Bound::AtMost,
        0.2,
    ),
    Row {
        is_absolute: true,
        ..row(
            "sandbox-cost",
            ["what the sandbox adds to a warm grant", "the same core natively", "µs"],
            Bound::AtMost,
            15.0,
        )
    },
    row(
        "edge-segments",
        ["64 KiB segments, verified, from cache", "nginx with secure_link", "1/s"],
        Bound::AtLeast,
        0.7,
    ),
    row("start", ["process start to first grant", "Node peer", "ms"], Bound::AtMost, 1.0 / 3.0),
    row(
        "memory",
        ["PSS with 1,000 requests in flight, 20 ms lookups", "Node peer", "MiB"],
        Bound::AtMost,
        0.5,
    ),
    row(
        "growth",
        ["a grant with 10 × users, leases and episodes", "the same with 1 ×", "µs"],
        Bound::AtMost,
        1.2,
    ),
];

/// What one round measured.
#[derive(Clone)]
pub(crate) struct Sample {
    pub(crate) ours: f64,
    pub(crate) theirs: f64,
    /// What belongs beside the figure: a name, a figure, and its unit.
    pub(crate) beside: Vec<(&'static str, f64, &'static str)>,
}

/// Least, middle and most of several figures.
#[derive(Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// Of nothing there is no spread.
    pub(crate) fn of(figures: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut figures: Vec<f64> = figures.into_iter().collect();
        figures.sort_by(f64::total_cmp);
        let (min, max) = (*figures.first()?, *figures.last()?);
        let middle = figures.len() / 2;
        let upper = *figures.get(middle)?;
        let median = match figures.len() % 2 {
            0 => f64::midpoint(*figures.get(middle - 1)?, upper),
            _ => upper,
        };
        Some(Self { min, median, max })
    }
}

/// A row with all its rounds.
pub(crate) struct Measured {
    pub(crate) row: Row,
    pub(crate) ours: Spread,
    pub(crate) theirs: Spread,
    /// Of the ratios of each round, whose two sides ran right after one another.
    pub(crate) ratio: Spread,
    /// What belongs beside the figure: a name, a spread, and its unit.
    pub(crate) beside: Vec<(&'static str, Spread, &'static str)>,
}

impl Measured {
    /// `None` without a round.
    pub(crate) fn of(row: Row, samples: &[Sample]) -> Option<Self> {
        let mut beside = Vec::new();
        for (name, _, unit) in &samples.first()?.beside {
            let same = samples.iter().flat_map(|sample| &sample.beside);
            let same = same.filter(|(other, ..)| other == name).map(|(_, figure, _)| *figure);
            beside.push((*name, Spread::of(same)?, *unit));
        }
        Some(Self {
            row,
            ours: Spread::of(samples.iter().map(|sample| sample.ours))?,
            theirs: Spread::of(samples.iter().map(|sample| sample.theirs))?,
            ratio: Spread::of(samples.iter().map(|sample| sample.ours / sample.theirs))?,
            beside,
        })
    }

    /// What the goal is for.
    pub(crate) fn judged(&self) -> Spread {
        if self.row.is_absolute { self.ours } else { self.ratio }
    }

    /// Whether the goal is met by the middle of all rounds.
    pub(crate) fn is_met(&self) -> bool {
        let figure = self.judged().median;
        match self.row.bound {
            Bound::AtMost => figure <= self.row.goal,
            Bound::AtLeast => figure >= self.row.goal,
        }
    }
}
