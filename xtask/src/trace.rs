//! `cargo xtask trace`: the spans in the Trace Event format, which Perfetto, `chrome://tracing` and
//! speedscope open.
//!
//! A process stands for a step, a thread for a lane. The spans are "complete events" with a beginning
//! and a duration in microseconds; those of one thread must lie inside or beside each other, so a lane
//! whose spans do otherwise is shown as several threads.

use std::cmp::Reverse;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use common::report::Report;
use common::timeline::{Span, by_lane};
use serde::Serialize;

use crate::item;
use crate::judge::Item;
use crate::outfile::OutFile;
use crate::packages::Packages;
use crate::run::Misbehaved;
use crate::table::Table;
use crate::verify::{Event, How, one_by_one, run_all};

#[derive(Debug, clap::Args)]
pub struct Trace {
    /// Which items to run, by number
    #[arg(value_name = "ITEM", value_parser = item, required = true)]
    items: Vec<&'static Item>,

    #[command(flatten)]
    how: How,

    /// The file to write (default: trace.json in the target folder)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs items and writes what their lanes recorded.
pub fn trace(options: &Trace) -> anyhow::Result<ExitCode> {
    let table = Table::new(false, false);
    let target = || Ok::<_, anyhow::Error>(Packages::ask()?.target().join("trace.json"));
    let path = options.out.clone().map_or_else(target, Ok)?;
    let out = OutFile::create(&path)?;
    let programs = options.how.programs(&options.items)?;
    let mut reports = Vec::new();
    run_all(&one_by_one(&options.items), &options.how.run(&programs), |event| {
        match event {
            Event::Running(line) => table.running(&line),
            Event::Finished(item, finished) => match finished.report {
                Ok(report) => reports.push(report),
                Err(Misbehaved(reason)) => bail!("item {}: {reason}", item.number),
            },
        }
        Ok(())
    })?;
    reports.sort_by_key(|report| report.item);
    let trace = trace_of(&reports);
    let path = out.finish(&serde_json::to_vec(&trace)?)?;
    let spans = trace.events.iter().filter(|event| event.phase == "X").count();
    table
        .line(&format!("{}: {spans} spans; open it in https://ui.perfetto.dev", path.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// The file.
#[derive(Debug, Serialize)]
struct TraceFile {
    #[serde(rename = "traceEvents")]
    events: Vec<TraceEvent>,
    #[serde(rename = "displayTimeUnit")]
    unit: &'static str,
}

/// One event: a span, or the name of a process or a thread.
#[derive(Debug, PartialEq, Serialize)]
struct TraceEvent {
    name: String,
    #[serde(rename = "cat", skip_serializing_if = "String::is_empty")]
    category: String,
    /// X: complete, with a beginning and a duration; M: metadata.
    #[serde(rename = "ph")]
    phase: &'static str,
    pid: usize,
    tid: usize,
    /// In microseconds, like the duration.
    #[serde(rename = "ts", skip_serializing_if = "Option::is_none")]
    start: Option<u64>,
    #[serde(rename = "dur", skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    args: Option<Arguments>,
}

#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
enum Arguments {
    Name { name: String },
    Order { sort_index: usize },
}

impl TraceEvent {
    fn metadata(name: &str, (pid, tid): (usize, usize), args: Arguments) -> Self {
        let (name, category) = (name.into(), String::new());
        let (start, duration) = (None, None);
        Self { name, category, phase: "M", pid, tid, start, duration, args: Some(args) }
    }

    /// Names a process or a thread, and says where it stands among the others.
    fn introduce(what: &str, name: String, ids: (usize, usize), order: usize) -> [Self; 2] {
        let order = Arguments::Order { sort_index: order };
        [
            Self::metadata(&format!("{what}_name"), ids, Arguments::Name { name }),
            Self::metadata(&format!("{what}_sort_index"), ids, order),
        ]
    }
}

fn trace_of(reports: &[Report]) -> TraceFile {
    let mut events = Vec::new();
    let steps =
        reports.iter().flat_map(|report| report.steps.iter().map(move |step| (report, step)));
    for (index, (report, step)) in steps.filter(|(_, step)| !step.spans.is_empty()).enumerate() {
        let pid = index + 1;
        let process = format!("{} {}", report.item, step.name);
        events.extend(TraceEvent::introduce("process", process.clone(), (pid, 0), pid));
        for (index, (lane, spans)) in threads(&step.spans).into_iter().enumerate() {
            let tid = index + 1;
            events.extend(TraceEvent::introduce("thread", lane, (pid, tid), tid));
            events.extend(spans.into_iter().map(|span| TraceEvent {
                name: span.label.clone(),
                category: process.clone(),
                phase: "X",
                pid,
                tid,
                start: Some(span.start_us),
                duration: Some(span.end_us - span.start_us),
                args: None,
            }));
        }
    }
    TraceFile { events, unit: "ms" }
}

/// The spans lane by lane, in the order of the lanes; a lane whose spans neither lie inside nor beside
/// each other is several.
fn threads(spans: &[Span]) -> Vec<(String, Vec<&Span>)> {
    let mut threads = Vec::new();
    for (lane, mut spans) in by_lane(spans) {
        spans.sort_by_key(|span| (span.start_us, Reverse(span.end_us)));
        let mut rows: Vec<Nested> = Vec::new();
        for span in spans {
            if !rows.iter_mut().any(|row| row.take(span)) {
                let mut row = Nested::default();
                row.take(span);
                rows.push(row);
            }
        }
        threads.extend(rows.into_iter().enumerate().map(|(row, Nested { spans, .. })| match row {
            0 => (lane.to_owned(), spans),
            row => (format!("{lane} ({})", row + 1), spans),
        }));
    }
    threads
}

/// Spans that lie inside or beside each other, in the order of their beginnings.
#[derive(Default)]
struct Nested<'a> {
    spans: Vec<&'a Span>,
    /// When those end that have not ended yet, the innermost last.
    open: Vec<u64>,
}

impl<'a> Nested<'a> {
    /// Takes `span`, which begins no earlier than those before it, if it fits.
    fn take(&mut self, span: &'a Span) -> bool {
        while self.open.pop_if(|end| *end <= span.start_us).is_some() {}
        let fits = self.open.last().is_none_or(|end| span.end_us <= *end);
        if fits {
            self.open.push(span.end_us);
            self.spans.push(span);
        }
        fits
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json, to_value};

    use super::*;

    fn span(lane: &str, label: &str, start_us: u64, end_us: u64) -> Value {
        json!({ "lane": lane, "label": label, "start_us": start_us, "end_us": end_us })
    }

    fn trace(steps: &Value) -> Vec<Value> {
        let report = json!({ "item": 54, "title": "T", "steps": steps });
        let trace = trace_of(&[serde_json::from_value(report).unwrap()]);
        to_value(trace).unwrap()["traceEvents"].as_array().unwrap().clone()
    }

    #[test]
    fn a_step_is_a_process_a_lane_a_thread_and_a_span_a_complete_event() {
        let steps = json!([
            { "name": "silent" },
            { "name": "race", "spans": [span("thread 0", "count", 12, 410)] },
        ]);
        assert_eq!(
            trace(&steps),
            [
                json!({ "name": "process_name", "ph": "M", "pid": 1, "tid": 0, "args": { "name": "54 race" } }),
                json!({ "name": "process_sort_index", "ph": "M", "pid": 1, "tid": 0, "args": { "sort_index": 1 } }),
                json!({ "name": "thread_name", "ph": "M", "pid": 1, "tid": 1, "args": { "name": "thread 0" } }),
                json!({ "name": "thread_sort_index", "ph": "M", "pid": 1, "tid": 1, "args": { "sort_index": 1 } }),
                json!({ "name": "count", "cat": "54 race", "ph": "X", "pid": 1, "tid": 1, "ts": 12, "dur": 398 }),
            ]
        );
    }

    #[test]
    fn spans_of_a_thread_lie_inside_or_beside_each_other() {
        let spans = [
            span("a", "outer", 0, 100),
            span("a", "inner", 10, 50),
            span("a", "across", 40, 120),
            span("a", "after", 120, 130),
            span("a", "moment", 130, 130),
        ];
        let events = trace(&json!([{ "name": "s", "spans": spans }]));
        let thread_of = |label: &str| {
            let event = events.iter().find(|event| event["name"] == label).unwrap();
            event["tid"].as_u64().unwrap()
        };
        let threads = ["outer", "inner", "across", "after", "moment"].map(thread_of);
        assert_eq!(threads, [1, 1, 2, 1, 1]);
        let names: Vec<_> = events.iter().filter(|event| event["name"] == "thread_name").collect();
        assert_eq!(names[1]["args"]["name"], "a (2)");
    }
}
