//! The server's side of one connection, without any input or output: lines in, lines out.

use std::collections::HashSet;

use anyhow::{Context, bail, ensure};
use fastrand::Rng;

use crate::protocol::text;

/// So many guesses of one game are remembered, and no more are made: a peer that asks a million
/// times can't fill the memory.
pub const MOST_GUESSES: usize = 1_000;

/// What the server has been told and what it has guessed.
///
/// ```
/// use item61_port::session::Session;
///
/// let mut session = Session::new(61);
/// assert_eq!(session.answer(b"PARAMS 7 7\n")?, "");
/// assert_eq!(session.answer(b"NUMBER\n")?, "7\n");
/// let refusal = session.answer(b"NUMBER\n").unwrap_err();
/// assert_eq!(refusal.to_string(), "the range is used up");
/// # anyhow::Ok(())
/// ```
pub struct Session {
    random: Rng,
    game: Option<Game>,
}

#[derive(Default)]
struct Game {
    low: i64,
    high: i64,
    guesses: HashSet<i64>,
    last: Option<i64>,
    /// Whether the client has said that the last guess was correct.
    is_found: bool,
}

impl Session {
    /// A session that has been told nothing. Those with the same `seed` guess alike, so that a game
    /// does not depend on which connections came before.
    pub fn new(seed: u64) -> Self {
        Self { random: Rng::with_seed(seed), game: None }
    }

    /// Takes a line of the client, with its newline, and returns the line to answer with; an empty
    /// text where the [protocol](crate::protocol) asks for no answer.
    ///
    /// # Errors
    ///
    /// The reason to tell the client before the connection is closed.
    pub fn answer(&mut self, line: &[u8]) -> anyhow::Result<String> {
        let number = |word: &str| word.parse().context("not a number");
        let words: Vec<&str> = text(line)?.split_ascii_whitespace().collect();
        match words[..] {
            ["PARAMS", low, high] => {
                let (low, high) = (number(low)?, number(high)?);
                self.game = Some(Game { low, high, ..Game::default() });
            }
            ["NUMBER"] => return Ok(format!("{}\n", self.guess()?)),
            ["REPORT", outcome] => self.learn(outcome)?,
            _ => bail!("unknown command"),
        }
        Ok(String::new())
    }

    fn guess(&mut self) -> anyhow::Result<i64> {
        let game = self.game.as_mut().context("NUMBER before PARAMS")?;
        if let Some(last) = game.last.filter(|_| game.is_found) {
            return Ok(last);
        }
        ensure!(game.low <= game.high, "the range is empty");
        ensure!(game.guesses.len() as u64 <= game.high.abs_diff(game.low), "the range is used up");
        ensure!(game.guesses.len() < MOST_GUESSES, "no more than {MOST_GUESSES} guesses");
        loop {
            let guess = self.random.i64(game.low..=game.high);
            if game.guesses.insert(guess) {
                game.last = Some(guess);
                return Ok(guess);
            }
        }
    }

    fn learn(&mut self, outcome: &str) -> anyhow::Result<()> {
        let game = self.game.as_mut().context("REPORT before PARAMS")?;
        ensure!(game.last.is_some(), "REPORT before any guess");
        ensure!(["Unsure", "Warmer", "Colder", "Correct"].contains(&outcome), "unknown outcome");
        game.is_found |= outcome == "Correct";
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::LONGEST_LINE;

    /// What the server answers to `lines`, up to its refusal.
    fn answers(lines: &[&str]) -> Vec<String> {
        let mut session = Session::new(61);
        let mut answers = Vec::new();
        for line in lines {
            match session.answer(format!("{line}\n").as_bytes()) {
                Ok(answer) if answer.is_empty() => {}
                Ok(answer) => answers.push(answer.trim_end().to_owned()),
                Err(refusal) => {
                    answers.push(format!("ERROR {refusal}"));
                    break;
                }
            }
        }
        answers
    }

    /// The guesses in a range, up to the refusal, and the refusal.
    fn guesses(low: i64, high: i64) -> (Vec<i64>, String) {
        let params = format!("PARAMS {low} {high}");
        let mut said = answers(&[&[&*params], &["NUMBER"; MOST_GUESSES + 1][..]].concat());
        let refusal = said.pop().unwrap();
        (said.iter().map(|guess| guess.parse().unwrap()).collect(), refusal)
    }

    #[test]
    fn every_number_of_a_range_is_guessed_once() {
        for high in [-50, -49, 9, 149, 949] {
            let (mut guesses, refusal) = guesses(-50, high);
            guesses.sort_unstable();
            assert!(guesses.into_iter().eq(-50..=high), "up to {high}");
            assert_eq!(refusal, "ERROR the range is used up");
        }
    }

    #[test]
    fn the_largest_range_has_guesses_too_and_no_game_has_more_than_are_remembered() {
        for (low, high) in [(i64::MIN, i64::MAX), (i64::MIN, 0), (0, 1_000)] {
            let (guesses, refusal) = guesses(low, high);
            assert_eq!(guesses.len(), MOST_GUESSES);
            assert_eq!(guesses.iter().collect::<HashSet<_>>().len(), MOST_GUESSES, "none twice");
            assert_eq!(refusal, "ERROR no more than 1000 guesses");
        }
    }

    #[test]
    fn a_report_is_about_the_last_guess_and_another_one_does_not_make_the_server_forget() {
        let lines =
            ["PARAMS 1 100", "NUMBER", "NUMBER", "REPORT Correct", "REPORT Colder", "NUMBER"];
        let said = answers(&lines);
        assert_eq!(said[1], said[2]);
    }

    // What `cargo xtask verify` asks of both servers is not asked again.
    #[test]
    fn what_makes_no_sense_is_refused_with_its_reason() {
        for (lines, reason) in [
            (&[""][..], "unknown command"),
            (&["NUMBER 5"], "unknown command"),
            (&["PARAMS 1"], "unknown command"),
            (&["PARAMS 1 2 3"], "unknown command"),
            (&["number"], "unknown command"),
            (&["\x1b[2J"], "unknown command"),
            (&["PARAMS 1 1.5"], "not a number"),
            (&["PARAMS 1 9223372036854775808"], "not a number"),
            (&["REPORT Warmer"], "REPORT before PARAMS"),
            (&["PARAMS 0 -1", "REPORT Correct"], "REPORT before any guess"),
        ] {
            assert_eq!(answers(lines), [format!("ERROR {reason}")], "{lines:?}");
        }
    }

    #[test]
    fn only_whole_lines_of_text_are_taken() {
        let refusal = |line: &[u8]| Session::new(61).answer(line).unwrap_err().to_string();
        assert_eq!(refusal(b"NUMB"), "the line was cut off");
        assert_eq!(refusal(b""), "the line was cut off");
        assert_eq!(refusal(&[b'x'; LONGEST_LINE]), "the line is longer than 128 bytes");
        assert_eq!(refusal(b"\xff\xfe\n"), "the line is no text");
        // A peer may end its lines as the telnet protocol does.
        assert_eq!(Session::new(61).answer(b"PARAMS 1 5\r\n").unwrap(), "");
    }

    #[test]
    fn the_longest_command_fits_into_the_longest_line() {
        let line = format!("PARAMS {} {}\n", i64::MIN, i64::MAX);
        assert!(line.len() <= LONGEST_LINE);
        assert_eq!(Session::new(61).answer(line.as_bytes()).unwrap(), "");
    }
}
