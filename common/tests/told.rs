//! A story as a person reads it, word for word.
//!
//! What it prints goes to stdout, so a program has to print it: this one, which starts itself; hence
//! `harness = false`.

use std::env;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use common::story::{OutputFlags, Story};
use common::timeline::lane;
use testing::report;

/// Says as what it is to tell the story.
const TELL: &str = "TELL_A_STORY";

/// With `--all`, on a terminal that reads UTF-8.
const ALL: &str = "\
Item 9 · A Title

count: what it does → what for
  found                    104,020              notes: 367540
  elapsed                  12.5 ms (best of 5)  notes: 0.085 s
  ratio                    1.73
                           ≈ two thirds of 2.6
  written                  4096 bytes
  alone                    yes
  lost by law              4
  order                    first this happens, then that does, and at the end
                           comes another
  What to make of it.

rest: nobody does anything

Look: one after the other
count · 200 µs
  a │█████████████████████████████████████                                     │
  b │                                     █████████████████████████████████████│

Look: the first of them
count · 200 µs
  a │█████████████████████████████████████                                     │
  … and 1 more
";

fn main() {
    match env::var(TELL).as_deref() {
        Ok("story") => tell(OutputFlags::default()),
        Ok("all") => tell(OutputFlags { all: true, json: false }),
        Ok("json") => tell(OutputFlags { all: false, json: true }),
        _ => {
            a_proof_is_told_where_all_is_asked_for();
            the_first_locale_that_is_set_decides_whether_it_is_plain_ascii();
            json_has_all_of_it();
            println!("test a_story_is_told_word_for_word ... ok");
        }
    }
}

fn tell(flags: OutputFlags) {
    let story = Story::begin(9, "A Title", flags).unwrap();
    let count = story.step("count", "what it does → what for").unwrap();
    count.fact("found", 104_020).notes("367540");
    count.figure("elapsed_s", Duration::from_micros(12_500)).best_of(5).notes("0.085 s");
    count.figure("ratio", 1.7349).best_of(1).about("two thirds of 2.6");
    count.figure("written_bytes", 4096);
    count.fact("alone", true);
    count.proof("lost_by_law", 4);
    let order = ["first this happens", "then that does", "and at the end comes another"];
    count.fact("order", order.to_vec());
    story.say("What to make of it.").unwrap();

    let rest = story.step("rest", "nobody does anything").unwrap();
    let begun = Instant::now();
    let at = |us| begun + Duration::from_micros(us);
    count.enter(|| {
        lane("a").record_between("work", at(0), at(100));
        lane("b").record_between("work", at(100), at(200));
    });
    story.picture("one after the other", &[&count]).unwrap();
    story.picture_of_first(1, "the first of them", &[&count]).unwrap();
    story.picture("nothing", &[&rest]).unwrap();
    story.finish().unwrap();
}

/// Where `LC_ALL` is empty, `LANG` decides.
fn told(as_what: &str, lc_all: &str, lang: &str) -> Output {
    let mut command = Command::new(env::current_exe().unwrap());
    command.env(TELL, as_what).env("LC_ALL", lc_all).env_remove("LC_CTYPE").env("LANG", lang);
    command.output().unwrap()
}

fn text(as_what: &str, lc_all: &str, lang: &str) -> String {
    String::from_utf8(told(as_what, lc_all, lang).stdout).unwrap()
}

fn a_proof_is_told_where_all_is_asked_for() {
    let without = ALL.replace("  lost by law              4\n", "");
    assert_eq!(text("all", "C.UTF-8", "C"), ALL);
    assert_eq!(text("story", "C.UTF-8", "C"), without);
}

fn the_first_locale_that_is_set_decides_whether_it_is_plain_ascii() {
    assert_eq!(text("all", "", "C.UTF-8"), ALL);
    let ascii = text("all", "C", "C.UTF-8");
    assert!(ascii.starts_with("Item 9 - A Title\n\ncount: what it does > what for\n"), "{ascii}");
    assert!(ascii.contains("\ncount - 200 us\n  a |#####"), "{ascii}");
}

fn json_has_all_of_it() {
    let report = report(&told("json", "C", "C"));
    assert_eq!(report.fact("count", "lost_by_law"), Some(&4.into()));
    let pictured: Vec<_> = report.pictures.iter().map(|picture| &picture.steps[..]).collect();
    assert_eq!(pictured, [["count"], ["count"], ["rest"]]);
    assert_eq!((report.overlap("count"), report.overlap("rest")), (1, 0));
}
