//! Tries: counted before an answer is judged; or, where asking is the try, before it is asked.

use super::{Engine, step::Loaded};
use crate::{
    Origin, Person,
    blocks::network,
    person::username_key,
    problem::{Problem, Result},
    store::{Reserved, Tried, Write},
    throttle::{CounterKey, Refund, Rule},
    token::HashedToken,
    transaction::AskedTry,
};
use data_encoding::HEXLOWER;
use gatewright_contract::{TenantId, Timestamp};

/// What a right answer from a network takes back beside its own try, for a finger that slipped. No more: neighbours behind
/// one address are one place, and would guess anew after each login of the person.
const OF_A_NETWORK: u32 = 3;
/// From a browser with a cookie, which is one person's more likely. Not all: the count of a place outlives what clears the
/// person's, and would then take back what others have tried.
const OF_A_BROWSER: u32 = 10;

/// Tries that were counted.
pub(super) struct Counted {
    counters: Vec<Try>,
    /// When it was asked, not in this step: nothing but a right answer takes them back.
    asked: bool,
    /// The person is blocked: the answer is refused whatever it is.
    pub(super) locked: bool,
    /// The blocks that this try has begun.
    pub(super) begun: Vec<Begun>,
    /// The end of the block that it has begun of what asking counts.
    began: Option<Timestamp>,
}

/// A try on one counter.
struct Try {
    of: Of,
    key: CounterKey,
    rule: Rule,
}

/// Whose counter it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Address,
    Person,
    /// The person's, where asking is the try.
    Asking,
    /// What one place has of that.
    Place,
}

/// A block that begins with a try.
pub(super) struct Begun {
    /// Of the address; else of the person.
    pub(super) address: bool,
    /// When it ends.
    pub(super) until: Timestamp,
}

impl Counted {
    /// None were counted (a poll).
    pub(super) fn nothing() -> Self {
        Self { counters: Vec::new(), asked: false, locked: false, begun: Vec::new(), began: None }
    }

    /// It came to no verdict: takes back what this step has counted.
    pub(super) fn forgive(&self) -> Vec<Write> {
        if self.asked { Vec::new() } else { self.take_back() }
    }

    /// It was right, and is not the end.
    pub(super) fn take_back(&self) -> Vec<Write> {
        self.in_order(|one| Write::CounterForgive(one.key, one.rule))
    }

    /// The login is complete: the person's failures no longer count. (Not earlier: who knows the password
    /// could otherwise guess second factors without end.)
    pub(super) fn clear(&self) -> Vec<Write> {
        self.in_order(|one| match one.of {
            Of::Person => Write::CounterClear(one.key),
            _ => Write::CounterForgive(one.key, one.rule),
        })
    }

    /// Whether they were counted when it was asked.
    pub(super) fn when_asked(&self) -> bool {
        self.asked
    }

    /// What a transaction keeps of them.
    pub(super) fn kept(&self, origin: &Origin) -> AskedTry {
        let address = self.counters.iter().find(|one| one.of == Of::Address);
        AskedTry {
            locked: self.locked,
            from: place_of(origin),
            address: address.map(|one| HEXLOWER.encode(&one.key.0.0)),
            began: self.began,
        }
    }

    /// In the order in which a database holds them while tries are counted: else two wait for each other.
    fn in_order(&self, write: impl Fn(&Try) -> Write) -> Vec<Write> {
        let mut all: Vec<_> = self.counters.iter().collect();
        all.sort_by_key(|one| one.key.0.0);
        all.into_iter().map(write).collect()
    }
}

impl Engine {
    /// Counts the try. One counter per person and one per address, whatever the door.
    ///
    /// # Errors
    /// 429 when the address is blocked. A blocked person is *not* an error: it must look like a wrong
    /// answer.
    pub(super) async fn count(&self, loaded: &Loaded, origin: &Origin) -> Result<Counted> {
        let counters = self.counters(loaded, origin);
        self.reserve(counters, loaded, origin).await
    }

    /// Counts the try that asking is: besides, on the counter that only a right answer from the same place makes less.
    ///
    /// # Errors
    /// Those of [`Engine::count`], and 409 where nobody is named.
    pub(super) async fn count_asking(&self, loaded: &Loaded, origin: &Origin) -> Result<Counted> {
        let unnamed = || Problem::out_of_order("This authenticator needs a username: begin with one.");
        let key = asking(loaded).ok_or_else(unnamed)?;
        let mut counters = self.counters(loaded, origin);
        let place = self.settings(loaded).block_config.place();
        counters.push(Try { of: Of::Asking, key, rule: self.asking_rule(loaded) });
        counters.push(Try { of: Of::Place, key: key.at(&place_of(origin)), rule: place });
        self.reserve(counters, loaded, origin).await
    }

    /// The try that the pending challenge was when it was asked.
    pub(super) fn counted_when_asked(&self, loaded: &Loaded) -> Result<Counted> {
        let ask_first = || Problem::out_of_order("Ask for a challenge of this authenticator first.");
        let asked = loaded.transaction.body.asked.as_ref().ok_or_else(ask_first)?;
        let rules = &self.settings(loaded).block_config;
        let bytes = asked.address.as_ref().and_then(|hex| HEXLOWER.decode(hex.as_bytes()).ok());
        let address = bytes.and_then(|bytes| HashedToken::from_slice(&bytes)).map(CounterKey);
        let address = address.map(|key| Try { of: Of::Address, key, rule: rules.address() });
        let person = person(loaded).map(|key| Try { of: Of::Person, key, rule: rules.person() });
        let counters = address.into_iter().chain(person).collect();
        Ok(Counted { counters, asked: true, locked: asked.locked, ..Counted::nothing() })
    }

    /// What a right answer takes back of what asking has counted: a few of this place, and nothing that others have.
    pub(super) fn refund(&self, loaded: &Loaded, origin: &Origin) -> Vec<Write> {
        let place = place_of(origin);
        let asked = loaded.transaction.body.asked.as_ref().filter(|a| !a.locked && a.from == place);
        let (Some(asked), Some(counter)) = (asked, asking(loaded)) else { return Vec::new() };
        let (rule, place) = (self.asking_rule(loaded), counter.at(&place));
        let most = 1 + if origin.browser.is_some() { OF_A_BROWSER } else { OF_A_NETWORK };
        let refund = Refund { counter, place, rule, most, began: asked.began };
        vec![Write::CounterRefund(refund), Write::CounterClear(place)]
    }

    /// [`Engine::refund`] at the end of a login in which such an answer was right.
    pub(super) fn refund_of_login(&self, loaded: &Loaded, origin: &Origin) -> Vec<Write> {
        let catalogue = self.catalogue();
        let asks = |id: &str| catalogue.manifest(id).is_some_and(|m| m.asking_counts);
        match loaded.transaction.body.proofs.iter().any(|proof| asks(&proof.authenticator)) {
            true => self.refund(loaded, origin),
            false => Vec::new(),
        }
    }

    /// Nobody is kept out for good where only an administrator could let them in again.
    fn asking_rule(&self, loaded: &Loaded) -> Rule {
        let settings = self.settings(loaded);
        settings.block_config.asking(!settings.policy.reset_steps(&self.catalogue()).is_empty())
    }

    /// Address first, then person.
    fn counters(&self, loaded: &Loaded, origin: &Origin) -> Vec<Try> {
        let rules = &self.settings(loaded).block_config;
        let address = origin.address.map(|address| {
            let rule = rules.address();
            Try { of: Of::Address, key: CounterKey::address(address, &rule), rule }
        });
        let person = person(loaded).map(|key| Try { of: Of::Person, key, rule: rules.person() });
        address.into_iter().chain(person).collect()
    }

    async fn reserve(&self, counters: Vec<Try>, loaded: &Loaded, origin: &Origin) -> Result<Counted> {
        let wanted: Vec<(CounterKey, Rule)> = counters.iter().map(|one| (one.key, one.rule)).collect();
        let Tried { result, begun } = self.store.reserve(&wanted, loaded.now).await?;
        let of = |index: usize| counters.get(index).map(|one| one.of);
        let began = begun.iter().find(|(index, _)| of(*index) == Some(Of::Asking)).map(|(_, until)| *until);
        let (addresses, people): (Vec<_>, Vec<_>) =
            begun.into_iter().partition(|(index, _)| of(*index) == Some(Of::Address));
        // Of the two counters of a person the block that lasts longer is theirs.
        let person = people.into_iter().map(|(_, until)| Begun { address: false, until });
        let begun = addresses.into_iter().map(|(_, until)| Begun { address: true, until });
        let begun = begun.chain(person.max_by_key(|block| block.until)).collect();
        match result {
            Reserved::Granted => Ok(Counted { counters, asked: false, locked: false, begun, began }),
            Reserved::Blocked { index, until } if of(index) == Some(Of::Address) => {
                tracing::warn!(address = ?origin.address, "too many failed attempts from this address");
                Err(Problem::too_many(until.since(loaded.now)))
            }
            Reserved::Blocked { .. } => Ok(Counted { locked: true, begun, ..Counted::nothing() }),
        }
    }
}

/// Nothing was tried, and nobody is blocked: with another secret where asking counts (what was tried of the old one says
/// nothing of the new one), and where an administrator says so.
pub(crate) fn begin_anew(person: &Person) -> Vec<Write> {
    let Some(name) = username_key(&person.username) else { return Vec::new() };
    let tenant: &TenantId = &person.tenant;
    let kind = crate::blocks::BLOCKED_PERSON.to_owned();
    vec![
        Write::CounterClear(CounterKey::username(tenant, &name)),
        Write::CounterClear(CounterKey::asking(tenant, &name)),
        Write::RecordsOfKindDelete(tenant.clone(), kind, person.id.0),
    ]
}

/// The name that tries are counted by.
fn name_of(loaded: &Loaded) -> Option<String> {
    let own = || loaded.person.as_ref().and_then(|person| username_key(&person.username));
    loaded.transaction.body.claimed.clone().or_else(own)
}

fn person(loaded: &Loaded) -> Option<CounterKey> {
    name_of(loaded).map(|name| CounterKey::username(&loaded.transaction.tenant, &name))
}

fn asking(loaded: &Loaded) -> Option<CounterKey> {
    name_of(loaded).map(|name| CounterKey::asking(&loaded.transaction.tenant, &name))
}

/// Where somebody asks from, hashed: a browser by its cookie, else a network.
fn place_of(origin: &Origin) -> String {
    let name = match (origin.browser, origin.address) {
        (Some(browser), _) => format!("browser|{}", HEXLOWER.encode(&browser.0)),
        (None, Some(address)) => format!("network|{}", network(address)),
        (None, None) => "the machine".to_owned(),
    };
    HEXLOWER.encode(&HashedToken::of(name.as_bytes()).0)
}
