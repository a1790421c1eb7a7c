//! Functions in a file of Rust: where their bodies are, and the file with other ones.

use std::iter::zip;
use std::ops::Range;

use anyhow::{Context, ensure};
use common::wrap;
use syn::{Block, ImplItem, Item, Type};

/// A line of what is left in place of a body has at most so many columns.
const WIDTH: usize = 100;

/// Where the bodies of `functions` are in `text`, braces and all, in bytes. A method is written
/// `Type::method`.
pub fn bodies(text: &str, functions: &[&str]) -> anyhow::Result<Vec<Range<usize>>> {
    let begin = text.len() - text.trim_start_matches('\u{feff}').len();
    let file = syn::parse_file(text).map_err(|error| {
        let line = error.span().start().line;
        anyhow::anyhow!("it is no Rust yet: line {line}: {error}")
    })?;
    let mut found = Vec::new();
    collect(&file.items, &mut found);
    let body = |name: &&str| {
        let mut named = found.iter().filter(|(path, _)| path == name);
        let (_, block) = named.next().with_context(|| format!("there is no function {name}"))?;
        ensure!(named.next().is_none(), "there are two functions {name}");
        let braces = block.brace_token.span;
        let (open, close) = (braces.open().byte_range(), braces.close().byte_range());
        Ok(open.start + begin..close.end + begin)
    };
    let bodies: Vec<Range<usize>> = functions.iter().map(body).collect::<anyhow::Result<_>>()?;
    for Range { start, end } in bodies.iter().cloned() {
        let body = text.get(start..end).unwrap_or_default();
        ensure!(body.starts_with('{') && body.ends_with('}'), "a function is not where it seems");
    }
    Ok(bodies)
}

/// The names of all functions in `text`, methods as `Type::method`.
pub fn functions(text: &str) -> anyhow::Result<Vec<String>> {
    let mut found = Vec::new();
    let file = syn::parse_file(text).context("it is no Rust yet")?;
    collect(&file.items, &mut found);
    Ok(found.into_iter().map(|(name, _)| name).collect())
}

/// The functions and methods among `items`, and in modules among them.
fn collect<'a>(items: &'a [Item], found: &mut Vec<(String, &'a Block)>) {
    for item in items {
        match item {
            Item::Fn(function) => found.push((function.sig.ident.to_string(), &function.block)),
            Item::Impl(block) => {
                let Type::Path(path) = &*block.self_ty else { continue };
                let Some(name) = path.path.segments.last() else { continue };
                for item in &block.items {
                    if let ImplItem::Fn(method) = item {
                        let path = format!("{}::{}", name.ident, method.sig.ident);
                        found.push((path, &method.block));
                    }
                }
            }
            Item::Mod(module) => {
                let items = module.content.as_ref().map_or(&[][..], |(_, items)| items);
                collect(items, found);
            }
            _ => {}
        }
    }
}

/// `text` with `bodies` in place of those at `ranges`; all else stays as it is, byte for byte.
pub fn replaced(text: &str, ranges: &[Range<usize>], bodies: &[String]) -> String {
    let mut pairs: Vec<_> = zip(ranges, bodies).collect();
    pairs.sort_by_key(|(range, _)| range.start);
    let (mut all, mut rest) = (String::new(), 0);
    for (range, body) in pairs {
        all.push_str(&text[rest..range.start]);
        all.push_str(body);
        rest = range.end;
    }
    all + &text[rest..]
}

/// A body that only says what is to be done, for one that begins at `start` in `text`.
pub fn cut_body(text: &str, start: usize, todo: &str) -> String {
    let line = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    // A signature of several lines ends as far to the left as it begins.
    let indent: String = text[line..].chars().take_while(|c| *c == ' ').collect();
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let deep = format!("{newline}{indent}    ");
    let todo = [("\\", "\\\\"), ("\"", "\\\""), ("{", "{{"), ("}", "}}")]
        .iter()
        .fold(todo.to_owned(), |todo, (character, escaped)| todo.replace(character, escaped));
    let on_one_line = format!("todo!(\"{todo}\")");
    let inner = if indent.len() + 4 + on_one_line.len() <= WIDTH {
        on_one_line
    } else {
        let lines = wrap(&todo, WIDTH - indent.len() - 12);
        let text = lines.join(&format!(" \\{deep}     "));
        format!("todo!({deep}    \"{text}\"{deep})")
    };
    format!("{{{deep}{inner}{newline}{indent}}}")
}

/// The number of the line at `offset`, from 1.
pub fn line_of(text: &str, offset: usize) -> usize {
    1 + text[..offset].matches('\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "//! 다섯 — \"a { brace\"\n\nfn free() -> u32 { 1 }\n\nimpl<T> Counter<T> {\n    \
        /// { in a comment\n    pub fn increment(\n        &self,\n    ) {\n        let _ = '}';\n    \
        }\n}\nmod inner {\n    fn deep() {}\n}\n";

    #[test]
    fn a_body_is_found_by_the_name_of_its_function_and_its_type() {
        let names = ["free", "Counter::increment", "deep"];
        for text in [TEXT.to_owned(), TEXT.replace('\n', "\r\n"), format!("\u{feff}{TEXT}")] {
            let found = bodies(&text, &names).unwrap();
            let found: Vec<&str> = found.into_iter().map(|range| &text[range]).collect();
            assert_eq!(found[0], "{ 1 }");
            assert!(found[1].contains("let _ = '}';"), "{found:?}");
            assert_eq!(found[2], "{}");
        }
        assert_eq!(functions(TEXT).unwrap(), ["free", "Counter::increment", "deep"]);
        assert!(bodies(TEXT, &["increment"]).is_err(), "it is a method");
        let error = bodies("fn a() {\n    let = 1;\n}", &["a"]).unwrap_err().to_string();
        assert!(error.contains("line 2"), "{error}");
    }

    #[test]
    fn all_that_is_not_a_body_stays_byte_for_byte() {
        for text in [TEXT.to_owned(), TEXT.replace('\n', "\r\n")] {
            let ranges = bodies(&text, &["Counter::increment", "free"]).unwrap();
            let bodies: Vec<String> = ranges.iter().map(|r| text[r.clone()].to_owned()).collect();
            assert_eq!(replaced(&text, &ranges, &bodies), text);
            let other = replaced(&text, &ranges, &["{ new }".into(), "{ 2 }".into()]);
            assert_eq!(other.replace("{ new }", &bodies[0]).replace("{ 2 }", &bodies[1]), text);
        }
    }

    #[test]
    fn what_is_left_in_place_of_a_body_is_rust_of_the_same_line_endings() {
        for todo in ["short", &"a long \"word\" with \\ and {} ".repeat(20)] {
            for text in [TEXT.to_owned(), TEXT.replace('\n', "\r\n")] {
                let range = bodies(&text, &["Counter::increment"]).unwrap().remove(0);
                let body = cut_body(&text, range.start, todo);
                let cut = replaced(&text, &[range], &[body]);
                assert_eq!(cut.matches('\n').count(), cut.lines().count());
                assert_eq!(cut.matches("\r\n").count() > 0, text.contains("\r\n"));
                let range = bodies(&cut, &["Counter::increment"]).unwrap().remove(0);
                assert!(cut[range].contains("todo!("), "{cut}");
                assert!(cut.lines().all(|line| line.chars().count() <= WIDTH), "{cut}");
            }
        }
    }
}
