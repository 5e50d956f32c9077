//! Issuing a code: an administrator does it, for somebody else.

use crate::{
    Credential, TempAccessCode,
    code::{Code, Digest},
};
use gatewright_contract::{
    Call, Challenge, Enrol, Enrolment, Fault, HostExt as _, Nothing, Purpose, Timestamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What the administrator may say.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(example = Invite { hours: Some(8), uses: Some(2) })]
pub struct Invite {
    /// How many hours the code is good; a day unless configured otherwise.
    #[schemars(range(min = 1, max = 168))]
    pub hours: Option<u16>,
    /// How many logins it is good for; one unless configured otherwise.
    #[schemars(range(min = 1, max = 20))]
    pub uses: Option<u8>,
}

/// What is kept between the two steps.
#[derive(Debug, Serialize, Deserialize)]
pub struct Draft {
    hours: u16,
    uses: u8,
}

/// What is shown exactly once.
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = Reveal { code: "7K3M-9QTV-2HXB".to_owned(), uses: 1, hours: 24 })]
pub struct Reveal {
    /// The code, to be told to the person.
    pub code: String,
    /// How many logins it is good for.
    pub uses: u8,
    /// How many hours it is good.
    pub hours: u16,
}

impl Enrol for TempAccessCode {
    type Invite = Invite;
    type Invitation = Nothing;
    type Draft = Draft;
    type Proof = Nothing;
    type Reveal = Reveal;

    async fn invite(
        &self,
        call: Call<'_, Invite, Credential>,
    ) -> Result<Challenge<Nothing, Draft, Credential>, Fault> {
        let config = &self.config;
        let hours = call.body.hours.unwrap_or(config.hours);
        if !(1..=config.max_hours).contains(&hours) {
            return Err(Fault::bad_request("hours", format!("1 to {}", config.max_hours)));
        }
        let uses = call.body.uses.unwrap_or(config.uses);
        if !(1..=config.max_uses).contains(&uses) {
            return Err(Fault::bad_request("uses", format!("1 to {}", config.max_uses)));
        }
        Ok(Challenge::new(Nothing {}, Draft { hours, uses }))
    }

    /// The host puts the new code in the place of the old one.
    async fn enrol(
        &self,
        call: Call<'_, (Draft, Nothing), Credential>,
    ) -> Result<Enrolment<Credential, Reveal>, Fault> {
        if call.scope.purpose != Purpose::Provision {
            return Err(Fault::bad_request("", "only an administrator issues a code"));
        }
        let Draft { hours, uses } = call.body.0;
        let mut random = vec![0; usize::from(self.config.length)];
        self.host.random(&mut random)?;
        let code = Code::of_random(&random);
        let expires = ends(call.scope.now, hours);
        let credential =
            Credential { code: Digest::of(&code, self.host.random_array()?), uses_left: uses, expires };
        let reveal = Reveal { code: code.grouped(), uses, hours };
        Ok(Enrolment::Enrolled { credential, label: None, lookup: None, reveal })
    }
}

fn ends(now: Timestamp, hours: u16) -> Timestamp {
    now.plus(Duration::from_secs(u64::from(hours) * 3_600))
}
