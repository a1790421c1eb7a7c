//! Which Python interpreters there are, and what they are.

use std::collections::BTreeSet;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::Beside;
use crate::engine::child::{Printed, printed};
use crate::judge::Python;
use crate::text::clean;

/// The oldest that the programs in Python are written for.
const OLDEST: (u32, u32) = (3, 8);

/// Prints the implementation and its version, with a `t` for a build that can do without the global lock;
/// whether that lock is on; and which file runs, however it is called. One string, for Python 2 prints
/// several as a tuple, and is to say that it is too old.
const ASK: &str = "import os, platform, sys, sysconfig; file = os.stat(sys.executable); \
    print('%s %s%s %s %d:%d' % (platform.python_implementation(), platform.python_version(), \
    't' if sysconfig.get_config_var('Py_GIL_DISABLED') else '', \
    'locked' if getattr(sys, '_is_gil_enabled', lambda: True)() else 'free', \
    file.st_dev, file.st_ino))";

/// A Python interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreter {
    pub path: OsString,
    /// `CPython`.
    pub implementation: String,
    /// `3.11.7`.
    pub version: String,
    /// Whether it has a global lock and the lock is switched on.
    is_locked: bool,
    /// The device and the inode of its file, which tell whether two paths are one interpreter.
    file: String,
    /// The part of its path that tells it apart from another interpreter of the same version; else empty.
    apart: String,
}

impl Interpreter {
    /// Which kind of Python it is, as far as claims depend on that.
    pub fn kind(&self) -> Python {
        match &*self.implementation {
            "CPython" if !self.is_locked => Python::FreeThreaded,
            "CPython" if numbers(&self.version) < vec![3, 10] => Python::UntilCPython39,
            "CPython" => Python::CPython,
            "PyPy" => Python::PyPy,
            _ => Python::Other,
        }
    }

    /// The head of its column: the version says enough of a `CPython`.
    pub fn head(&self) -> String {
        match &*self.implementation {
            "CPython" => format!("{}{}", self.version, self.apart),
            _ => self.to_string(),
        }
    }

    /// A line about a build that can do without the global lock.
    pub fn about_its_lock(&self) -> Option<String> {
        let means = if self.is_locked {
            "it could do without the global interpreter lock, which is switched on here"
        } else {
            "it has no global interpreter lock: threads compute at the same time"
        };
        self.version
            .ends_with('t')
            .then(|| format!("{}: a free-threaded build; {means}", self.head()))
    }
}

impl fmt::Display for Interpreter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.implementation, self.version, self.apart)
    }
}

/// An interpreter that was asked for and can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its path as the user gave it.
    pub path: String,
    /// Its version, where that is too old.
    version: Option<String>,
    reason: String,
}

impl Missing {
    fn new(path: &OsStr, version: Option<String>, reason: &str) -> Self {
        Self { path: clean(&path.to_string_lossy()), version, reason: clean(reason) }
    }

    /// Its version where it has said one, else the last part of its path.
    pub fn name(&self) -> &str {
        let last = || self.path.rsplit('/').next().unwrap_or(&self.path);
        self.version.as_deref().unwrap_or_else(last)
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.reason)
    }
}

/// The interpreters that a user asked for.
#[derive(Debug, Default)]
pub struct Interpreters {
    /// Those that were asked for, each file once.
    pub asked: Vec<Result<Interpreter, Missing>>,
    /// The versions that `all` has found, and that are too old.
    pub too_old: Vec<String>,
}

impl Interpreters {
    /// Asks each of `wanted` what it is.
    pub fn find(wanted: &[OsString]) -> Self {
        let mut found = Self::default();
        for path in wanted {
            if path == "all" {
                find_all(&mut found);
            } else {
                found.asked.push(ask(path));
            }
        }
        let mut seen = BTreeSet::new();
        found.asked.retain(|asked| {
            seen.insert(
                asked.as_ref().map_or_else(ToString::to_string, |python| python.file.clone()),
            )
        });
        found.tell_apart();
        found
    }

    /// Two of the same name get what their paths do not share.
    fn tell_apart(&mut self) {
        let all: Vec<(String, PathBuf)> =
            self.usable().map(|python| (python.to_string(), python.path.clone().into())).collect();
        for python in self.asked.iter_mut().flatten() {
            let alike = all.iter().filter(|(name, _)| *name == python.to_string());
            let mut paths: Vec<&Path> = alike.map(|(_, path)| &**path).collect();
            paths.sort();
            let [first, .., last] = paths[..] else { continue };
            let shared = first.components().zip(last.components()).take_while(|(a, b)| a == b);
            let rest: PathBuf = Path::new(&python.path).components().skip(shared.count()).collect();
            python.apart = format!(" {}", clean(&rest.to_string_lossy()));
        }
    }

    /// Rust, and the interpreters: those that can't be used as they were asked for.
    pub fn names(&self) -> Beside<String> {
        let name = |asked: &Result<Interpreter, Missing>| match asked {
            Ok(python) => python.to_string(),
            Err(missing) => missing.path.clone(),
        };
        Beside { rust: "Rust".into(), pythons: self.asked.iter().map(name).collect() }
    }

    /// What each of them is; nothing of one that can't be used.
    pub fn kinds(&self) -> Vec<Option<Python>> {
        self.asked.iter().map(|asked| asked.as_ref().ok().map(Interpreter::kind)).collect()
    }

    /// The commands that run an item under their names: its program in Rust, and its `script`, if there
    /// is one; none under an interpreter that can't be used.
    pub fn commands(
        &self,
        rust: &Path,
        script: Option<&Path>,
    ) -> Beside<(String, Option<Vec<OsString>>)> {
        let Beside { rust: name, pythons } = self.names();
        let run = |asked: &Result<Interpreter, _>| {
            Some(vec![asked.as_ref().ok()?.path.clone(), script?.into()])
        };
        let pythons = pythons.into_iter().zip(self.asked.iter().map(run)).collect();
        Beside { rust: (name, Some(vec![rust.into()])), pythons }
    }

    /// Those that can be used.
    pub fn usable(&self) -> impl Iterator<Item = &Interpreter> {
        self.asked.iter().filter_map(|asked| asked.as_ref().ok())
    }

    /// Those that can't be used.
    pub fn missing(&self) -> impl Iterator<Item = &Missing> {
        self.asked.iter().filter_map(|asked| asked.as_ref().err())
    }

    /// A line about those that are too old, if there are any.
    pub fn left_out(&self) -> Option<String> {
        let versions = self.too_old.join(", ");
        let (major, minor) = OLDEST;
        (!versions.is_empty()).then(|| format!("older than {major}.{minor}, left out: {versions}"))
    }
}

/// Nobody has named these interpreters, so one that can't be used is left out and is no failure.
fn find_all(found: &mut Interpreters) {
    let (mut all, mut too_old) = (Vec::new(), BTreeSet::new());
    for path in everywhere() {
        match ask(path.as_os_str()) {
            Ok(python) => all.push(python),
            Err(Missing { version: Some(version), .. }) => drop(too_old.insert(version)),
            Err(_) => {}
        }
    }
    if all.is_empty() {
        let reason = "found none on the PATH, and none of pyenv's";
        found.asked.push(Err(Missing::new(OsStr::new("all"), None, reason)));
    }
    all.sort_by_key(|python| (numbers(&python.version), python.version.clone()));
    found.asked.extend(all.into_iter().map(Ok));
    found.too_old.extend(too_old);
    found.too_old.sort_by_key(|version| numbers(version));
    found.too_old.dedup();
}

fn ask(path: &OsStr) -> Result<Interpreter, Missing> {
    let refused = |reason: &str| Missing::new(path, None, reason);
    let mut command = Command::new(path);
    command.args(["-c", ASK]);
    let Printed { status, stdout, .. } = printed(&mut command, Duration::from_secs(10))
        .map_err(|error| refused(&format!("cannot be run: {error}")))?;
    let status = status.map_err(|_| refused("did not say its version in time"))?;
    if !status.success() {
        return Err(refused(&format!("did not say its version ({status})")));
    }
    let said = String::from_utf8_lossy(&stdout);
    let words: Vec<String> = said.split_whitespace().map(clean).collect();
    let [implementation, version, lock, file] =
        words.try_into().map_err(|_| refused("did not say its version"))?;
    let (major, minor) = OLDEST;
    match numbers(&version)[..] {
        [of_it, and, ..] if (of_it, and) < OLDEST => {
            let reason =
                format!("too old: {implementation} {version}, but {major}.{minor} is the oldest");
            Err(Missing::new(path, Some(version), &reason))
        }
        [_, _, ..] => {
            let (is_locked, apart) = (lock != "free", String::new());
            Ok(Interpreter {
                path: path.to_owned(),
                implementation,
                version,
                is_locked,
                file,
                apart,
            })
        }
        _ => Err(refused("did not say its version")),
    }
}

/// The numbers 3, 11 and 7 of the version 3.11.7.
fn numbers(version: &str) -> Vec<u32> {
    version.trim_end_matches('t').split('.').map_while(|number| number.parse().ok()).collect()
}

/// The programs on the PATH that are named like a Python 3, and pyenv's interpreters.
fn everywhere() -> BTreeSet<PathBuf> {
    let entries = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten();
    let is_python = |entry: &fs::DirEntry| {
        let name = entry.file_name();
        let version = name.to_str().and_then(|name| name.strip_prefix("python3"));
        version.map(|version| version.trim_end_matches('t')).is_some_and(|version| {
            let minor = version.strip_prefix('.');
            version.is_empty() || minor.is_some_and(|minor| minor.parse::<u32>().is_ok())
        })
    };
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&path).flat_map(entries).filter(is_python);
    let home = || Some(PathBuf::from(env::var_os("HOME")?).join(".pyenv"));
    let pyenv = env::var_os("PYENV_ROOT").map(PathBuf::from).or_else(home);
    let of_pyenv = pyenv.into_iter().flat_map(|root| entries(root.join("versions")));
    let of_pyenv = of_pyenv.map(|entry| entry.path().join("bin/python3"));
    on_path.map(|entry| entry.path()).chain(of_pyenv).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_2_says_its_version_as_python_3_does() {
        if testing::python_is_missing() {
            return;
        }
        let said = |script: String| {
            let output = Command::new("python3").args(["-c", &script]).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        // There `print` is a statement, and what stands in brackets behind it is one value.
        let print = "print = lambda *of: sys.stdout.write(str(of if len(of) > 1 else of[0]))";
        let in_python_2 = said(format!("import sys\n{print}\n{ASK}"));
        assert!(in_python_2.starts_with(char::is_alphabetic), "{in_python_2}");
        assert_eq!(in_python_2, said(ASK.into()));
    }

    #[test]
    fn versions_are_ordered_as_numbers() {
        assert_eq!(numbers("3.11.7"), [3, 11, 7]);
        assert_eq!(numbers("3.13.0t"), [3, 13, 0]);
        assert!(numbers("3.9.18") < numbers("3.10.13"));
        assert!(numbers("3.11.2") < numbers("3.11.10"));
        assert_eq!(numbers("3.14.0rc1"), [3, 14]);
        assert!(numbers("nonsense").is_empty());
    }
}
