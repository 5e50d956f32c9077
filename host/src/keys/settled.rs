//! Which seed is right: the database knows it by name, so that no host uses another without being told to. Hosts that each
//! made their own, or a keyring from an old backup, would make every secret of plugins look as if it had never been.

use super::{error::KeyringError, seed::Seed, tenants::TenantSealer};
use data_encoding::HEXLOWER;
use gatewright_contract::{Fault, TenantId};
use gatewright_core::{
    Origin, Problem,
    signing::By,
    store::{Record, StoreError, Write},
    world::random_array,
};
use serde::{Deserialize, Serialize};

const KIND: &str = "keyring-seed";

/// Its place: that it is unique lets the database decide which of two hosts was first.
const CURRENT: &str = "current";

/// What the database knows: a hash, of which no seed can be made.
#[derive(Serialize, Deserialize)]
struct Known {
    id: String,
}

impl TenantSealer {
    /// Settles at start which seed the secrets of plugins come from: the one that the database knows, and where it knows none
    /// yet, the keyring's, which may be made. `accept_new`: the keyring's takes the place of the one that is known.
    ///
    /// # Errors
    /// When the keyring has not the one that the database knows.
    pub async fn settle_seed(&self, accept_new: bool) -> Result<(), Fault> {
        let known = self.known().await?;
        let mut seed = self.keyring.held_seed();
        if seed.is_none() && (known.is_none() || accept_new) {
            seed = self.keyring.make_seed(&*self.world).await;
        }
        let held = seed.as_ref().map(id_of).transpose()?;
        match (held, known) {
            (None, None) => {}
            (Some(held), Some((known, _))) if known.id == held => {
                if accept_new {
                    tracing::warn!("`keys.accept_new_seed` has nothing left to do: take it out");
                }
            }
            (Some(held), None) => self.note_first(&held).await?,
            (Some(held), Some((_, record))) if accept_new => self.note_other(&held, &record).await?,
            (held, Some((known, _))) => return Err(self.other(held, known.id).into()),
        }
        if let Some(seed) = seed {
            self.keyring.settle(seed);
        }
        Ok(())
    }

    async fn known(&self) -> Result<Option<(Known, Record)>, Fault> {
        let record = self.store.record_by_key(&TenantId::default_tenant(), KIND, CURRENT).await?;
        record.map(|record| Ok((record.value::<Known>().map_err(damaged)?, record))).transpose()
    }

    /// The first that this database sees.
    async fn note_first(&self, held: &str) -> Result<(), Fault> {
        let id = uuid::Builder::from_random_bytes(random_array(&*self.world)?).into_uuid();
        let known = Known { id: held.to_owned() };
        let record = Record::new(&TenantId::default_tenant(), KIND, id, self.world.now(), &known);
        let record = Record { key: Some(CURRENT.to_owned()), ..record.map_err(damaged)? };
        self.put(held, vec![Write::RecordInsert(record)]).await
    }

    /// Another, as the operator wants it.
    async fn note_other(&self, held: &str, record: &Record) -> Result<(), Fault> {
        let origin = Origin::local("start");
        let line =
            By::nobody(&origin).event("key.seed_replaced", &TenantId::default_tenant(), self.world.now());
        let next = record.next(&Known { id: held.to_owned() }).map_err(damaged)?;
        let writes = vec![Write::RecordReplace(next), Write::Audit(line.on(format!("seed:{held}")))];
        self.put(held, writes).await?;
        tracing::warn!(
            "{} gives the seed {held} in the place of the one before: what plugins made under that one (pictures, PINs and \
             patterns) must be set up anew. Give it to all hosts of this database, and take out `keys.accept_new_seed`",
            self.keyring.place()
        );
        Ok(())
    }

    /// Writes unless another host was first; then it is as that has it.
    async fn put(&self, held: &str, writes: Vec<Write>) -> Result<(), Fault> {
        match self.store.commit(writes).await {
            Ok(()) => Ok(()),
            Err(StoreError::Conflict(_)) => match self.known().await? {
                Some((known, _)) if known.id == held => Ok(()),
                Some((known, _)) => Err(self.other(Some(held.to_owned()), known.id).into()),
                None => Err(Fault::Conflict),
            },
            Err(other) => Err(other.into()),
        }
    }

    fn other(&self, held: Option<String>, known: String) -> KeyringError {
        let held = held.map_or_else(|| "no seed".to_owned(), |id| format!("the seed {id}"));
        KeyringError::OtherSeed { place: self.keyring.place(), held, known }
    }
}

fn damaged(problem: Problem) -> Fault {
    Fault::caused("which seed the database knows can't be read or written", problem)
}

fn id_of(seed: &Seed) -> Result<String, Fault> {
    Ok(HEXLOWER.encode(&seed.id()?))
}
