//! The page in a real browser, a headless Chromium. Where there is none, these tests say so and do
//! nothing.

mod devtools;
#[path = "../fixture/mod.rs"]
mod fixture;

use std::io::{Write, stderr};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::NamedTempFile;
use xtask::document::Document;

use devtools::{Browser, chromium};
use fixture::{NONCE, document, hostile, item, span, step, usual};

/// A page in a browser.
struct Page {
    browser: Browser,
    _file: NamedTempFile,
}

/// Shows the page of `document`. There is none where there is no Chromium.
fn show(document: &Document) -> Option<Page> {
    show_with(true, document)
}

fn show_with(scripts: bool, document: &Document) -> Option<Page> {
    open(scripts, |file| {
        file.as_file().write_all(page::render(document, NONCE).as_bytes()).expect("written");
    })
}

/// Shows what `write` writes.
fn open(scripts: bool, write: impl FnOnce(&NamedTempFile)) -> Option<Page> {
    let Some(chromium) = chromium() else {
        // Not `println!`, which is captured: whoever reads the result must know.
        let _ = writeln!(stderr(), "skipped: there is no Chromium");
        return None;
    };
    let file = tempfile::Builder::new().suffix(".html").tempfile().expect("a file");
    write(&file);
    let mut browser = Browser::start(chromium);
    browser.resize(1440, 900);
    browser.run_scripts(scripts);
    browser.open(file.path());
    Some(Page { browser, _file: file })
}

impl Page {
    #[track_caller]
    fn evaluate(&mut self, expression: &str) -> Value {
        self.browser.evaluate(expression)
    }

    /// The words of the marks that show them.
    #[track_caller]
    fn shown(&mut self) -> Value {
        self.evaluate(
            "[...document.querySelectorAll('.m text')]
                .filter((text) => getComputedStyle(text).opacity === '1')
                .map((text) => text.textContent)",
        )
    }

    /// The middle of an element in the window, once it has been scrolled there.
    #[track_caller]
    fn middle_of(&mut self, element: &str) -> (f64, f64) {
        let middle = self.evaluate(&format!(
            "(() => {{
                const element = {element};
                element.scrollIntoView({{ block: 'center', behavior: 'instant' }});
                const {{ left, top, width, height }} = element.getBoundingClientRect();
                return [left + width / 2, top + height / 2];
            }})()"
        ));
        (middle[0].as_f64().expect("a number"), middle[1].as_f64().expect("a number"))
    }

    /// What the browser complained about.
    fn complaints(&mut self) -> Vec<Value> {
        ["Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"]
            .into_iter()
            .flat_map(|event| self.browser.events(event))
            .collect()
    }

    /// The addresses that it asked for, but for the page itself and what is in it.
    fn requests(&mut self) -> Vec<String> {
        let requests = self.browser.events("Network.requestWillBeSent");
        let addresses =
            requests.iter().filter_map(|event| event["params"]["request"]["url"].as_str());
        let from_elsewhere = |address: &&str| !address.starts_with("data:");
        let page = self.browser.evaluate("location.href");
        addresses
            .filter(from_elsewhere)
            .filter(|address| page != **address)
            .map(str::to_owned)
            .collect()
    }
}

/// Two steps, one on the scale of the other, and a lane with a thousand short spans.
fn small() -> Document {
    let staircase = (0..4).map(|n| span(format!("call {n}"), "wait", n * 1000, n * 1000 + 1000));
    let mut block: Vec<_> =
        (0..4).map(|n| span(format!("call {n}"), "wait", 20_000, 21_000)).collect();
    let many = (0..1000).map(|n| span("worker", "count", 20_000 + 3 * n, 20_000 + 3 * n + 2));
    block.extend(many);
    document(vec![item(54, vec![step("in_a_row", staircase.collect()), step("at_once", block)])])
}

const FIRST: &str = "document.querySelector('.m rect')";

/// Uses a page, and looks whether the browser complained of something or asked for something.
#[track_caller]
fn assert_quiet(page: &mut Page) {
    // It lives: a script that did not run would complain of nothing either.
    assert_eq!(page.evaluate("document.querySelector('.scripted').hidden"), false);
    page.evaluate("document.querySelectorAll('details').forEach((all) => { all.open = true; })");
    let (x, y) = page.middle_of(FIRST);
    page.browser.mouse("mouseMoved", (x, y));
    page.browser.drag((x - 10.0, y), x + 200.0);
    assert_eq!(page.evaluate("document.querySelector('.back').hidden"), false, "it has zoomed");
    assert_eq!(page.complaints(), Vec::<Value>::new());
    assert_eq!(page.requests(), Vec::<String>::new());
}

#[test]
fn the_page_complains_of_nothing_and_asks_for_nothing() {
    let Some(mut page) = show(&usual()) else { return };
    assert_eq!(page.evaluate("document.querySelectorAll('.item').length"), 13);
    assert_quiet(&mut page);
}

#[test]
fn nor_does_the_page_of_a_real_run() {
    let report = |file: &NamedTempFile| {
        let mut command = Command::new(env!("CARGO"));
        command.args(["xtask", "report", "53", "59", "--out"]).arg(file.path());
        let output = command.stdin(Stdio::null()).output().expect("cargo runs");
        assert!(output.status.success(), "{output:?}");
    };
    let Some(mut page) = open(true, report) else { return };
    assert_eq!(page.evaluate("document.querySelectorAll('.item').length"), 2);
    assert_eq!(page.evaluate("document.querySelectorAll('.growth').length"), 1, "the pool's sizes");
    assert_quiet(&mut page);
}

#[test]
fn what_a_span_is_appears_while_the_mouse_is_over_it() {
    let Some(mut page) = show(&small()) else { return };
    assert_eq!(page.shown(), json!([]));
    let second = page.middle_of("document.querySelectorAll('.m rect')[1]");
    page.browser.mouse("mouseMoved", second);
    assert_eq!(page.shown(), json!(["call 1 · wait · from 1 ms · 1 ms long"]));
    page.browser.mouse("mouseMoved", (1.0, 1.0));
    assert_eq!(page.shown(), json!([]));
}

#[test]
fn the_words_stand_below_the_lanes_and_inside_the_window() {
    let Some(mut page) = show(&small()) else { return };
    for width in [360, 1440] {
        page.browser.resize(width, 700);
        let (x, y) = page.middle_of(FIRST);
        page.browser.mouse("mouseMoved", (x, y));
        let place = page.evaluate(
            "(() => {
                const text = document.querySelector('.m text').getBoundingClientRect();
                const last = document.querySelectorAll('.m rect')[3].getBoundingClientRect();
                return [text.left >= 0 && text.right <= innerWidth, text.top >= last.bottom - 1,
                        document.elementFromPoint(text.left + 5, text.top + 5) !== null];
            })()",
        );
        assert_eq!(place, json!([true, true, true]), "{width}");
    }
}

#[test]
fn what_a_span_is_appears_on_keyboard_focus_and_the_arrows_move() {
    let Some(mut page) = show(&small()) else { return };
    let stops = page.evaluate("document.querySelectorAll('.picture .m[tabindex=\"0\"]').length");
    assert_eq!(stops, 1, "a picture is one stop of the Tab key");
    page.evaluate("document.querySelector('.run').scrollIntoView()");
    for _ in 0..20 {
        page.browser.press("Tab");
        if page.evaluate("document.activeElement.matches('.m')") == true {
            break;
        }
    }
    for (key, words) in [
        ("", "call 0 · wait · from 0 µs · 1 ms long"),
        ("ArrowDown", "call 1 · wait · from 1 ms · 1 ms long"),
        ("ArrowUp", "call 0 · wait · from 0 µs · 1 ms long"),
        ("ArrowRight", "call 0 · wait · from 0 µs · 1 ms long"),
        ("ArrowDown", "call 1 · wait · from 1 ms · 1 ms long"),
        ("ArrowDown", "call 2 · wait · from 2 ms · 1 ms long"),
        ("ArrowDown", "call 3 · wait · from 3 ms · 1 ms long"),
        ("ArrowDown", "call 0 · wait · from 0 µs · 1 ms long"),
        ("ArrowDown", "call 1 · wait · from 0 µs · 1 ms long"),
        ("ArrowDown", "call 2 · wait · from 0 µs · 1 ms long"),
        ("ArrowDown", "call 3 · wait · from 0 µs · 1 ms long"),
        ("End", "call 3 · wait · from 0 µs · 1 ms long"),
    ] {
        if !key.is_empty() {
            page.browser.press(key);
        }
        assert_eq!(page.shown(), json!([words]), "{key}");
    }
    // From the last lane of the spans to the one of a thousand short ones.
    page.browser.press("ArrowDown");
    let shown = page.shown().to_string();
    assert!(
        shown.contains("worker · 42 × count · from ") && shown.contains("67 % busy"),
        "{shown}"
    );
    page.browser.press("Tab");
    assert_eq!(page.evaluate("document.activeElement.matches('.m')"), false, "one stop");
}

#[test]
fn a_screen_reader_knows_what_each_mark_is() {
    let Some(mut page) = show(&small()) else { return };
    let document = page.browser.call("DOM.getDocument", &json!({}));
    let node = json!({ "nodeId": document["root"]["nodeId"], "role": "option" });
    let found = page.browser.call("Accessibility.queryAXTree", &node);
    let names: Vec<&str> = found["nodes"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|node| node["name"]["value"].as_str())
        .collect();
    assert_eq!(names.len(), page.evaluate("document.querySelectorAll('.m').length"));
    assert!(names.contains(&"call 3 · wait · from 3 ms · 1 ms long"), "{names:?}");
}

/// The lanes and the axis; which of the marks the Tab key reaches is no part of the drawing.
const DRAWING: &str =
    "document.querySelector('.groups').outerHTML.replaceAll(/ tabindex=\"-?\\d\"/g, '')";

#[test]
fn dragging_zooms_and_a_click_leads_back() {
    let Some(mut page) = show(&small()) else { return };
    let whole = page.evaluate(DRAWING);
    let count = "document.querySelectorAll('.m').length";
    let marks = page.evaluate(count).as_u64().expect("a number");
    let crowd = "document.querySelectorAll('.many')[5]";
    let (x, y) = page.middle_of(crowd);
    page.browser.drag((x, y), x + 30.0);
    let range = page.evaluate("document.querySelector('.range').textContent");
    assert!(range.as_str().expect("words").starts_with("From "), "{range}");
    let zoomed = page.evaluate(count).as_u64().expect("a number");
    assert!(zoomed > 0 && zoomed != marks, "{zoomed} of {marks}");
    let alone = "[...document.querySelectorAll('.m text')].some((text) => /count .* 2 µs long/.test(text.textContent))";
    assert_eq!(page.evaluate(alone), true, "spans of the crowd stand alone now");

    let back = page.middle_of("document.querySelector('.back')");
    page.browser.mouse("mouseMoved", back);
    page.browser.mouse("mousePressed", back);
    page.browser.mouse("mouseReleased", back);
    // Drawn by the script now: it must draw as the program did.
    assert_eq!(page.evaluate(DRAWING), whole);
    assert_eq!(page.evaluate("document.querySelector('.range').textContent"), "");
    assert_eq!(page.evaluate("document.querySelector('.back').hidden"), true);

    let (x, y) = page.middle_of(crowd);
    page.browser.drag((x, y), x + 30.0);
    assert_ne!(page.evaluate(DRAWING), whole);
    // Below the last lane.
    page.browser.mouse("mousePressed", (x, y + 20.0));
    page.browser.mouse("mouseReleased", (x, y + 20.0));
    assert_eq!(page.evaluate(DRAWING), whole, "a click between the marks leads back, too");
}

#[test]
fn keys_zoom_where_the_focus_is_and_lead_back() {
    let Some(mut page) = show(&small()) else { return };
    let whole = page.evaluate(DRAWING);
    page.evaluate("document.querySelectorAll('.m')[2].focus()");
    for _ in 0..3 {
        page.browser.press("+");
    }
    let words = json!(["call 2 · wait · from 2 ms · 1 ms long"]);
    assert_eq!(page.shown(), words, "the focus stays");
    assert_eq!(
        page.evaluate("document.querySelector('.range').textContent"),
        "From 2.25 ms to 2.75 ms"
    );
    page.browser.press("-");
    assert_eq!(page.evaluate("document.querySelector('.range').textContent"), "From 2 ms to 3 ms");
    page.browser.press("0");
    assert_eq!(page.evaluate(DRAWING), whole);
    assert_eq!(page.shown(), words);
    for _ in 0..40 {
        page.browser.press("+");
    }
    let range = page.evaluate("document.querySelector('.range').textContent");
    let closest = ["From 2.495 ms to 2.505 ms", "From 2.496 ms to 2.506 ms"];
    assert!(closest.iter().any(|closest| range == *closest), "ten microseconds: {range}");
    page.browser.press("Escape");
    assert_eq!(page.evaluate(DRAWING), whole);
}

#[test]
fn the_script_draws_every_picture_as_the_program_did() {
    let Some(mut page) = show(&usual()) else { return };
    let all = "[...document.querySelectorAll('.groups')].map((groups) => groups.outerHTML.replaceAll(/ tabindex=\"-?\\d\"/g, ''))";
    let drawn = page.evaluate(all);
    let pictures = drawn.as_array().expect("a list").len();
    assert_eq!(pictures, 13);
    for picture in 0..pictures {
        page.evaluate(&format!(
            "document.querySelectorAll('.groups')[{picture}].querySelector('.m').focus()"
        ));
        page.browser.press("+");
        page.browser.press("0");
    }
    let again = page.evaluate(all);
    for (picture, drawn) in drawn.as_array().expect("a list").iter().enumerate() {
        assert_eq!(&again[picture], drawn, "picture {picture}");
    }
}

#[test]
fn without_a_script_everything_but_the_zoom_is_there() {
    let Some(mut page) = show_with(false, &small()) else { return };
    assert_eq!(page.evaluate("document.querySelector('.scripted').hidden"), true);
    let first = page.middle_of(FIRST);
    page.browser.mouse("mouseMoved", first);
    assert_eq!(page.shown(), json!(["call 0 · wait · from 0 µs · 1 ms long"]));
    page.browser.mouse("mouseMoved", (1.0, 1.0));
    for _ in 0..20 {
        page.browser.press("Tab");
        if page.evaluate("document.activeElement.matches('.m')") == true {
            break;
        }
    }
    assert_eq!(page.shown(), json!(["call 0 · wait · from 0 µs · 1 ms long"]));
    page.browser.press("Tab");
    assert_eq!(page.shown(), json!(["call 1 · wait · from 1 ms · 1 ms long"]));
}

/// The elements that reach beyond the window, but for those in a box that scrolls by itself.
const OVERFLOWING: &str = "[...document.body.querySelectorAll('*')]
    .filter((element) => !element.closest('.wide, .lane, .unseen, .skip-to'))
    .filter((element) => {
        const { left, right, width } = element.getBoundingClientRect();
        return width > 0 && (left < -0.5 || right > document.documentElement.clientWidth + 0.5);
    })
    .map((element) => `${element.tagName}.${element.getAttribute('class')} ${element.textContent.slice(0, 40)}`)
    .slice(0, 5)";

#[test]
fn nothing_overflows_on_a_phone_a_tablet_and_a_desk() {
    for document in [usual(), hostile()] {
        let Some(mut page) = show(&document) else { return };
        for width in [360, 768, 1440] {
            page.browser.resize(width, 800);
            assert_eq!(page.evaluate(OVERFLOWING), json!([]), "at {width}");
            assert_eq!(page.evaluate("document.documentElement.scrollWidth"), width);
        }
    }
}

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

#[test]
fn no_word_of_a_name_is_broken_on_a_phone() {
    let mut alone = usual();
    alone.pythons.clear();
    alone.items.iter_mut().for_each(|item| item.pythons.clear());
    for document in [usual(), alone] {
        let Some(mut page) = show(&document) else { return };
        page.browser.resize(360, 800);
        assert_eq!(page.evaluate(BROKEN), json!([]));
    }
}

/// The words of an axis that stand in those beside them.
const TOUCHING: &str = "[...document.querySelectorAll('.axis > div')].flatMap((axis) => {
    const shown = [...axis.children].filter((word) => getComputedStyle(word).visibility === 'visible');
    return shown.slice(1)
        .filter((word, n) => shown[n].getBoundingClientRect().right > word.getBoundingClientRect().left)
        .map((word) => axis.textContent);
})";

#[test]
fn the_words_of_an_axis_stand_apart() {
    // As many words as there can be, the last of them at the end.
    let lengths = [500_000, 590_000, 2_628, 1_000_000, 42_000_000, 99, 195_485];
    let steps =
        lengths.iter().map(|&length| step(&length.to_string(), vec![span("a", "b", 0, length)]));
    let mut steps: Vec<_> = steps.collect();
    let items = (54..).zip(steps.drain(..)).map(|(number, step)| item(number, vec![step]));
    let Some(mut page) = show(&document(items.collect())) else { return };
    for width in [360, 768, 1440] {
        page.browser.resize(width, 800);
        assert_eq!(page.evaluate(TOUCHING), json!([]), "at {width}");
    }
    page.browser.resize(360, 800);
    for picture in 0..lengths.len() {
        page.evaluate(&format!(
            "document.querySelectorAll('.groups')[{picture}].querySelector('.m').focus()"
        ));
        for _ in 0..3 {
            page.browser.press("+");
            assert_eq!(page.evaluate(TOUCHING), json!([]), "zoomed");
        }
    }
}

/// The texts whose contrast with what is behind them is below 4.5 : 1 (WCAG 2, 1.4.3).
const ILLEGIBLE: &str = "(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = (colour) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (colour) => {
        const [r, g, b] = colour.map((value) => {
            const part = value / 255;
            return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
        for (let at = element; at; at = at.parentElement) {
            // A mark has the colour of its label, which is not behind its words.
            if (at.closest('svg')) continue;
            const colour = rgba(getComputedStyle(at).backgroundColor);
            if (colour[3] === 255) return colour;
        }
        return rgba('Canvas');
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    let looked = 0;
    while (walker.nextNode()) {
        const text = walker.currentNode;
        const element = text.parentElement;
        if (text.data.trim() === '' || element.closest('script, style, title')) continue;
        looked++;
        const style = getComputedStyle(element);
        const colour = rgba(element.closest('svg') ? style.fill : style.color);
        const [a, b] = [luminance(colour), luminance(behind(element))];
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (contrast < 4.5 || colour[3] < 255)
            found.push(`${contrast.toFixed(2)} ${element.className} ${text.data.slice(0, 30)}`);
    }
    return { looked, found: found.slice(0, 5) };
})()";

#[test]
fn all_words_can_be_read_in_light_and_in_dark() {
    let Some(mut page) = show(&usual()) else { return };
    page.evaluate(
        "document.querySelectorAll('[hidden]').forEach((all) => { all.hidden = false; })",
    );
    let mut papers = Vec::new();
    for scheme in ["light", "dark"] {
        page.browser.prefer(scheme);
        let read = page.evaluate(ILLEGIBLE);
        assert!(read["looked"].as_u64() > Some(1_000), "{read}");
        assert_eq!(read["found"], json!([]), "{scheme}");
        papers.push(page.evaluate("getComputedStyle(document.body).backgroundColor"));
    }
    assert_ne!(papers[0], papers[1], "dark is dark");
}

#[test]
fn hostile_reports_do_no_harm() {
    let Some(mut page) = show(&hostile()) else { return };
    assert_eq!(page.evaluate("window.hacked ?? 'nothing'"), "nothing");
    assert_eq!(page.evaluate("document.querySelectorAll('img, iframe, b[onmouseover], script:not([nonce]):not(.spans)').length"), 0);
    assert_eq!(page.evaluate("document.querySelectorAll('.item').length"), 9);
    // A hundred thousand spans can be looked at closely, and fifty thousand labels.
    for item in ["#item-2", "#item-9"] {
        page.evaluate(&format!("document.querySelector('{item} .m').focus()"));
        page.browser.press("+");
        page.browser.press("+");
        let range = format!("document.querySelector('{item} .range').textContent");
        assert_ne!(page.evaluate(&range), "");
        page.browser.press("0");
    }
    assert_eq!(page.complaints(), Vec::<Value>::new());
    assert_eq!(page.requests(), Vec::<String>::new());
}

#[test]
fn a_script_that_came_in_some_other_way_is_not_run() {
    let Some(mut page) = show(&small()) else { return };
    page.evaluate(
        "(() => {
            const script = document.createElement('script');
            script.textContent = 'window.hacked = 5';
            document.body.append(script);
            document.body.insertAdjacentHTML('beforeend', '<img src=\"http://localhost/x.png\">');
        })()",
    );
    assert_eq!(page.evaluate("window.hacked ?? 'nothing'"), "nothing");
    let complaints = Value::from(page.complaints()).to_string();
    assert!(complaints.contains("Content Security Policy"), "{complaints}");
}
