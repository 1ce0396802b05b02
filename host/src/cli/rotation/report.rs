//! What the commands print of a rotation.

use serde_json::json;
use tollgate_backends::rotation::{Plan, Progress, Step};

use super::super::{Failure, output, time};

/// Every step and how far it is.
pub(super) fn plan(plan: &Plan, as_json: bool) -> Result<(), Failure> {
    if as_json {
        let steps = plan.steps.iter().map(|step| {
            let (state, until) = match step.progress {
                Progress::Done => ("done", None),
                Progress::Now => ("now", None),
                Progress::NotBefore(until) => ("not-before", Some(until)),
                Progress::Later => ("later", None),
            };
            json!({ "step": step.name(), "text": step.text, "state": state, "notBefore": until })
        });
        return output::json(&json!({
            "underWay": plan.under_way,
            "steps": steps.collect::<Vec<_>>(),
            "notes": plan.notes,
        }));
    }
    for note in &plan.notes {
        output::line(format_args!("note: {note}"))?;
    }
    if !plan.under_way && !plan.begins() {
        output::line("no rotation is under way")?;
    }
    for step in &plan.steps {
        let state = match step.progress {
            Progress::Done => "done".to_owned(),
            Progress::Now => "to do now".to_owned(),
            Progress::NotBefore(until) => format!("not before {}", time::format(until)),
            Progress::Later => "later".to_owned(),
        };
        output::line(format_args!("{state:31}  {}", step.text))?;
    }
    Ok(())
}

/// A step that was done just now.
pub(super) fn done(step: &Step) -> Result<(), Failure> {
    output::line(format_args!("{:31}  {}", "done just now", step.text))
}

/// Until when `--wait` sleeps.
pub(super) fn waiting(until: u64) -> Result<(), Failure> {
    output::line(format_args!("waiting until {}", time::format(until)))
}

/// The last line.
pub(super) fn end(plan: &Plan) -> Result<(), Failure> {
    match plan.not_before() {
        Some(until) => output::line(format_args!(
            "nothing more can be done now: run `tollgate keys rotate --resume` after {}",
            time::format(until)
        )),
        None => output::line("no rotation is under way any more"),
    }
}
