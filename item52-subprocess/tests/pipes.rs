//! In a file of its own: another test beside it could open or close a pipe.

use item52_subprocess::proofs::pipes_open;

#[test]
fn a_pipe_counts_at_both_ends_while_it_is_open() {
    let before = pipes_open().unwrap();
    let pipe = std::io::pipe().unwrap();
    assert_eq!(pipes_open().unwrap(), before + 2);
    drop(pipe);
    assert_eq!(pipes_open().unwrap(), before);
}
