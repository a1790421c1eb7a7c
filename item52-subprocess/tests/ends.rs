//! Told to end, in any step and however it was started, the program ends its children, tells nothing
//! more, and dies by the signal.
//!
//! Which processes run, and whose children they are, is read from `/proc`.
#![cfg(target_os = "linux")]

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{ChildStdout, Command, ExitStatus, Stdio};
use std::thread;

use common::children::{Child, spawn};
use nix::sys::signal::SigSet;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use testing::{eventually, heed_signals};

const PROGRAM: &str = env!("CARGO_BIN_EXE_item52-subprocess");

/// A story that is being told.
struct Story {
    program: Child,
    /// The process that tells it: the program, or its child where a container is started first.
    teller: Pid,
    lines: BufReader<ChildStdout>,
}

impl Story {
    fn begin(command: &mut Command) -> Self {
        heed_signals();
        let mut program = spawn(command.stdout(Stdio::piped()).stderr(Stdio::piped())).unwrap();
        let lines = BufReader::new(program.take_stdout().unwrap());
        Self { teller: program.pid(), program, lines }
    }

    /// Reads to the heading of `step`, which is printed just before the step starts its children.
    #[track_caller]
    fn reaches(&mut self, step: &str) {
        let mut line = String::new();
        while !line.starts_with(&format!("{step}:")) {
            line.clear();
            assert!(self.lines.read_line(&mut line).unwrap() > 0, "no step {step}");
        }
    }

    /// Waits until at least so many of its children run.
    fn has_children(&self, count: usize) -> Vec<Pid> {
        eventually("a child is running", || {
            let children = children_of(self.teller);
            (children.len() >= count).then_some(children)
        })
    }

    /// Waits for the end of it, and of all who hold its stderr, as its children do. Returns what it
    /// told until then.
    fn rest(mut self) -> (String, ExitStatus) {
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).unwrap();
        self.program.take_stderr().unwrap().read_to_string(&mut rest).unwrap();
        (rest, self.program.wait().unwrap())
    }
}

/// Name, state and parent of a process: as in proc(5), `number (name) state parent …`.
fn process(pid: &str) -> Option<(String, String, i32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (name, rest) = stat.rsplit_once(") ")?;
    let (state, rest) = rest.split_once(' ')?;
    Some((name.into(), state.into(), rest.split(' ').next()?.parse().ok()?))
}

fn children_of(parent: Pid) -> Vec<Pid> {
    let entries = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let children = names
        .filter(|name| process(name).is_some_and(|(.., of)| of == parent.as_raw_nonzero().get()));
    children.filter_map(|name| Pid::from_raw(name.parse().ok()?)).collect()
}

/// A zombie that nobody has taken from the table yet has ended, too.
fn all_have_ended(children: &[Pid]) {
    for child in children {
        eventually("a child has ended", || match process(&child.as_raw_nonzero().to_string()) {
            Some((_, state, _)) if !["Z", "X"].contains(&&*state) => None,
            _ => Some(()),
        });
    }
}

/// The story with flags that let every step pass in no time, unless others follow.
fn story(starter: &[&str], flags: &[&str]) -> Command {
    let words = [starter, &[PROGRAM], flags].concat();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}

const LONG_SLEEPS: [&str; 2] = ["--sleep", "1h"];
const LONG_TIMEOUT: [&str; 4] = ["--sleep", "1ms", "--timeout", "1h"];

/// Each step in turn is held up until its children are known to run: by what they wait for, an hour.
/// Where the step before waits for it as well, its child is ended.
fn held_in(step: &str) -> (Story, Vec<Pid>) {
    // A core dump, which SIGQUIT would leave behind.
    let starter = ["sh", "-c", "ulimit -c 0; exec \"$0\" \"$@\""];
    let begin = |flags: &[&str]| Story::begin(&mut story(&starter, flags));
    let (mut story, before, children) = match step {
        "poll" => (begin(&LONG_SLEEPS), None, 1),
        "parallel" => (begin(&LONG_SLEEPS), Some("poll"), 10),
        "timeout" => (begin(&LONG_TIMEOUT), None, 1),
        "flood" => (begin(&LONG_TIMEOUT), Some("timeout"), 1),
        _ => unreachable!("{step}"),
    };
    if let Some(before) = before {
        story.reaches(before);
        for child in story.has_children(1) {
            kill_process(child, Signal::TERM).unwrap();
        }
    }
    story.reaches(step);
    let children = story.has_children(children);
    (story, children)
}

const STEPS: [&str; 4] = ["poll", "parallel", "timeout", "flood"];

#[track_caller]
fn assert_ends_by(signal: Signal, step: &str, send: impl Fn(Pid, Signal)) {
    let (story, children) = held_in(step);
    send(story.teller, signal);
    let (rest, status) = story.rest();
    assert_eq!(status.signal(), Some(signal.as_raw()), "in step {step}");
    assert_eq!(rest, "", "what was cut short is told in step {step}");
    all_have_ended(&children);
}

#[test]
fn told_to_end_it_ends_its_children_and_tells_nothing_more() {
    for step in STEPS {
        assert_ends_by(Signal::TERM, step, |program, signal| {
            kill_process(program, signal).unwrap();
        });
    }
    assert_ends_by(Signal::HUP, "parallel", |program, signal| {
        kill_process(program, signal).unwrap();
    });
}

/// Its children would end by themselves then, were they in its group, and it would tell of that.
#[test]
fn so_it_does_when_a_terminal_tells_the_whole_group() {
    for step in STEPS {
        assert_ends_by(Signal::INT, step, |program, signal| {
            kill_process_group(program, signal).unwrap();
        });
    }
    assert_ends_by(Signal::QUIT, "timeout", |program, signal| {
        kill_process_group(program, signal).unwrap();
    });
}

/// The children of the pipelines wait for nothing that could take an hour, but there can be many.
#[test]
fn so_it_does_while_pipelines_run() {
    let many = ["--sleep", "1ms", "--timeout", "1h", "--pipelines", "100", "--bytes", "1000000"];
    let mut story = Story::begin(&mut story(&[], &many));
    story.reaches("pipelines");
    let children = story.has_children(10);
    kill_process(story.teller, Signal::TERM).unwrap();
    let (_, status) = story.rest();
    assert_eq!(status.signal(), Some(Signal::TERM.as_raw()));
    all_have_ended(&children);
}

#[test]
fn what_its_parent_ignores_it_ignores() {
    let ignoring = ["sh", "-c", "trap '' HUP; exec \"$0\" \"$@\""];
    let mut story = Story::begin(&mut story(&ignoring, &LONG_SLEEPS));
    story.reaches("poll");
    let children = story.has_children(1);
    kill_process(story.teller, Signal::HUP).unwrap();
    // Had it heeded HUP, that would have come first.
    kill_process(story.teller, Signal::INT).unwrap();
    let (_, status) = story.rest();
    assert_eq!(status.signal(), Some(Signal::INT.as_raw()));
    all_have_ended(&children);
}

/// Children inherit the mask. One that blocked SIGTERM could not be asked to end.
#[test]
fn with_a_parent_that_blocks_all_signals_it_tells_its_story_and_can_be_ended() {
    let blocking = |flags: &'static [&str]| {
        let begin = move || {
            SigSet::all().thread_block().unwrap();
            Story::begin(&mut story(&[], flags))
        };
        thread::spawn(begin).join().unwrap()
    };
    let (told, status) = blocking(&["--sleep", "1ms", "--timeout", "1ms"]).rest();
    assert!(status.success() && told.contains("-15"), "{told}");

    let mut story = blocking(&LONG_SLEEPS);
    story.reaches("poll");
    let children = story.has_children(1);
    kill_process(story.teller, Signal::TERM).unwrap();
    let (_, status) = story.rest();
    assert_eq!(status.signal(), Some(Signal::TERM.as_raw()));
    all_have_ended(&children);
}

/// The system spares process 1 what a signal does by default.
#[test]
fn as_process_1_of_a_container_it_ends_all_the_same() {
    let container = ["unshare", "--pid", "--fork", "--mount-proc"];
    let probe = Command::new(container[0]).args(&container[1..]).arg("true").output();
    if !probe.is_ok_and(|output| output.status.success()) {
        println!("skipped: this system lets no process make a container");
        return;
    }
    for signal in [Signal::HUP, Signal::INT, Signal::TERM] {
        let mut story = Story::begin(&mut story(&container, &LONG_SLEEPS));
        story.reaches("poll");
        // Its number inside is 1; this is the one that it has outside.
        story.teller = story.has_children(1)[0];
        let children = story.has_children(1);
        kill_process(story.teller, signal).unwrap();
        let (rest, status) = story.rest();
        assert_eq!(status.code(), Some(128 + signal.as_raw()), "as a shell tells it");
        assert_eq!(rest, "");
        all_have_ended(&children);
    }
}
