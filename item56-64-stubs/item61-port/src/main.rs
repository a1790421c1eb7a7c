//! The story of item 61. (`cli.rs` has the flags, and server and client as programs of their own.)

mod cli;

use std::process::ExitCode;
use std::time::Duration;

use common::story::{Step, Story};
use item61_port::limits::room_for;
use item61_port::rehearsal::rehearse;
use item61_port::scripts::{MOST_SHOWN, Script, bad_peers, different_guesses, perform_all, rules};
use item61_port::server::{Kind, play, with_both};
use item61_port::settings::{Games, Settings, TIMEOUT};
use item61_port::{crowd, idle};

use cli::{Cli, Role, StoryFlags};

/// A game that is longer is shown in part.
const MOST_TURNS: usize = 10;

/// How long a peer may be silent in the step that shows what comes of it.
const DEADLINE: Duration = Duration::from_millis(50);

fn main() -> ExitCode {
    common::program::run(|cli: Cli| match cli.role {
        None => tell(&cli.story),
        Some(Role::Serve(flags)) => cli::serve(&flags),
        Some(Role::Play(flags)) => cli::play(&flags),
    })
}

fn tell(flags: &StoryFlags) -> anyhow::Result<()> {
    let games = flags.games.checked()?;
    // Both ends of each connection are in this process.
    let (clients, files) = room_for(flags.clients, 2)?;
    let settings = Settings { seed: games.seed, idle: TIMEOUT, most_peers: 100 };
    let rehearsed = rehearse(settings.seed, games)?;
    let undisturbed = |said: &[String]| said.iter().filter(|said| **said == rehearsed).count();
    let story = Story::begin(61, env!("CARGO_PKG_DESCRIPTION"), flags.output)?;
    story.say("A server guesses the number that its client thinks of.")?;
    // A step that asks the same of both servers tells what each did, in this order.
    let step_of_both = |name, says| {
        let step = story.step(name, says)?;
        step.setting("servers", Kind::NAMES.to_vec());
        anyhow::Ok(step)
    };

    let pairing =
        story.step("pairings", "each kind of client plays the same games with each server")?;
    let said: Vec<_> = with_both(settings, |_, server| {
        let play = |client| play(client, server, games, TIMEOUT);
        Kind::BOTH.into_iter().map(play).collect::<anyhow::Result<Vec<_>>>()
    })?;
    let said = said.concat();
    let count = undisturbed(&said);
    story.say(&format!("{count} of 4 transcripts are as in memory, where there is no network."))?;
    pairing.proof("transcripts", said);
    pairing.proof("in_memory", &*rehearsed);
    story.say("The first game, a line for each turn (> the client, < the server):")?;
    let first_game = rehearsed.split_inclusive("> PARAMS 0 -1\n").next().unwrap_or_default();
    // A turn begins with what the client reports of the last guess.
    let turns = first_game.trim_end().replace('\n', "  ").replace("  > REPORT", "\n> REPORT");
    for turn in turns.lines().take(MOST_TURNS) {
        story.say(&format!("  {turn}"))?;
    }

    let crowding = story.step("crowd", "one thread serves many clients, all in mid-game")?;
    if clients < flags.clients {
        story.say("Fewer than asked: each takes two of the files that may be open.")?;
    }
    let play = || crowd::play_at_once(settings, games, clients);
    let (served, as_in_memory, elapsed) = crowding.enter(play)?;
    crowding.fact("clients", clients);
    crowding.fact("played_as_in_memory", as_in_memory);
    crowding.proof("connections", served);
    crowding.proof("files_may_be_open", files);
    crowding.figure("elapsed_s", elapsed);
    crowding.figure("games_per_second", f64::from(clients) / elapsed.as_secs_f64());
    story.picture_of_first(4, "all of these games are open at the same time", &[&crowding])?;

    let stopping = step_of_both("stop", "a server stops while three peers are connected")?;
    let peers: Vec<_> = with_both(settings, |_, server| idle::connected(server, 3))?;
    stopping.fact("hung_up", peers.into_iter().map(idle::hung_up).collect::<Vec<_>>());
    story.say("This was the port. The steps below try the protocol and its guards.")?;

    let ruling = step_of_both("rules", "told Correct, a server keeps the number until PARAMS")?;
    story.say("Each peer hears 7 and says Correct. All that it hears, if it then does this:")?;
    perform(&ruling, &rules(), settings, games)?;
    ruling.setting("numbers_asked_for", 60);
    let guesses: Vec<_> = with_both(settings, |_, server| different_guesses(server, 60))?;
    ruling.fact("different_guesses", guesses);

    let refusing = step_of_both("bad_peers", "each is told why and loses its connection, alone")?;
    let good_peers = perform(&refusing, &bad_peers(), settings, games)?;
    let others = undisturbed(&good_peers);
    story
        .say(&format!("A good peer of each was in mid-game meanwhile: {others} have played on."))?;
    refusing.proof("good_peers", good_peers);

    let idling =
        step_of_both("idle_peers", "one says nothing, one stops in mid-line; others play")?;
    let visit = |kind, server| idle::others_meanwhile(kind, server, games);
    let (played, then): (Vec<_>, Vec<_>) = idling.enter(|| with_both(settings, visit))?;
    idling.fact("answer_to_whole_line", then).once();
    idling.proof("players", played.concat());
    story.picture("players come and go while the two others wait", &[&idling])?;

    let expiring = step_of_both("deadline", "who says nothing for too long is told so")?;
    expiring.setting("allowed_s", DEADLINE);
    let impatient = Settings { idle: DEADLINE, ..settings };
    let (told, waited): (Vec<_>, Vec<_>) =
        with_both(impatient, |_, server| idle::silent_too_long(server))?;
    expiring.fact("told", told).once();
    expiring.fact("waited_s", waited);

    let filling = step_of_both("full", "two peers have taken all places; a third comes")?;
    let small = Settings { most_peers: 2, ..settings };
    let (told, others): (Vec<_>, Vec<_>) =
        with_both(small, |_, server| idle::one_too_many(server, small.most_peers))?;
    filling.fact("told", told).once();
    filling.fact("others_are_answered", others).once();

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
) -> anyhow::Result<Vec<String>> {
    let (answers, good_peers): (Vec<_>, Vec<_>) =
        with_both(settings, |_, server| perform_all(scripts, server, games))?;
    for (nth, (name, _)) in scripts.iter().enumerate() {
        let answers: Vec<&str> = answers.iter().map(|by| &*by[nth]).collect();
        if nth < MOST_SHOWN {
            step.fact(name, answers).once();
        } else {
            step.proof(name, answers);
        }
    }
    Ok(good_peers)
}
