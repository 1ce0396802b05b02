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
            "signs": plan.signs,
            "remains": plan.remains,
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

/// The last lines: what remains to be done, and which key signs.
pub(super) fn end(plan: &Plan, replaced: Option<&str>) -> Result<(), Failure> {
    match (replaced, &plan.remains) {
        (Some(id), None) => output::line(format_args!("{id} is not in the key group any more"))?,
        (Some(id), Some(_)) => output::line(format_args!("{id} is still trusted"))?,
        (None, _) => {}
    }
    match (plan.not_before(), &plan.remains) {
        (Some(until), Some(id)) => output::line(format_args!(
            "nothing more can be done now: run `tollgate keys rotate --replace {id}` after {}, with the same times",
            time::format(until)
        ))?,
        (Some(until), None) => output::line(format_args!(
            "nothing more can be done now: run `tollgate keys rotate --resume` after {}",
            time::format(until)
        ))?,
        (None, _) => output::line("no rotation is under way any more")?,
    }
    match &plan.signs {
        Some(id) => output::line(format_args!("the key that signs now is {id}")),
        None => output::line("CloudFront knows no key that signs now"),
    }
}
