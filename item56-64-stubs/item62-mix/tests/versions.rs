//! What each of the three versions must do when something fails: end, and say so.

use std::fs;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use common::timeline::Lanes;
use item62_mix::logs::{Log, Writing, beside_writers};
use item62_mix::trial::Merge;
use item62_mix::{mixed, tasks, threads};

const VERSIONS: [(&str, Merge); 3] =
    [("threads", threads::merge), ("spawn_blocking", mixed::merge), ("tasks", tasks::merge)];
const POLL: Duration = Duration::from_millis(1);

/// The complaint of `work`, which runs in a thread that is not joined: if it hangs, the test ends.
fn complaint(what: &str, work: impl FnOnce() -> anyhow::Result<usize> + Send + 'static) -> String {
    let (sender, complaint) = channel();
    thread::spawn(move || sender.send(format!("{:#}", work().unwrap_err())));
    complaint.recv_timeout(Duration::from_secs(60)).unwrap_or_else(|_| panic!("{what} hangs"))
}

/// Nobody writes these logs, so nobody says that they have ended. A follower that fails must not
/// leave the others waiting for that.
#[test]
fn a_follower_that_fails_takes_the_others_along() {
    for (version, merge) in VERSIONS {
        let complaint = complaint(version, move || {
            let dir = tempfile::tempdir()?;
            let logs = Log::create(dir.path(), 3)?;
            fs::remove_file(&logs[1].path)?;
            let lanes = Lanes::new();
            let followers = (0..3).map(|n| lanes.lane(format!("{n}"))).collect();
            merge(&logs, followers, &dir.path().join("merged"), POLL)
        });
        assert!(complaint.contains("cannot follow"), "{version}: {complaint}");
        assert!(complaint.contains("1.log: No such file"), "{version}: {complaint}");
    }
}

#[test]
fn a_merged_file_that_cannot_be_created_is_told_and_ends_all() {
    for (version, merge) in VERSIONS {
        let complaint = complaint(version, move || {
            let dir = tempfile::tempdir()?;
            let logs = Log::create(dir.path(), 2)?;
            let lanes = Lanes::new();
            let followers = (0..2).map(|n| lanes.lane(format!("{n}"))).collect();
            merge(&logs, followers, &dir.path().join("no/merged"), POLL)
        });
        assert!(complaint.starts_with("cannot create"), "{version}: {complaint}");
    }
}

/// They would go on for a day; the scope that joins them would wait for it.
#[test]
fn when_the_work_fails_the_writers_stop() {
    let complaint = complaint("the writing", || {
        let dir = tempfile::tempdir()?;
        let logs = Log::create(dir.path(), 2)?;
        let lanes = Lanes::new();
        let writers = (0..2).map(|n| lanes.lane(format!("{n}"))).collect();
        let longest_pause = Duration::from_millis(10);
        let writing = Writing { lines: u16::MAX, longest_pause, seed: 62 };
        beside_writers(&logs, writers, writing, || anyhow::bail!("no work today"))
    });
    assert_eq!(complaint, "no work today");
}

/// A disk that is full: Linux has a device for that.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_ends_all() {
    use std::path::Path;

    for (version, merge) in VERSIONS {
        let complaint = complaint(version, move || {
            let dir = tempfile::tempdir()?;
            let logs = Log::create(dir.path(), 2)?;
            fs::write(&logs[0].path, "a line\n")?;
            let lanes = Lanes::new();
            let followers = (0..2).map(|n| lanes.lane(format!("{n}"))).collect();
            merge(&logs, followers, Path::new("/dev/full"), POLL)
        });
        let expected = "cannot write the merged file: No space left on device (os error 28)";
        assert_eq!(complaint, expected, "{version}");
    }
}
