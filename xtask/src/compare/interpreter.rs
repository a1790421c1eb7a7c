//! Which Python interpreters there are, and what they are.

use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::run::{self, Printed};
use crate::table::clean;

/// The oldest that the programs in Python are written for.
const OLDEST: (u32, u32) = (3, 8);

/// Prints the implementation and its version; a `t` for a build without the global lock.
const ASK: &str = "import platform, sysconfig; print(platform.python_implementation(), \
    platform.python_version() + ('t' if sysconfig.get_config_var('Py_GIL_DISABLED') else ''))";

/// A Python interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreter {
    pub path: OsString,
    /// `CPython`.
    pub implementation: String,
    /// `3.11.7`.
    pub version: String,
}

impl fmt::Display for Interpreter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.implementation, self.version)
    }
}

/// Asks each of `wanted` what it is. Returns those that can be used, each version once, and a line
/// for each that can't.
pub fn find(wanted: &[OsString]) -> (Vec<Interpreter>, Vec<String>) {
    let (mut found, mut missing) = (Vec::<Interpreter>::new(), Vec::new());
    for path in wanted {
        if path == "all" {
            // What is found and can't be used was not asked for by name.
            let all = everywhere().into_iter().filter_map(|path| ask(&path).ok());
            let mut all: Vec<Interpreter> = all.collect();
            all.sort_by_key(|python| (minor(&python.version), python.version.clone()));
            found.extend(all);
        } else {
            match ask(path) {
                Ok(interpreter) => found.push(interpreter),
                Err(reason) => {
                    missing.push(clean(&format!("{}: {reason}", path.to_string_lossy())));
                }
            }
        }
    }
    let mut seen = BTreeSet::new();
    found.retain(|python| seen.insert(python.to_string()));
    (found, missing)
}

fn ask(path: &OsStr) -> Result<Interpreter, String> {
    let mut command = Command::new(path);
    command.args(["-c", ASK]);
    let Printed { status, stdout, .. } = run::printed(&mut command, Duration::from_secs(10))
        .map_err(|error: io::Error| format!("cannot be run: {error}"))?;
    let status = status.map_err(|_| "did not say its version in time")?;
    if !status.success() {
        return Err(format!("did not say its version ({status})"));
    }
    let said = String::from_utf8_lossy(&stdout);
    let (implementation, version) = said.trim().split_once(' ').ok_or("did not say its version")?;
    match minor(version) {
        None => Err("did not say its version".into()),
        Some(version) if version < OLDEST => {
            Err(format!("too old: {}, but {}.{} is the oldest", said.trim(), OLDEST.0, OLDEST.1))
        }
        Some(_) => Ok(Interpreter {
            path: path.to_owned(),
            implementation: implementation.to_owned(),
            version: version.to_owned(),
        }),
    }
}

/// 3 and 11 of 3.11.7.
fn minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// What is called like a Python 3 on the PATH, and what pyenv has.
fn everywhere() -> Vec<OsString> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let mut found = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let version = name.strip_prefix("python3").map(|rest| rest.trim_end_matches('t'));
            let is_python = version.is_some_and(|version| {
                version.is_empty()
                    || version.strip_prefix('.').is_some_and(|minor| minor.parse::<u32>().is_ok())
            });
            if is_python {
                found.push(entry.path().into_os_string());
            }
        }
    }
    let home = || env::var_os("HOME").map(|home| PathBuf::from(home).join(".pyenv"));
    let pyenv = env::var_os("PYENV_ROOT").map(PathBuf::from).or_else(home);
    let versions = pyenv.map(|root| root.join("versions"));
    for entry in
        versions.and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten()
    {
        found.push(entry.path().join("bin/python3").into_os_string());
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_numbers() {
        assert_eq!(minor("3.11.7"), Some((3, 11)));
        assert_eq!(minor("3.13.0t"), Some((3, 13)));
        assert!(minor("3.9.18") < minor("3.10.13"));
        assert_eq!(minor("nonsense"), None);
    }
}
