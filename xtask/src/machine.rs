//! The machine on which the items run, as far as it says.

use std::env;
use std::ffi::CStr;
use std::process::Command;
use std::time::Duration;

use common::threads::cores;
use serde::{Deserialize, Serialize};

use crate::engine::child::printed;

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
        let name = rustix::system::uname();
        let [system, release] = [name.sysname(), name.release()].map(CStr::to_string_lossy);
        let system = format!("{system} {release}, {}", env::consts::ARCH);
        Self { system, processor: processor(), cores: cores(), rust: compiler() }
    }
}

/// The compiler that is used here, such as rustc 1.95.0.
fn compiler() -> String {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let said = printed(Command::new(rustc).arg("--version"), Duration::from_secs(10));
    let said = said.map(|said| String::from_utf8_lossy(&said.stdout).into_owned());
    let said = said.unwrap_or_default();
    said.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
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
    let mut command = Command::new("sysctl");
    let asked = command.args(["-n", "machdep.cpu.brand_string"]);
    let said = printed(asked, Duration::from_secs(10));
    said.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_and_the_compiler_say_what_they_are() {
        let uname = Command::new("uname").arg("-sr").output().unwrap().stdout;
        let Machine { system, rust, .. } = Machine::this();
        assert!(system.starts_with(&format!("{}, ", String::from_utf8_lossy(&uname).trim())));
        let version = rust.strip_prefix("rustc ").unwrap();
        assert!(version.starts_with("1.") && !version.contains(' '), "{rust}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn the_processor_has_the_name_that_the_system_knows() {
        let known = std::fs::read_to_string("/proc/cpuinfo").unwrap();
        let model = known.lines().find(|line| line.starts_with("model name"));
        assert_eq!(processor().is_empty(), model.is_none(), "some say nothing");
        assert!(model.unwrap_or_default().ends_with(&processor()));
    }
}
