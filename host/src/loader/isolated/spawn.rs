//! Starts a process for a library, and sees to its end.

use super::birth::Recipe;
use crate::loader::{
    LoadError,
    frames::{Frame, Op},
    runner,
};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags};
use std::{
    ffi::OsString,
    io::{self, IoSlice},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, OwnedFd},
        unix::{net::UnixStream, process::CommandExt},
    },
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{LazyLock, mpsc},
};

/// The program that becomes the process of a plugin: it must come to [`runner::main`], at once and on a thread that is
/// the only one. That is this same program where its `main` is [`crate::cli::main`] or begins with
/// [`runner::enter_if_asked`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runner {
    /// What is started.
    pub program: PathBuf,
    /// With these arguments, and the plugin's id for whoever lists processes.
    pub args: Vec<OsString>,
}

impl Default for Runner {
    /// This program, also where its file has been replaced since.
    fn default() -> Self {
        Self { program: "/proc/self/exe".into(), args: vec![runner::WORD.into()] }
    }
}

/// A process, which does not outlive this.
pub(super) struct Body(Option<Child>);

impl Body {
    /// What it writes to its standard error.
    pub(super) fn stderr(&mut self) -> Option<OwnedFd> {
        Some(self.0.as_mut()?.stderr.take()?.into())
    }

    /// Its id.
    pub(super) fn id(&self) -> Option<u32> {
        self.0.as_ref().map(Child::id)
    }

    /// Ends it where it has not ended, and says how it did.
    pub(super) fn end(mut self) -> io::Result<ExitStatus> {
        match self.0.take() {
            Some(mut child) => {
                // Not where it has ended already: then it has a status of its own.
                child.kill()?;
                child.wait()
            }
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        if let Some(mut child) = self.0.take()
            && child.kill().is_ok()
        {
            let _ = child.wait();
        }
    }
}

/// A program that was to be the process of a plugin and has become a server would start itself without end.
fn is_no_runner(mut args: impl Iterator<Item = OsString>) -> Result<(), LoadError> {
    match args.nth(1).is_some_and(|first| first == runner::WORD) {
        false => Ok(()),
        true => Err(LoadError::Begin(format!(
            "this program was started as `{}` and has not become that: call `gatewright::loader::runner::enter_if_asked` \
             before everything else in `main`",
            runner::WORD
        ))),
    }
}

/// Starts one and hands it its library.
pub(super) fn process(recipe: &Recipe) -> Result<(UnixStream, Body), LoadError> {
    is_no_runner(std::env::args_os())?;
    let (ours, theirs) = UnixStream::pair().map_err(system("a socket for a plugin can't be made"))?;
    load(&ours, recipe).map_err(system("a plugin's process can't be given its library"))?;
    let mut command = Command::new(&recipe.runner.program);
    command
        .args(&recipe.runner.args)
        .arg(&recipe.id)
        .arg0("gatewright")
        .env_clear()
        .process_group(0)
        .stdin(OwnedFd::from(theirs))
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let child = start(command).map_err(system("a plugin's process can't be started"))?;
    Ok((ours, Body(Some(child))))
}

fn system(what: &'static str) -> impl Fn(io::Error) -> LoadError {
    move |source| LoadError::System { what, source }
}

/// The first frame, with the library beside it; it waits in the socket until the process is there.
fn load(socket: &UnixStream, recipe: &Recipe) -> io::Result<()> {
    let limits = serde_json::to_vec(&recipe.limits)?;
    let frame = Frame { body: &limits, ..Frame::bare(Op::Load) };
    let (head, name, body) = frame.parts().ok_or(io::ErrorKind::InvalidInput)?;
    let library = [recipe.image.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut beside = SendAncillaryBuffer::new(&mut space);
    beside.push(SendAncillaryMessage::ScmRights(&library));
    let parts = [IoSlice::new(&head), IoSlice::new(name), IoSlice::new(body)];
    rustix::net::sendmsg(socket, &parts, &mut beside, SendFlags::NOSIGNAL)?;
    Ok(())
}

type Job = (Command, mpsc::SyncSender<io::Result<Child>>);

/// The thread that starts all of them. The kernel ends a process when the *thread* that has started it ends, and a
/// thread of the runtime may.
static STARTER: LazyLock<io::Result<mpsc::Sender<Job>>> = LazyLock::new(|| {
    let (jobs, queue) = mpsc::channel::<Job>();
    std::thread::Builder::new().name("plugin-starter".to_owned()).spawn(move || {
        for (mut command, done) in queue {
            // The socket's other end must not stay open here when the process ends: it goes with the command.
            let child = command.spawn();
            drop(command);
            let _ = done.send(child);
        }
    })?;
    Ok(jobs)
});

fn start(command: Command) -> io::Result<Child> {
    let gone = || io::Error::other("the thread that starts processes has ended");
    let jobs = STARTER.as_ref().map_err(|e| io::Error::new(e.kind(), e.to_string()))?;
    let (done, child) = mpsc::sync_channel(1);
    jobs.send((command, done)).map_err(|_| gone())?;
    child.recv().map_err(|_| gone())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_does_not_become_the_runner_starts_no_more_of_itself() {
        let args = |words: &[&str]| words.iter().map(Into::into).collect::<Vec<OsString>>().into_iter();
        assert!(is_no_runner(args(&["gatewright", "serve"])).is_ok());
        assert!(is_no_runner(args(&["gatewright"])).is_ok());
        let error = is_no_runner(args(&["gatewright", "plugin-runner", "otp"])).unwrap_err();
        assert!(error.to_string().contains("enter_if_asked"), "{error}");
    }
}
