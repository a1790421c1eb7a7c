//! What a page shows of an item's folder: its advice, and the files that a reader may want to open.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::document::SourceFile;
use crate::engine::cargo::IN_PYTHON;

/// The paragraph of an item's README that gives the advice.
pub fn advice(folder: &Path) -> String {
    const OPENING: &str = "**The advice.**";
    let text = fs::read_to_string(folder.join("README.md")).unwrap_or_default();
    let paragraph = text.split("\n\n").find_map(|paragraph| paragraph.strip_prefix(OPENING));
    let words: Vec<&str> = paragraph.unwrap_or_default().split_whitespace().collect();
    words.join(" ")
}

/// What a reader may want to open: the README, the story, the ideas, the Python. `root` is the folder of
/// the workspace.
pub fn files(folder: &Path, page: &Path, root: &Path) -> anyhow::Result<Vec<SourceFile>> {
    let sources = fs::read_dir(folder.join("src")).context("cannot list an item's source files")?;
    let mut sources: Vec<String> = sources
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "rs"))
        .collect();
    sources.sort_by_key(|name| (name != "main.rs", name != "lib.rs", name.clone()));
    let sources = sources.into_iter().map(|name| format!("src/{name}"));
    let all = ["README.md".to_owned()].into_iter().chain(sources).chain([IN_PYTHON.to_owned()]);
    let file = |path: String| {
        let text = fs::read_to_string(folder.join(&path)).ok()?;
        let address = address(&folder.join(&path), page.parent()?, root);
        Some(SourceFile { address, about: about(&text), path })
    };
    Ok(all.filter_map(file).collect())
}

/// The first sentence of what a source file says of itself.
fn about(text: &str) -> String {
    let lines = text.lines().map_while(|line| line.strip_prefix("//!"));
    let paragraph: Vec<&str> = lines.map(str::trim).take_while(|line| !line.is_empty()).collect();
    let paragraph = paragraph.join(" ");
    let sentence = paragraph.split_inclusive(". ").next().unwrap_or_default();
    sentence.trim().trim_end_matches(['.', ':']).to_owned()
}

/// The address of `file` for a page in `folder`. Where the page lies in the workspace, the address leads
/// from the page to the file, so that it is right also when the workspace has been moved.
fn address(file: &Path, folder: &Path, root: &Path) -> String {
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (file, folder, root) = (real(file), real(folder), real(root));
    let Ok(from) = folder.strip_prefix(&root) else {
        return format!("file://{}", percent_encoded(&file));
    };
    let up = "../".repeat(from.components().count());
    format!("{up}{}", percent_encoded(file.strip_prefix(&root).unwrap_or(&file)))
}

/// A path as a part of an address (RFC 3986, 2.1).
fn percent_encoded(path: &Path) -> String {
    let mut encoded = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) {
            encoded.push(char::from(*byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_it_is_in_its_first_sentence() {
        let text =
            "//! The race: five threads\n//! count. Without a lock.\n//!\n//! More.\n\nuse x;\n";
        assert_eq!(about(text), "The race: five threads count");
        assert_eq!(about("fn main() {}\n"), "");
    }

    #[test]
    fn an_item_has_its_advice_and_the_files_that_a_reader_opens() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        for name in ["race.rs", "lib.rs", "main.rs", "cost.rs"] {
            write(&format!("src/{name}"), "//! What it is: a file.\n");
        }
        write("src/notes.txt", "not a source file");
        write("README.md", "# Lock\n\nWords.\n\n**The advice.** Hold\na lock.\n\nMore.\n");
        assert_eq!(advice(folder.path()), "Hold a lock.");
        let files = files(folder.path(), Path::new("/page.html"), Path::new("/")).unwrap();
        let files: Vec<_> = files.iter().map(|file| (&*file.path, &*file.about)).collect();
        let about = "What it is: a file";
        assert_eq!(
            files,
            [
                ("README.md", ""),
                ("src/main.rs", about),
                ("src/lib.rs", about),
                ("src/cost.rs", about),
                ("src/race.rs", about),
            ]
        );
    }

    #[test]
    fn a_page_in_the_workspace_finds_the_files_wherever_that_is_moved() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let (file, target) = (root.join("README.md"), root.join("target"));
        assert_eq!(address(&file, &target, root), "../README.md");
        assert_eq!(address(&file, root, root), "README.md");
        let elsewhere = address(&file, Path::new("/"), root);
        assert!(elsewhere.starts_with("file:///") && elsewhere.ends_with("/README.md"));
    }

    #[test]
    fn what_an_address_may_not_hold_is_encoded() {
        assert_eq!(percent_encoded(Path::new("a b/ü\"<.rs")), "a%20b/%C3%BC%22%3C.rs");
    }
}
