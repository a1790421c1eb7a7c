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
    while !player.is_done() {
        let said = player.says();
        let answers = said.split_inclusive('\n').map(|line| session.answer(line.as_bytes()));
        player.hears(Some(answers.collect::<anyhow::Result<String>>()?.into_bytes()))?;
    }
    player.says();
    Ok(player.transcript)
}
