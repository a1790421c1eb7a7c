//! The page in a real browser, a headless Chromium. Where there is none, these tests say so and do
//! nothing.

use std::fs;
use std::io::{Write, stderr};
use std::sync::LazyLock;

use page::render;
use serde_json::{Value, json};
use xtask::document::Document;

use crate::devtools::{Browser, chromium};
use crate::fixture::{document, hostile, item, made, run_of, span, step, usual};
use crate::texts_of_this_workspace;

type Check = fn(&mut Browser);

/// All of these in one browser: to start one takes longer than most of them do.
#[test]
fn a_browser_shows_the_page_as_it_should() {
    let Some(chromium) = chromium() else {
        // Not `println!`, which is captured: whoever reads the result must know.
        let _ = writeln!(stderr(), "skipped: there is no Chromium");
        return;
    };
    let mut browser = Browser::start(&chromium);
    let claims: [(&str, Check); 11] = [
        ("the page complains of nothing and asks for nothing", complains_of_nothing),
        ("hostile reports do no harm", does_no_harm),
        ("a script that came in some other way is not run", runs_no_script),
        ("nothing overflows or touches on a phone, a tablet and a desk", fits_every_width),
        (
            "text has the measure of a book, and Python stands beside Rust where there is room",
            has_a_measure,
        ),
        ("Korean is broken between words, on a desk and on a phone", breaks_korean_between_words),
        ("what is rounded says its exact value when it is reached", says_what_is_exact),
        ("all words can be read in light and in dark", is_legible),
        ("all that can be used is reached by the keyboard, and seen to be", is_reached_by_keyboard),
        ("a screen reader knows what everything is", has_names),
        ("what is folded away on the screen is not on paper", prints_whole),
    ];
    for (claim, check) in claims {
        // Seen above the complaint of one that fails.
        println!("{claim}");
        check(&mut browser);
    }
}

static USUAL: LazyLock<String> = LazyLock::new(|| render(&usual()));
static HOSTILE: LazyLock<String> = LazyLock::new(|| render(&hostile()));

/// Shows `page` on a desk, in light.
fn show(browser: &mut Browser, page: &str) {
    let file = tempfile::Builder::new().suffix(".html").tempfile().expect("a file");
    fs::write(file.path(), page).expect("it is written");
    browser.resize(1440, 900);
    browser.emulate("screen", "light");
    browser.open(file.path());
}

/// Two steps, one on the scale of the other, and a lane with a thousand short spans.
fn small() -> Document {
    let staircase = (0..4).map(|n| span(format!("call {n}"), "wait", n * 1000, n * 1000 + 1000));
    let block = (0..4).map(|n| span(format!("call {n}"), "wait", 20_000, 21_000));
    let many = (0..1000).map(|n| span("worker", "count", 20_000 + 3 * n, 20_000 + 3 * n + 2));
    let at_once = step("at_once", block.chain(many).collect());
    document(vec![item(54, vec![step("in_a_row", staircase.collect()), at_once])])
}

/// Neither the console nor the network has heard of the page.
#[track_caller]
fn assert_quiet(browser: &mut Browser) {
    for event in ["Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"] {
        assert_eq!(browser.events(event), Vec::<Value>::new());
    }
    let page = browser.evaluate("location.href");
    let requests = browser.events("Network.requestWillBeSent");
    let addresses = requests.iter().map(|event| &event["params"]["request"]["url"]);
    let is_elsewhere = |address: &&Value| {
        **address != page && !address.as_str().is_some_and(|text| text.starts_with("data:"))
    };
    assert_eq!(addresses.filter(is_elsewhere).collect::<Vec<_>>(), Vec::<&Value>::new());
}

fn complains_of_nothing(browser: &mut Browser) {
    show(browser, &USUAL);
    assert_eq!(browser.evaluate("document.querySelectorAll('.item').length"), 13);
    browser.evaluate("document.querySelectorAll('details').forEach((all) => { all.open = true; })");
    assert_quiet(browser);
}

fn does_no_harm(browser: &mut Browser) {
    show(browser, &HOSTILE);
    assert_eq!(browser.evaluate("window.hacked ?? 'nothing'"), "nothing");
    let foreign =
        "document.querySelectorAll('img, iframe, script, b[onmouseover], [onclick]').length";
    assert_eq!(browser.evaluate(foreign), 0);
    assert_eq!(browser.evaluate("document.querySelectorAll('.item').length"), 9);
    assert_quiet(browser);
}

fn runs_no_script(browser: &mut Browser) {
    show(browser, &render(&small()));
    browser.evaluate(
        "(() => {
            const script = document.createElement('script');
            script.textContent = 'window.hacked = 5';
            document.body.append(script);
            document.body.insertAdjacentHTML('beforeend', '<img src=\"http://localhost/x.png\">');
        })()",
    );
    assert_eq!(browser.evaluate("window.hacked ?? 'nothing'"), "nothing");
    let complaints = Value::from(browser.events("Log.entryAdded")).to_string();
    assert!(complaints.contains("Content Security Policy"), "{complaints}");
}

/// The elements that reach beyond the window, but for those in a box that scrolls by itself.
const OVERFLOWING: &str = "[...document.body.querySelectorAll('*')]
    .filter((element) => !element.closest('.wide, .lanes, .unseen, .skip-to'))
    .filter((element) => {
        const { left, right, width } = element.getBoundingClientRect();
        return width > 0 && (left < -0.5 || right > document.documentElement.clientWidth + 0.5);
    })
    .map((element) => `${element.tagName}.${element.className} ${element.textContent.slice(0, 40)}`)
    .slice(0, 5)";

/// The words that take more than a line, of the names of facts and figures.
const BROKEN: &str = "[...document.querySelectorAll('.entries th')].flatMap((name) => {
    const text = name.firstChild;
    return [...text.data.matchAll(/\\S+/g)].filter((word) => {
        const range = document.createRange();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        return range.getClientRects().length > 1;
    }).map((word) => word[0]);
})";

/// The words of an axis that stand in those beside them.
const TOUCHING: &str = "[...document.querySelectorAll('.axis > div')].flatMap((axis) => {
    const shown = [...axis.children].filter((word) => getComputedStyle(word).visibility === 'visible');
    return shown.slice(1)
        .filter((word, n) => shown[n].getBoundingClientRect().right > word.getBoundingClientRect().left)
        .map((word) => axis.textContent);
})";

fn fits_every_width(browser: &mut Browser) {
    let mut alone = usual();
    made(&mut alone).pythons.clear();
    alone.items_mut().for_each(|item| item.pythons.clear());
    for (page, has_long_names) in [(&*USUAL, false), (&render(&alone), false), (&HOSTILE, true)] {
        show(browser, page);
        for width in [1440, 768, 390, 360, 320] {
            // A mark at half a million years is wider than the smallest phone has room for.
            if has_long_names && width < 360 {
                continue;
            }
            browser.resize(width, 800);
            assert_eq!(browser.evaluate(OVERFLOWING), json!([]), "at {width}");
            assert_eq!(browser.evaluate("document.documentElement.scrollWidth"), width);
            let touching = browser.evaluate(TOUCHING);
            assert!(has_long_names || touching == json!([]), "at {width}: {touching}");
        }
        if !has_long_names {
            assert_eq!(browser.evaluate(BROKEN), json!([]), "on a phone");
        }
    }
}

/// How many characters stand on the full lines of paragraphs: of each paragraph the longest line.
const LINES: &str = "[...document.querySelectorAll('article p')].flatMap((paragraph) => {
    const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
    const lines = new Map();
    while (walker.nextNode()) {
        const range = document.createRange();
        for (let n = 0; n < walker.currentNode.data.length; n += 1) {
            range.setStart(walker.currentNode, n);
            range.setEnd(walker.currentNode, n + 1);
            const { bottom } = range.getBoundingClientRect();
            lines.set(Math.round(bottom / 8), (lines.get(Math.round(bottom / 8)) ?? 0) + 1);
        }
    }
    return lines.size > 2 ? [Math.max(...lines.values())] : [];
})";

fn has_a_measure(browser: &mut Browser) {
    show(browser, &render(&texts_of_this_workspace(".md")));
    browser.evaluate("document.querySelectorAll('details').forEach((all) => { all.open = true; })");
    let lines = browser.evaluate(LINES);
    let lines: Vec<u64> = serde_json::from_value(lines).expect("numbers");
    assert!(lines.len() > 100, "{}", lines.len());
    let mean = lines.iter().sum::<u64>() as f64 / lines.len() as f64;
    assert!((60.0..=75.0).contains(&mean), "{mean}");
    assert!(lines.iter().all(|line| *line <= 90), "{lines:?}");

    let beside = "(() => {
        const [python, rust] = [...document.querySelector('.beside').children].map((it) => it.getBoundingClientRect());
        return rust.left > python.right ? 'beside' : rust.top >= python.bottom ? 'below' : 'in it';
    })()";
    assert_eq!(browser.evaluate(beside), "beside");
    let contents = "document.querySelector('.contents').getBoundingClientRect().top";
    browser.evaluate("window.scrollTo({ top: 5000, behavior: 'instant' })");
    assert_eq!(browser.evaluate(contents), 0, "the contents stay in sight");
    browser.resize(390, 800);
    assert_eq!(browser.evaluate(beside), "below");
    assert_eq!(browser.evaluate("document.querySelector('.contents').checkVisibility()"), false);
}

fn breaks_korean_between_words(browser: &mut Browser) {
    let page = render(&texts_of_this_workspace(".ko.md"));
    // The letters of Hangul with another of them before them, in the same word, on the line above.
    let broken = "[...document.querySelectorAll('article p')].flatMap((paragraph) => {
        const text = paragraph.firstChild;
        if (text?.nodeType !== Node.TEXT_NODE) return [];
        const top = (n) => {
            const range = document.createRange();
            range.setStart(text, n);
            range.setEnd(text, n + 1);
            return range.getBoundingClientRect().top;
        };
        return [...text.data.matchAll(/(?<=[가-힣])[가-힣]/g)]
            .filter(({ index }) => top(index) > top(index - 1) + 4)
            .map(({ index }) => text.data.slice(index - 8, index + 8));
    })";
    show(browser, &page);
    for width in [1440, 360] {
        browser.resize(width, 800);
        assert_eq!(browser.evaluate(OVERFLOWING), json!([]), "at {width}");
        assert_eq!(browser.evaluate("document.documentElement.scrollWidth"), width);
        assert_eq!(browser.evaluate(broken), json!([]), "at {width}");
    }
}

fn says_what_is_exact(browser: &mut Browser) {
    show(browser, &render(&small()));
    let said = "getComputedStyle(document.querySelector('.exact'), '::after').content";
    assert_eq!(browser.evaluate(said), "none");
    browser.evaluate("document.querySelector('.exact').focus()");
    assert_eq!(browser.evaluate(said), "\"0.1 s\"");
}

/// The texts whose contrast with what is behind them is below 4.5 : 1 (WCAG 2, 1.4.3).
const ILLEGIBLE: &str = "(() => {
    const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const luminance = (colour) => parts(colour).slice(0, 3)
        .map((value) => value / 255)
        .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, n) => sum + part * [0.2126, 0.7152, 0.0722][n], 0);
    const behind = (element) => {
        const colour = getComputedStyle(element).backgroundColor;
        return parts(colour)[3] === 0 ? behind(element.parentElement) : colour;
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const looked = [];
    while (walker.nextNode()) {
        const text = walker.currentNode;
        const element = text.parentElement;
        if (text.data.trim() === '' || element.matches('title')) continue;
        const [a, b] = [luminance(getComputedStyle(element).color), luminance(behind(element))];
        looked.push([(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), element.className, text.data]);
    }
    return { looked: looked.length, found: looked.filter(([contrast]) => contrast < 4.5).slice(0, 5) };
})()";

fn is_legible(browser: &mut Browser) {
    show(browser, &USUAL);
    browser.evaluate("document.querySelectorAll('details').forEach((all) => { all.open = true; })");
    let mut papers = Vec::new();
    for scheme in ["light", "dark"] {
        browser.emulate("screen", scheme);
        let read = browser.evaluate(ILLEGIBLE);
        assert!(read["looked"].as_u64() > Some(1_000), "{read}");
        assert_eq!(read["found"], json!([]), "{scheme}");
        papers.push(browser.evaluate("getComputedStyle(document.body).backgroundColor"));
    }
    assert_ne!(papers[0], papers[1], "dark is dark");
}

/// What can be used, of what is in sight.
const USABLE: &str = "[...document.querySelectorAll('a, summary, [tabindex]')]
    .filter((element) => element.checkVisibility())";

fn is_reached_by_keyboard(browser: &mut Browser) {
    show(browser, &render(&small()));
    let usable = browser.evaluate(&format!("{USABLE}.length")).as_u64().expect("a number");
    assert!(usable > 5, "{usable}");
    let mut before = Value::Null;
    for _ in 0..usable {
        browser.press_tab();
        let focus = browser.evaluate(&format!("{USABLE}.indexOf(document.activeElement)"));
        let is_seen = browser.evaluate(
            "document.activeElement.matches(':focus-visible') && getComputedStyle(document.activeElement).outlineStyle === 'solid'",
        );
        assert!(focus.as_i64() > before.as_i64().or(Some(-1)), "{focus} after {before}");
        assert_eq!(is_seen, true, "{focus}");
        before = focus;
    }
    assert_eq!(before, usable - 1, "each of them was reached");
}

fn has_names(browser: &mut Browser) {
    show(browser, &render(&small()));
    let root = browser.call("DOM.getDocument", &json!({}))["root"]["nodeId"].clone();
    let mut names_of = |role: &str| -> Vec<String> {
        let node = json!({ "nodeId": root, "role": role });
        let found = browser.call("Accessibility.queryAXTree", &node);
        let nodes = found["nodes"].as_array().expect("a list");
        let name = |node: &Value| node["name"]["value"].as_str().unwrap_or_default().to_owned();
        nodes.iter().map(name).collect()
    };
    for role in ["image", "link", "heading", "article", "navigation", "columnheader", "rowheader"] {
        let names = names_of(role);
        assert!(
            !names.is_empty() && names.iter().all(|name| !name.is_empty()),
            "{role}: {names:?}"
        );
    }
    assert_eq!(names_of("image").len(), 2, "a picture of each step, none of the thumbnails");
}

fn prints_whole(browser: &mut Browser) {
    let mut document = small();
    let item = document.items_mut().next().expect("an item");
    let report = run_of(item).report.as_mut().expect("a report");
    report.steps[0].facts.add("long", json!("word ".repeat(100)));
    show(browser, &render(&document));
    let height = "document.querySelector('.long').getBoundingClientRect().height";
    let folded = browser.evaluate(height).as_f64();
    browser
        .evaluate("document.querySelectorAll('.folded').forEach((all) => { all.open = false; })");
    let checks =
        "document.querySelector('.checks').checkVisibility({ contentVisibilityAuto: true })";
    assert_eq!(browser.evaluate(checks), false, "folded away");
    // An A4 page between margins.
    browser.resize(680, 960);
    browser.emulate("print", "dark");
    assert!(browser.evaluate(height).as_f64() > folded.map(|folded| 2.0 * folded));
    assert_eq!(browser.evaluate(checks), true);
    assert_eq!(browser.evaluate(OVERFLOWING), json!([]));
    assert_eq!(browser.evaluate(ILLEGIBLE)["found"], json!([]), "dark ink on white");
}
