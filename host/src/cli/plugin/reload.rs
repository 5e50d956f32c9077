//! `gatewright plugin reload` and `running`: to the host that runs, over its control socket.

use crate::{
    cli::Failed,
    config::Loaded,
    control::{Request, RunningPlugin, Told, ask},
    settings::HostConfig,
};

/// Has the server that runs put the library that the configuration names now in the place of the one that serves.
pub(in crate::cli) async fn run(
    loaded: &Loaded,
    plugin: Option<String>,
    changed_traits: bool,
) -> Result<(), Failed> {
    let (mut swapped, mut reasons) = (0, Vec::new());
    let mut tell = |told| match told {
        Told::Swapped(line) => {
            swapped += 1;
            println!("{line}");
        }
        Told::Line(line) => println!("{line}"),
        Told::Reason(reason) => reasons.push(reason),
        Told::Plugin(_) | Told::Done(_) => {}
    };
    match asked(loaded, Request::Reload { plugin, changed_traits }, &mut tell).await? {
        true => Ok(()),
        false => Err(Failed::Text(not_reloaded(swapped, &reasons))),
    }
}

/// What really happened, and why not all of it.
fn not_reloaded(swapped: usize, reasons: &[String]) -> String {
    let head = match swapped {
        0 => "nothing was reloaded, what served before goes on serving:".to_owned(),
        some => format!("{some} reloaded; where these were not, what served before goes on serving:"),
    };
    format!("{head}\n  {}", reasons.join("\n  "))
}

/// Shows what the server that runs runs.
pub(in crate::cli) async fn running(loaded: &Loaded) -> Result<(), Failed> {
    let mut tell = |told| {
        if let Told::Plugin(RunningPlugin { id, version, generation, mode, process, .. }) = told {
            let place = match (mode, process) {
                (Some(mode), Some(process)) => format!("{mode} (process {process})"),
                (Some(mode), None) => mode,
                (None, _) => "built in".to_owned(),
            };
            let generation = generation.unwrap_or_else(|| "-".to_owned());
            println!("{id:<20} {version:<10} {generation:<20} {place}");
        }
    };
    asked(loaded, Request::Plugins {}, &mut tell).await.map(|_| ())
}

async fn asked(
    loaded: &Loaded,
    request: Request,
    tell: &mut (dyn FnMut(Told) + Send),
) -> Result<bool, Failed> {
    let host: HostConfig = loaded.section(&[])?;
    ask(&host.data, &request, tell).await.map_err(|error| Failed::Text(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::not_reloaded;

    #[test]
    fn the_head_says_what_really_happened() {
        let reasons = ["own: gone".to_owned(), "two".to_owned()];
        let none = not_reloaded(0, &reasons);
        assert!(
            none.starts_with("nothing was reloaded") && none.ends_with(":\n  own: gone\n  two"),
            "{none}"
        );
        assert!(not_reloaded(2, &reasons).starts_with("2 reloaded; "));
    }
}
