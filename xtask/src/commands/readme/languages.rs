//! A text in two languages, `README.md` and `README.ko.md`: what one of them has and the other lacks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::document::Language;

/// How the name of a text in Korean ends.
const KOREAN: &str = ".ko.md";

/// The Korean text beside that at `path`; none if `path` is Korean itself.
pub fn korean_beside(path: &Path) -> Option<PathBuf> {
    let is_korean = path.to_string_lossy().ends_with(KOREAN);
    (!is_korean).then(|| Language::Ko.path_of(path))
}

/// What each of two texts has and the other lacks: first where their structures part, then the commands in
/// their sentences, and the files to which they link.
pub fn differences((english, korean): (&str, &str)) -> Vec<String> {
    let mut differences = Vec::new();
    let (ours, theirs) = (structure(english), structure(korean));
    let part = ours.iter().zip(&theirs).position(|(our, their)| our.0 != their.0);
    if let Some(part) = part.or((ours.len() != theirs.len()).then(|| ours.len().min(theirs.len())))
    {
        let shown = |lines: &[(String, &str)]| {
            lines.get(part).map_or("its end", |(_, line)| line).to_owned()
        };
        differences.push(format!("at {:?} and {:?}", shown(&ours), shown(&theirs)));
    }
    for (what, of) in [("command", commands as fn(&str) -> BTreeSet<String>), ("link", links)] {
        let (ours, theirs) = (of(english), of(korean));
        for (who, lacks) in
            [("Korean", ours.difference(&theirs)), ("English", theirs.difference(&ours))]
        {
            differences.extend(lacks.map(|it| format!("the {who} text lacks the {what} {it}")));
        }
    }
    differences
}

/// The lines that both languages must have in the same order, each as what must be the same and as it stands:
/// headings of the same level, code without its comments, rows of tables, answers that are folded away.
fn structure(text: &str) -> Vec<(String, &str)> {
    let mut lines = Vec::new();
    let mut fence: Option<&str> = None;
    for line in text.lines() {
        let same = match (fence, line.strip_prefix("```")) {
            (Some(_), Some(_)) => {
                fence = None;
                continue;
            }
            (None, Some(language)) => {
                fence = Some(language);
                line
            }
            // An output is compared with what is printed; what must be the same is its command.
            (Some("console" | "text"), None) if !line.starts_with("$ ") => continue,
            (Some(_), None) => line.split(" # ").next().unwrap_or(line).trim(),
            (None, None) if line.starts_with('#') => line.split(' ').next().unwrap_or(line),
            (None, None) if line.starts_with('|') => "|",
            (None, None) if line.starts_with("<details>") => "<details>",
            (None, None) => continue,
        };
        // Of a comment that has a line to itself the words differ.
        let is_comment = fence == Some("sh") && same.starts_with('#');
        lines.push((if is_comment { "#" } else { same }.to_owned(), line));
    }
    lines
}

/// The commands that stand in sentences.
fn commands(text: &str) -> BTreeSet<String> {
    let code = text.split('`').skip(1).step_by(2);
    // A command may be broken at the end of a line.
    let code = code.map(|code| code.split_whitespace().collect::<Vec<_>>().join(" "));
    code.filter(|code| code.starts_with("cargo ") || code.starts_with("python3 ")).collect()
}

/// The addresses to which it links; those of texts in either language are the same.
fn links(text: &str) -> BTreeSet<String> {
    let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    links.map(|link| link.split('#').next().unwrap_or(link).replace(KOREAN, ".md")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: &str = "# Title\n\n[Korean](README.ko.md), [a word](GLOSSARY.md#a-word).\n\n## Run it\n\n\
        ```sh\ncargo test  # all\n```\n\nSay `cargo run`.\n\n```console\n$ cargo x\n1 s\n```\n\n\
        <details><summary>Answer</summary>\n\nNo.\n\n</details>\n\n| a |\n|---|\n";
    const KOREAN: &str = "# 제목\n\n[영어](README.md), [말](GLOSSARY.ko.md#말).\n\n## 실행\n\n\
        ```sh\ncargo test  # 모두\n```\n\n`cargo\nrun`이라 한다.\n\n```console\n$ cargo x\n2 s\n```\n\n\
        <details><summary>답</summary>\n\n아니다.\n\n</details>\n\n| 가 |\n|---|\n";

    #[test]
    fn words_may_differ() {
        assert_eq!(differences((ENGLISH, KOREAN)), Vec::<String>::new());
    }

    #[test]
    fn a_section_a_command_code_or_an_experiment_that_is_missing_is_named() {
        for (part, named) in [
            ("## 실행\n", "at \"## Run it\" and \"```sh\""),
            ("cargo test  # 모두\n", "at \"cargo test  # all\" and \"```console\""),
            ("$ cargo x\n", "at \"$ cargo x\" and \"<details>"),
            (
                "<details><summary>답</summary>",
                "at \"<details><summary>Answer</summary>\" and \"| 가 |\"",
            ),
            ("|---|\n", "at \"|---|\" and \"its end\""),
            ("`cargo\nrun`", "the Korean text lacks the command cargo run"),
            ("[말](GLOSSARY.ko.md#말)", "the Korean text lacks the link GLOSSARY.md"),
        ] {
            let without = KOREAN.replacen(part, "", 1);
            assert_ne!(without, KOREAN, "{part}");
            let differences = differences((ENGLISH, &without));
            assert!(differences.len() == 1 && differences[0].starts_with(named), "{differences:?}");
        }
        let more =
            differences((ENGLISH, &KOREAN.replace("`cargo\nrun`", "`cargo run`, `cargo bench`")));
        assert_eq!(more, ["the English text lacks the command cargo bench"]);
    }
}
