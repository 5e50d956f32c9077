//! What a library says that it needs of the host: all that it gets.

use super::LoadError;
use crate::services::{HTTP_HOST, HttpHost};
use url::Url;

const SEND: &str = "send:";
const MAX_NEEDS: usize = 32;
const MAX_NEED: usize = 300;

/// The needs of one library. Whatever is not among them is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    kv: bool,
    random: bool,
    log: bool,
    hosts: Vec<HttpHost>,
    channels: Vec<String>,
    services: Vec<String>,
}

impl Needs {
    /// Reads the list of a manifest.
    ///
    /// # Errors
    /// Every mistake, with its place in the list.
    pub fn parse(list: &[String]) -> Result<Self, Vec<String>> {
        let (mut needs, mut mistakes) = (Self::default(), Vec::new());
        if list.len() > MAX_NEEDS {
            mistakes.push(format!("`needs` has {} entries; at most {MAX_NEEDS} are read", list.len()));
        }
        for (index, need) in list.iter().take(MAX_NEEDS).enumerate() {
            if let Err(mistake) = needs.add(need) {
                mistakes.push(format!("`needs[{index}]`: {mistake}"));
            }
        }
        if mistakes.is_empty() { Ok(needs) } else { Err(mistakes) }
    }

    fn add(&mut self, need: &str) -> Result<(), String> {
        if need.len() > MAX_NEED {
            return Err(format!("longer than {MAX_NEED} bytes"));
        }
        match need {
            "kv" => self.kv = true,
            "random" => self.random = true,
            "log" => self.log = true,
            "kv.get" | "kv.cas" => return Err("say `kv`, for both".to_owned()),
            "http" | "http.fetch" => {
                return Err(format!("name each host that it talks to: `{HTTP_HOST}HOST`"));
            }
            _ => return self.add_named(need),
        }
        Ok(())
    }

    fn add_named(&mut self, need: &str) -> Result<(), String> {
        if let Some(host) = need.strip_prefix(HTTP_HOST) {
            self.hosts.push(HttpHost::parse(host)?);
        } else if let Some(channel) = need.strip_prefix(SEND) {
            if !is_word(channel) {
                return Err(format!("`{SEND}` takes the id of a channel, such as `smtp`"));
            }
            self.channels.push(channel.to_owned());
        } else if need.split('.').count() >= 2 && need.split('.').all(is_word) {
            self.services.push(need.to_owned());
        } else {
            return Err(
                "one of `kv`, `random`, `log`, `http:HOST`, `send:CHANNEL`, or the name of a service such as \
                 `directory.bind`"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Whether it may keep values.
    pub fn permits_kv(&self) -> bool {
        self.kv
    }

    /// Whether it may draw random bytes.
    pub fn permits_random(&self) -> bool {
        self.random
    }

    /// Whether it may write to the host's log.
    pub fn permits_log(&self) -> bool {
        self.log
    }

    /// Whether it may have requests sent there.
    pub fn permits_http(&self, url: &Url) -> bool {
        self.hosts.iter().any(|host| host.permits(url))
    }

    /// Whether messages of it may go by this channel.
    pub fn permits_send(&self, channel: &str) -> bool {
        self.channels.iter().any(|one| one == channel)
    }

    /// Whether it may ask this service of the host.
    pub fn permits_service(&self, method: &str) -> bool {
        self.services.iter().any(|one| one == method)
    }

    /// Holds them against what the host has, which is known once all linked plugins have been made.
    ///
    /// # Errors
    /// A [`LoadError::Need`] for each that the host can't meet.
    pub fn check(&self, services: &[&str], channels: &[&str]) -> Result<(), Vec<LoadError>> {
        let lacks = |need: String, what: &str, there: &[&str]| {
            let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
            LoadError::Need { need, reason: format!("this host has no such {what}; it has: {there}") }
        };
        let services = self
            .services
            .iter()
            .filter(|one| !services.contains(&one.as_str()))
            .map(|one| lacks(format!("the service `{one}`"), "service", services));
        let channels = self
            .channels
            .iter()
            .filter(|one| !channels.contains(&one.as_str()))
            .map(|one| lacks(format!("the channel `{one}`"), "channel that is set up", channels));
        let missing: Vec<_> = services.chain(channels).collect();
        if missing.is_empty() { Ok(()) } else { Err(missing) }
    }
}

/// The words of ids: lower-case letters, digits and hyphens.
pub(super) fn is_word(text: &str) -> bool {
    let letters = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !text.is_empty() && text.len() <= 48 && text.bytes().all(letters)
}

#[cfg(test)]
mod tests {
    use super::{LoadError, Needs};
    use url::Url;

    fn needs(list: &[&str]) -> Result<Needs, Vec<String>> {
        Needs::parse(&list.iter().map(|need| (*need).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn nothing_is_permitted_that_was_not_said() {
        let url = Url::parse("https://api.example.com/x").expect("a URL");
        let none = needs(&[]).expect("none");
        assert!(!none.permits_kv() && !none.permits_random() && !none.permits_log());
        assert!(
            !none.permits_http(&url) && !none.permits_send("smtp") && !none.permits_service("directory.bind")
        );

        let some = needs(&["kv", "http:a.example", "http:api.example.com", "send:smtp", "directory.bind"])
            .expect("some");
        assert!(some.permits_kv() && !some.permits_random() && !some.permits_log());
        assert!(
            some.permits_http(&url) && some.permits_send("smtp") && some.permits_service("directory.bind")
        );
        assert!(!some.permits_send("sms-webhook") && !some.permits_service("directory.search"));
        assert!(!some.permits_service("http.fetch") && !some.permits_service("kv"));
        assert!(needs(&["random", "log"]).is_ok_and(|n| n.permits_random() && n.permits_log()));
    }

    #[test]
    fn every_mistake_is_told_with_its_place() {
        let list =
            ["kv", "http.fetch", "http:*", "send:", "send:SMTP", "kv.get", "everything", "a..b", "", "Kv"];
        let mistakes = needs(&list).expect_err("mistakes");
        assert_eq!(mistakes.len(), 9, "{mistakes:?}");
        for (index, mistake) in mistakes.iter().enumerate() {
            assert!(mistake.starts_with(&format!("`needs[{}]`: ", index + 1)), "{mistake}");
        }
        assert!(mistakes[0].contains("`http:HOST`"), "{mistakes:?}");
        assert!(needs(&["kv"; 33]).is_err());
        assert!(needs(&[&format!("http:{}", "a".repeat(400))]).is_err());
    }

    #[test]
    fn what_the_host_does_not_have_is_named() {
        let some = needs(&["kv", "send:smtp", "send:pigeon", "directory.bind", "moon.phase"]).expect("some");
        let missing = some.check(&["directory.bind", "http.fetch"], &["smtp"]).expect_err("missing");
        let told: Vec<String> = missing.iter().map(LoadError::to_string).collect();
        assert_eq!(
            told,
            [
                "it needs the service `moon.phase`: this host has no such service; it has: directory.bind, http.fetch",
                "it needs the channel `pigeon`: this host has no such channel that is set up; it has: smtp",
            ]
        );
        assert!(some.check(&["directory.bind", "moon.phase"], &["smtp", "pigeon"]).is_ok());
    }
}
