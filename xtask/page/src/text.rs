//! Words for the page: bounded, and free of what could turn a line around.

use maud::{Markup, html};
use xtask::text::clean;

/// The most characters of the name of a lane or a label.
const NAME: usize = 24;

/// A name that has to share a line with others.
pub fn short(name: &str) -> String {
    let name = clean(name);
    if name.chars().count() <= NAME {
        return name;
    }
    name.chars().take(NAME - 1).chain(['…']).collect()
}

/// A text in which code stands between backticks, as in what a step says of itself.
pub fn with_code(text: &str) -> Markup {
    let text = clean(text);
    let parts: Vec<&str> = text.split('`').collect();
    // One that is left over is a backtick.
    if parts.len().is_multiple_of(2) {
        return html! { (text) };
    }
    html! {
        @for (index, part) in parts.into_iter().enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// A value that takes more than a line or two is folded up behind its beginning.
pub fn value(text: &str) -> Markup {
    /// Characters that are shown as they are, and those of a beginning.
    const PLAIN: usize = 160;
    const BEGINNING: usize = 60;
    let text = clean(text);
    if text.chars().count() <= PLAIN {
        return html! { (text) };
    }
    let beginning: String = text.chars().take(BEGINNING).collect();
    let whole_words = beginning.rsplit_once(' ').map_or(&*beginning, |(words, _)| words);
    html! { details.long { summary { (whole_words) " …" } (text) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_say_that_they_were_cut() {
        assert_eq!(short("thread 0"), "thread 0");
        let cut = short(&"x".repeat(10_000));
        assert!(cut.chars().count() == NAME && cut.ends_with('…'));
    }

    #[test]
    fn code_stands_between_two_backticks() {
        assert_eq!(with_code("`step` <fails>").into_string(), "<code>step</code> &lt;fails&gt;");
        assert_eq!(with_code("a ` alone").into_string(), "a ` alone");
    }

    #[test]
    fn only_long_values_are_folded_up() {
        assert_eq!(value("0, 0, 0").into_string(), "0, 0, 0");
        let folded = value(&"NUMBER < 8, ".repeat(20)).into_string();
        assert!(folded.starts_with("<details class=\"long\"><summary>NUMBER &lt; 8, NUMBER"));
        assert_eq!(folded.matches("NUMBER").count(), 25, "{folded}");
    }
}
