//! The story of item 61, and its server and client as programs of their own.

use std::io::{Write, stdout};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use common::program::duration_within;
use common::report::StdoutFailed;
use common::story::{OutputFlags, Step, Story};
use item61_port::limits::{MOST_PEERS, room_for};
use item61_port::rehearsal::rehearse;
use item61_port::scripts::{Script, in_short};
use item61_port::server::{Kind, Server, play, visited};
use item61_port::settings::{Games, Settings, TIMEOUT};
use item61_port::{crowd, idle, scripts};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

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
    #[arg(value_parser = clap::value_parser!(u16).range(1..=i64::from(MOST_PEERS)))]
    clients: u16,

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
    #[arg(long, default_value_t = 42, allow_negative_numbers = true)]
    seed: u64,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// Run a server until SIGINT, SIGTERM or SIGHUP
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
    #[arg(long, default_value_t = 42, allow_negative_numbers = true)]
    seed: u64,

    /// How long a peer may take for a line
    #[arg(long, default_value = "1min", value_parser = duration_within("1ms", "1day"))]
    idle: Duration,

    /// How many peers may play at the same time; fewer if fewer files may be open
    #[arg(long, default_value_t = 1_000, allow_negative_numbers = true)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=i64::from(MOST_PEERS)))]
    peers: u16,
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
    #[arg(long, default_value = "5s", value_parser = duration_within("1ms", "1day"))]
    timeout: Duration,

    #[command(flatten)]
    games: GameFlags,
}

/// A larger range than this takes too long to guess in.
const LARGEST_RANGE: u64 = 100;

/// A game that is longer is shown in part.
const MOST_LINES: usize = 30;

/// How long a peer may be silent in the step that shows what comes of it.
const DEADLINE: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    common::program::run(|cli: Cli| match cli.role {
        None => tell(&cli.story),
        Some(Role::Serve(flags)) => serve(&flags),
        Some(Role::Play(flags)) => print_games(&flags),
    })
}

fn serve(flags: &ServeFlags) -> anyhow::Result<()> {
    let most_peers = room_for(flags.peers, 1)?.peers;
    let settings = Settings { seed: flags.seed, idle: flags.idle, most_peers };
    let Server { addr, stop, run } = Server::listen(kind(flags.r#async), flags.addr, settings)?;
    common::ending::instead(|| drop(stop))?;
    say_if_read(&format!("listening on {addr}"))?;
    let served = run()?;
    say_if_read(&format!("stopped, peers served: {served}"))
}

fn print_games(flags: &PlayFlags) -> anyhow::Result<()> {
    let games = flags.games.checked()?;
    let said = play(kind(flags.r#async), flags.addr, games, flags.timeout)?;
    said.iter().try_for_each(|line| say(line))
}

fn kind(r#async: bool) -> Kind {
    if r#async { Kind::Tasks } else { Kind::Threads }
}

/// Says it, but not into a pipe that is full and stays so: whoever stopped reading could not stop the
/// server any more.
fn say_if_read(line: &str) -> anyhow::Result<()> {
    const PATIENCE: Timespec = Timespec { tv_sec: 0, tv_nsec: 300_000_000 };
    match poll(&mut [PollFd::new(&stdout(), PollFlags::OUT)], Some(&PATIENCE)) {
        Ok(0) => Ok(()),
        _ => say(line),
    }
}

fn say(line: &str) -> anyhow::Result<()> {
    let mut stdout = stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).map_err(StdoutFailed)?;
    Ok(())
}

impl GameFlags {
    /// Two flags that are fine on their own may be at odds with each other.
    fn checked(self) -> Result<Games, clap::Error> {
        let Self { low, high, games: count, seed } = self;
        let complaint = if low > high {
            format!("'--low {low}' is above '--high {high}'")
        } else if low.abs_diff(high) >= LARGEST_RANGE {
            format!("'--low {low} --high {high}' are more than {LARGEST_RANGE} numbers")
        } else {
            return Ok(Games { low, high, count, seed });
        };
        Err(clap::Error::raw(clap::error::ErrorKind::ValueValidation, complaint))
    }
}

fn tell(flags: &StoryFlags) -> anyhow::Result<()> {
    let games = flags.games.checked()?;
    // Both ends of each connection are in this process.
    let room = room_for(flags.clients, 2)?;
    let settings = Settings { seed: games.seed, idle: TIMEOUT, most_peers: 100 };
    let rehearsed = rehearse(settings.seed, games)?;
    let story = Story::begin(61, env!("CARGO_PKG_DESCRIPTION"), flags.output)?;
    story.say("A server guesses the number that its client thinks of.")?;

    let pairing = story.step("pairings", "each client plays the same games with each server")?;
    let mut alike = 0;
    for (name, server, client) in [
        ("threads_with_threads", Kind::Threads, Kind::Threads),
        ("threads_with_tasks", Kind::Threads, Kind::Tasks),
        ("tasks_with_threads", Kind::Tasks, Kind::Threads),
        ("tasks_with_tasks", Kind::Tasks, Kind::Tasks),
    ] {
        let (said, _) = visited(server, settings, |addr| play(client, addr, games, TIMEOUT))?;
        alike += u32::from(said == rehearsed);
        pairing.proof(name, said);
    }
    pairing.proof("in_memory", rehearsed.clone());
    pairing.fact("transcripts_alike", alike);
    story.say("The first game, as the client sees it:")?;
    let first_game = rehearsed.split_inclusive(|line| line == "> PARAMS 0 -1").next();
    for line in first_game.unwrap_or_default().iter().take(MOST_LINES) {
        story.say(&format!("  {line}"))?;
    }

    let ruling = story.step("rules", "told Correct, a server keeps the number until PARAMS")?;
    perform(&ruling, &scripts::rules(), settings, games)?;
    ruling.fact("threads_guessed_of_60", scripts::guessed_of_60(Kind::Threads, settings)?);
    ruling.fact("tasks_guessed_of_60", scripts::guessed_of_60(Kind::Tasks, settings)?);

    let refusing = story.step("bad_peers", "each is told why and loses its connection, alone")?;
    let good_peers = perform(&refusing, &scripts::bad_peers(), settings, games)?;
    let undisturbed = good_peers.iter().filter(|said| **said == rehearsed);
    refusing.fact("undisturbed_players", undisturbed.count());
    for (name, said) in ["good_peer_of_threads", "good_peer_of_tasks"].into_iter().zip(good_peers) {
        refusing.proof(name, said);
    }

    let idling =
        story.step("idle_peers", "one says nothing, one stops in mid-line; others play")?;
    let mut undisturbed = 0;
    for (kind, then, meanwhile) in [
        (Kind::Threads, "threads_then", "threads_meanwhile"),
        (Kind::Tasks, "tasks_then", "tasks_meanwhile"),
    ] {
        let others = idle::others_meanwhile(idling.lanes(), kind, settings, games)?;
        undisturbed += others.played.iter().filter(|said| **said == rehearsed).count();
        idling.fact(then, in_short(&others.then));
        idling.proof(meanwhile, others.played[1].clone());
    }
    idling.fact("undisturbed_players", undisturbed);
    story.picture("players come and go while the two others wait", &[&idling])?;

    let expiring = story.step("deadline", "who says nothing for too long is told so")?;
    expiring.fact("allowed_s", DEADLINE);
    for (kind, told, waited) in [
        (Kind::Threads, "told_by_threads", "threads_waited_s"),
        (Kind::Tasks, "told_by_tasks", "tasks_waited_s"),
    ] {
        let impatient = Settings { idle: DEADLINE, ..settings };
        let (heard, time) = idle::silent_too_long(kind, impatient)?;
        expiring.fact(told, in_short(&heard));
        expiring.fact(waited, time);
    }

    let filling = story.step("full", "two peers have taken all places; a third comes")?;
    for (kind, told, others) in [
        (Kind::Threads, "told_by_threads", "threads_others"),
        (Kind::Tasks, "told_by_tasks", "tasks_others"),
    ] {
        let (third, answers) = idle::one_too_many(kind, Settings { most_peers: 2, ..settings })?;
        filling.fact(told, in_short(&third));
        filling.fact(others, in_short(&answers));
    }

    let crowding = story.step("crowd", "one thread serves many clients, all in mid-game")?;
    if room.peers < usize::from(flags.clients) {
        story.say("Fewer than asked: each takes two of the files that may be open.")?;
    }
    let crowd = crowd::play_at_once(crowding.lanes(), settings, games, room.peers)?;
    crowding.fact("clients", room.peers);
    crowding.fact("played_as_rehearsed", crowd.as_rehearsed);
    crowding.proof("connections", crowd.served);
    crowding.proof("files_may_be_open", room.files);
    crowding.figure("elapsed_s", crowd.elapsed);
    crowding.figure("games_per_second", room.peers as f64 / crowd.elapsed.as_secs_f64());
    story.picture_of_first(4, "all of these games are open at the same time", &[&crowding])?;

    let stopping = story.step("stop", "a server stops while three peers are connected")?;
    stopping.fact("threads_hung_up", idle::hung_up_at_stop(Kind::Threads, settings, 3)?);
    stopping.fact("tasks_hung_up", idle::hung_up_at_stop(Kind::Tasks, settings, 3)?);

    story.finish()?;
    Ok(())
}

/// Plays `scripts` with both servers and tells what they answered. Returns what a good peer of each
/// has said meanwhile.
fn perform(
    step: &Step<'_>,
    scripts: &[Script],
    settings: Settings,
    games: Games,
) -> anyhow::Result<[Vec<String>; 2]> {
    let threads = scripts::perform(scripts, Kind::Threads, settings, games)?;
    let tasks = scripts::perform(scripts, Kind::Tasks, settings, games)?;
    // They are alike, so one server's are shown.
    for (nth, (script, answers)) in scripts.iter().zip(&threads.answers).enumerate() {
        if nth < scripts::MOST_SHOWN {
            step.fact(script.name, &**answers);
        } else {
            step.proof(script.name, &**answers);
        }
    }
    step.proof("threads_answered", threads.answers);
    step.proof("tasks_answered", tasks.answers);
    Ok([threads.good_peer, tasks.good_peer])
}
