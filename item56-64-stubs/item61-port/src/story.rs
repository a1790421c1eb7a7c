//! A function per step.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use common::report::Story;
use common::timing::measure;
use item61_port::guessing::{Session, rehearse};
use tokio::sync::{Barrier, oneshot};
use tokio::task::JoinSet;

use crate::{
    FEWEST_OPEN_FILES, GameFlags, Kind, Settings, StoryFlags, play, runtime, tasks, threads,
};

/// Far longer than any answer here takes: only a mistake makes the story wait so long.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A game that is longer is shown in part.
const MOST_LINES: usize = 30;

const LOCALHOST: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);

/// What a peer sends on a connection of its own, and whether it hangs up then. If it does not, the
/// server must.
struct Script {
    name: &'static str,
    sends: Vec<u8>,
    hangs_up: bool,
}

fn sends(name: &'static str, sends: impl Into<Vec<u8>>) -> Script {
    Script { name, sends: sends.into(), hangs_up: false }
}

fn sends_and_hangs_up(name: &'static str, sends: impl Into<Vec<u8>>) -> Script {
    Script { name, sends: sends.into(), hangs_up: true }
}

pub fn tell(flags: &StoryFlags, open_files: u64) -> anyhow::Result<()> {
    flags.games.check_range()?;
    let title = "Know How to Port Threaded I/O to asyncio";
    let mut story = Story::begin(61, title, flags.output)?;
    story.say("A server guesses the number that its client thinks of.")?;

    port(&mut story)?;
    pairings(&mut story, flags.games)?;
    rules(&mut story, flags.games)?;
    bad_peers(&mut story, flags.games)?;
    idle_peers(&mut story, flags.games)?;
    crowd(&mut story, flags, open_files)?;
    stop(&mut story, flags.games)?;

    story.finish(&[&["pairings"]])?;
    Ok(())
}

/// How many lines each part has that are neither empty nor comments, without tests.
fn port(story: &mut Story) -> anyhow::Result<()> {
    story.step("port", "the protocol is written once; threads and tasks are its edges")?;
    for (name, source) in [
        ("protocol_lines", include_str!("guessing.rs")),
        ("threads_lines", include_str!("threads.rs")),
        ("tasks_lines", include_str!("tasks.rs")),
    ] {
        let lines = source.lines().map(str::trim).take_while(|line| *line != "#[cfg(test)]");
        let code = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
        story.fact(name, code.count())?;
    }
    Ok(())
}

/// Each kind of client plays the same games with each kind of server.
fn pairings(story: &mut Story, games: GameFlags) -> anyhow::Result<()> {
    story.step("pairings", "each client plays the same games with each server")?;
    let rehearsed = rehearsal(games, games.seed)?;
    story.fact("in_memory", digest(&rehearsed))?;
    for (name, server, client) in [
        ("threads_with_threads", Kind::Threads, Kind::Threads),
        ("threads_with_tasks", Kind::Threads, Kind::Tasks),
        ("tasks_with_threads", Kind::Tasks, Kind::Threads),
        ("tasks_with_tasks", Kind::Tasks, Kind::Tasks),
    ] {
        let mut lane = story.timeline.lane("pairings", name.replace('_', " "));
        let (said, _) = with_server(server, games.seed, |server| {
            lane.record("play", || play(client, server, games.player(games.seed), TIMEOUT))
        })?;
        drop(lane);
        story.fact(name, digest(&said))?;
    }
    story.fact("lines", rehearsed.len())?;
    story.say("The first game, as the client sees it:")?;
    let first_game = rehearsed.split_inclusive(|line| line == "> PARAMS 0 -1").next();
    for line in first_game.unwrap_or_default().iter().take(MOST_LINES) {
        story.say(&format!("  {line}"))?;
    }
    Ok(())
}

fn rules(story: &mut Story, games: GameFlags) -> anyhow::Result<()> {
    story.step("rules", "told Correct, the server keeps the number until the next PARAMS")?;
    let told = "PARAMS 7 7\nNUMBER\nREPORT Correct\n";
    let scripts = [
        sends_and_hangs_up("told_correct", format!("{told}NUMBER\nNUMBER\n")),
        sends_and_hangs_up("new_params", format!("{told}PARAMS 8 8\nNUMBER\n")),
        sends("after_the_end", format!("{told}PARAMS 0 -1\nNUMBER\n")),
    ];
    let mut answers = Vec::new();
    let mut guesses = Vec::new();
    for kind in [Kind::Threads, Kind::Tasks] {
        let ((said, all), _) = with_server(kind, games.seed, |server| {
            Ok((perform(&scripts, server)?, perform(&[all_of_60()], server)?))
        })?;
        answers.push(said);
        guesses.extend(all);
    }
    tell_answers(story, &scripts, &answers)?;
    for (name, guesses) in ["threads_guessed_of_60", "tasks_guessed_of_60"].iter().zip(guesses) {
        story.fact(name, guesses.split(", ").collect::<HashSet<_>>().len())?;
    }
    Ok(())
}

/// A size with many divisors: most strides through it come back too early.
fn all_of_60() -> Script {
    sends_and_hangs_up("all_of_60", format!("PARAMS 1 60\n{}", "NUMBER\n".repeat(60)))
}

/// While bad peers come and go, a good one is in the middle of its game.
fn bad_peers(story: &mut Story, games: GameFlags) -> anyhow::Result<()> {
    story.step("bad_peers", "each gets an error line and loses its connection, no other does")?;
    let scripts = [
        sends("unknown_command", "GUESS\n"),
        sends("letters_for_a_number", "PARAMS one 10\n"),
        sends("number_before_params", "NUMBER\n"),
        sends("empty_range", "PARAMS 1 0\nNUMBER\n"),
        sends("range_used_up", "PARAMS 7 7\nNUMBER\nNUMBER\n"),
        sends("report_before_guess", "PARAMS 1 10\nREPORT Warmer\n"),
        sends("unknown_outcome", "REPORT Hot\n"),
        sends("line_of_10_mb", vec![b'x'; 10_000_000]),
        sends_and_hangs_up("cut_off", "PARAMS 1 1"),
    ];
    let mut answers = Vec::new();
    let mut good_peers = Vec::new();
    for kind in [Kind::Threads, Kind::Tasks] {
        let ((bad, good), _) = with_server(kind, games.seed, |server| {
            let player = games.player(games.seed);
            let mut good = threads::Client::connect(server, player, TIMEOUT)?;
            good.exchange().context("the good peer cannot begin its game")?;
            let bad = perform(&scripts, server)?;
            Ok((bad, good.play().context("the good peer cannot end its game")?))
        })?;
        answers.push(bad);
        good_peers.push(digest(&good));
    }
    tell_answers(story, &scripts, &answers)?;
    for (name, good) in ["good_peer_of_threads", "good_peer_of_tasks"].iter().zip(good_peers) {
        story.fact(name, good)?;
    }
    Ok(())
}

/// The answers are alike, so one server's are shown.
fn tell_answers(
    story: &mut Story,
    scripts: &[Script],
    answers: &[Vec<String>],
) -> anyhow::Result<()> {
    for (script, answer) in scripts.iter().zip(&answers[0]) {
        story.fact(script.name, answer.as_str())?;
    }
    for (name, answers) in ["threads_answered", "tasks_answered"].iter().zip(answers) {
        story.fact(name, digest(answers))?;
    }
    Ok(())
}

/// Plays each script on a connection of its own and returns what came back before its end.
fn perform(scripts: &[Script], server: SocketAddr) -> anyhow::Result<Vec<String>> {
    let perform = |script: &Script| {
        let mut peer = connect(server)?;
        // Refused in the middle of a long line, a peer may not get rid of the rest.
        let _ = peer.write_all(&script.sends);
        if script.hangs_up {
            peer.shutdown(Shutdown::Write)?;
        }
        hear_out(&mut peer)
    };
    let played = scripts.iter().map(|script| {
        perform(script).with_context(|| format!("cannot play the script {}", script.name))
    });
    played.collect()
}

fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&server, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    Ok(stream)
}

/// Reads until the server closes the connection.
fn hear_out(peer: &mut TcpStream) -> io::Result<String> {
    let mut heard = String::new();
    peer.read_to_string(&mut heard)?;
    Ok(heard.lines().collect::<Vec<_>>().join(", "))
}

/// One peer connects and says nothing, another stops in the middle of a line. Others play.
fn idle_peers(story: &mut Story, games: GameFlags) -> anyhow::Result<()> {
    story.step("idle_peers", "one says nothing, one stops in mid-line; others play meanwhile")?;
    for (kind, meanwhile, then) in [
        (Kind::Threads, "threads_meanwhile", "threads_then"),
        (Kind::Tasks, "tasks_meanwhile", "tasks_then"),
    ] {
        let ((said, heard), _) = with_server(kind, games.seed, |server| {
            let _silent = connect(server)?;
            let mut halfway = connect(server)?;
            halfway.write_all(b"PARAMS 7 7\nNUM")?;
            let said = play(kind, server, games.player(games.seed), TIMEOUT)?;
            halfway.write_all(b"BER\n")?;
            halfway.shutdown(Shutdown::Write)?;
            Ok((said, hear_out(&mut halfway)?))
        })?;
        story.fact(meanwhile, digest(&said))?;
        story.fact(then, heard)?;
    }
    Ok(())
}

/// No client ends its game before all of them have heard a first guess.
fn crowd(story: &mut Story, flags: &StoryFlags, open_files: u64) -> anyhow::Result<()> {
    story.step("crowd", "one thread serves many clients at once, all in mid-game")?;
    let games = GameFlags { games: 1, ..flags.games };
    story.fact("asked", flags.clients)?;
    story.fact("files_may_be_open", open_files)?;
    let clients = flags.clients.min(clients_within(open_files));
    story.fact("clients", clients)?;
    if clients < flags.clients {
        story.say("Fewer than asked: each takes two of the files that may be open.")?;
    }

    let (served, elapsed) = measure(|| {
        with_server(Kind::Tasks, games.seed, |server| {
            runtime()?.block_on(play_at_once(server, games, clients))
        })
    });
    let (played, connections) = served?;
    let mut as_rehearsed = 0;
    for client in played {
        let mut lane = story.timeline.lane("crowd", format!("client {}", client.number));
        lane.record_between("play", client.start, client.end);
        let rehearsed = rehearsal(games, games.seed_of(client.number))?;
        as_rehearsed += usize::from(client.said == rehearsed);
    }
    story.fact("connections", connections)?;
    story.fact("played_as_rehearsed", as_rehearsed)?;
    story.time("elapsed", elapsed)?;
    Ok(())
}

/// A client of the crowd, after its games.
struct Played {
    number: u32,
    start: Instant,
    end: Instant,
    said: Vec<String>,
}

async fn play_at_once(
    server: SocketAddr,
    games: GameFlags,
    clients: u32,
) -> anyhow::Result<Vec<Played>> {
    let everyone_has_a_guess = Arc::new(Barrier::new(clients as usize));
    let mut tasks = JoinSet::new();
    for number in 0..clients {
        let everyone_has_a_guess = Arc::clone(&everyone_has_a_guess);
        tasks.spawn(async move {
            let start = Instant::now();
            let player = games.player(games.seed_of(number));
            let mut client = tasks::Client::connect(server, player, TIMEOUT).await?;
            client.exchange().await?;
            everyone_has_a_guess.wait().await;
            let said = client.play().await?;
            anyhow::Ok(Played { number, start, end: Instant::now(), said })
        });
    }
    let mut played = Vec::new();
    while let Some(client) = tasks.join_next().await {
        // After an error, the others are dropped with the set: they must not wait for ever.
        played.push(client.context("a client panicked")?.context("a client failed")?);
    }
    Ok(played)
}

/// How many clients have room in a process that may open so many files: each takes two, one for
/// either end of its connection. The rest is for what the process has open anyway.
fn clients_within(open_files: u64) -> u32 {
    let clients = open_files.saturating_sub(FEWEST_OPEN_FILES) / 2;
    u32::try_from(clients).unwrap_or(u32::MAX).max(1)
}

/// What becomes of the connections that are open when a server stops.
fn stop(story: &mut Story, games: GameFlags) -> anyhow::Result<()> {
    story.step("stop", "a server stops while peers are connected: it hangs up and is joined")?;
    for (kind, open, hung_up) in [
        (Kind::Threads, "threads_open", "threads_hung_up"),
        (Kind::Tasks, "tasks_open", "tasks_hung_up"),
    ] {
        let (peers, connections) = with_server(kind, games.seed, |server| {
            let peers = (0..3).map(|_| {
                let mut peer = connect(server)?;
                peer.write_all(b"PARAMS 7 7\nNUMBER\n")?;
                // An answer shows that the server has the connection.
                peer.read_exact(&mut [0; 2])?;
                Ok(peer)
            });
            peers.collect::<anyhow::Result<Vec<_>>>()
        })?;
        story.fact(open, connections)?;
        let ends = peers.into_iter().map(|mut peer| hear_out(&mut peer));
        // A connection that outlived the word to stop would end with a refusal: silent too long.
        let at_once = ends.filter(|heard| heard.as_ref().is_ok_and(String::is_empty));
        story.fact(hung_up, at_once.count())?;
    }
    Ok(())
}

/// Runs a server while `visit` visits it, stops it, and returns how many connections it had.
fn with_server<T>(
    kind: Kind,
    seed: u64,
    visit: impl FnOnce(SocketAddr) -> anyhow::Result<T>,
) -> anyhow::Result<(T, u64)> {
    let settings = Settings { seed, idle: TIMEOUT };
    match kind {
        Kind::Threads => {
            let listener = TcpListener::bind(LOCALHOST).context("cannot listen")?;
            let server = listener.local_addr()?;
            let (stopped, stop) = io::pipe().context("cannot open a pipe")?;
            let serve = move || Ok(threads::serve(&listener, settings, &stopped)?);
            beside(serve, || visit(server), stop)
        }
        Kind::Tasks => {
            let runtime = runtime()?;
            let listener = runtime.block_on(tokio::net::TcpListener::bind(LOCALHOST));
            let listener = listener.context("cannot listen")?;
            let server = listener.local_addr()?;
            let (stop, stopped) = oneshot::channel::<()>();
            let serve = move || Ok(runtime.block_on(tasks::serve(listener, settings, stopped)));
            beside(serve, || visit(server), stop)
        }
    }
}

/// Runs `serve` in a thread beside `visit`; then drops `stop`, which ends it, and joins it.
fn beside<T>(
    serve: impl FnOnce() -> anyhow::Result<u64> + Send,
    visit: impl FnOnce() -> anyhow::Result<T>,
    stop: impl Sized,
) -> anyhow::Result<(T, u64)> {
    thread::scope(|scope| {
        // Dropped also if `visit` panics: the scope would wait for a server that nobody stops.
        let stop = stop;
        let server = thread::Builder::new()
            .spawn_scoped(scope, serve)
            .context("cannot start the server's thread")?;
        let visited = visit();
        drop(stop);
        let connections = server.join().map_err(|_| anyhow!("the server panicked"))?;
        Ok((visited?, connections.context("the server failed")?))
    })
}

/// The games of a player as they must go, whoever carries the lines.
fn rehearsal(games: GameFlags, seed: u64) -> anyhow::Result<Vec<String>> {
    let said = rehearse(&mut Session::new(games.seed), games.player(seed));
    said.context("cannot rehearse the games")
}

/// A short name for what was said: the same for the same lines.
fn digest(said: &[String]) -> String {
    let mut hasher = DefaultHasher::new();
    said.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
