//! Without `--table`: criterion measures, and draws a chart of each curve.

use std::process::exit;
use std::time::Duration;

use criterion::{AxisScale, BenchmarkId, Criterion, PlotConfiguration, SamplingMode};

use crate::curve::{Curve, Timed};

/// Measures `curve` with the flags that criterion knows (`--test`, a filter, `--save-baseline`).
pub fn draw(criterion: &mut Criterion, curve: &Curve) {
    let mut group = criterion.benchmark_group(curve.name);
    group.plot_config(PlotConfiguration::default().summary_scale(AxisScale::Logarithmic));
    group.sampling_mode(SamplingMode::Flat).sample_size(10);
    group.warm_up_time(Duration::from_millis(100)).measurement_time(Duration::from_secs(1));
    for way in &curve.ways {
        for &size in curve.sizes.iter().filter(|size| **size <= way.most) {
            // Criterion calls the closure again for each sample.
            let mut prepared: Option<Timed> = None;
            group.bench_with_input(BenchmarkId::new(way.name, size), &size, |bencher, &size| {
                bencher.iter_custom(|times| {
                    let timed = prepared.take().map_or_else(|| (way.at)(size), Ok);
                    let measured = timed.and_then(|mut timed| {
                        let took = timed(times)?;
                        prepared = Some(timed);
                        Ok(took)
                    });
                    measured.unwrap_or_else(|error| {
                        eprintln!("error: {} by {} at {size}: {error:#}", curve.name, way.name);
                        exit(1)
                    })
                });
            });
        }
    }
    group.finish();
}
