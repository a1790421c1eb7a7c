//! Code, coloured when the page is made: the page has no script that could do it later.

use std::sync::LazyLock;

use maud::{Markup, html};
use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxSet};

/// The kinds of words that have a look of their own, by the scopes that syntaxes give them, and the classes of
/// the page for them. The first that fits counts; all other words look alike.
const KINDS: [(&str, &str); 8] = [
    ("keyword.operator", ""),
    ("comment", "comment"),
    ("string", "string"),
    ("constant", "value"),
    ("keyword", "word"),
    ("storage", "word"),
    ("entity.name.function", "name"),
    ("support.macro", "name"),
];

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// `code` in `language`, as fences of Markdown name it.
pub fn coloured(language: &str, code: &str) -> Markup {
    let parts = parts(language, code).unwrap_or_else(|| vec![("", code.to_owned())]);
    html! {
        @for (class, text) in parts {
            @if class.is_empty() { (text) } @else { span class=(class) { (text) } }
        }
    }
}

/// The parts of `code` with their classes; none if the language is not known.
fn parts(language: &str, code: &str) -> Option<Vec<(&'static str, String)>> {
    let syntax = SYNTAXES.find_syntax_by_token(language)?;
    let kinds = KINDS.map(|(scope, class)| (Scope::new(scope).expect("it is one"), class));
    let class_of = |stack: &ScopeStack| {
        let innermost_first = stack.scopes.iter().rev();
        let mut known = innermost_first.filter_map(|scope| {
            kinds.iter().find(|(kind, _)| kind.is_prefix_of(*scope)).map(|(_, class)| *class)
        });
        known.next().unwrap_or_default()
    };
    let mut parts: Vec<(&'static str, String)> = Vec::new();
    let (mut state, mut stack) = (ParseState::new(syntax), ScopeStack::new());
    for line in code.split_inclusive('\n') {
        let changes = state.parse_line(line, &SYNTAXES).ok()?;
        let mut begin = 0;
        for (end, change) in
            changes.iter().map(|(end, change)| (*end, Some(change))).chain([(line.len(), None)])
        {
            let (class, text) = (class_of(&stack), &line[begin..end]);
            match parts.last_mut() {
                Some((last, known)) if *last == class => known.push_str(text),
                _ => parts.push((class, text.to_owned())),
            }
            if let Some(change) = change {
                stack.apply(change).ok()?;
            }
            begin = end;
        }
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_language_have_their_classes_and_nothing_is_lost() {
        let code = "fn main() {\n    let n = 1; // one <\n}\n";
        let coloured = coloured("rust", code).into_string();
        for part in [
            "<span class=\"name\">main</span>",
            "<span class=\"value\">1</span>",
            "<span class=\"comment\">// one &lt;\n</span>",
        ] {
            assert!(coloured.contains(part), "{part} in {coloured}");
        }
        let whole: String =
            parts("rust", code).expect("a language").into_iter().map(|(_, text)| text).collect();
        assert_eq!(whole, code);
        assert_eq!(coloured_as_is("no such language"), "a &lt; b");
    }

    fn coloured_as_is(language: &str) -> String {
        coloured(language, "a < b").into_string()
    }
}
