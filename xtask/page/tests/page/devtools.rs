//! A headless Chromium, driven by its protocol for developers' tools.
//!
//! With `--remote-debugging-pipe` Chromium reads commands from its file descriptor 3 and writes answers
//! and events to 4: JSON, each message ended by a zero byte. A shell puts the two pipes there. So the
//! tests need neither a driver program nor a library for web sockets.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;
use std::{env, thread};

use common::children::{self, Child};
use serde_json::{Value, json};
use tempfile::TempDir;

/// More than any answer takes, also on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(60);

/// The Chromium of this machine: `CHROMIUM`, or the first of the usual names on the `PATH`.
pub fn chromium() -> Option<PathBuf> {
    if let Some(path) = env::var_os("CHROMIUM") {
        return Some(path.into());
    }
    let folders: Vec<PathBuf> = env::split_paths(&env::var_os("PATH")?).collect();
    ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.is_file() && runs(path))
}

/// Some systems have a program in its place that only says how to install it.
fn runs(chromium: &Path) -> bool {
    let said = Command::new(chromium).arg("--version").stdin(Stdio::null()).output();
    said.is_ok_and(|said| said.status.success())
}

/// A browser with one page.
pub struct Browser {
    stdin: ChildStdin,
    messages: Receiver<Value>,
    /// What has happened and was not looked at.
    events: VecDeque<Value>,
    session: Option<String>,
    next: u64,
    /// Before its folder: it must have ended when that is removed.
    _chromium: Child,
    _profile: TempDir,
}

impl Browser {
    /// Starts `chromium` with a profile of its own.
    pub fn start(chromium: &Path) -> Self {
        let profile = tempfile::tempdir().expect("a folder for the profile");
        let mut command = Command::new("sh");
        command
            .args(["-c", r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#])
            .arg(chromium)
            .args(["--headless", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu"])
            .args(["--disable-background-networking", "--disable-component-update"])
            .args(["--disable-sync", "--disable-quic", "--disable-extensions", "--hide-scrollbars"])
            // Containers rarely allow the sandbox, and the superuser never gets it.
            .arg("--no-sandbox")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            // What it leaves in the temporary folder when it is killed goes with the profile.
            .env("TMPDIR", profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = children::spawn(&mut command).expect("chromium starts");
        let stdin = child.take_stdin().expect("a pipe");
        let stdout = BufReader::new(child.take_stdout().expect("a pipe"));
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || {
            for message in stdout.split(0).map_while(Result::ok) {
                let Ok(message) = serde_json::from_slice(&message) else { break };
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let mut browser = Self {
            stdin,
            messages,
            events: VecDeque::new(),
            session: None,
            next: 1,
            _chromium: child,
            _profile: profile,
        };
        let target = browser.call("Target.createTarget", &json!({ "url": "about:blank" }));
        let target = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", &target);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser
    }

    /// Calls a method of the protocol and waits for its result.
    #[track_caller]
    pub fn call(&mut self, method: &str, parameters: &Value) -> Value {
        let id = self.next;
        self.next += 1;
        let mut message = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        write!(self.stdin, "{message}\0").and_then(|()| self.stdin.flush()).expect("it listens");
        loop {
            let answer = self.messages.recv_timeout(PATIENCE);
            let answer = answer.unwrap_or_else(|error| panic!("{method}: {error}"));
            if answer["id"] == id {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
            self.events.push_back(answer);
        }
    }

    /// What has happened so far: the events of this name.
    pub fn events(&mut self, name: &str) -> Vec<Value> {
        // An answer comes after everything that happened before it.
        self.call("Runtime.evaluate", &json!({ "expression": "0" }));
        self.events.iter().filter(|event| event["method"] == name).cloned().collect()
    }

    /// Opens a file and waits until it is there. What happened before is forgotten.
    pub fn open(&mut self, file: &Path) {
        self.events.clear();
        let address = format!("file://{}", file.display());
        let opened = self.call("Page.navigate", &json!({ "url": address }));
        assert!(opened["errorText"].is_null(), "{opened}");
        self.evaluate(
            "document.readyState == 'complete' || new Promise((loaded) => { onload = loaded; })",
        );
    }

    /// The value of a JavaScript expression, which may be a promise.
    #[track_caller]
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let parameters =
            json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let result = self.call("Runtime.evaluate", &parameters);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    /// Sets the size of the window in pixels.
    pub fn resize(&mut self, width: u32, height: u32) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &size);
    }

    /// Lets the page believe that it is read on `media`, `screen` or `print`, by somebody who prefers
    /// `scheme`, `light` or `dark`.
    pub fn emulate(&mut self, media: &str, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", &json!({ "media": media, "features": features }));
    }

    /// Presses and releases the Tab key.
    pub fn press_tab(&mut self) {
        for what in ["keyDown", "keyUp"] {
            let event = json!({ "type": what, "key": "Tab", "windowsVirtualKeyCode": 9 });
            self.call("Input.dispatchKeyEvent", &event);
        }
    }
}
