//! The client's side of one connection, without any input or output: it thinks of numbers and judges
//! the server's guesses.

use std::collections::HashSet;
use std::mem;

use anyhow::{Context, ensure};
use fastrand::Rng;

use crate::protocol::text;
use crate::settings::Games;

/// A client that plays some games, one after the other.
///
/// Send what it [`says`](Self::says), let it [hear](Self::hears) the line that comes back, and so on
/// until it [is done](Self::is_done); then send its last words.
pub struct Player {
    /// What has been said: the client's lines after `>`, the server's after `<`.
    pub transcript: String,
    games: Games,
    random: Rng,
    secret: i64,
    last_distance: Option<u64>,
    guesses: HashSet<i64>,
    to_say: String,
}

impl Player {
    /// A player of these games. The numbers that it thinks of depend on their seed alone.
    ///
    /// # Panics
    ///
    /// Panics if their range is empty.
    pub fn new(games: Games) -> Self {
        let mut player = Self {
            transcript: String::new(),
            games,
            // Not the numbers that a server with the same seed would guess.
            random: Rng::with_seed(!games.seed),
            secret: games.low,
            last_distance: None,
            guesses: HashSet::new(),
            to_say: String::new(),
        };
        player.begin();
        player
    }

    /// What to send now: one line or several.
    pub fn says(&mut self) -> String {
        self.transcript.extend(self.to_say.lines().flat_map(|line| ["> ", line, "\n"]));
        mem::take(&mut self.to_say)
    }

    /// Takes the server's guess: a line with its newline, or nothing if the server has hung up.
    ///
    /// # Errors
    ///
    /// Says what the server does against the rules.
    pub fn hears(&mut self, line: Option<Vec<u8>>) -> anyhow::Result<()> {
        let line = line.context("the server has closed the connection")?;
        let line = text(&line).context("the server's answer")?;
        let guess = line.parse().ok().with_context(|| format!("the server answered {line:?}"))?;
        let Games { low, high, .. } = self.games;
        ensure!((low..=high).contains(&guess), "the server guessed {guess}, out of the range");
        ensure!(self.guesses.insert(guess), "the server guessed {guess} again");
        self.transcript.extend([format!("< {guess}\n")]);

        let outcome = self.judge(guess);
        self.to_say.extend(["REPORT ", outcome, "\n"]);
        if outcome != "Correct" {
            self.to_say += "NUMBER\n";
            return Ok(());
        }
        self.to_say += "PARAMS 0 -1\n";
        self.games.count -= 1;
        if !self.is_done() {
            self.begin();
        }
        Ok(())
    }

    /// Whether all games are over: after its last words there is nothing more to hear.
    pub fn is_done(&self) -> bool {
        self.games.count == 0
    }

    fn begin(&mut self) {
        let Games { low, high, .. } = self.games;
        self.secret = self.random.i64(low..=high);
        self.last_distance = None;
        self.guesses.clear();
        self.to_say.extend([format!("PARAMS {low} {high}\nNUMBER\n")]);
    }

    /// What a guess is worth, compared with the one before.
    fn judge(&mut self, guess: i64) -> &'static str {
        let distance = guess.abs_diff(self.secret);
        match self.last_distance.replace(distance) {
            _ if distance == 0 => "Correct",
            Some(last) if distance < last => "Warmer",
            Some(last) if distance > last => "Colder",
            // There is none before, or the two are equally near.
            _ => "Unsure",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn player(secret: i64) -> Player {
        let mut player = Player::new(Games { low: 1, high: 9, count: 1, seed: 61 });
        assert!((1..=9).contains(&player.secret));
        player.secret = secret;
        player
    }

    /// As it comes from a connection: nothing, when there is nothing more to come.
    fn line(text: &str) -> Option<Vec<u8>> {
        Some(text.into()).filter(|line: &Vec<u8>| !line.is_empty())
    }

    #[test]
    fn a_player_reports_whether_guesses_come_nearer() {
        let mut player = player(5);
        assert_eq!(player.says(), "PARAMS 1 9\nNUMBER\n");
        for (guess, says) in [
            ("1\n", "REPORT Unsure\nNUMBER\n"),
            ("3\n", "REPORT Warmer\nNUMBER\n"),
            ("7\n", "REPORT Unsure\nNUMBER\n"),
            ("8\n", "REPORT Colder\nNUMBER\n"),
            ("5\n", "REPORT Correct\nPARAMS 0 -1\n"),
        ] {
            assert!(!player.is_done());
            player.hears(line(guess)).unwrap();
            assert_eq!(player.says(), says);
        }
        assert!(player.is_done());
    }

    #[test]
    fn the_next_game_begins_anew() {
        let mut player = Player::new(Games { low: 1, high: 9, count: 2, seed: 61 });
        player.says();
        player.secret = 5;
        player.hears(line("5\n")).unwrap();
        assert_eq!(player.says(), "REPORT Correct\nPARAMS 0 -1\nPARAMS 1 9\nNUMBER\n");
        assert!(!player.is_done());
        player.secret = 7;
        player.hears(line("5\n")).unwrap();
        assert_eq!(player.says(), "REPORT Unsure\nNUMBER\n", "5 was a guess of another game");
    }

    #[test]
    fn a_player_notices_a_server_that_breaks_the_rules() {
        let after_a_guess = |heard: &str| {
            let mut player = player(5);
            player.hears(line("1\n")).unwrap();
            player.hears(line(heard)).unwrap_err().to_string()
        };
        assert_eq!(after_a_guess("1\n"), "the server guessed 1 again");
        assert_eq!(after_a_guess("10\n"), "the server guessed 10, out of the range");
        assert_eq!(after_a_guess("two\n"), "the server answered \"two\"");
        assert_eq!(after_a_guess("ERROR busy\x07\n"), "the server answered \"ERROR busy\\u{7}\"");
        assert_eq!(after_a_guess("2"), "the server's answer");
        assert_eq!(after_a_guess(""), "the server has closed the connection");
    }
}
