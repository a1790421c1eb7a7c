//! What a message costs on its way there and back: through pipes to another process, where each byte is
//! copied into a pipe and out of it, twice; or through channels to another thread, where no byte moves.

use std::io::{self, BufReader, BufWriter, Read as _, Write as _};
use std::mem;
use std::path::Path;
use std::process::{ChildStdin, ChildStdout};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread::{self, Scope};
use std::time::Duration;

use anyhow::{Context, ensure};
use common::children;
use common::rounds::best_by_turns;
use common::stdout::write_all;
use common::threads::spawn;

use crate::child::{join, start};
use crate::wire::read_line;

/// So many trips are timed together: one alone is too short.
const TRIPS: u32 = 50;

/// As many bytes as two integers have, and a megabyte.
const LENGTHS: [usize; 2] = [8, 1 << 20];

/// A child that sends back what it is sent. Dropping it ends it and waits for it.
#[derive(Debug)]
pub struct EchoChild {
    process: children::Child,
    to: BufWriter<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl EchoChild {
    /// Starts `program` as such a child.
    pub fn start(program: &Path) -> anyhow::Result<Self> {
        let (process, to, from) = start(program, "echo")?;
        Ok(Self { process, to: BufWriter::new(to), from })
    }

    /// Sends the length of `message` on a line, and its bytes. Those that come back take their place.
    pub fn trip(&mut self, mut message: Vec<u8>) -> anyhow::Result<Vec<u8>> {
        let sent = writeln!(self.to, "{}", message.len());
        let sent = sent.and_then(|()| self.to.write_all(&message)).and_then(|()| self.to.flush());
        sent.context("cannot write to a child")?;
        self.from.read_exact(&mut message).context("cannot read from a child")?;
        Ok(message)
    }

    fn join(self) -> anyhow::Result<()> {
        let input = self.to.into_inner().context("cannot write to a child")?;
        join(self.process, input)
    }
}

/// What such a child does all its life: reads messages from stdin and writes them to stdout, until there
/// are no more messages.
pub fn echo() -> anyhow::Result<()> {
    let mut input = io::stdin().lock();
    let mut message = Vec::new();
    while let Some(line) = read_line(&mut input).context("cannot read a length from stdin")? {
        let length: u64 = line.parse().with_context(|| format!("{line:?} is no length"))?;
        message.clear();
        // Read to its end before its first byte goes back. A pipe holds little: a child that wrote while
        // its parent wrote, too, could wait for the parent to read, and the parent for the child.
        let read = (&mut input).take(length).read_to_end(&mut message);
        read.context("cannot read a message from stdin")?;
        ensure!(message.len() as u64 == length, "the input ended within a message");
        write_all(&message)?;
    }
    Ok(())
}

/// A thread that sends back what it is sent. It ends when this is dropped.
struct EchoThread {
    to: Sender<Vec<u8>>,
    from: Receiver<Vec<u8>>,
}

impl EchoThread {
    fn start<'scope>(scope: &'scope Scope<'scope, '_>) -> anyhow::Result<Self> {
        let (to, messages) = mpsc::channel();
        let (answers, from) = mpsc::channel();
        let echo = move || messages.into_iter().try_for_each(|message| answers.send(message));
        spawn(scope, "echo", echo)?;
        Ok(Self { to, from })
    }

    /// Hands `message` over. Only the vector's address and length travel: its bytes stay where they are.
    fn trip(&mut self, message: Vec<u8>) -> anyhow::Result<Vec<u8>> {
        let gone = "the thread that sends back is gone";
        self.to.send(message).context(gone)?;
        self.from.recv().context(gone)
    }
}

/// What the trips of a message have come to.
#[derive(Clone, Copy, Debug)]
pub struct Trip {
    /// How long there and back took, in the best round.
    pub took: Duration,
    /// Whether the message was, byte for byte, the same after all trips as before the first.
    pub came_back_equal: bool,
}

/// Three ways to send a message there and back.
#[derive(Clone, Copy, Debug)]
pub struct Trips {
    /// Two integers, through pipes to a child.
    pub two_integers: Trip,
    /// A megabyte, through such pipes.
    pub megabyte: Trip,
    /// A megabyte, through channels to a thread.
    pub shared: Trip,
    /// Whether that megabyte lay elsewhere in memory after one of its trips to the thread.
    pub was_moved: bool,
}

/// Sends each message by turns with the others, many times in each round.
pub fn trips(program: &Path, rounds: usize) -> anyhow::Result<Trips> {
    let [few, many] = LENGTHS.map(|length| (0..=u8::MAX).cycle().take(length).collect::<Vec<_>>());
    let [mut integers, mut piped, mut shared] = [few.clone(), many.clone(), many.clone()];
    let mut was_moved = false;
    let [mut child, mut other] = [EchoChild::start(program)?, EchoChild::start(program)?];
    let [light, heavy, handed_over] = thread::scope(|scope| {
        let mut thread = EchoThread::start(scope)?;
        best_by_turns(
            rounds,
            [
                &mut || repeat(&mut integers, |message| child.trip(message)),
                &mut || repeat(&mut piped, |message| other.trip(message)),
                &mut || {
                    repeat(&mut shared, |message| {
                        let address = message.as_ptr();
                        let message = thread.trip(message)?;
                        was_moved |= message.as_ptr() != address;
                        Ok(message)
                    })
                },
            ],
        )
    })?
    .map(|best| best.elapsed / TRIPS);
    child.join()?;
    other.join()?;
    Ok(Trips {
        two_integers: Trip { took: light, came_back_equal: integers == few },
        megabyte: Trip { took: heavy, came_back_equal: piped == many },
        shared: Trip { took: handed_over, came_back_equal: shared == many },
        was_moved,
    })
}

/// Sends `message` there and back; what came back is sent the next time.
fn repeat(
    message: &mut Vec<u8>,
    mut trip: impl FnMut(Vec<u8>) -> anyhow::Result<Vec<u8>>,
) -> anyhow::Result<()> {
    for _ in 0..TRIPS {
        *message = trip(mem::take(message))?;
    }
    Ok(())
}
