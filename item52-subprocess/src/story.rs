//! A function per step, in the order of the notes.

use std::env;
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context;
use common::program::on_termination;
use common::report::Story;
use common::slow_syscall;
use common::timeline::{Lane, Timeline};
use common::timing::measure;
use duct::{Handle, cmd};
use item52_subprocess::{Children, Running, Salt, encrypt, exit_status, hash};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};
use wait_timeout::ChildExt;

use crate::Flags;

/// What the `flood` child writes: more than a pipe holds, on any system.
pub const FLOOD: u64 = 1 << 20;

/// The pipelines' children find it in their environment.
const PASSWORD: &str = "an open secret";

/// What every step needs: the children it starts, and this program's own file, whose subcommands
/// they are.
struct Stage {
    children: Arc<Children>,
    me: PathBuf,
}

pub fn tell(flags: &Flags) -> anyhow::Result<()> {
    let title = "Use subprocess to Manage Child Processes";
    let mut story = Story::begin(52, title, flags.output)?;
    let me = env::current_exe().context("cannot find this program's own file")?;
    let stage = Stage { children: Arc::default(), me };
    let _signals = on_termination({
        let children = Arc::clone(&stage.children);
        // The signal ends this program next; until then, no child may start.
        move || std::mem::forget(children.end_all())
    })?;
    let pipes_at_first = pipes_open()?;

    story.step("run", "start echo, wait for it, capture what it prints")?;
    let (printed, status) = run_echo(&stage)?;
    story.fact_beside("output", printed.trim_end(), "hello from subprocess!")?;
    story.fact("status", status)?;
    let (outcome, status) = run_failing(&stage)?;
    story.fact("failing_child", outcome)?;
    story.fact("failing_status", status)?;

    story.step("poll", "work while sleep runs; after each unit, ask whether it has ended")?;
    let (polled, elapsed) = measure(|| poll(&stage, &story.timeline, flags.sleep));
    let (units, status) = polled?;
    story.fact("units", units)?;
    story.fact_beside("status", status, "0")?;
    story.time("elapsed", elapsed)?;

    story.step("parallel", "start many sleeps, then wait for each")?;
    let (run, elapsed) = measure(|| parallel(&stage, &story.timeline, flags));
    let run = run?;
    story.fact("running_at_once", run.running_at_once)?;
    story.fact("statuses", run.statuses)?;
    story.time_beside("elapsed", elapsed, "1.04 s for ten, not 10 s")?;

    story.step("pipelines", "random bytes > encrypt > hash > digest, several side by side")?;
    let run = pipelines(&stage, &story.timeline, flags)?;
    story.fact("running_at_once", run.running_at_once)?;
    story.fact_beside("statuses", run.statuses, "0 for each")?;
    story.fact("digest_tails", run.tails)?;
    story.fact("in_one_process", run.tails_in_one_process)?;
    story.fact("in_one_expression", run.tails_in_one_expression)?;

    story.step("timeout", "a sleep of 10 s that gets less; then it is asked to end (SIGTERM)")?;
    let (status, elapsed) = time_out(&stage, flags.timeout)?;
    story.time("timeout", flags.timeout)?;
    story.time_beside("elapsed", elapsed, "0.1 s")?;
    story.fact_beside("status", status, "-15")?;

    story.step("flood", "a child prints more than its pipe holds, and nobody reads")?;
    let (ends_unread, held) = flood_unread(&stage, flags.timeout)?;
    story.fact("written", FLOOD)?;
    story.fact("ends_unread", ends_unread)?;
    story.fact("held_by_the_pipe", held)?;
    story.fact("read", flood_read(&stage)?)?;
    story.say("Read while you wait: duct does, as Python's communicate() does.")?;

    story.step("end", "nothing of all this is left")?;
    story.fact("children_left", children_left()?)?;
    story.fact("pipes_open_at_first", pipes_at_first)?;
    story.fact("pipes_open", pipes_open()?)?;

    story.finish(&[&["poll", "parallel"], &["pipelines"]])?;
    Ok(())
}

impl Stage {
    /// Starts an expression of duct's. The expression is gone when this returns, and with it our
    /// copies of the pipe ends that were given to it; see [`pipelines`].
    #[expect(clippy::needless_pass_by_value, reason = "it must be dropped here")]
    fn start(&self, what: &str, expression: duct::Expression) -> anyhow::Result<Running<Handle>> {
        let started = self.children.start(|| expression.start());
        started.with_context(|| format!("cannot start {what}"))
    }

    /// Starts a child of the standard library's, for the steps that poll or give up waiting.
    fn spawn(
        &self,
        what: &str,
        command: &mut Command,
    ) -> anyhow::Result<Running<Mutex<process::Child>>> {
        let started = self.children.start(|| command.spawn().map(Mutex::new));
        started.with_context(|| format!("cannot start {what}"))
    }
}

/// The child, for a short call: see the note at `Mutex<process::Child>` in the library.
fn locked(child: &Mutex<process::Child>) -> MutexGuard<'_, process::Child> {
    child.lock().unwrap_or_else(PoisonError::into_inner)
}

fn run_echo(stage: &Stage) -> anyhow::Result<(String, i32)> {
    let echo = stage.start("echo", cmd!("echo", "hello from subprocess!").stdout_capture())?;
    let output = echo.wait().context("echo failed")?;
    Ok((String::from_utf8_lossy(&output.stdout).into_owned(), exit_status(output.status)))
}

/// To duct a child that fails is an error, without a call to `check_returncode`; whoever wants to
/// look at the status instead says `unchecked`.
fn run_failing(stage: &Stage) -> anyhow::Result<(&'static str, i32)> {
    let fail = cmd!(&stage.me, "fail");
    let checked = stage.start("a child that fails", fail.clone())?;
    let outcome = if checked.wait().is_err() { "an error" } else { "no error" };
    let unchecked = stage.start("a child that fails", fail.unchecked())?;
    Ok((outcome, exit_status(unchecked.wait()?.status)))
}

/// A unit of work is a system call of 10 ms; it could be anything.
fn poll(stage: &Stage, timeline: &Timeline, duration: Duration) -> anyhow::Result<(u32, i32)> {
    let mut child_lane = timeline.lane("poll", "sleep");
    let mut lane = timeline.lane("poll", "main");
    let start = Instant::now();
    let sleep = stage.spawn("sleep", Command::new("sleep").arg(seconds(duration)))?;
    let mut units = 0;
    let status = loop {
        if let Some(status) = locked(&sleep).try_wait().context("cannot poll sleep")? {
            break status;
        }
        lane.record("unit", || slow_syscall(Duration::from_millis(10)))?;
        units += 1;
    };
    child_lane.record_since("sleep", start);
    Ok((units, exit_status(status)))
}

/// What the sleeps gave.
struct Parallel {
    running_at_once: usize,
    statuses: Vec<i32>,
}

fn parallel(stage: &Stage, timeline: &Timeline, flags: &Flags) -> anyhow::Result<Parallel> {
    let mut sleeps: Vec<InLane<'_>> = Vec::new();
    for n in 0..flags.children {
        let lane = timeline.lane("parallel", format!("sleep {n}"));
        let start = Instant::now();
        let sleep = cmd!("sleep", seconds(flags.sleep)).unchecked();
        sleeps.push((stage.start("sleep", sleep)?, lane, start));
    }
    let running_at_once = still_running(&sleeps)?;
    let mut statuses = Vec::new();
    for (sleep, mut lane, start) in sleeps {
        let output = sleep.wait().context("cannot wait for sleep")?;
        lane.record_since("sleep", start);
        statuses.push(exit_status(output.status));
    }
    Ok(Parallel { running_at_once, statuses })
}

/// A child, its lane, and since when it runs.
type InLane<'a> = (Running<Handle>, Lane<'a>, Instant);

fn still_running(children: &[InLane<'_>]) -> anyhow::Result<usize> {
    let mut running = 0;
    for (child, ..) in children {
        let ended = child.try_wait().context("cannot ask whether a child has ended")?;
        running += usize::from(ended.is_none());
    }
    Ok(running)
}

/// What the pipelines gave.
struct Pipelines {
    running_at_once: usize,
    /// Of each encrypt, then of each hash.
    statuses: Vec<i32>,
    /// The last ten bytes of each digest.
    tails: Vec<String>,
    /// The same from the same bytes, computed by function calls.
    tails_in_one_process: Vec<String>,
    /// The same, from children that duct has connected.
    tails_in_one_expression: Vec<String>,
}

fn pipelines(stage: &Stage, timeline: &Timeline, flags: &Flags) -> anyhow::Result<Pipelines> {
    let mut jobs = Vec::new();
    let mut inputs = Vec::new();
    let mut encrypts: Vec<InLane<'_>> = Vec::new();
    let mut hashes: Vec<InLane<'_>> = Vec::new();
    for n in 0..flags.pipelines {
        let job = Job::random(flags.bytes)?;
        let lanes = (
            timeline.lane("pipelines", format!("encrypt {n}")),
            timeline.lane("pipelines", format!("hash {n}")),
        );
        // Two children share a pipe by each getting one of its ends. We must keep no copy of
        // either: as long as somebody can still write, the reader does not see the end.
        let (plain, input) = io::pipe().context("cannot make a pipe to encrypt")?;
        let (sealed, to_hash) = io::pipe().context("cannot make a pipe from encrypt to hash")?;
        let start = Instant::now();
        let encrypt = job.encrypt(stage).stdin_file(plain).stdout_file(to_hash).unchecked();
        encrypts.push((stage.start("encrypt", encrypt)?, lanes.0, start));
        let start = Instant::now();
        let hash = cmd!(&stage.me, "hash").stdin_file(sealed).stdout_capture().unchecked();
        hashes.push((stage.start("hash", hash)?, lanes.1, start));
        inputs.push(input);
        jobs.push(job);
    }

    // All children run, for none can end before its input does.
    let running_at_once = still_running(&encrypts)? + still_running(&hashes)?;
    for (mut input, job) in inputs.into_iter().zip(&jobs) {
        input.write_all(&job.data).context("cannot write to encrypt")?;
        // Dropped here, which closes the pipe: encrypt sees the end of its input.
    }
    let mut statuses = Vec::new();
    let mut tails = Vec::new();
    for (child, mut lane, start) in encrypts {
        statuses.push(exit_status(child.wait().context("cannot wait for encrypt")?.status));
        lane.record_since("encrypt", start);
    }
    for (child, mut lane, start) in hashes {
        let output = child.wait().context("cannot wait for hash")?;
        statuses.push(exit_status(output.status));
        tails.push(tail(&output.stdout));
        lane.record_since("hash", start);
    }
    Ok(Pipelines {
        running_at_once,
        statuses,
        tails,
        tails_in_one_process: each(&jobs, Job::in_one_process)?,
        tails_in_one_expression: each(&jobs, |job| job.in_one_expression(stage))?,
    })
}

fn each<T>(jobs: &[Job], work: impl Fn(&Job) -> anyhow::Result<T>) -> anyhow::Result<Vec<T>> {
    jobs.iter().map(work).collect()
}

/// What one pipeline works on. The salt is chosen here, so that the result can be computed again.
struct Job {
    data: Vec<u8>,
    salt: Salt,
}

impl Job {
    fn random(bytes: u32) -> anyhow::Result<Self> {
        let mut data = vec![0; bytes as usize];
        getrandom::fill(&mut data).map_err(io::Error::other).context("cannot get random bytes")?;
        Ok(Self { data, salt: Salt::random().context("cannot make a salt")? })
    }

    fn encrypt(&self, stage: &Stage) -> duct::Expression {
        cmd!(&stage.me, "encrypt", "--salt", self.salt.to_string()).env("password", PASSWORD)
    }

    fn in_one_process(&self) -> anyhow::Result<String> {
        let mut sealed = Vec::new();
        encrypt(&self.data[..], &mut sealed, PASSWORD.as_bytes(), self.salt)?;
        Ok(tail(&hash(&sealed[..])?))
    }

    /// What the notes do by hand, duct does in an expression: feed, connect, capture, check.
    fn in_one_expression(&self, stage: &Stage) -> anyhow::Result<String> {
        let encrypt = self.encrypt(stage).stdin_bytes(&self.data[..]);
        let pipeline = encrypt.pipe(cmd!(&stage.me, "hash")).stdout_capture();
        let running = stage.start("a pipeline", pipeline)?;
        Ok(tail(&running.wait().context("a pipeline failed")?.stdout))
    }
}

/// The last ten bytes, in hexadecimal digits.
fn tail(digest: &[u8]) -> String {
    let tail = &digest[digest.len().saturating_sub(10)..];
    tail.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn time_out(stage: &Stage, timeout: Duration) -> anyhow::Result<(i32, Duration)> {
    let sleep = stage.spawn("sleep", Command::new("sleep").arg("10"))?;
    let (status, elapsed) = measure(|| end_after(&sleep, timeout));
    Ok((exit_status(status?.0), elapsed))
}

/// Waits for `timeout` at most, then asks the child to end, and waits for that. Says, too, whether
/// it ended by itself.
fn end_after(
    child: &Mutex<process::Child>,
    timeout: Duration,
) -> anyhow::Result<(process::ExitStatus, bool)> {
    let mut child = locked(child);
    if let Some(status) = child.wait_timeout(timeout).context("cannot wait for a child")? {
        return Ok((status, true));
    }
    kill_process(Pid::from_child(&child), Signal::TERM).context("cannot end a child")?;
    // Without this wait it would stay a zombie.
    Ok((child.wait().context("cannot wait for a child")?, false))
}

/// Whether the child ended by itself, and how much it had written when it was ended.
fn flood_unread(stage: &Stage, timeout: Duration) -> anyhow::Result<(bool, usize)> {
    let mut command = Command::new(&stage.me);
    let flood = stage.spawn("a child", command.arg("flood").stdout(Stdio::piped()))?;
    let pipe = locked(&flood).stdout.take().context("the child has no pipe")?;
    let (_, ended_by_itself) = end_after(&flood, timeout)?;
    let held = io::BufReader::new(pipe).bytes().count();
    Ok((ended_by_itself, held))
}

/// How much the child wrote when somebody read it.
fn flood_read(stage: &Stage) -> anyhow::Result<usize> {
    let flood = stage.start("a child", cmd!(&stage.me, "flood").stdout_capture())?;
    Ok(flood.wait().context("a child failed")?.stdout.len())
}

/// Asks the system whether this process has any child, be it a zombie.
fn children_left() -> anyhow::Result<u32> {
    match wait(WaitOptions::NOHANG) {
        Err(rustix::io::Errno::CHILD) => Ok(0),
        Ok(_) => Ok(1),
        Err(error) => Err(error).context("cannot ask for children"),
    }
}

/// How many of this process's open files are pipes.
fn pipes_open() -> anyhow::Result<usize> {
    let files = fs::read_dir(Path::new("/dev/fd")).context("cannot list the open files")?;
    // The file that lists them is gone by the time we look at it.
    let kinds = files.filter_map(|file| fs::metadata(file.ok()?.path()).ok());
    Ok(kinds.filter(|kind| kind.file_type().is_fifo()).count())
}

/// A duration as `sleep(1)` takes it.
fn seconds(duration: Duration) -> String {
    duration.as_secs_f64().to_string()
}
