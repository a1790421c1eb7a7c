//! What each of the three versions must do when something fails: end, and say so.

use std::fs;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use item62_mix::logs::{Log, beside_writers};
use item62_mix::settings::Settings;
use item62_mix::trial::Merge;
use item62_mix::{mixed, tasks, threads};

const VERSIONS: [(&str, Merge); 3] =
    [("threads", threads::merge), ("spawn_blocking", mixed::merge), ("tasks", tasks::merge)];

/// The complaint of `work`, which runs in a thread that is not joined: if it hangs, the test ends.
fn complaint(
    what: &str,
    work: impl FnOnce(&[Log]) -> anyhow::Result<usize> + Send + 'static,
) -> String {
    let (sender, complaint) = channel();
    thread::spawn(move || {
        let dir = tempfile::tempdir().unwrap();
        let logs = Log::create(dir.path(), 3).unwrap();
        sender.send(format!("{:#}", work(&logs).unwrap_err()))
    });
    complaint.recv_timeout(Duration::from_secs(60)).unwrap_or_else(|_| panic!("{what} hangs"))
}

/// Merges three logs after `prepare` has prepared them. Nobody writes them, so nobody says that they have
/// ended: a follower that fails must not leave the others waiting for that.
#[track_caller]
fn assert_complaint(prepare: fn(&[Log]), into: &'static str, expected: &str) {
    for (version, merge) in VERSIONS {
        let complaint = complaint(version, move |logs| {
            prepare(logs);
            merge(logs, &logs[0].path.with_file_name(into), Duration::from_millis(1))
        });
        assert!(complaint.contains(expected), "{version}: {complaint}");
    }
}

#[test]
fn a_follower_that_fails_takes_the_others_along() {
    let prepare = |logs: &[Log]| fs::remove_file(&logs[1].path).unwrap();
    assert_complaint(prepare, "merged", "1.log: No such file or directory");
}

#[test]
fn a_merged_file_that_cannot_be_created_is_told_and_ends_all() {
    assert_complaint(|_| (), "no/merged", "no/merged: No such file or directory");
}

/// Linux has a device that is a full disk.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_ends_all() {
    let prepare = |logs: &[Log]| fs::write(&logs[0].path, "a line\n").unwrap();
    let expected = "cannot write the merged file: No space left on device";
    assert_complaint(prepare, "/dev/full", expected);
}

/// They would go on for ten minutes; the scope that joins them would wait for it.
#[test]
fn when_the_work_fails_the_writers_stop() {
    let [poll, pause] = [1, 10].map(Duration::from_millis);
    let settings = Settings { writers: 3, lines: u16::MAX, pause, seed: 62, poll };
    let complaint = complaint("the writing", move |logs| {
        beside_writers(logs, &settings, || anyhow::bail!("no work today"))
    });
    assert_eq!(complaint, "no work today");
}
