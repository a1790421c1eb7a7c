//! Told to end, in any step and however it was started, the program ends its children, tells nothing
//! more, and dies by the signal.
//!
//! Which processes run, and whose children they are, is read from `/proc`.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{ChildStdout, Command, ExitStatus, Stdio};
use std::thread;

use common::children::{Child, spawn};
use nix::sys::signal::SigSet;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use testing::{assert_ended, children_of, container, eventually, heed_signals};

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
    fn has_children(&self, count: usize) -> Vec<u32> {
        eventually("a child is running", || {
            let children = children_of(self.teller.as_raw_nonzero());
            (children.len() >= count).then_some(children)
        })
    }

    /// Sends it `signal`, which must be what ends it and `children`. Returns what it told after that.
    #[track_caller]
    fn ends_by(self, signal: Signal, children: Vec<u32>) -> String {
        kill_process(self.teller, signal).unwrap();
        self.has_ended_by(signal, children)
    }

    #[track_caller]
    fn has_ended_by(self, signal: Signal, children: Vec<u32>) -> String {
        let (rest, status) = self.rest();
        assert_eq!(status.signal(), Some(signal.as_raw()));
        children.into_iter().for_each(assert_ended);
        rest
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
fn held_in(step: &str) -> (Story, Vec<u32>) {
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
            kill_process(pid(child), Signal::TERM).unwrap();
        }
    }
    story.reaches(step);
    let children = story.has_children(children);
    (story, children)
}

const STEPS: [&str; 4] = ["poll", "parallel", "timeout", "flood"];

fn pid(number: u32) -> Pid {
    Pid::from_raw(number.try_into().unwrap()).unwrap()
}

#[test]
fn told_to_end_it_ends_its_children_and_tells_nothing_more() {
    let steps = STEPS.map(|step| (step, Signal::TERM)).into_iter();
    for (step, signal) in steps.chain([("parallel", Signal::HUP)]) {
        let (story, children) = held_in(step);
        assert_eq!(story.ends_by(signal, children), "", "told in step {step}");
    }
}

/// Its children would end by themselves then, were they in its group, and it would tell of that.
#[test]
fn so_it_does_when_a_terminal_tells_the_whole_group() {
    let steps = STEPS.map(|step| (step, Signal::INT)).into_iter();
    for (step, signal) in steps.chain([("timeout", Signal::QUIT)]) {
        let (story, children) = held_in(step);
        kill_process_group(story.teller, signal).unwrap();
        assert_eq!(story.has_ended_by(signal, children), "", "told in step {step}");
    }
}

/// The children of the pipelines wait for nothing that could take an hour, but there can be many.
#[test]
fn so_it_does_while_pipelines_run() {
    let many = ["--sleep", "1ms", "--timeout", "1h", "--pipelines", "100", "--bytes", "1000000"];
    let mut story = Story::begin(&mut story(&[], &many));
    story.reaches("pipelines");
    let children = story.has_children(10);
    story.ends_by(Signal::TERM, children);
}

#[test]
fn what_its_parent_ignores_it_ignores() {
    let ignoring = ["sh", "-c", "trap '' HUP; exec \"$0\" \"$@\""];
    let mut story = Story::begin(&mut story(&ignoring, &LONG_SLEEPS));
    story.reaches("poll");
    let children = story.has_children(1);
    kill_process(story.teller, Signal::HUP).unwrap();
    // Had it heeded HUP, that would have come first.
    story.ends_by(Signal::INT, children);
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
    story.ends_by(Signal::TERM, children);
}

/// The system spares process 1 what a signal does by default.
#[test]
fn as_process_1_of_a_container_it_ends_all_the_same() {
    let Some(container) = container() else { return };
    for signal in [Signal::HUP, Signal::INT, Signal::TERM] {
        let mut story = Story::begin(&mut story(&container, &LONG_SLEEPS));
        story.reaches("poll");
        // Its number inside is 1; this is the one that it has outside.
        story.teller = pid(story.has_children(1)[0]);
        let children = story.has_children(1);
        kill_process(story.teller, signal).unwrap();
        let (rest, status) = story.rest();
        assert_eq!(status.code(), Some(128 + signal.as_raw()), "as a shell tells it");
        assert_eq!(rest, "");
        children.into_iter().for_each(assert_ended);
    }
}
