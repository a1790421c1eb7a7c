//! The machine on which the items run, as far as it says.

use std::env;

use common::threads::cores;
use serde::{Deserialize, Serialize};

use crate::run;

/// What figures depend on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Machine {
    /// The operating system and the architecture.
    pub system: String,
    /// The processor, by the name that its maker gave it; empty where that can't be told.
    #[serde(default)]
    pub processor: String,
    /// How many threads the machine lets this program run at the same time.
    pub cores: usize,
    /// The compiler that built the items.
    pub rust: String,
}

impl Machine {
    /// This one.
    pub fn this() -> Self {
        let (system, release) = run::system();
        let system = format!("{system} {release}, {}", env::consts::ARCH);
        Self { system, processor: processor(), cores: cores(), rust: run::compiler() }
    }
}

/// The name that the maker of the processor gave it.
#[cfg(target_os = "linux")]
fn processor() -> String {
    let information = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = information.lines().find_map(|line| line.strip_prefix("model name"));
    model.unwrap_or_default().trim_start_matches([' ', '\t', ':']).to_owned()
}

/// The same; macOS tells it by a command, and other systems may not.
#[cfg(not(target_os = "linux"))]
fn processor() -> String {
    let mut command = std::process::Command::new("sysctl");
    let asked = command.args(["-n", "machdep.cpu.brand_string"]);
    let said = run::printed(asked, std::time::Duration::from_secs(10));
    said.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned()).unwrap_or_default()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_processor_has_the_name_that_the_system_knows() {
        let known = std::fs::read_to_string("/proc/cpuinfo").unwrap();
        let model = known.lines().find(|line| line.starts_with("model name"));
        assert_eq!(processor().is_empty(), model.is_none(), "some say nothing");
        assert!(model.unwrap_or_default().ends_with(&processor()));
    }
}
