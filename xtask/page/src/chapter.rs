//! A chapter: a text of the workspace, which is Markdown, with what came of a run in the place of the output
//! that stands in it.

use std::path::{Component, Path};

use maud::{Markup, PreEscaped, Render, html};
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use xtask::document::{Chapter, Document, Language, Text};
use xtask::text::file_named;

use crate::code::coloured;

/// Where the links of texts lead.
pub struct Links<'a> {
    /// The path of each text that is a chapter, and the chapter's name.
    chapters: Vec<(&'a str, String)>,
    root: &'a str,
}

impl<'a> Links<'a> {
    pub fn of(document: &'a Document) -> Self {
        let chapters = document.chapters.iter();
        Self {
            chapters: chapters.map(|chapter| (&*chapter.text.path, name(chapter))).collect(),
            root: &document.root,
        }
    }

    /// The address of the file at `path`.
    pub fn file(&self, path: &str) -> String {
        format!("{}{path}", self.root)
    }

    /// Where a link in the text at `from` leads: into the page if the page has it, else to the file.
    fn address(&self, from: &str, link: &str) -> String {
        if link.contains("://") {
            return link.to_owned();
        }
        let (path, fragment) = link.split_once('#').unwrap_or((link, ""));
        let path = if path.is_empty() { from.to_owned() } else { joined(from, path) };
        let fragment = |sign: &str| match fragment {
            "" => String::new(),
            fragment => format!("{sign}{fragment}"),
        };
        match self.chapters.iter().find(|(known, _)| *known == path) {
            Some((_, name)) => format!("#{name}{}", fragment("-")),
            None => self.file(&path) + &fragment("#"),
        }
    }
}

/// The path that `link` means in the file at `from`.
fn joined(from: &str, link: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let folder = Path::new(from).parent().unwrap_or(Path::new(""));
    for part in folder.components().chain(Path::new(link).components()) {
        match part {
            Component::ParentDir => drop(parts.pop()),
            Component::Normal(part) => parts.extend(part.to_str()),
            _ => {}
        }
    }
    parts.join("/")
}

/// The name of a chapter, for links.
pub fn name(chapter: &Chapter) -> String {
    if let Some(item) = &chapter.item {
        return format!("item-{}", item.number);
    }
    // `common/GLOSSARY.md`, in any language; a README is called like its folder.
    let path = chapter.text.path.strip_suffix(".md").unwrap_or(&chapter.text.path);
    let path = path.strip_suffix(".ko").unwrap_or(path);
    let path = path.strip_suffix("/README").unwrap_or(path);
    slug(path.rsplit('/').next().unwrap_or(path))
}

/// The title of a chapter, of an item without its number.
pub fn title(chapter: &Chapter) -> &str {
    let heading = heading(&chapter.text);
    match &chapter.item {
        Some(item) => heading.split_once(": ").map_or(&*item.title, |(_, title)| title),
        None => heading,
    }
}

/// The first heading of a text.
pub fn heading(text: &Text) -> &str {
    let heading = text.markdown.lines().find_map(|line| line.strip_prefix("# "));
    heading.unwrap_or(&text.path)
}

/// What code hosts call a heading in links.
fn slug(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept.chars().filter(|sign| sign.is_alphanumeric() || " -_".contains(*sign));
    kept.map(|sign| if sign == ' ' { '-' } else { sign }).collect()
}

/// A part of a text.
enum Piece<'a> {
    /// All but code.
    Words(Vec<Event<'a>>),
    /// A block of code, and its language.
    Code(String, String),
}

/// A heading, with its level and what it says, and what follows it.
type Section<'a> = (Option<(HeadingLevel, Vec<Event<'a>>)>, Vec<Piece<'a>>);

/// A text that is being set.
pub struct Setting<'a> {
    pub text: &'a Text,
    /// The name of its chapter.
    pub name: &'a str,
    pub links: &'a Links<'a>,
    /// What stands in the place of the output of a command, if anything does.
    pub instead: &'a dyn Fn(&str) -> Option<Markup>,
    /// That of the page.
    pub language: Language,
}

impl Setting<'_> {
    /// All of it but its title.
    pub fn whole(&self) -> Markup {
        html! { @for section in self.sections() { (self.section(section)) } }
    }

    /// What stands before its first section.
    pub fn opening(&self) -> Markup {
        html! { @for section in self.sections().into_iter().take(1) { (self.section(section)) } }
    }

    /// The sections; the first has no heading.
    fn sections(&self) -> Vec<Section<'_>> {
        let mut sections: Vec<Section<'_>> = vec![(None, Vec::new())];
        let mut events = Parser::new_ext(&self.text.markdown, Options::ENABLE_TABLES).peekable();
        // Code in a list belongs to it.
        let mut depth = 0_usize;
        while let Some(mut event) = events.next() {
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    let words = until(&mut events, |end| matches!(end, TagEnd::Heading(_)));
                    if level > HeadingLevel::H1 {
                        let words = words.into_iter().map(|event| self.event(event)).collect();
                        sections.push((Some((level, words)), Vec::new()));
                    }
                    continue;
                }
                Event::Start(Tag::CodeBlock(kind)) if depth == 0 => {
                    let code = until(&mut events, |end| matches!(end, TagEnd::CodeBlock));
                    let language = match kind {
                        CodeBlockKind::Fenced(language) => language.into_string(),
                        CodeBlockKind::Indented => String::new(),
                    };
                    let piece = Piece::Code(language, plain(&code));
                    if let Some((_, pieces)) = sections.last_mut() {
                        pieces.push(piece);
                    }
                    continue;
                }
                Event::Start(Tag::Paragraph) => {
                    if let Some(paragraph) = self.foreign(events.peek()) {
                        event = Event::Html(paragraph.into());
                    }
                }
                Event::Start(Tag::List(_) | Tag::Item) => depth += 1,
                Event::End(TagEnd::List(_) | TagEnd::Item) => depth -= 1,
                _ => {}
            }
            if !matches!(&event, Event::Html(line) if line.starts_with("<p ")) {
                event = self.event(event);
            }
            let Some((_, pieces)) = sections.last_mut() else { continue };
            match pieces.last_mut() {
                Some(Piece::Words(words)) => words.push(event),
                _ => pieces.push(Piece::Words(vec![event])),
            }
        }
        sections
    }

    /// The tag of a paragraph that begins with these words, if it leads to the other language. A browser
    /// breaks and reads it otherwise.
    fn foreign(&self, words: Option<&Event<'_>>) -> Option<&'static str> {
        let (begin, tag) = match self.language {
            Language::En => ("한국어: ", "<p class=\"other\" lang=\"ko\">"),
            Language::Ko => ("English: ", "<p class=\"other\" lang=\"en\">"),
        };
        matches!(words, Some(Event::Text(words)) if words.starts_with(begin)).then_some(tag)
    }

    /// An event as the page has it: links lead where they lead from the page, images are their words, and of
    /// HTML there is only what folds an answer away.
    fn event<'e>(&self, event: Event<'e>) -> Event<'e> {
        match event {
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let dest_url = self.links.address(&self.text.path, &dest_url).into();
                Event::Start(Tag::Link { link_type, dest_url, title, id })
            }
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => Event::Text("".into()),
            Event::Html(line) | Event::InlineHtml(line) => folding(&line),
            other => other,
        }
    }

    fn section(&self, (heading, pieces): Section<'_>) -> Markup {
        // What is to be tried has its answers folded away; in whole it is folded, too.
        let is_folded = pieces.iter().any(|piece| match piece {
            Piece::Words(words) => words
                .iter()
                .any(|event| matches!(event, Event::Html(line) if line.starts_with("<details"))),
            Piece::Code(..) => false,
        });
        let Some((level, words)) = heading else {
            return html! { div.opening { (self.pieces(&pieces)) } };
        };
        let id = format!("{}-{}", self.name, slug(&plain(&words)));
        let words = set(words);
        html! {
            @if is_folded {
                details.folded id=(id) {
                    summary { h3 { (words) } }
                    (self.pieces(&pieces))
                }
            } @else {
                section id=(id) {
                    @if level == HeadingLevel::H2 { h3 { (words) } } @else { h4 { (words) } }
                    (self.pieces(&pieces))
                }
            }
        }
    }

    /// Python beside Rust, and all else below each other.
    fn pieces(&self, pieces: &[Piece<'_>]) -> Markup {
        let is_in = |piece: &Piece<'_>, languages: &[&str]| matches!(piece, Piece::Code(language, _) if languages.contains(&&**language));
        let all = |pieces: &[Piece<'_>]| html! { @for piece in pieces { (self.piece(piece)) } };
        let python = pieces.iter().position(|piece| is_in(piece, &["python"]));
        let rust = python.and_then(|python| {
            let rust = pieces[python..].iter().position(|piece| is_in(piece, &["rust"]))?;
            Some((python, python + rust))
        });
        let Some((python, rust)) = rust else { return all(pieces) };
        let last = pieces[rust..].iter().take_while(|piece| is_in(piece, &["rust"])).count();
        html! {
            (all(&pieces[..python]))
            div.beside {
                div { (all(&pieces[python..rust])) }
                div { (all(&pieces[rust..rust + last])) }
            }
            (all(&pieces[rust + last..]))
        }
    }

    fn piece(&self, piece: &Piece<'_>) -> Markup {
        match piece {
            Piece::Words(words) => set(words.iter().cloned()),
            Piece::Code(language, code) => self.code(language, code),
        }
    }

    fn code(&self, language: &str, code: &str) -> Markup {
        let command = code.lines().next().and_then(|line| line.strip_prefix("$ "));
        if let Some(instead) = command.and_then(self.instead) {
            return instead;
        }
        if let Some(command) = command {
            return html! {
                div.wide role="region" aria-label=(command) tabindex="0" { pre.terminal { code { (code) } } }
            };
        }
        let (first, rest) = code.split_once('\n').unwrap_or((code, ""));
        let file = file_named(first);
        let code = if file.is_some() { rest } else { code };
        html! {
            figure.code {
                @if let Some(file) = file {
                    figcaption { a href=(self.links.address(&self.text.path, file)) { (file) } }
                }
                pre { code { (coloured(language, code)) } }
            }
        }
    }
}

/// The events up to the end that was meant.
fn until<'a>(
    events: &mut impl Iterator<Item = Event<'a>>,
    is_end: impl Fn(&TagEnd) -> bool,
) -> Vec<Event<'a>> {
    events.take_while(|event| !matches!(event, Event::End(end) if is_end(end))).collect()
}

/// The words of events, without what they look like.
fn plain(events: &[Event<'_>]) -> String {
    let words = events.iter().filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) => Some(&**text),
        _ => None,
    });
    words.collect()
}

/// A line of HTML: as it is if it begins or ends what is folded away, else as words.
fn folding(line: &str) -> Event<'static> {
    let trimmed = line.trim();
    let summary =
        trimmed.strip_prefix("<details><summary>").and_then(|rest| rest.strip_suffix("</summary>"));
    let html = |html: String| Event::Html(CowStr::from(html));
    match (summary, trimmed) {
        (Some(words), _) => {
            html(format!("<details><summary>{}</summary>\n", words.render().into_string()))
        }
        (None, "</details>") => html("</details>\n".into()),
        (None, _) => Event::Text(line.to_owned().into()),
    }
}

/// Events as HTML.
fn set<'a>(events: impl IntoIterator<Item = Event<'a>>) -> Markup {
    let mut set = String::new();
    pulldown_cmark::html::push_html(&mut set, events.into_iter());
    PreEscaped(set)
}
