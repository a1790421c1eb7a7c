//! A file that is there whole, or as it was before.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use common::ending::{self, Owned};
use tempfile::{Builder, NamedTempFile};

/// A file to be written: under another name first, so that nobody ever sees half of it.
pub struct OutFile {
    path: PathBuf,
    temporary: NamedTempFile<File>,
    /// A signal must not leave the temporary file behind.
    _clean_up: Option<Owned>,
}

impl OutFile {
    /// Begins to write `path`. Done before the work of which the result is to be written: what can't
    /// be written is told at once.
    pub fn create(path: &Path) -> anyhow::Result<Self> {
        // A link stays a link: what it leads to is written.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        if path.exists() && !path.is_file() {
            bail!("cannot write {}: it is no ordinary file", path.display());
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut clean_up = None;
        let temporary = Builder::new().make_in(folder.unwrap_or(Path::new(".")), |path| {
            // Registered before there is a file: a signal may come between the two.
            let left_behind = path.to_owned();
            let remove = move || drop(fs::remove_file(left_behind));
            clean_up = Some(ending::clean_up(remove).map_err(io::Error::other)?);
            File::create_new(path)
        });
        let temporary = temporary.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path, temporary, _clean_up: clean_up })
    }

    /// Where it will be.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes all of it and puts it in its place.
    pub fn finish(mut self, content: &[u8]) -> anyhow::Result<PathBuf> {
        let written = self.temporary.write_all(content);
        let moved = written.and_then(|()| Ok(self.temporary.persist(&self.path).map(drop)?));
        moved.with_context(|| format!("cannot write {}", self.path.display()))?;
        Ok(self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_there_as_before_until_all_of_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.html");
        fs::write(&path, "old").unwrap();
        let file = OutFile::create(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        file.finish(b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(folder.path()), ["page.html"]);
    }

    #[test]
    fn what_was_given_up_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        drop(OutFile::create(&folder.path().join("page.html")).unwrap());
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn neither_a_folder_nor_a_device_is_replaced() {
        for path in [std::env::temp_dir().as_path(), Path::new("/dev/null")] {
            let error = OutFile::create(path).err().unwrap().to_string();
            assert!(error.contains("no ordinary file"), "{error}");
        }
    }
}
