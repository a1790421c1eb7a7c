//! Child processes that do not outlive this program.
//!
//! A Rust program that ends does not end its children, and dropping a [`std::process::Child`] neither ends the
//! child nor waits for it. A child that is started here is known until it has been waited for. Dropping the
//! child ends it and waits for it. A signal that ends this program ends the child, too (see [`ending`]), and
//! from that moment on no child can be started.
//!
//! Each child leads a process group of its own. So a signal to the group of this program, such as Ctrl-C in a
//! terminal, reaches the children only through this program.
//!
//! No program can do anything against SIGKILL. A child then runs on until it ends by itself, as a child does
//! that reads the end of its input.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::Deref;
use std::os::unix::process::CommandExt;
use std::process::{
    self, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Output, Stdio,
};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitOptions, kill_process_group, wait, waitid,
};
use wait_timeout::ChildExt;

use crate::ending::{self, Owned, pair_that_works};
use crate::threads::lock;

/// How long a child that was asked to end (SIGTERM) may take to clean up before it is killed.
const GRACE: Duration = Duration::from_millis(250);

/// The system offers no wait for children with a time limit, so a wait with a limit looks again and again.
const BETWEEN_LOOKS: Duration = Duration::from_millis(2);

static RUNNING: Mutex<Running> =
    Mutex::new(Running { children: BTreeMap::new(), next: 0, ended_with: None });

/// The children that have not been waited for.
struct Running {
    children: BTreeMap<u64, Known>,
    next: u64,
    /// Lets a signal end the children; there from the first child on.
    ended_with: Option<Owned>,
}

enum Known {
    /// The group that a child of the standard library's leads.
    Group(Pid),
    /// Children that duct has connected.
    Connected(Arc<duct::Handle>),
    /// The same, with a pipe from the last of them.
    Captured(Arc<duct::ReaderHandle>),
}

fn running() -> MutexGuard<'static, Running> {
    lock(&RUNNING)
}

/// Whether the system knows of a child of this process. A zombie counts, too: a child that has ended and has
/// not been waited for.
pub fn a_child_is_left() -> anyhow::Result<bool> {
    match wait(WaitOptions::NOHANG) {
        Err(Errno::CHILD) => Ok(false),
        Ok(_) => Ok(true),
        Err(error) => Err(error).context("cannot ask for children"),
    }
}

/// Starts a child by `start`, unless the program is ending. The lock is held from the start to the
/// registration, for the end of the program must not come in between.
fn start<C>(
    start: impl FnOnce() -> io::Result<C>,
    known: impl FnOnce(&C) -> Known,
) -> io::Result<(C, u64)> {
    let mut running = running();
    if running.ended_with.is_none() {
        running.ended_with = Some(ending::clean_up(end_all).map_err(io::Error::other)?);
    }
    if ending::begun() {
        return Err(io::Error::other("no child is started while the program ends"));
    }
    let child = start()?;
    let id = running.next;
    running.next += 1;
    running.children.insert(id, known(&child));
    Ok((child, id))
}

/// Asks all children to end, and kills those that have not ended when [`GRACE`] is over. The program dies
/// next, so a thread that waits for a child will not get to tell of the child's end.
fn end_all() {
    let mut groups = Vec::new();
    for child in running().children.values() {
        match child {
            Known::Group(group) => {
                let _ = kill_process_group(*group, Signal::TERM);
                groups.push(*group);
            }
            // `kill` fails only for a child that is gone.
            Known::Connected(handle) => {
                let _ = handle.kill();
                groups.extend(handle.pids().into_iter().filter_map(of_duct));
            }
            Known::Captured(handle) => {
                let _ = handle.kill();
                groups.extend(handle.pids().into_iter().filter_map(of_duct));
            }
        }
    }
    give_grace(&groups);
    for child in running().children.values() {
        if let Known::Group(group) = child {
            let _ = kill_process_group(*group, Signal::KILL);
        }
    }
}

fn of_duct(pid: u32) -> Option<Pid> {
    Pid::from_raw(pid.try_into().ok()?)
}

/// Waits until the leaders of all `groups` have ended, for [`GRACE`] at most.
fn give_grace(groups: &[Pid]) {
    let deadline = Instant::now() + GRACE;
    while groups.iter().any(|group| is_running(*group)) && Instant::now() < deadline {
        sleep(BETWEEN_LOOKS);
    }
}

/// Whether the leader of `group` has not ended. This leaves the status to the thread that waits for it.
fn is_running(group: Pid) -> bool {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    loop {
        match waitid(WaitId::Pid(group), options) {
            Err(Errno::INTR) => {}
            outcome => return matches!(outcome, Ok(None)),
        }
    }
}

/// Starts `command`.
///
/// # Errors
///
/// Fails when it can't be started, or when a signal is ending this program.
///
/// ```
/// use std::process::Command;
///
/// let sleep = common::children::spawn(Command::new("sleep").arg("600"))?;
/// drop(sleep); // returns at once: the child is ended and waited for
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn spawn(command: &mut Command) -> io::Result<Child> {
    let command = command.process_group(0);
    let (child, id) = start(|| command.spawn(), |child| Known::Group(Pid::from_child(child)))?;
    Ok(Child { child, id: Some(id) })
}

/// A child that the standard library has started. Dropping it ends it and waits for it.
///
/// A race that is accepted: between the moment in which a child is reaped and the one in which it is
/// forgotten here, a signal that ends this program may be sent to the child's number. The system gives a
/// number away again only after all others.
#[derive(Debug)]
pub struct Child {
    child: process::Child,
    /// Its number among the running ones, until it has been waited for.
    id: Option<u64>,
}

impl Child {
    /// Its process id, which is the number of its group as well.
    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Our end of its stdin, if that was piped and not taken before. Dropping it closes the pipe.
    pub fn take_stdin(&mut self) -> Option<ChildStdin> {
        self.child.stdin.take()
    }

    /// Our end of its stdout, if that was piped and not taken before.
    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.child.stdout.take()
    }

    /// Our end of its stderr, if that was piped and not taken before.
    pub fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.child.stderr.take()
    }

    /// Its status, if it has ended.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        let status = self.child.try_wait()?;
        Ok(status.inspect(|_| self.forget()))
    }

    /// Closes our end of its stdin and waits for its end.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait()?;
        self.forget();
        Ok(status)
    }

    /// Closes our end of its stdin and waits for its end, for `timeout` at most: with the crate
    /// wait-timeout, which waits for SIGCHLD.
    pub fn wait_timeout(&mut self, timeout: Duration) -> io::Result<Option<ExitStatus>> {
        // The crate opens two such pairs, one of them for its signal handler. Where it can't open that pair or
        // write to it (in a sandbox, or with too many files open) it panics. So the pairs are tried first.
        drop([pair_that_works()?, pair_that_works()?]);
        let status = self.child.wait_timeout(timeout)?;
        Ok(status.inspect(|_| self.forget()))
    }

    /// The same without signals and without files, of which none may be left: this asks again and again.
    pub fn wait_within(&mut self, timeout: Duration) -> io::Result<Option<ExitStatus>> {
        drop(self.take_stdin());
        let deadline = Instant::now().checked_add(timeout);
        while deadline.is_none_or(|deadline| Instant::now() < deadline) {
            if let Some(status) = self.try_wait()? {
                return Ok(Some(status));
            }
            sleep(BETWEEN_LOOKS);
        }
        self.try_wait()
    }

    /// Asks it and its group to end (SIGTERM).
    ///
    /// # Errors
    ///
    /// Fails when it has been waited for.
    pub fn terminate(&self) -> io::Result<()> {
        self.signal(Signal::TERM)
    }

    /// Ends the child and its group. The child is asked first, so that it can clean up, and then killed.
    pub fn end(&mut self) -> io::Result<ExitStatus> {
        if self.terminate().is_ok() {
            // This needs no open file. Perhaps none is left, and the child must end for that reason.
            give_grace(&[self.pid()]);
            let _ = self.signal(Signal::KILL);
        }
        self.wait()
    }

    fn signal(&self, signal: Signal) -> io::Result<()> {
        match self.id {
            Some(_) => Ok(kill_process_group(self.pid(), signal)?),
            None => Err(Errno::SRCH.into()),
        }
    }

    fn forget(&mut self) {
        if let Some(id) = self.id.take() {
            running().children.remove(&id);
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.end();
        self.forget();
    }
}

/// Runs `command` and returns what it prints to stdout. The command reads the stdin that it was given. Errors
/// call it `what`.
///
/// # Errors
///
/// Also fails when the command does.
pub fn ask(command: &mut Command, what: &str) -> anyhow::Result<String> {
    let mut child =
        spawn(command.stdout(Stdio::piped())).with_context(|| format!("cannot run {what}"))?;
    let mut printed = String::new();
    if let Some(mut stdout) = child.take_stdout() {
        stdout.read_to_string(&mut printed).with_context(|| format!("cannot read {what}"))?;
    }
    let status = child.wait().with_context(|| format!("cannot wait for {what}"))?;
    ensure!(status.success(), "{what} failed ({status})");
    Ok(printed)
}

/// Starts what `expression` says: a child, or several that duct connects.
///
/// The expression has been dropped when this returns, and with it our copies of the pipe ends that were
/// given to it. A reader sees the end of a pipe only when no copy of its writing end is left.
///
/// # Errors
///
/// Fails when one can't be started (the others are ended), or when a signal is ending this program.
///
/// ```
/// use duct::cmd;
///
/// let echo = common::children::start_connected(cmd!("echo", "hello").stdout_capture())?;
/// assert_eq!(echo.wait()?.stdout, b"hello\n");
/// # Ok::<(), std::io::Error>(())
/// ```
#[expect(clippy::needless_pass_by_value, reason = "it must be dropped here")]
pub fn start_connected(expression: duct::Expression) -> io::Result<Connected> {
    let expression = in_groups_of_their_own(&expression);
    let connected = |handle: &Arc<duct::Handle>| Known::Connected(Arc::clone(handle));
    let (handle, id) = start(|| expression.start().map(Arc::new), connected)?;
    Ok(Connected { handle, id })
}

/// Children that duct has connected, or a single one. Dropping it ends them and waits for them.
#[derive(Debug)]
pub struct Connected {
    handle: Arc<duct::Handle>,
    id: u64,
}

impl Deref for Connected {
    type Target = duct::Handle;

    fn deref(&self) -> &duct::Handle {
        &self.handle
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        // `kill` fails only for children that are gone, and `wait` because they were killed.
        let _ = self.handle.kill();
        let _ = self.handle.wait();
        running().children.remove(&self.id);
    }
}

/// Starts what `expression` says, with a pipe from its stdout. As [`start_connected`] does, this drops the
/// expression.
///
/// duct's `stdout_capture` reads in a thread that duct starts, and panics where the system refuses a thread.
/// Here the thread that waits reads the pipe.
///
/// # Errors
///
/// Fails when one can't be started, or when a signal is ending this program.
///
/// ```
/// use duct::cmd;
///
/// let mut echo = common::children::start_captured(cmd!("echo", "hello"))?;
/// assert_eq!(echo.wait_with_output()?.stdout, b"hello\n");
/// # Ok::<(), std::io::Error>(())
/// ```
#[expect(clippy::needless_pass_by_value, reason = "it must be dropped here")]
pub fn start_captured(expression: duct::Expression) -> io::Result<Captured> {
    let expression = in_groups_of_their_own(&expression);
    let captured = |handle: &Arc<duct::ReaderHandle>| Known::Captured(Arc::clone(handle));
    let (handle, id) = start(|| expression.reader().map(Arc::new), captured)?;
    Ok(Captured { handle, id })
}

/// Children that duct has connected, or a single one, and a pipe from the last of them. Dropping it
/// ends them and waits for them.
#[derive(Debug)]
pub struct Captured {
    handle: Arc<duct::ReaderHandle>,
    id: u64,
}

impl Captured {
    /// How the children ended, if they have.
    ///
    /// # Errors
    ///
    /// Fails when the system can't tell, and, unless the expression says `unchecked`, when one of
    /// them failed.
    pub fn try_wait(&self) -> io::Result<Option<&Output>> {
        self.handle.try_wait()
    }

    /// Reads all that the children print, and waits for their end.
    ///
    /// # Errors
    ///
    /// Fails when the output can't be read, and, unless the expression says `unchecked`, when one of the
    /// children failed.
    pub fn wait_with_output(&mut self) -> io::Result<Output> {
        let mut stdout = Vec::new();
        // At the end of the output duct's reader waits for the children.
        (&*self.handle).read_to_end(&mut stdout)?;
        let status = self.handle.try_wait()?.map(|output| output.status);
        let status =
            status.ok_or_else(|| io::Error::other("a child closed its output and ran on"))?;
        Ok(Output { status, stdout, stderr: Vec::new() })
    }
}

impl Drop for Captured {
    fn drop(&mut self) {
        let _ = self.handle.kill();
        let _ = io::copy(&mut &*self.handle, &mut io::sink());
        running().children.remove(&self.id);
    }
}

/// Lets each child lead a group of its own: a signal to the group of this program reaches the children only
/// through this program.
fn in_groups_of_their_own(expression: &duct::Expression) -> duct::Expression {
    expression.before_spawn(|command| {
        command.process_group(0);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use duct::cmd;
    use rustix::process::test_kill_process;

    use super::*;

    fn sleep() -> Child {
        spawn(Command::new("sleep").arg("600")).unwrap()
    }

    /// A shell that has said that it is ready.
    fn ready_shell(script: &str) -> Child {
        let mut command = Command::new("sh");
        let mut shell = spawn(command.args(["-c", script]).stdout(Stdio::piped())).unwrap();
        let mut ready = [0; 6];
        shell.take_stdout().unwrap().read_exact(&mut ready).unwrap();
        shell
    }

    /// A zombie would still be there.
    fn is_gone(pid: Pid) -> bool {
        test_kill_process(pid) == Err(Errno::SRCH)
    }

    fn pids(connected: &Connected) -> Vec<Pid> {
        connected.pids().into_iter().filter_map(of_duct).collect()
    }

    #[test]
    fn a_dropped_child_is_ended_and_waited_for() {
        let sleep = sleep();
        let pid = sleep.pid();
        assert!(!is_gone(pid));
        drop(sleep);
        assert!(is_gone(pid));
    }

    #[test]
    fn a_child_that_ignores_the_request_is_killed() {
        let mut stubborn = ready_shell("trap '' TERM; echo ready; while :; do sleep 1; done");
        let status = stubborn.end().unwrap();
        assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
    }

    #[test]
    fn a_child_that_cleans_up_when_asked_is_given_the_time() {
        // On a busy machine one may need more time than there is.
        let cleans_up = (0..50).any(|_| {
            let script = "trap 'true; exit 7' TERM; echo ready; while :; do :; done";
            ready_shell(script).end().unwrap().code() == Some(7)
        });
        assert!(cleans_up);
    }

    #[test]
    fn a_child_that_was_waited_for_is_signalled_no_more() {
        let mut child = spawn(&mut Command::new("true")).unwrap();
        assert!(child.wait().unwrap().success());
        assert!(child.terminate().is_err(), "its number may be another's by now");
        assert!(child.end().unwrap().success(), "and its status is kept");
    }

    #[test]
    fn when_one_of_many_cannot_be_started_the_others_are_ended() {
        let mut started = Vec::new();
        let all: io::Result<Vec<Connected>> = (0..3)
            .map(|n| {
                let expression =
                    if n == 2 { cmd!("no-such-program") } else { cmd!("sleep", "600") };
                start_connected(expression).inspect(|child| started.extend(pids(child)))
            })
            .collect();
        assert_eq!(all.unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(started.len(), 2);
        assert!(started.into_iter().all(is_gone));
    }

    #[test]
    fn what_a_child_prints_is_there_with_its_status() {
        let mut echo = start_captured(cmd!("sh", "-c", "echo hello; exit 3").unchecked()).unwrap();
        let output = echo.wait_with_output().unwrap();
        assert_eq!((&output.stdout[..], output.status.code()), (&b"hello\n"[..], Some(3)));
        let mut checked = start_captured(cmd!("sh", "-c", "exit 3")).unwrap();
        assert!(checked.wait_with_output().is_err(), "unless told not to, duct checks");
    }

    #[test]
    fn children_whose_output_nobody_read_are_ended() {
        let pipe = start_captured(cmd!("sleep", "600").pipe(cmd!("yes"))).unwrap();
        assert!(pipe.try_wait().unwrap().is_none());
        let pids: Vec<Pid> = pipe.handle.pids().into_iter().filter_map(of_duct).collect();
        assert_eq!(pids.len(), 2);
        drop(pipe);
        assert!(pids.into_iter().all(is_gone));
    }

    #[test]
    fn both_children_of_a_pipe_are_ended() {
        let pipe = start_connected(cmd!("sleep", "600").pipe(cmd!("sleep", "600"))).unwrap();
        let pids = pids(&pipe);
        assert_eq!(pids.len(), 2);
        drop(pipe);
        assert!(pids.into_iter().all(is_gone));
    }
}
