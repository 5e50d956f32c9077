-- The audit log becomes a chain per tenant. Lines from before it have no hash; the chain begins after them.
CREATE TABLE audit_chained (
    tenant        TEXT COLLATE "C"    NOT NULL,
    number        BIGINT NOT NULL,
    at            BIGINT NOT NULL,
    kind          TEXT COLLATE "C"    NOT NULL,
    person        BYTEA,
    actor         BYTEA,
    session       BYTEA,
    authenticator TEXT COLLATE "C",
    target        TEXT COLLATE "C",
    outcome       TEXT COLLATE "C"    NOT NULL,
    door          TEXT COLLATE "C"    NOT NULL,
    address       TEXT COLLATE "C",
    request_id    TEXT COLLATE "C"    NOT NULL,
    hash          BYTEA,
    PRIMARY KEY (tenant, number)
);
INSERT INTO audit_chained
    (tenant, number, at, kind, person, actor, session, authenticator, outcome, door, address, request_id)
SELECT tenant, row_number() OVER (PARTITION BY tenant ORDER BY number), at, kind, person, actor, session,
    authenticator, outcome, door, address, request_id
FROM audit;
DROP TABLE audit;
ALTER TABLE audit_chained RENAME TO audit;
ALTER INDEX audit_chained_pkey RENAME TO audit_pkey;
CREATE INDEX audit_person ON audit (tenant, person, number) WHERE person IS NOT NULL;
CREATE INDEX audit_actor ON audit (tenant, actor, number) WHERE actor IS NOT NULL;
CREATE INDEX audit_kind ON audit (tenant, kind, number);

CREATE TABLE audit_heads (
    tenant      TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    number      BIGINT NOT NULL,
    hash        BYTEA    NOT NULL,
    anchor      BIGINT NOT NULL,
    anchor_hash BYTEA    NOT NULL
);
INSERT INTO audit_heads (tenant, number, hash, anchor, anchor_hash)
SELECT tenant, max(number), decode(repeat('00', 32), 'hex'), max(number), decode(repeat('00', 32), 'hex') FROM audit GROUP BY tenant;

-- `username_look`: two names that look alike are one.
ALTER TABLE people ADD COLUMN username_look TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN service BIGINT NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN email_verified BIGINT NOT NULL DEFAULT 0;
ALTER TABLE people ADD COLUMN attributes TEXT COLLATE "C";
ALTER TABLE people ADD COLUMN changed BIGINT NOT NULL DEFAULT 0;
UPDATE people SET username_look = username_key, changed = created;
CREATE UNIQUE INDEX people_look ON people (tenant, username_look);

-- E-mail addresses in their compared form. Of two people who had the same one, the first keeps it.
CREATE TABLE addresses (
    tenant TEXT COLLATE "C" NOT NULL,
    key    TEXT COLLATE "C" NOT NULL,
    look   TEXT COLLATE "C" NOT NULL,
    person BYTEA NOT NULL,
    PRIMARY KEY (tenant, key),
    UNIQUE (tenant, look),
    FOREIGN KEY (tenant, person) REFERENCES people (tenant, id) ON DELETE CASCADE
);
CREATE INDEX addresses_person ON addresses (tenant, person);
INSERT INTO addresses (tenant, key, look, person)
SELECT tenant, lower(email), lower(email), id FROM people WHERE email IS NOT NULL ORDER BY id ON CONFLICT DO NOTHING;
UPDATE people SET email = NULL WHERE email IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM addresses a WHERE a.tenant = people.tenant AND a.person = people.id);

-- What is one row of JSON with a name, an owner and a date: groups, roles, webhooks, signing keys, …
CREATE TABLE records (
    id      BYTEA    NOT NULL PRIMARY KEY,
    tenant  TEXT COLLATE "C"    NOT NULL,
    kind    TEXT COLLATE "C"    NOT NULL,
    key     TEXT COLLATE "C",
    owner   BYTEA,
    due     BIGINT,
    body    TEXT COLLATE "C"    NOT NULL,
    created BIGINT NOT NULL,
    rev     BIGINT NOT NULL,
    UNIQUE (tenant, kind, key)
);
CREATE INDEX records_tenant ON records (tenant, kind, id);
CREATE INDEX records_kind ON records (kind, id);
CREATE INDEX records_owner ON records (tenant, owner, kind, id) WHERE owner IS NOT NULL;
CREATE INDEX records_due ON records (kind, due, id) WHERE due IS NOT NULL;

-- `source` is linked to `target`: a group to a person who is in it.
CREATE TABLE links (
    tenant TEXT COLLATE "C" NOT NULL,
    source BYTEA NOT NULL,
    kind   TEXT COLLATE "C" NOT NULL,
    target BYTEA NOT NULL,
    PRIMARY KEY (tenant, source, kind, target)
);
CREATE INDEX links_target ON links (tenant, target, kind, source);

-- Who does the work that one node at a time does; `until` is of the database's clock.
CREATE TABLE leases (
    name   TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    holder BYTEA    NOT NULL,
    until  BIGINT NOT NULL
);

-- Whoever administers a tenant is linked to it, so that the last one can be found without a scan.
INSERT INTO links (tenant, source, kind, target)
SELECT tenant, decode('00000000000000000000000000000001', 'hex'), 'administrator', id FROM people
WHERE administrator = 1 ON CONFLICT DO NOTHING;
