//! The figures as a picture: how far each is from its goal.

use std::fmt::Write as _;

use crate::{
    figure::{Bound, Measured},
    report::{goal, short},
};

const WIDTH: f64 = 960.0;
const ROW: f64 = 30.0;
const TOP: f64 = 64.0;
/// Where the bars lie: names stand to the left, figures to the right.
const LEFT: f64 = 150.0;
const RIGHT: f64 = 560.0;
/// Factors beyond which a bar is cut off.
const MOST: f64 = 10.0;

const MET: &str = "#1a7f37";
const MISSED: &str = "#b35900";

/// An SVG document.
pub(crate) fn svg(all: &[Measured], machine: &str) -> String {
    let rows = u32::try_from(all.len()).unwrap_or(u32::MAX);
    let bottom = TOP + ROW * f64::from(rows);
    let lines: Vec<&str> = machine.lines().collect();
    let height = bottom + 30.0 + 15.0 * f64::from(u32::try_from(lines.len()).unwrap_or(u32::MAX));
    let goal_at = position(1.0);
    let mut text = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="system-ui, sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#ffffff"/>
<text x="16" y="26" font-size="17" font-weight="bold" fill="#1f2328">Tollgate beside what it replaces</text>
<text x="16" y="46" fill="#59636e">Each bar begins at the goal. To the right: better by that factor; to the left: short of it. The line is from the worst to the best round.</text>
"##
    );
    for factor in [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0] {
        let x = position(factor);
        let _ = writeln!(
            text,
            r##"<line x1="{x:.1}" y1="{TOP}" x2="{x:.1}" y2="{bottom}" stroke="{}"/>
<text x="{x:.1}" y="{:.1}" text-anchor="middle" font-size="11" fill="#59636e">{}</text>"##,
            if factor == 1.0 { "#1f2328" } else { "#d1d9e0" },
            bottom + 14.0,
            if factor == 1.0 { "goal".to_owned() } else { format!("{factor} ×") },
        );
    }
    let mut y = TOP;
    for measured in all {
        row(&mut text, measured, y, goal_at);
        y += ROW;
    }
    let mut y = bottom + 34.0;
    for line in lines {
        let _ = writeln!(
            text,
            r##"<text x="16" y="{y}" font-size="11" fill="#59636e">{}</text>"##,
            escaped(line)
        );
        y += 15.0;
    }
    text.push_str("</svg>\n");
    text
}

fn row(text: &mut String, measured: &Measured, top: f64, goal_at: f64) {
    let spread = measured.judged();
    let better = |figure: f64| match measured.row.bound {
        Bound::AtMost => measured.row.goal / figure,
        Bound::AtLeast => figure / measured.row.goal,
    };
    let end = position(better(spread.median));
    let (one, other) = (position(better(spread.min)), position(better(spread.max)));
    let color = if measured.is_met() { MET } else { MISSED };
    let (left, width) = (end.min(goal_at), (end - goal_at).abs().max(1.0));
    let (bar, middle) = (top + 7.0, top + 15.0);
    let _ = writeln!(
        text,
        r##"<text x="16" y="{base}" fill="#1f2328">{id}</text>
<rect x="{left:.1}" y="{bar}" width="{width:.1}" height="16" fill="{color}" fill-opacity="0.75"/>
<line x1="{from:.1}" y1="{middle}" x2="{to:.1}" y2="{middle}" stroke="#1f2328" stroke-width="2"/>
<text x="{beside}" y="{base}" fill="#1f2328">{ours} {unit} <tspan fill="#59636e">beside {theirs}: {figure}, goal {goal}</tspan></text>"##,
        base = top + 19.0,
        id = measured.row.id,
        from = one.min(other),
        to = one.max(other),
        beside = RIGHT + 24.0,
        ours = short(measured.ours.median),
        theirs = short(measured.theirs.median),
        unit = measured.row.unit,
        figure = match measured.row.is_absolute {
            true => short(spread.median),
            false => format!("{} ×", short(spread.median)),
        },
        goal = escaped(&goal(measured)),
    );
}

/// On a scale of factors, with the goal at 1.
fn position(factor: f64) -> f64 {
    let factor = factor.clamp(1.0 / MOST, MOST);
    f64::midpoint(LEFT, RIGHT) + factor.ln() / MOST.ln() * (RIGHT - LEFT) / 2.0
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
