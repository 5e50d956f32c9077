//! The shell that keeps a server, and the pipes to it.

use crate::Builder;
use std::{
    io::{BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// Holds the pipe: when it is closed, the shell stops the server and removes its folder.
pub(crate) struct Keeper {
    shell: Child,
    /// Taken when it is dropped.
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Keeper {
    /// Makes and starts a server; also returns the folder with its socket.
    pub(crate) fn start(port: u16, password: &str, with: &Builder) -> Result<(Self, PathBuf), String> {
        let (cert, key) = with.tls.clone().unwrap_or_default();
        let mut shell = shell()
            .args(["-c", include_str!("keeper.sh"), "keeper"])
            .args([programs().as_str(), &port.to_string(), password, if with.fsync { "on" } else { "off" }])
            .env("GATEWRIGHT_TEST_CERT", cert)
            .env("GATEWRIGHT_TEST_KEY", key)
            .current_dir("/")
            // Not struck by what ends the group of the test: it must outlive that to clean up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let (Some(orders), Some(answers)) = (shell.stdin.take(), shell.stdout.take()) else {
            return Err("no pipes".to_owned());
        };
        let mut keeper = Self { shell, orders: Some(orders), answers: BufReader::new(answers) };
        let folder = keeper.answer()?;
        Ok((keeper, folder.into()))
    }

    /// Gives an order and waits until it is carried out.
    pub(crate) fn order(&mut self, order: &str) -> Result<(), String> {
        let orders = self.orders.as_mut().ok_or("the shell is gone")?;
        writeln!(orders, "{order}").and_then(|()| orders.flush()).map_err(|error| error.to_string())?;
        self.answer().map(|_| ())
    }

    fn answer(&mut self) -> Result<String, String> {
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(|error| error.to_string())?;
        match line.trim_end().split_once(' ') {
            Some(("ok", folder)) => Ok(folder.to_owned()),
            _ => Err(line),
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.orders.take());
        let _ = self.shell.wait();
    }
}

/// A shell as a user that PostgreSQL agrees to run as.
fn shell() -> Command {
    if !is_root() {
        return Command::new("sh");
    }
    let user = if knows("postgres") { "postgres" } else { "nobody" };
    if Path::new("/usr/bin/setpriv").exists() {
        let mut command = Command::new("/usr/bin/setpriv");
        command.args(["--reuid", user, "--regid", &group_of(user), "--clear-groups", "--", "sh"]);
        return command;
    }
    let mut command = Command::new("runuser");
    command.args(["-u", user, "--", "sh"]);
    command
}

fn is_root() -> bool {
    said_by("id", &["-u"]) == "0"
}

fn knows(user: &str) -> bool {
    !said_by("id", &["-u", user]).is_empty()
}

fn group_of(user: &str) -> String {
    said_by("id", &["-g", user])
}

fn said_by(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).stderr(Stdio::null()).output();
    output.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned()).unwrap_or_default()
}

/// The newest of Debian's folders; empty where `PATH` has it, or nobody.
fn programs() -> String {
    let in_path = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&in_path).any(|folder| folder.join("initdb").is_file()) {
        // `PATH` may name links to some of the programs only: the folder that they lead to has all.
        let found = std::env::split_paths(&in_path).map(|folder| folder.join("initdb"));
        let real = found.filter(|file| file.is_file()).find_map(|file| file.canonicalize().ok());
        return real.and_then(|file| file.parent().map(|p| p.display().to_string())).unwrap_or_default();
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
    folders.retain(|folder| folder.join("initdb").is_file());
    folders.sort();
    folders.pop().map(|folder| folder.display().to_string()).unwrap_or_default()
}
