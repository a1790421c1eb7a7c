//! `cargo xtask trace`: the spans in the Trace Event format, which Perfetto, `chrome://tracing` and
//! speedscope open.
//!
//! A process stands for a step, a thread for a lane. The spans are "complete events" with a beginning
//! and a duration in microseconds; those of one thread must lie inside or beside each other, so a lane
//! whose spans do otherwise is shown as several threads.
//!
//! No two ids are the same in the whole file: Perfetto takes a thread with the id of its process for the
//! main thread, and puts it first.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::bail;
use common::report::Report;
use common::stdout::write_json;
use common::timeline::{Span, by_lane};
use serde_json::{Value, json};

use super::selection::Programs;
use crate::engine::cargo::Workspace;
use crate::engine::groups::progress;
use crate::judge::Item;
use crate::output::outfile::OutFile;
use crate::output::screen::Screen;

#[derive(Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    programs: Programs,

    /// The file to write, `-` for standard output (default: trace.json in the target folder)
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs items, one after the other, and writes what their lanes recorded.
pub fn trace(options: &Options, catalogue: &[Item]) -> anyhow::Result<ExitCode> {
    let items = options.programs.select(catalogue)?;
    let out = match options.out.as_deref() {
        Some(path) if path == Path::new("-") => None,
        Some(path) => Some(OutFile::create(path)?),
        None => Some(OutFile::create(&Workspace::here()?.target.join("trace.json"))?),
    };
    // Nothing is told where the trace itself goes to stdout.
    let screen = Screen::new(out.is_none());
    let built = options.programs.build(&items)?;
    let mut reports = Vec::new();
    for (index, item) in items.iter().enumerate() {
        screen.progress(&progress(&[item], &items[index + 1..]));
        match options.programs.run(item, &built).report {
            Ok(report) => reports.push(report),
            Err(reason) => bail!("item {}: {reason}", item.number),
        }
    }
    reports.sort_by_key(|report| report.item);
    let events = events_of(&reports);
    let trace = json!({ "traceEvents": events, "displayTimeUnit": "ms" });
    let Some(out) = out else {
        write_json(&trace)?;
        return Ok(ExitCode::SUCCESS);
    };
    let path = out.finish(&serde_json::to_vec(&trace)?)?;
    let spans = events.iter().filter(|event| event["ph"] == "X").count();
    screen
        .line(&format!("{}: {spans} spans; open it in https://ui.perfetto.dev", path.display()))?;
    Ok(ExitCode::SUCCESS)
}

/// In the format's unit, which is the microsecond.
const A_NANOSECOND: f64 = 0.001;

/// The events of all steps that have lanes: their names (M, metadata) and the spans (X, complete events).
fn events_of(reports: &[Report]) -> Vec<Value> {
    let mut events = Vec::new();
    let steps =
        reports.iter().flat_map(|report| report.steps.iter().map(move |step| (report, step)));
    let steps: Vec<_> = steps.filter(|(_, step)| !step.spans.is_empty()).collect();
    // The ids of the threads begin where those of the processes end.
    let mut tids = steps.len() + 1..;
    for (pid, (report, step)) in (1..).zip(&steps) {
        let process = format!("{} {}", report.item, step.name);
        events.extend(introduce("process", &process, (pid, tids.start), pid));
        for ((lane, spans), tid) in threads(&step.spans).into_iter().zip(&mut tids) {
            events.extend(introduce("thread", &lane, (pid, tid), tid));
            let starts: BTreeSet<u64> = spans.iter().map(|span| span.start_us).collect();
            events.extend(spans.into_iter().map(|span| {
                // speedscope loses a span that takes no time, and one that ends as its neighbour begins.
                let duration = match span.end_us - span.start_us {
                    0 => json!(A_NANOSECOND),
                    length if starts.contains(&span.end_us) => json!(length as f64 - A_NANOSECOND),
                    length => json!(length),
                };
                json!({ "name": span.label, "cat": process, "ph": "X", "pid": pid, "tid": tid,
                        "ts": span.start_us, "dur": duration })
            }));
        }
    }
    events
}

/// Names a process or a thread, and says where it stands among the others.
fn introduce(what: &str, name: &str, (pid, tid): (usize, usize), order: usize) -> [Value; 2] {
    let metadata = |key: &str, arguments: Value| {
        let name = format!("{what}_{key}");
        json!({ "name": name, "ph": "M", "pid": pid, "tid": tid, "args": arguments })
    };
    [
        metadata("name", json!({ "name": name })),
        metadata("sort_index", json!({ "sort_index": order })),
    ]
}

/// The spans lane by lane, in the order of the lanes; a lane whose spans neither lie inside nor beside
/// each other is several.
fn threads(spans: &[Span]) -> Vec<(String, Vec<&Span>)> {
    let mut threads = Vec::new();
    for (lane, mut spans) in by_lane(spans) {
        spans.sort_by_key(|span| (span.start_us, Reverse(span.end_us)));
        // Of each row the spans, and when those end that are still open, the innermost last.
        let mut rows: Vec<(Vec<&Span>, Vec<u64>)> = Vec::new();
        for span in spans {
            let place = rows.iter_mut().position(|(_, open)| {
                while open.pop_if(|end| *end <= span.start_us).is_some() {}
                open.last().is_none_or(|end| span.end_us <= *end)
            });
            let place = place.unwrap_or_else(|| {
                rows.push(Default::default());
                rows.len() - 1
            });
            rows[place].0.push(span);
            rows[place].1.push(span.end_us);
        }
        threads.extend(rows.into_iter().enumerate().map(|(row, (spans, _))| match row {
            0 => (lane.to_owned(), spans),
            row => (format!("{lane} ({})", row + 1), spans),
        }));
    }
    threads
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(lane: &str, label: &str, start_us: u64, end_us: u64) -> Value {
        json!({ "lane": lane, "label": label, "start_us": start_us, "end_us": end_us })
    }

    fn trace(steps: &Value) -> Vec<Value> {
        let report = json!({ "item": 54, "title": "T", "steps": steps });
        events_of(&[serde_json::from_value(report).unwrap()])
    }

    #[test]
    fn a_step_is_a_process_a_lane_a_thread_and_a_span_a_complete_event() {
        let steps = json!([
            { "name": "silent" },
            { "name": "race", "spans": [span("thread 0", "count", 12, 410),
                                        span("thread 0", "read", 410, 420),
                                        span("thread 0", "done", 430, 430)] },
        ]);
        assert_eq!(
            trace(&steps),
            [
                json!({ "name": "process_name", "ph": "M", "pid": 1, "tid": 2, "args": { "name": "54 race" } }),
                json!({ "name": "process_sort_index", "ph": "M", "pid": 1, "tid": 2, "args": { "sort_index": 1 } }),
                json!({ "name": "thread_name", "ph": "M", "pid": 1, "tid": 2, "args": { "name": "thread 0" } }),
                json!({ "name": "thread_sort_index", "ph": "M", "pid": 1, "tid": 2, "args": { "sort_index": 2 } }),
                json!({ "name": "count", "cat": "54 race", "ph": "X", "pid": 1, "tid": 2, "ts": 12, "dur": 397.999 }),
                json!({ "name": "read", "cat": "54 race", "ph": "X", "pid": 1, "tid": 2, "ts": 410, "dur": 10 }),
                json!({ "name": "done", "cat": "54 race", "ph": "X", "pid": 1, "tid": 2, "ts": 430, "dur": 0.001 }),
            ]
        );
    }

    #[test]
    fn no_thread_has_the_id_of_another_or_of_a_process() {
        let spans = [span("a", "work", 0, 9), span("b", "work", 0, 9)];
        let events = trace(&json!([{ "name": "s", "spans": spans },
                                   { "name": "t", "spans": spans }]));
        let ids = |what: &str, id: &str| -> Vec<u64> {
            let named = events.iter().filter(|event| event["name"] == what);
            named.map(|event| event[id].as_u64().unwrap()).collect()
        };
        assert_eq!(ids("process_name", "pid"), [1, 2]);
        assert_eq!(ids("thread_name", "tid"), [3, 4, 5, 6]);
        assert_eq!(ids("work", "tid"), [3, 4, 5, 6]);
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
        assert_eq!(threads, [2, 2, 3, 2, 2]);
        let names: Vec<_> = events.iter().filter(|event| event["name"] == "thread_name").collect();
        assert_eq!(names[1]["args"]["name"], "a (2)");
    }
}
