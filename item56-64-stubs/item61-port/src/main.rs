//! The story of item 61, and its server and client as programs of their own.

mod story;
mod tasks;
mod threads;

use std::io::{self, ErrorKind, Write, stdout};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use clap::{Parser, Subcommand};
use common::program::duration;
use common::report::{OutputFlags, StdoutFailed};
use item61_port::guessing::Player;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use signal_hook::consts::{SIGINT, SIGTERM};
use tokio::runtime::Runtime;
use tokio::select;
use tokio::signal::unix::{SignalKind, signal};

/// Item 61: a guessing game over TCP, served and played by threads and by async tasks
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    role: Option<Role>,

    #[command(flatten)]
    story: StoryFlags,
}

#[derive(Debug, clap::Args)]
struct StoryFlags {
    #[command(flatten)]
    games: GameFlags,

    /// How many clients play at once with the async server
    #[arg(long, default_value_t = 1_000, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000))]
    clients: u32,

    #[command(flatten)]
    output: OutputFlags,
}

/// What a client plays.
#[derive(Clone, Copy, Debug, clap::Args)]
struct GameFlags {
    /// The lowest number a client may think of
    #[arg(long, default_value_t = 1, allow_negative_numbers = true)]
    low: i64,

    /// The highest number a client may think of
    #[arg(long, default_value_t = 10, allow_negative_numbers = true)]
    high: i64,

    /// How many games a client plays, one after the other
    #[arg(long, default_value_t = 3, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100))]
    games: u32,

    /// Decides which numbers are thought of, and in the story also how they are guessed
    #[arg(long, default_value_t = 61, allow_negative_numbers = true)]
    seed: u64,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// Run a server until SIGINT or SIGTERM
    Serve(ServeFlags),
    /// Play with a server and print what was said
    Play(PlayFlags),
}

#[derive(Debug, clap::Args)]
struct ServeFlags {
    /// Where to listen; port 0 takes a free one
    #[arg(long, default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))]
    addr: SocketAddr,

    /// Serve with async tasks instead of threads
    #[arg(long)]
    r#async: bool,

    /// Decides in which order numbers are guessed
    #[arg(long, default_value_t = 61, allow_negative_numbers = true)]
    seed: u64,

    /// How long a peer may take for a line
    #[arg(long, default_value = "1min", value_parser = patience)]
    idle: Duration,
}

#[derive(Debug, clap::Args)]
struct PlayFlags {
    /// Where the server listens
    #[arg(long)]
    addr: SocketAddr,

    /// Play with async calls instead of blocking ones
    #[arg(long)]
    r#async: bool,

    /// How long the server may take for an answer
    #[arg(long, default_value = "5s", value_parser = patience)]
    timeout: Duration,

    #[command(flatten)]
    games: GameFlags,
}

/// The two kinds of edges that the protocol has here.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Threads,
    Tasks,
}

impl Kind {
    fn asked(r#async: bool) -> Self {
        if r#async { Self::Tasks } else { Self::Threads }
    }
}

/// What a server is told.
#[derive(Clone, Copy, Debug)]
struct Settings {
    seed: u64,
    /// How long a peer may take for a line, or to take one.
    idle: Duration,
}

/// How long a server keeps a connection that it has refused, for the peer to read why.
const LINGER: Duration = Duration::from_secs(5);

/// How long a server that can't accept a connection waits before it tries again.
const PAUSE: Duration = Duration::from_millis(50);

/// A pipe, a listener, a runtime or two, some peers, and what a process has open anyway. Tokio
/// panics when it can't open the files of its own.
const FEWEST_OPEN_FILES: u64 = 64;

/// Larger ranges than this take too long to guess in.
const LARGEST_RANGE: u64 = 1_000;

fn main() -> ExitCode {
    common::program::run(|cli: Cli| {
        let open_files = raise_open_files_limit()?;
        match cli.role {
            None => story::tell(&cli.story, open_files),
            Some(Role::Serve(flags)) => serve(&flags),
            Some(Role::Play(flags)) => print_games(&flags),
        }
    })
}

fn serve(flags: &ServeFlags) -> anyhow::Result<()> {
    let settings = Settings { seed: flags.seed, idle: flags.idle };
    let connections = match Kind::asked(flags.r#async) {
        Kind::Threads => serve_in_threads(flags.addr, settings)?,
        Kind::Tasks => runtime()?.block_on(serve_in_tasks(flags.addr, settings))?,
    };
    say(&format!("stopped, connections: {connections}"))
}

/// The handlers of the signals write to the pipe that all threads of the server wait for.
fn serve_in_threads(addr: SocketAddr, settings: Settings) -> anyhow::Result<u64> {
    let listener = TcpListener::bind(addr).with_context(|| format!("cannot listen on {addr}"))?;
    let (stopped, stop) = io::pipe().context("cannot open a pipe")?;
    for signal in [SIGINT, SIGTERM] {
        let stop = stop.try_clone().context("cannot duplicate a pipe")?;
        signal_hook::low_level::pipe::register(signal, stop)
            .context("cannot install the signal handlers")?;
    }
    announce(listener.local_addr())?;
    threads::serve(&listener, settings, &stopped).context("cannot go on serving")
}

async fn serve_in_tasks(addr: SocketAddr, settings: Settings) -> anyhow::Result<u64> {
    let listener = tokio::net::TcpListener::bind(addr).await;
    let listener = listener.with_context(|| format!("cannot listen on {addr}"))?;
    let install = |kind| signal(kind).context("cannot install the signal handlers");
    let mut interrupt = install(SignalKind::interrupt())?;
    let mut terminate = install(SignalKind::terminate())?;
    let stop = async {
        select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    };
    announce(listener.local_addr())?;
    Ok(tasks::serve(listener, settings, stop).await)
}

fn announce(bound: io::Result<SocketAddr>) -> anyhow::Result<()> {
    let bound = bound.context("cannot learn the address that was bound")?;
    say(&format!("listening on {bound}"))
}

fn print_games(flags: &PlayFlags) -> anyhow::Result<()> {
    flags.games.check_range()?;
    let player = flags.games.player(flags.games.seed);
    let said = play(Kind::asked(flags.r#async), flags.addr, player, flags.timeout)?;
    said.iter().try_for_each(|line| say(line))
}

/// Plays with `server`, in this thread or in a task that this thread runs.
fn play(
    kind: Kind,
    server: SocketAddr,
    player: Player,
    timeout: Duration,
) -> anyhow::Result<Vec<String>> {
    let said = match kind {
        Kind::Threads => {
            threads::Client::connect(server, player, timeout).and_then(threads::Client::play)
        }
        Kind::Tasks => runtime()?.block_on(async {
            tasks::Client::connect(server, player, timeout).await?.play().await
        }),
    };
    said.with_context(|| format!("cannot play with {server}"))
}

impl GameFlags {
    /// Two flags that are fine on their own may be at odds with each other.
    fn check_range(&self) -> Result<(), clap::Error> {
        let Self { low, high, .. } = self;
        let complaint = if low > high {
            format!("'--low {low}' is above '--high {high}'")
        } else if low.abs_diff(*high) >= LARGEST_RANGE {
            format!("'--low {low} --high {high}' are more than {LARGEST_RANGE} numbers")
        } else {
            return Ok(());
        };
        Err(clap::Error::raw(clap::error::ErrorKind::ValueValidation, complaint))
    }

    /// The seed of one client among many.
    fn seed_of(&self, client: u32) -> u64 {
        self.seed.wrapping_add(client.into())
    }

    fn player(&self, seed: u64) -> Player {
        Player::new(self.low, self.high, self.games, seed)
    }
}

/// Raises the soft limit of open files as far as the hard one allows, and returns what it is now.
/// Every connection is an open file, and the usual soft limit is 1,024.
fn raise_open_files_limit() -> anyhow::Result<u64> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // Some systems refuse what their hard limit says; then the soft one stays as it is.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let limit = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
    if limit < FEWEST_OPEN_FILES {
        anyhow::bail!(
            "cannot work with {limit} open files: {FEWEST_OPEN_FILES} are needed (ulimit -n)"
        );
    }
    Ok(limit)
}

/// A runtime that runs all its tasks on the thread that calls it.
fn runtime() -> anyhow::Result<Runtime> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().context("cannot start the async runtime")
}

/// Whether an accept has failed for this one peer only, or found none after all.
fn is_momentary(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::WouldBlock)
}

/// A duration that a clock can add to the present.
fn patience(text: &str) -> Result<Duration, String> {
    let time = duration(text).map_err(|error| error.to_string())?;
    let range = Duration::from_millis(1)..=Duration::from_secs(24 * 60 * 60);
    if range.contains(&time) { Ok(time) } else { Err("not in 1ms..=1day".into()) }
}

fn say(line: &str) -> anyhow::Result<()> {
    let mut stdout = stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).map_err(StdoutFailed)?;
    Ok(())
}
