//! The number-guessing game of item 61: its protocol, without any input or output.
//!
//! The *client* thinks of a number, the *server* guesses it. Each says lines of text:
//!
//! | the client says | the server |
//! |---|---|
//! | `PARAMS low high` | forgets what it knew; from now on it guesses in `low..=high` |
//! | `NUMBER` | answers with a number it has not guessed yet, or with the right one if told so |
//! | `REPORT Unsure`, `Warmer`, `Colder` or `Correct` | learns what its last guess was worth |
//! | `PARAMS 0 -1` | an empty range: forgets what it knew, the game is over |
//!
//! Anything else is answered by one line `ERROR …`, and the server closes the connection.
//!
//! [`Session`] is the server's side of one connection and [`Player`] the client's. Both take lines
//! and give lines; neither knows whether a thread or a task carries them. That is why the port
//! from one to the other does not touch this file, and why [`rehearse`] can play whole games in
//! memory, to know what every pairing of server and client must say.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use fastrand::Rng;

/// The longest line that is read, in bytes, its newline included. The longest that makes sense
/// has 48: `PARAMS` and two numbers of 64 bits.
pub const LONGEST_LINE: usize = 128;

/// What a guess was worth: how near it was, compared with the one before.
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

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The names in the protocol are the names in the code.
        write!(f, "{self:?}")
    }
}

/// Why the server closes a connection; shown to the peer in its last line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// None of the three commands, or one with too few or too many words.
    UnknownCommand(String),
    /// A bound of `PARAMS` is no whole number of 64 bits.
    NotANumber(String),
    /// None of the four outcomes.
    UnknownOutcome(String),
    /// `NUMBER` before any `PARAMS`.
    NoRange,
    /// `NUMBER` in a range without numbers.
    EmptyRange,
    /// `NUMBER` when every number of the range has been guessed.
    UsedUp,
    /// `REPORT` before any guess.
    NothingGuessed,
    /// The line has [`LONGEST_LINE`] bytes and still no end.
    TooLong,
    /// The peer stopped sending in the middle of a line.
    CutOff,
    /// No whole line came within the time that the server allows.
    Silent,
    /// The server has no means left to serve this peer.
    Busy,
}

impl Refusal {
    /// The line that tells the peer.
    ///
    /// ```
    /// use item61_port::guessing::Refusal;
    ///
    /// assert_eq!(Refusal::NoRange.line(), "ERROR NUMBER before PARAMS\n");
    /// ```
    pub fn line(&self) -> String {
        format!("ERROR {self}\n")
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // `{:?}` quotes what a peer has sent: no control character reaches a terminal.
            Self::UnknownCommand(line) => write!(f, "unknown command {line:?}"),
            Self::NotANumber(word) => write!(f, "not a number: {word:?}"),
            Self::UnknownOutcome(word) => write!(f, "unknown outcome {word:?}"),
            Self::NoRange => write!(f, "NUMBER before PARAMS"),
            Self::EmptyRange => write!(f, "the range is empty"),
            Self::UsedUp => write!(f, "the range is used up"),
            Self::NothingGuessed => write!(f, "REPORT before any guess"),
            Self::TooLong => write!(f, "the line is longer than {LONGEST_LINE} bytes"),
            Self::CutOff => write!(f, "the line was cut off"),
            Self::Silent => write!(f, "no line came in time"),
            Self::Busy => write!(f, "the server is busy"),
        }
    }
}

impl std::error::Error for Refusal {}

/// What a client may say.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Command {
    Params { low: i64, high: i64 },
    Number,
    Report(Outcome),
}

impl FromStr for Command {
    type Err = Refusal;

    fn from_str(line: &str) -> Result<Self, Refusal> {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        match words[..] {
            ["PARAMS", low, high] => Ok(Self::Params { low: number(low)?, high: number(high)? }),
            ["NUMBER"] => Ok(Self::Number),
            ["REPORT", "Unsure"] => Ok(Self::Report(Outcome::Unsure)),
            ["REPORT", "Warmer"] => Ok(Self::Report(Outcome::Warmer)),
            ["REPORT", "Colder"] => Ok(Self::Report(Outcome::Colder)),
            ["REPORT", "Correct"] => Ok(Self::Report(Outcome::Correct)),
            ["REPORT", other] => Err(Refusal::UnknownOutcome(shortened(other))),
            _ => Err(Refusal::UnknownCommand(shortened(line.trim_ascii_end()))),
        }
    }
}

fn number(word: &str) -> Result<i64, Refusal> {
    word.parse().map_err(|_| Refusal::NotANumber(shortened(word)))
}

/// Enough of what a peer has sent to recognise it by.
fn shortened(text: &str) -> String {
    text.chars().take(20).collect()
}

/// The server's side of one connection: what it has been told and what it has guessed.
///
/// ```
/// use item61_port::guessing::{Refusal, Session};
///
/// let mut session = Session::new(61);
/// assert_eq!(session.answer(b"PARAMS 7 7\n")?, "");
/// assert_eq!(session.answer(b"NUMBER\n")?, "7\n");
/// assert_eq!(session.answer(b"NUMBER\n"), Err(Refusal::UsedUp));
/// # Ok::<(), Refusal>(())
/// ```
#[derive(Debug)]
pub struct Session {
    rng: Rng,
    game: Option<Game>,
}

#[derive(Debug)]
struct Game {
    /// `None` in an empty range.
    guesses: Option<Guesses>,
    last: Option<i64>,
    /// Whether the client has said that `last` is its number.
    found: bool,
}

impl Session {
    /// A session that has been told nothing. Sessions with the same `seed` guess alike, so that a
    /// game does not depend on which connections came before.
    pub fn new(seed: u64) -> Self {
        Self { rng: Rng::with_seed(seed), game: None }
    }

    /// Takes a line of the client, with its newline, and returns the line to answer with: empty if
    /// the command asks for no answer.
    ///
    /// `line` is what came before the newline, the end of the connection or the limit of
    /// [`LONGEST_LINE`] bytes; without a newline it is refused.
    ///
    /// # Errors
    ///
    /// The refusal to tell the client before the connection is closed.
    pub fn answer(&mut self, line: &[u8]) -> Result<String, Refusal> {
        match whole(line)?.parse()? {
            Command::Params { low, high } => {
                let guesses = Guesses::new(low, high, &mut self.rng);
                self.game = Some(Game { guesses, last: None, found: false });
                Ok(String::new())
            }
            Command::Number => {
                let game = self.game.as_mut().ok_or(Refusal::NoRange)?;
                Ok(format!("{}\n", game.guess()?))
            }
            Command::Report(outcome) => {
                let game = self.game.as_mut().filter(|game| game.last.is_some());
                game.ok_or(Refusal::NothingGuessed)?.found |= outcome == Outcome::Correct;
                Ok(String::new())
            }
        }
    }
}

impl Game {
    fn guess(&mut self) -> Result<i64, Refusal> {
        let guesses = self.guesses.as_mut().ok_or(Refusal::EmptyRange)?;
        match self.last {
            Some(number) if self.found => Ok(number),
            _ => {
                let guess = guesses.next().ok_or(Refusal::UsedUp)?;
                self.last = Some(guess);
                Ok(guess)
            }
        }
    }
}

/// Every number of a range once, in an order that depends on the generator.
///
/// It goes round the range in strides that have no common divisor with its size, so it meets every
/// number before it comes back to the first. What it has to remember is where it is, however large
/// the range and however many the guesses: a peer can't make a server keep a list of them.
#[derive(Debug)]
struct Guesses {
    low: i64,
    // 2^64 for the range of all numbers, hence u128.
    size: u128,
    stride: u128,
    position: u128,
    left: u128,
}

impl Guesses {
    /// `None` if there is no number in `low..=high`.
    fn new(low: i64, high: i64, rng: &mut Rng) -> Option<Self> {
        if low > high {
            return None;
        }
        let size = u128::from(high.abs_diff(low)) + 1;
        let stride = loop {
            let stride = rng.u128(1..=size);
            if greatest_common_divisor(stride, size) == 1 {
                break stride;
            }
        };
        Some(Self { low, size, stride, position: rng.u128(0..size), left: size })
    }
}

impl Iterator for Guesses {
    type Item = i64;

    fn next(&mut self) -> Option<i64> {
        self.left = self.left.checked_sub(1)?;
        self.position = (self.position + self.stride) % self.size;
        let above_low = u64::try_from(self.position).expect("it is below the size, at most 2^64");
        Some(self.low.checked_add_unsigned(above_low).expect("it is at most `high`"))
    }
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// The text of a whole line.
fn whole(line: &[u8]) -> Result<&str, Refusal> {
    match line.strip_suffix(b"\n") {
        Some(text) => str::from_utf8(text)
            .map_err(|_| Refusal::UnknownCommand(shortened(&String::from_utf8_lossy(text)))),
        None if line.len() >= LONGEST_LINE => Err(Refusal::TooLong),
        None => Err(Refusal::CutOff),
    }
}

/// The client's side of one connection: it thinks of numbers and judges the server's guesses.
///
/// Send what it [`says`](Self::says), give it the line that comes back
/// ([`hears`](Self::hears)), and so on until it [is done](Self::is_done); then send its last words.
#[derive(Debug)]
pub struct Player {
    rng: Rng,
    low: i64,
    high: i64,
    games_left: u32,
    secret: i64,
    last_distance: Option<u64>,
    guessed: HashSet<i64>,
    to_say: String,
    transcript: Vec<String>,
}

/// Why a client can't go on with a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadAnswer {
    /// The connection ended before the game did.
    HungUp,
    /// The server answered with an error line.
    Refused(String),
    /// A number was asked for, and this came.
    NotANumber(String),
    /// The guess is not in the range.
    OutOfRange(i64),
    /// The server made this guess before, in the same game.
    Repeated(i64),
    /// Something came that had not been asked for.
    Unasked(String),
}

impl fmt::Display for BadAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HungUp => write!(f, "the server has closed the connection"),
            Self::Refused(line) => write!(f, "the server refused: {line:?}"),
            Self::NotANumber(line) => write!(f, "the server answered {line:?}, no number"),
            Self::OutOfRange(guess) => write!(f, "the server guessed {guess}, out of the range"),
            Self::Repeated(guess) => write!(f, "the server guessed {guess} again"),
            Self::Unasked(line) => write!(f, "the server said {line:?} after the end"),
        }
    }
}

impl std::error::Error for BadAnswer {}

impl Player {
    /// A player of `games` games, at least one, with numbers in `low..=high`. The numbers depend
    /// on `seed` alone.
    ///
    /// # Panics
    ///
    /// Panics if the range is empty.
    pub fn new(low: i64, high: i64, games: u32, seed: u64) -> Self {
        let mut player = Self {
            rng: Rng::with_seed(seed),
            low,
            high,
            games_left: games,
            secret: low,
            last_distance: None,
            guessed: HashSet::new(),
            to_say: String::new(),
            transcript: Vec::new(),
        };
        player.begin();
        player
    }

    /// What to send now, one line or several.
    pub fn says(&mut self) -> String {
        std::mem::take(&mut self.to_say)
    }

    /// Takes the server's next line, with its newline; an empty one stands for the end of the
    /// connection.
    ///
    /// # Errors
    ///
    /// When the server does not play by the rules.
    pub fn hears(&mut self, line: &[u8]) -> Result<(), BadAnswer> {
        let text = String::from_utf8_lossy(line).trim_ascii_end().to_owned();
        if self.is_done() {
            return if line.is_empty() { Ok(()) } else { Err(BadAnswer::Unasked(text)) };
        }
        if line.is_empty() {
            return Err(BadAnswer::HungUp);
        }
        if text.starts_with("ERROR") {
            return Err(BadAnswer::Refused(text));
        }
        let whole_line = line.ends_with(b"\n");
        let Some(guess) = text.parse().ok().filter(|_| whole_line) else {
            return Err(BadAnswer::NotANumber(text));
        };
        self.transcript.push(format!("< {guess}"));
        self.judge(guess)
    }

    /// Whether all games are over: after its last words there is nothing more to hear.
    pub fn is_done(&self) -> bool {
        self.games_left == 0
    }

    /// What has been said so far: the client's lines after `>`, the server's after `<`.
    pub fn into_transcript(self) -> Vec<String> {
        self.transcript
    }

    fn begin(&mut self) {
        self.secret = self.rng.i64(self.low..=self.high);
        self.last_distance = None;
        self.guessed.clear();
        self.say(&format!("PARAMS {} {}", self.low, self.high));
        self.say("NUMBER");
    }

    fn judge(&mut self, guess: i64) -> Result<(), BadAnswer> {
        if !(self.low..=self.high).contains(&guess) {
            return Err(BadAnswer::OutOfRange(guess));
        }
        if !self.guessed.insert(guess) {
            return Err(BadAnswer::Repeated(guess));
        }
        let distance = guess.abs_diff(self.secret);
        let outcome = match self.last_distance.replace(distance) {
            _ if distance == 0 => Outcome::Correct,
            Some(last) if distance < last => Outcome::Warmer,
            Some(last) if distance > last => Outcome::Colder,
            _ => Outcome::Unsure,
        };
        self.say(&format!("REPORT {outcome}"));
        if outcome == Outcome::Correct {
            self.end();
        } else {
            self.say("NUMBER");
        }
        Ok(())
    }

    fn end(&mut self) {
        self.say("PARAMS 0 -1");
        self.games_left -= 1;
        if !self.is_done() {
            self.begin();
        }
    }

    fn say(&mut self, line: &str) {
        self.transcript.push(format!("> {line}"));
        self.to_say.push_str(line);
        self.to_say.push('\n');
    }
}

/// Plays the games of `player` with `session` in memory and returns what was said.
///
/// # Errors
///
/// When one of the two does not play by the rules, which would be a mistake in this file.
///
/// ```
/// use item61_port::guessing::{Player, Session, rehearse};
///
/// let said = rehearse(&mut Session::new(1), Player::new(5, 5, 1, 2))?;
/// assert_eq!(said, ["> PARAMS 5 5", "> NUMBER", "< 5", "> REPORT Correct", "> PARAMS 0 -1"]);
/// # Ok::<(), anyhow::Error>(())
/// ```
pub fn rehearse(session: &mut Session, mut player: Player) -> anyhow::Result<Vec<String>> {
    loop {
        let mut answer = String::new();
        for line in player.says().split_inclusive('\n') {
            answer += &session.answer(line.as_bytes())?;
        }
        if player.is_done() {
            return Ok(player.into_transcript());
        }
        player.hears(answer.as_bytes())?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the server answers to `lines`, up to its refusal.
    fn answers(lines: &[&str]) -> Vec<String> {
        let mut session = Session::new(61);
        let mut answers = Vec::new();
        for line in lines {
            match session.answer(format!("{line}\n").as_bytes()) {
                Ok(answer) if answer.is_empty() => {}
                Ok(answer) => answers.push(answer.trim_end().to_owned()),
                Err(refusal) => {
                    answers.push(refusal.line().trim_end().to_owned());
                    break;
                }
            }
        }
        answers
    }

    #[test]
    fn every_number_of_a_range_is_guessed_once_whatever_its_size() {
        let mut rng = Rng::with_seed(61);
        for size in 1..200 {
            let guesses = Guesses::new(-50, -50 + size - 1, &mut rng).unwrap();
            let mut guesses: Vec<i64> = guesses.collect();
            guesses.sort_unstable();
            assert!(guesses.into_iter().eq(-50..-50 + size), "{size} numbers");
        }
    }

    #[test]
    fn the_largest_range_has_guesses_too() {
        // 2^64 numbers: one more than an u64 can count.
        let mut rng = Rng::with_seed(61);
        let guesses = Guesses::new(i64::MIN, i64::MAX, &mut rng).unwrap();
        let some: HashSet<i64> = guesses.take(10_000).collect();
        assert_eq!(some.len(), 10_000);
    }

    #[test]
    fn different_games_are_guessed_in_different_orders() {
        let mut session = Session::new(61);
        let mut order = || {
            let mut line = |line: &[u8]| session.answer(line).unwrap();
            line(b"PARAMS 1 100\n");
            (0..100).map(|_| line(b"NUMBER\n")).collect::<String>()
        };
        assert_ne!(order(), order());
    }

    #[test]
    fn once_told_correct_the_server_keeps_the_number_until_the_next_params() {
        let said = answers(&["PARAMS 5 5", "NUMBER", "REPORT Correct", "NUMBER", "NUMBER"]);
        assert_eq!(said, ["5", "5", "5"]);
        let said = answers(&["PARAMS 5 5", "NUMBER", "REPORT Correct", "PARAMS 6 6", "NUMBER"]);
        assert_eq!(said, ["5", "6"]);
        // Another report does not make it forget, but it can no longer change its mind either.
        let said = answers(&["PARAMS 5 5", "NUMBER", "REPORT Correct", "REPORT Colder", "NUMBER"]);
        assert_eq!(said, ["5", "5"]);
    }

    #[test]
    fn the_empty_range_clears_what_the_server_knew() {
        let told = ["PARAMS 5 5", "NUMBER", "REPORT Correct", "PARAMS 0 -1"];
        let then = |line| answers(&[&told[..], &[line]].concat());
        assert_eq!(then("NUMBER"), ["5", "ERROR the range is empty"]);
        assert_eq!(then("REPORT Correct"), ["5", "ERROR REPORT before any guess"]);
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_its_reason() {
        for (lines, reason) in [
            (&["HELLO"][..], "unknown command \"HELLO\""),
            (&[""], "unknown command \"\""),
            (&["NUMBER 5"], "unknown command \"NUMBER 5\""),
            (&["PARAMS 1"], "unknown command \"PARAMS 1\""),
            (&["number"], "unknown command \"number\""),
            (&["\x1b[2J"], "unknown command \"\\u{1b}[2J\""),
            (&["PARAMS one 5"], "not a number: \"one\""),
            (&["PARAMS 1 1.5"], "not a number: \"1.5\""),
            (&["PARAMS 1 9223372036854775808"], "not a number: \"9223372036854775808\""),
            (&["NUMBER"], "NUMBER before PARAMS"),
            (&["PARAMS 5 4", "NUMBER"], "the range is empty"),
            (&["REPORT Warmer"], "REPORT before any guess"),
            (&["PARAMS 1 5", "REPORT Warmer"], "REPORT before any guess"),
            (&["REPORT Hot"], "unknown outcome \"Hot\""),
        ] {
            assert_eq!(answers(lines), [format!("ERROR {reason}")], "{lines:?}");
        }
        let said = answers(&["PARAMS 1 2", "NUMBER", "NUMBER", "NUMBER"]);
        assert_eq!(said.last().unwrap(), "ERROR the range is used up");
    }

    #[test]
    fn only_whole_lines_of_text_are_taken() {
        let refusal = |line: &[u8]| Session::new(61).answer(line).unwrap_err();
        assert_eq!(refusal(b"NUMB"), Refusal::CutOff);
        assert_eq!(refusal(&[b'x'; LONGEST_LINE]), Refusal::TooLong);
        assert!(matches!(refusal(b"\xff\xfe\n"), Refusal::UnknownCommand(_)));
        // A peer may end its lines as the telnet protocol does.
        assert_eq!(Session::new(61).answer(b"PARAMS 1 5\r\n"), Ok(String::new()));
    }

    #[test]
    fn the_longest_command_fits_into_the_longest_line() {
        let line = format!("PARAMS {} {}\n", i64::MIN, i64::MAX);
        assert!(line.len() <= LONGEST_LINE);
        assert_eq!(Session::new(61).answer(line.as_bytes()), Ok(String::new()));
    }

    #[test]
    fn a_player_reports_whether_guesses_come_nearer() {
        let mut player = Player::new(1, 9, 1, 61);
        let secret = player.secret;
        player.secret = 5;
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
        assert!((1..=9).contains(&secret));
    }

    #[test]
    fn a_player_notices_a_server_that_breaks_the_rules() {
        let after_a_guess = |line: &[u8]| {
            let mut player = Player::new(1, 9, 1, 61);
            player.secret = 5;
            player.hears(b"1\n").unwrap();
            player.hears(line).unwrap_err()
        };
        assert_eq!(after_a_guess(b"1\n"), BadAnswer::Repeated(1));
        assert_eq!(after_a_guess(b"10\n"), BadAnswer::OutOfRange(10));
        assert_eq!(after_a_guess(b"two\n"), BadAnswer::NotANumber("two".into()));
        assert_eq!(after_a_guess(b"2"), BadAnswer::NotANumber("2".into()), "cut off");
        assert_eq!(after_a_guess(b"ERROR busy\n"), BadAnswer::Refused("ERROR busy".into()));
        assert_eq!(after_a_guess(b""), BadAnswer::HungUp);
    }

    #[test]
    fn the_same_seeds_play_the_same_games() {
        let play = |server, client| {
            rehearse(&mut Session::new(server), Player::new(1, 1000, 3, client)).unwrap()
        };
        assert_eq!(play(1, 2), play(1, 2));
        assert_ne!(play(1, 2), play(1, 3), "another number");
        assert_ne!(play(1, 2), play(2, 2), "other guesses");
    }
}
