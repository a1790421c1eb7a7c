//! The client's side of one connection, without any input or output: it thinks of numbers and judges
//! the server's guesses.

use std::collections::HashSet;
use std::mem;

use anyhow::{Context, ensure};
use fastrand::Rng;

use crate::protocol::text;
use crate::settings::Games;

/// What a guess was worth, compared with the one before. The names are those of the
/// [protocol](crate::protocol).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is no guess to compare it with, or the two are equally near.
    Unsure,
    /// Nearer than the guess before.
    Warmer,
    /// Farther away than the guess before.
    Colder,
    /// This is the number.
    Correct,
}

/// A client that plays some games, one after the other.
///
/// Send what it [`says`](Self::says), let it [hear](Self::hears) the line that comes back, and so on
/// until it [is done](Self::is_done); then send its last words.
#[derive(Debug)]
pub struct Player {
    games: Games,
    random: Rng,
    secret: i64,
    last_distance: Option<u64>,
    guesses: HashSet<i64>,
    to_say: String,
    transcript: Vec<String>,
}

impl Player {
    /// A player of these games. The numbers that it thinks of depend on their seed alone.
    ///
    /// # Panics
    ///
    /// Panics if their range is empty.
    pub fn new(games: Games) -> Self {
        let mut player = Self {
            games,
            // Not the numbers that a server with the same seed would guess.
            random: Rng::with_seed(!games.seed),
            secret: games.low,
            last_distance: None,
            guesses: HashSet::new(),
            to_say: String::new(),
            transcript: Vec::new(),
        };
        player.begin();
        player
    }

    /// What to send now: one line or several.
    pub fn says(&mut self) -> String {
        mem::take(&mut self.to_say)
    }

    /// Takes the server's guess: a line with its newline, or nothing if the connection has ended.
    ///
    /// # Errors
    ///
    /// Says what the server does against the rules.
    pub fn hears(&mut self, line: &[u8]) -> anyhow::Result<()> {
        ensure!(!line.is_empty(), "the server has closed the connection");
        let line = text(line).context("the server's answer")?;
        let guess = line.parse().ok().with_context(|| format!("the server answered {line:?}"))?;
        let Games { low, high, .. } = self.games;
        ensure!((low..=high).contains(&guess), "the server guessed {guess}, out of the range");
        ensure!(self.guesses.insert(guess), "the server guessed {guess} again");
        self.transcript.push(format!("< {guess}"));

        let outcome = self.judge(guess);
        self.say(&format!("REPORT {outcome:?}"));
        if outcome == Outcome::Correct {
            self.end();
        } else {
            self.say("NUMBER");
        }
        Ok(())
    }

    /// Whether all games are over: after its last words there is nothing more to hear.
    pub fn is_done(&self) -> bool {
        self.games.count == 0
    }

    /// What has been said: the client's lines after `>`, the server's after `<`.
    pub fn into_transcript(self) -> Vec<String> {
        self.transcript
    }

    fn begin(&mut self) {
        let Games { low, high, .. } = self.games;
        self.secret = self.random.i64(low..=high);
        self.last_distance = None;
        self.guesses.clear();
        self.say(&format!("PARAMS {low} {high}"));
        self.say("NUMBER");
    }

    fn judge(&mut self, guess: i64) -> Outcome {
        let distance = guess.abs_diff(self.secret);
        match self.last_distance.replace(distance) {
            _ if distance == 0 => Outcome::Correct,
            Some(last) if distance < last => Outcome::Warmer,
            Some(last) if distance > last => Outcome::Colder,
            _ => Outcome::Unsure,
        }
    }

    fn end(&mut self) {
        self.say("PARAMS 0 -1");
        self.games.count -= 1;
        if !self.is_done() {
            self.begin();
        }
    }

    fn say(&mut self, line: &str) {
        self.transcript.push(format!("> {line}"));
        self.to_say += line;
        self.to_say.push('\n');
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
            player.hears(guess.as_bytes()).unwrap();
            assert_eq!(player.says(), says);
        }
        assert!(player.is_done());
    }

    #[test]
    fn the_next_game_begins_anew() {
        let mut player = Player::new(Games { low: 1, high: 9, count: 2, seed: 61 });
        player.says();
        player.secret = 5;
        player.hears(b"5\n").unwrap();
        assert_eq!(player.says(), "REPORT Correct\nPARAMS 0 -1\nPARAMS 1 9\nNUMBER\n");
        assert!(!player.is_done());
        player.secret = 7;
        player.hears(b"5\n").unwrap();
        assert_eq!(player.says(), "REPORT Unsure\nNUMBER\n", "5 was a guess of another game");
    }

    #[test]
    fn a_player_notices_a_server_that_breaks_the_rules() {
        let after_a_guess = |line: &[u8]| {
            let mut player = player(5);
            player.hears(b"1\n").unwrap();
            player.hears(line).unwrap_err().to_string()
        };
        assert_eq!(after_a_guess(b"1\n"), "the server guessed 1 again");
        assert_eq!(after_a_guess(b"10\n"), "the server guessed 10, out of the range");
        assert_eq!(after_a_guess(b"two\n"), "the server answered \"two\"");
        assert_eq!(after_a_guess(b"ERROR busy\x07\n"), "the server answered \"ERROR busy\\u{7}\"");
        assert_eq!(after_a_guess(b"2"), "the server's answer");
        assert_eq!(after_a_guess(b""), "the server has closed the connection");
    }
}
