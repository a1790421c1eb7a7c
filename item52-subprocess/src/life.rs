//! When a child lived, for the picture.

use std::time::Instant;

use common::timeline::{Lane, Lanes};

/// A child's lane. Begin it before the child is started, and end it when it has been waited for: then
/// the span is no shorter than the child's life.
pub(crate) struct Life<'lanes> {
    lane: Lane<'lanes>,
    start: Instant,
}

impl<'lanes> Life<'lanes> {
    pub(crate) fn begin(lanes: &'lanes Lanes, child: String) -> Self {
        Self { lane: lanes.lane(child), start: Instant::now() }
    }

    pub(crate) fn end(mut self) {
        self.lane.record_since("lives", self.start);
    }
}
