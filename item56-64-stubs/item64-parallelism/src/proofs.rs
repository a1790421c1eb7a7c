//! What `cargo xtask verify` is shown besides: the known answers, and a witness.

use std::path::Path;

use anyhow::Context;
use common::timeline::Lanes;
use common::witness::{CROWD, Seen, Watch, Window, look};

use crate::child::serve;
use crate::{Child, Pair, in_pool, in_processes, in_threads, start_pool};

/// The greatest common divisor by Euclid's algorithm: a dozen steps where the trial takes millions.
///
/// ```
/// use item64_parallelism::{Pair, proofs::by_euclid};
///
/// assert_eq!(by_euclid(Pair(12, 18)), 6);
/// ```
pub fn by_euclid(Pair(mut a, mut b): Pair) -> u32 {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// A pair for whose divisor, 1, all candidates are tried. It takes a fraction of a millisecond.
const PAIR: Pair = Pair(400_000, 400_001);

/// Whether threads of one's own compute at the same time.
///
/// # Errors
///
/// Fails when the system does not give so many threads.
pub fn look_at_threads() -> anyhow::Result<Seen> {
    look_at(|pairs, gcd| in_threads(&Lanes::new(), CROWD, pairs, gcd).map(drop))
}

/// Whether rayon's threads compute at the same time.
///
/// # Errors
///
/// Fails when the system does not give so many threads.
pub fn look_at_pool() -> anyhow::Result<Seen> {
    let pool = start_pool(CROWD)?;
    look_at(|pairs, gcd| {
        in_pool(&Lanes::new(), &pool, pairs, gcd);
        Ok(())
    })
}

/// Whether `way`, which does all pairs that it is given, computes at the same time.
///
/// # Errors
///
/// Fails when `way` does.
pub fn look_at(
    mut way: impl FnMut(&[Pair], &(dyn Fn(Pair) + Sync)) -> anyhow::Result<()>,
) -> anyhow::Result<Seen> {
    let gcd = |pair: Pair, watch: &Watch| {
        while !watch.is_over() {
            piece_by_piece(pair, |gcd| watch.piece(gcd));
        }
    };
    look(|watch| way(&[PAIR; CROWD], &|pair| gcd(pair, watch)))
}

/// Whether child processes, which run `program`, compute at the same time.
///
/// # Errors
///
/// Fails when the system does not give so many processes or threads, or when one does not answer.
pub fn look_at_processes(program: &Path) -> anyhow::Result<Seen> {
    look_at_children(program, |children, ask| {
        in_processes(&Lanes::new(), children, &[PAIR; CHILDREN], ask).map(drop)
    })
}

/// A process costs more than a thread, and fewer are enough.
const CHILDREN: usize = CROWD / 2;

/// Whether `way`, which asks each of the children that it is given, lets them compute at the same
/// time. They tell by themselves when they did.
///
/// # Errors
///
/// Fails when `way` does, or when the children can't be started.
pub fn look_at_children(
    program: &Path,
    mut way: impl FnMut(&mut [Child], &Ask) -> anyhow::Result<()>,
) -> anyhow::Result<Seen> {
    let mut children = Child::start_all(program, &["worker", "--windows"], CHILDREN)?;
    let seen = look(|watch| {
        way(&mut children, &|child, pair| {
            while !watch.is_over() {
                read_windows(&child.exchange(pair)?)?.into_iter().for_each(|it| watch.note(it));
            }
            Ok(())
        })
    })?;
    children.into_iter().try_for_each(Child::join)?;
    Ok(seen)
}

/// Asks a child for the divisor of a pair, over and over.
pub type Ask<'a> = dyn Fn(&mut Child, Pair) -> anyhow::Result<()> + Sync + 'a;

/// Does what [`Pair::by_trial`] does, in pieces.
fn piece_by_piece(
    pair: Pair,
    mut piece: impl FnMut(&dyn Fn() -> Option<u32>) -> Option<u32>,
) -> u32 {
    const CANDIDATES: u32 = 40_000;
    let Pair(a, b) = pair;
    let mut last = a.min(b);
    while last > 0 {
        let first = last.saturating_sub(CANDIDATES) + 1;
        if let Some(gcd) = piece(&|| pair.largest_divisor(first..=last)) {
            return gcd;
        }
        last = first - 1;
    }
    a.max(b)
}

/// The life of a child that tells, after each divisor, its windows: when each began and ended, and
/// how much of that time it had a processor, in nanoseconds.
///
/// # Errors
///
/// As [`serve`].
pub fn serve_with_windows() -> anyhow::Result<()> {
    serve(|pair| {
        let mut windows = String::new();
        let gcd = piece_by_piece(pair, |gcd| {
            let (found, Window { start_ns, end_ns, cpu_ns }) = Window::of(gcd);
            windows.extend([start_ns, end_ns, cpu_ns].map(|number| format!(" {number}")));
            found
        });
        format!("{gcd}{windows}")
    })
}

fn read_windows(answer: &str) -> anyhow::Result<Vec<Window>> {
    let numbers: Result<Vec<u64>, _> = answer.split(' ').skip(1).map(str::parse).collect();
    let numbers = numbers.with_context(|| format!("a child answered {answer:?}"))?;
    let (windows, _) = numbers.as_chunks();
    Ok(windows
        .iter()
        .map(|&[start_ns, end_ns, cpu_ns]| Window { start_ns, end_ns, cpu_ns })
        .collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use common::witness::{assert_found_out, assert_seen};

    use super::*;
    use crate::in_a_row;

    /// Two algorithms that share nothing agree, and so do the pieces of one of them.
    #[test]
    fn trial_and_euclid_agree_on_all_small_pairs() {
        for a in 0..100 {
            for b in 0..100 {
                let pair = Pair(a, b);
                assert_eq!(pair.by_trial(), by_euclid(pair), "{pair}");
                assert_eq!(piece_by_piece(pair, |gcd| gcd()), by_euclid(pair), "{pair}");
            }
        }
    }

    #[test]
    fn the_pieces_cover_all_candidates_once() {
        for last in [39_999, 40_000, 40_001, 120_000] {
            for gcd in [1, 2, last] {
                let pair = Pair(last / gcd * gcd, last / gcd * gcd + gcd);
                let mut pieces = 0;
                let found = piece_by_piece(pair, |piece| {
                    pieces += 1;
                    piece()
                });
                assert_eq!(found, by_euclid(pair), "{pair}");
                assert!(pieces <= last.div_ceil(40_000), "{pair}: {pieces}");
            }
        }
    }

    #[test]
    fn windows_survive_the_trip() {
        let windows = read_windows("6 1 3 2 4 9 5").unwrap();
        let window = |start_ns, end_ns, cpu_ns| Window { start_ns, end_ns, cpu_ns };
        assert_eq!(windows, [window(1, 3, 2), window(4, 9, 5)]);
        assert!(read_windows("6").unwrap().is_empty());
        assert!(read_windows("6 1 x 2").is_err());
    }

    #[test]
    fn threads_and_rayon_are_seen_and_never_taken_for_work_in_a_row() {
        assert_seen(look_at_threads);
        assert_seen(look_at_pool);
    }

    #[test]
    fn work_in_a_row_is_found_out() {
        assert_found_out(|| {
            look_at(|pairs, gcd| {
                in_a_row(&Lanes::new(), pairs, gcd);
                Ok(())
            })
        });
    }

    #[test]
    fn threads_under_a_global_lock_are_found_out() {
        let lock = Mutex::new(());
        assert_found_out(|| {
            look_at(|pairs, gcd| {
                let gcd = |pair| {
                    let _guard = lock.lock().unwrap();
                    gcd(pair);
                };
                in_threads(&Lanes::new(), CROWD, pairs, gcd).map(drop)
            })
        });
    }
}
