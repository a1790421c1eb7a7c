//! What happened, in the order in which it was noted.

use std::sync::{Mutex, PoisonError};

/// A list that several threads write.
#[derive(Debug, Default)]
pub struct Events(Mutex<Vec<&'static str>>);

impl Events {
    /// Writes down that `event` happens now.
    pub fn note(&self, event: &'static str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    /// All of them.
    pub fn in_order(self) -> Vec<&'static str> {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}
