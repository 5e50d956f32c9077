-- The audit log becomes a chain per tenant. Lines from before it have no hash; the chain begins after them.
CREATE TABLE audit_chained (
    tenant        TEXT    NOT NULL,
    number        INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    kind          TEXT    NOT NULL,
    person        BLOB,
    actor         BLOB,
    session       BLOB,
    authenticator TEXT,
    target        TEXT,
    outcome       TEXT    NOT NULL,
    door          TEXT    NOT NULL,
    address       TEXT,
    request_id    TEXT    NOT NULL,
    hash          BLOB,
    PRIMARY KEY (tenant, number)
) STRICT, WITHOUT ROWID;
INSERT INTO audit_chained
    (tenant, number, at, kind, person, actor, session, authenticator, outcome, door, address, request_id)
SELECT tenant, row_number() OVER (PARTITION BY tenant ORDER BY number), at, kind, person, actor, session,
    authenticator, outcome, door, address, request_id
FROM audit;
DROP TABLE audit;
ALTER TABLE audit_chained RENAME TO audit;
CREATE INDEX audit_person ON audit (tenant, person, number) WHERE person IS NOT NULL;
CREATE INDEX audit_actor ON audit (tenant, actor, number) WHERE actor IS NOT NULL;
CREATE INDEX audit_kind ON audit (tenant, kind, number);

CREATE TABLE audit_heads (
    tenant      TEXT    NOT NULL PRIMARY KEY,
    number      INTEGER NOT NULL,
    hash        BLOB    NOT NULL,
    anchor      INTEGER NOT NULL,
    anchor_hash BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO audit_heads (tenant, number, hash, anchor, anchor_hash)
SELECT tenant, max(number), zeroblob(32), max(number), zeroblob(32) FROM audit GROUP BY tenant;

-- `username_look`: two names that look alike are one.
ALTER TABLE people ADD COLUMN username_look TEXT NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN service INTEGER NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN email_verified INTEGER NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN attributes TEXT;
ALTER TABLE people ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
UPDATE people SET username_look = username_key, changed = created;
CREATE UNIQUE INDEX people_look ON people (tenant, username_look);

-- E-mail addresses in their compared form. Of two people who had the same one, the first keeps it.
CREATE TABLE addresses (
    tenant TEXT NOT NULL,
    key    TEXT NOT NULL,
    look   TEXT NOT NULL,
    person BLOB NOT NULL,
    PRIMARY KEY (tenant, key),
    UNIQUE (tenant, look),
    FOREIGN KEY (tenant, person) REFERENCES people (tenant, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_person ON addresses (tenant, person);
INSERT OR IGNORE INTO addresses (tenant, key, look, person)
SELECT tenant, lower(email), lower(email), id FROM people WHERE email IS NOT NULL ORDER BY id;
UPDATE people SET email = NULL WHERE email IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM addresses a WHERE a.tenant = people.tenant AND a.person = people.id);

-- What is one row of JSON with a name, an owner and a date: groups, roles, webhooks, signing keys, …
CREATE TABLE records (
    id      BLOB    NOT NULL PRIMARY KEY,
    tenant  TEXT    NOT NULL,
    kind    TEXT    NOT NULL,
    key     TEXT,
    owner   BLOB,
    due     INTEGER,
    body    TEXT    NOT NULL,
    created INTEGER NOT NULL,
    rev     INTEGER NOT NULL,
    UNIQUE (tenant, kind, key)
) STRICT;
CREATE INDEX records_tenant ON records (tenant, kind, id);
CREATE INDEX records_kind ON records (kind, id);
CREATE INDEX records_owner ON records (tenant, owner, kind, id) WHERE owner IS NOT NULL;
CREATE INDEX records_due ON records (kind, due, id) WHERE due IS NOT NULL;

-- `source` is linked to `target`: a group to a person who is in it.
CREATE TABLE links (
    tenant TEXT NOT NULL,
    source BLOB NOT NULL,
    kind   TEXT NOT NULL,
    target BLOB NOT NULL,
    PRIMARY KEY (tenant, source, kind, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX links_target ON links (tenant, target, kind, source);

-- Who does the work that one node at a time does; `until` is of the database's clock.
CREATE TABLE leases (
    name   TEXT    NOT NULL PRIMARY KEY,
    holder BLOB    NOT NULL,
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whoever administers a tenant is linked to it, so that the last one can be found without a scan.
INSERT OR IGNORE INTO links (tenant, source, kind, target)
SELECT tenant, x'00000000000000000000000000000001', 'administrator', id FROM people WHERE administrator = 1;
