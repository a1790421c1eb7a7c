//! The command line: its flags, and the server and the client as programs of their own.

use std::io::stdout;
use std::net::{Ipv4Addr, SocketAddr, ToSocketAddrs};
use std::time::Duration;

use clap::{Args, Parser, Subcommand, value_parser};
use common::program::duration_within;
use common::stdout::{print_line, write_all};
use common::story::OutputFlags;
use item61_port::limits::{MOST_PEERS, room_for};
use item61_port::server::{self, Kind, Server};
use item61_port::settings::{Games, Settings};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Item 61: a guessing game over TCP, served and played by threads and by async tasks
#[derive(Debug, Parser)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    pub role: Option<Role>,

    #[command(flatten)]
    pub story: StoryFlags,
}

#[derive(Debug, Args)]
pub struct StoryFlags {
    #[command(flatten)]
    pub games: Games,

    /// How many clients play at once with the async server
    #[arg(long, default_value_t = 1_000, allow_negative_numbers = true)]
    #[arg(value_parser = value_parser!(u16).range(1..=i64::from(MOST_PEERS)))]
    pub clients: u16,

    #[command(flatten)]
    pub output: OutputFlags,
}

#[derive(Debug, Subcommand)]
pub enum Role {
    /// Run a server until SIGINT, SIGTERM or SIGHUP
    Serve(ServeFlags),
    /// Play with a server and print what was said
    Play(PlayFlags),
}

#[derive(Debug, Args)]
pub struct ServeFlags {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_parser = address)]
    #[arg(default_value_t = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))]
    addr: SocketAddr,

    /// Serve with async tasks instead of threads
    #[arg(long)]
    r#async: bool,

    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Args)]
pub struct PlayFlags {
    /// Where the server listens, as 127.0.0.1:6161 or localhost:6161
    #[arg(long, value_parser = address)]
    addr: SocketAddr,

    /// Play with async calls instead of blocking ones
    #[arg(long)]
    r#async: bool,

    /// How long the server may take for an answer
    #[arg(long, default_value = "5s", value_parser = duration_within("1ms", "1day"))]
    timeout: Duration,

    #[command(flatten)]
    games: Games,
}

/// The address that is meant. A name may have several: the first one of IPv4, where servers listen by
/// default, or else of IPv6.
fn address(text: &str) -> Result<SocketAddr, String> {
    let addrs = text.to_socket_addrs().map_err(|cause| format!("{cause}; try 127.0.0.1:6161"))?;
    addrs.min_by_key(SocketAddr::is_ipv6).ok_or_else(|| "the name has no address".into())
}

/// Serves until a signal comes.
pub fn serve(flags: &ServeFlags) -> anyhow::Result<()> {
    let (most_peers, _) = room_for(flags.settings.most_peers, 1)?;
    let settings = Settings { most_peers, ..flags.settings };
    let Server { addr, stop, run } = Server::listen(kind(flags.r#async), flags.addr, settings)?;
    common::ending::instead(|| drop(stop))?;
    say_if_read(&format!("listening on {addr}"))?;
    say_if_read(&format!("stopped, peers served: {}", run()))
}

/// Plays, and prints what was said.
pub fn play(flags: &PlayFlags) -> anyhow::Result<()> {
    let games = flags.games.checked()?;
    let said = server::play(kind(flags.r#async), flags.addr, games, flags.timeout)?;
    Ok(write_all(said.as_bytes())?)
}

fn kind(r#async: bool) -> Kind {
    if r#async { Kind::Tasks } else { Kind::Threads }
}

/// Says it, but not into a pipe that is full and stays so: whoever stopped reading could not stop the
/// server any more.
fn say_if_read(line: &str) -> anyhow::Result<()> {
    const PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 300_000_000 };
    if poll(&mut [PollFd::new(&stdout(), PollFlags::OUT)], Some(&PATIENCE)) != Ok(0) {
        print_line(line)?;
    }
    Ok(())
}
