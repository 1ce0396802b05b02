//! The table for people and the list for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::figure::{Bound, Measured, Spread};

/// The table.
pub(crate) fn table(all: &[Measured]) -> String {
    let mut rows = vec![[
        "id".to_owned(),
        "ours min/median/max".to_owned(),
        "theirs min/median/max".to_owned(),
        "unit".to_owned(),
        "ratio min/median/max".to_owned(),
        "goal".to_owned(),
        "met".to_owned(),
    ]];
    for measured in all {
        let row = &measured.row;
        rows.push([
            row.id.to_owned(),
            spread(measured.ours),
            spread(measured.theirs),
            row.unit.to_owned(),
            if row.is_absolute { "-".to_owned() } else { spread(measured.ratio) },
            goal(measured),
            if measured.is_met() { "yes" } else { "no" }.to_owned(),
        ]);
        for (name, figures, unit) in &measured.beside {
            let mut line = [const { String::new() }; 7];
            line[0] = format!("  {name}");
            line[1] = spread(*figures);
            line[3] = (*unit).to_owned();
            rows.push(line);
        }
    }
    let mut text = String::new();
    for row in &rows {
        for (column, cell) in row.iter().enumerate() {
            let width =
                rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            let width = width.max().unwrap_or_default();
            let _ = write!(text, "{cell:width$}  ");
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text.push('\n');
    for Measured { row, .. } in all {
        let _ = writeln!(text, "{}: {}, against {}", row.id, row.what, row.against);
    }
    text
}

/// One object for each row.
pub(crate) fn json(all: &[Measured]) -> Value {
    all.iter()
        .map(|measured| {
            let row = &measured.row;
            let mut object = json!({
                "id": row.id,
                "ours": measured.ours.median,
                "theirs": measured.theirs.median,
                "ratio": if row.is_absolute { Value::Null } else { measured.ratio.median.into() },
                "goal": row.goal,
                "unit": row.unit,
            });
            if let (Some(object), false) = (object.as_object_mut(), measured.beside.is_empty()) {
                let beside = measured.beside.iter();
                let beside: Value = beside
                    .map(|(name, figures, unit)| json!({ "name": name, "median": figures.median, "unit": unit }))
                    .collect();
                object.insert("beside".to_owned(), beside);
            }
            object
        })
        .collect()
}

/// What the goal is.
pub(crate) fn goal(measured: &Measured) -> String {
    let sign = match measured.row.bound {
        Bound::AtMost => "≤",
        Bound::AtLeast => "≥",
    };
    let unit = if measured.row.is_absolute { measured.row.unit } else { "×" };
    format!("{sign} {} {unit}", short(measured.row.goal))
}

fn spread(spread: Spread) -> String {
    format!("{} / {} / {}", short(spread.min), short(spread.median), short(spread.max))
}

/// Three digits that matter.
pub(crate) fn short(figure: f64) -> String {
    match figure.abs() {
        size if size >= 100.0 => format!("{figure:.0}"),
        size if size >= 10.0 => format!("{figure:.1}"),
        size if size >= 1.0 => format!("{figure:.2}"),
        _ => format!("{figure:.3}"),
    }
}
