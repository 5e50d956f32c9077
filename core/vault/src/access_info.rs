//! Who, when and from where: `AccessInfo` of the contract.

use gatewright_contract::Timestamp;
use gatewright_plugin::{House, outcome::moment};
use poem_openapi::{Object, types::Example};
use std::net::IpAddr;
use time::{OffsetDateTime, macros::datetime};
use woothee::parser::Parser;

/// Who, when and from where.
#[derive(Object)]
#[oai(rename = "AccessInfo", example)]
pub struct AccessInfo {
    /// When.
    at: OffsetDateTime,
    /// From which address. Left out where it is not known.
    #[oai(skip_serializing_if_is_none)]
    ip: Option<String>,
    /// The country of the address (ISO 3166-1), where the operator has given a file of them.
    #[oai(skip_serializing_if_is_none)]
    country: Option<String>,
    /// What the program called itself.
    #[oai(skip_serializing_if_is_none)]
    user_agent: Option<String>,
    /// The same, read. A claim of the program, good for telling devices apart and for nothing else.
    #[oai(skip_serializing_if_is_none)]
    user_agent_parsed: Option<UserAgentParsed>,
}

/// What a program calls itself, read.
#[derive(Object)]
#[oai(rename = "UserAgentParsed", example)]
pub struct UserAgentParsed {
    /// The browser.
    browser: UserAgentName,
    /// The operating system.
    os: UserAgentName,
    /// The device.
    device: UserAgentDevice,
    /// Whether it is a phone.
    is_mobile: bool,
    /// Whether it is a tablet.
    is_tablet: bool,
    /// Whether it is a computer.
    is_pc: bool,
    /// Whether it says that it is no person's.
    is_bot: bool,
}

/// A name with a version.
#[derive(Object)]
#[oai(rename = "UserAgentName")]
pub struct UserAgentName {
    /// Which.
    family: String,
    /// Its version; empty where it is not known.
    version: String,
}

/// A device.
#[derive(Object)]
#[oai(rename = "UserAgentDevice")]
pub struct UserAgentDevice {
    /// Which sort.
    family: String,
    /// Who made it. Left out where it is not known.
    #[oai(skip_serializing_if_is_none)]
    brand: Option<String>,
    /// Which model. Left out where it is not known.
    #[oai(skip_serializing_if_is_none)]
    model: Option<String>,
}

impl AccessInfo {
    /// Of what a session or a key has noted.
    pub fn of(house: &House, at: Timestamp, address: Option<&str>, user_agent: Option<&str>) -> Self {
        let country =
            address.and_then(|text| text.parse::<IpAddr>().ok()).and_then(|ip| (house.countries)(ip));
        Self {
            at: moment(at),
            ip: address.map(str::to_owned),
            country,
            user_agent: user_agent.map(str::to_owned),
            user_agent_parsed: user_agent.map(UserAgentParsed::read),
        }
    }
}

impl UserAgentParsed {
    /// Reads a header of at most 256 characters, as sessions keep it.
    pub fn read(text: &str) -> Self {
        let known = Parser::new().parse(text);
        let word = |word: &str| if word.is_empty() || word == "UNKNOWN" { "Other" } else { word }.to_owned();
        let version = |text: &str| if text == "UNKNOWN" { String::new() } else { text.to_owned() };
        let (category, os, os_version, name, number) = known.map_or_else(
            || (String::new(), String::new(), String::new(), String::new(), String::new()),
            |k| {
                (
                    k.category.to_owned(),
                    k.os.to_owned(),
                    k.os_version.to_string(),
                    k.name.to_owned(),
                    k.version.to_owned(),
                )
            },
        );
        // The parser calls all that is held in a hand a phone.
        let tablet = text.contains("iPad") || (text.contains("Android") && !text.contains("Mobile"));
        let phone = matches!(category.as_str(), "smartphone" | "mobilephone") && !tablet;
        let family = match () {
            () if text.contains("iPad") => "iPad",
            () if text.contains("iPhone") => "iPhone",
            () if text.contains("Macintosh") => "Mac",
            () if tablet => "Tablet",
            () if phone => "Smartphone",
            () => "Other",
        };
        let apple = matches!(family, "iPad" | "iPhone" | "Mac");
        Self {
            browser: UserAgentName { family: word(&name), version: version(&number) },
            os: UserAgentName { family: word(&os), version: version(&os_version) },
            device: UserAgentDevice {
                family: family.to_owned(),
                brand: apple.then(|| "Apple".to_owned()),
                model: None,
            },
            is_mobile: phone,
            is_tablet: tablet,
            is_pc: category == "pc",
            is_bot: category == "crawler",
        }
    }
}

impl Example for AccessInfo {
    fn example() -> Self {
        Self {
            at: datetime!(2026-01-01 12:00 UTC),
            ip: Some("192.0.2.7".to_owned()),
            country: Some("AT".to_owned()),
            user_agent: Some(FIREFOX.to_owned()),
            user_agent_parsed: Some(UserAgentParsed::example()),
        }
    }
}

impl Example for UserAgentParsed {
    fn example() -> Self {
        Self::read(FIREFOX)
    }
}

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

#[cfg(test)]
mod tests {
    use super::UserAgentParsed;

    #[test]
    fn devices_are_told_apart() {
        let phone = UserAgentParsed::read(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
             Version/17.5 Mobile/15E148 Safari/604.1",
        );
        assert_eq!((phone.browser.family.as_str(), phone.device.family.as_str()), ("Safari", "iPhone"));
        assert!(phone.is_mobile && !phone.is_pc && !phone.is_tablet && !phone.is_bot);
        let computer = UserAgentParsed::read(super::FIREFOX);
        assert_eq!((computer.browser.family.as_str(), computer.os.family.as_str()), ("Firefox", "Linux"));
        assert!(computer.is_pc && !computer.is_mobile);
        let bot =
            UserAgentParsed::read("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)");
        assert!(bot.is_bot);
        let odd = UserAgentParsed::read("\u{0} ';<script>");
        assert_eq!((odd.browser.family.as_str(), odd.is_pc), ("Other", false));
    }
}
