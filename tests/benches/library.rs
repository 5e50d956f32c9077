//! Authenticators in shared libraries: what a call of one costs, what fifty cost at the start, and what people who log
//! in notice of a swap. `PART` (`calls`, `fifty`, `swap`) runs one of them alone.

mod calls;
mod fifty;
mod inside;
mod memory;
mod open_loop;
mod process;
mod rounds;
mod swap;

fn main() {
    if let Some(house) = fifty::wanted() {
        return fifty::measure(&house);
    }
    if !rounds::is_wanted() {
        return;
    }
    let parts: [(&str, fn()); 3] = [("calls", calls::run), ("fifty", fifty::run), ("swap", swap::run)];
    for (name, run) in parts {
        if std::env::var("PART").is_ok_and(|wanted| wanted != name) {
            continue;
        }
        run();
    }
}
