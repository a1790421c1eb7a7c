//! Games in memory: what every pairing of server and client must say.

use crate::player::Player;
use crate::session::Session;
use crate::settings::Games;

/// Plays `games` with a session of `seed`, with nothing between the two, and returns what was said.
///
/// # Errors
///
/// When one of the two does not play by the rules, which would be a mistake in this crate.
///
/// ```
/// use item61_port::rehearsal::rehearse;
/// use item61_port::settings::Games;
///
/// let said = rehearse(61, Games { low: 5, high: 5, count: 1, seed: 2 })?;
/// assert_eq!(said, "> PARAMS 5 5\n> NUMBER\n< 5\n> REPORT Correct\n> PARAMS 0 -1\n");
/// # anyhow::Ok(())
/// ```
pub fn rehearse(seed: u64, games: Games) -> anyhow::Result<String> {
    let mut session = Session::new(seed);
    let mut player = Player::new(games);
    loop {
        let mut answer = String::new();
        for line in player.says().split_inclusive('\n') {
            answer += &session.answer(line.as_bytes())?;
        }
        if player.is_done() {
            return Ok(player.transcript);
        }
        player.hears(Some(answer.into_bytes()))?;
    }
}
