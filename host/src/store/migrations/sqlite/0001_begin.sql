-- Ids are the 16 bytes of a UUID, hashes 32 bytes, times microseconds since 1970 (UTC), truth values 0 or 1,
-- JSON is text. Nothing else is used, so that the statements mean the same in every database.

CREATE TABLE tenants (
    id           TEXT    NOT NULL PRIMARY KEY,
    display_name TEXT    NOT NULL,
    disabled     INTEGER NOT NULL,
    created      INTEGER NOT NULL,
    settings     TEXT,
    rev          INTEGER NOT NULL
) STRICT;

-- Two nodes that make a tenant's first key at once both write generation 1, and one of them fails.
CREATE TABLE data_keys (
    id         BLOB    NOT NULL PRIMARY KEY,
    tenant     TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    wrapped    BLOB    NOT NULL,
    created    INTEGER NOT NULL,
    UNIQUE (tenant, generation)
) STRICT;

CREATE TABLE people (
    id            BLOB    NOT NULL PRIMARY KEY,
    tenant        TEXT    NOT NULL,
    username      TEXT    NOT NULL,
    username_key  TEXT    NOT NULL,
    display_name  TEXT,
    email         TEXT,
    administrator INTEGER NOT NULL,
    disabled      INTEGER NOT NULL,
    created       INTEGER NOT NULL,
    rev           INTEGER NOT NULL,
    UNIQUE (tenant, username_key),
    -- What credentials and sessions refer to: nobody's can lie in another tenant. Pages of people read it.
    UNIQUE (tenant, id)
) STRICT;

CREATE TABLE credentials (
    id               BLOB    NOT NULL PRIMARY KEY,
    tenant           TEXT    NOT NULL,
    person           BLOB    NOT NULL,
    authenticator    TEXT    NOT NULL,
    lookup           TEXT,
    label            TEXT,
    sealed           BLOB    NOT NULL,
    document_version INTEGER NOT NULL,
    created          INTEGER NOT NULL,
    last_used        INTEGER,
    rev              INTEGER NOT NULL,
    UNIQUE (tenant, authenticator, lookup),
    FOREIGN KEY (tenant, person) REFERENCES people (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX credentials_person ON credentials (tenant, person, created, id);

CREATE TABLE transactions (
    id                 BLOB    NOT NULL PRIMARY KEY,
    tenant             TEXT    NOT NULL,
    handle             BLOB    NOT NULL UNIQUE,
    wake_authenticator TEXT,
    wake_key           TEXT,
    expires            INTEGER NOT NULL,
    rev                INTEGER NOT NULL,
    body               TEXT    NOT NULL
) STRICT;
CREATE INDEX transactions_wake ON transactions (wake_authenticator, wake_key, id) WHERE wake_key IS NOT NULL;
CREATE INDEX transactions_expires ON transactions (expires);

-- `ends` is the earlier of `expires` and the end by idleness.
CREATE TABLE sessions (
    id            BLOB    NOT NULL PRIMARY KEY,
    tenant        TEXT    NOT NULL,
    person        BLOB    NOT NULL,
    created       INTEGER NOT NULL,
    authenticated INTEGER NOT NULL,
    last_seen     INTEGER NOT NULL,
    expires       INTEGER NOT NULL,
    ends          INTEGER NOT NULL,
    acr           TEXT    NOT NULL,
    amr           TEXT    NOT NULL,
    door          TEXT    NOT NULL,
    client        TEXT,
    address       TEXT,
    user_agent    TEXT,
    idle_seconds  INTEGER NOT NULL,
    rev           INTEGER NOT NULL,
    second_factor INTEGER NOT NULL,
    FOREIGN KEY (tenant, person) REFERENCES people (tenant, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX sessions_person ON sessions (tenant, person, created, id);
CREATE INDEX sessions_ends ON sessions (ends);

-- A token goes with its session, whatever deletes that.
CREATE TABLE tokens (
    hash    BLOB    NOT NULL PRIMARY KEY,
    kind    TEXT    NOT NULL,
    session BLOB    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    tenant  TEXT    NOT NULL,
    expires INTEGER NOT NULL,
    spent   INTEGER,
    binding BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX tokens_session ON tokens (session, kind);
CREATE INDEX tokens_expires ON tokens (expires);

CREATE TABLE counters (
    name          BLOB    NOT NULL PRIMARY KEY,
    failures      INTEGER NOT NULL,
    window_start  INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL,
    blocks        INTEGER NOT NULL,
    in_a_row      INTEGER NOT NULL,
    expires       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX counters_expires ON counters (expires);

CREATE TABLE documents (
    plugin  TEXT    NOT NULL,
    tenant  TEXT    NOT NULL,
    key     TEXT    NOT NULL,
    rev     INTEGER NOT NULL,
    value   BLOB    NOT NULL,
    expires INTEGER,
    PRIMARY KEY (plugin, tenant, key)
) STRICT;
CREATE INDEX documents_expires ON documents (expires) WHERE expires IS NOT NULL;

CREATE TABLE audit (
    number        INTEGER NOT NULL PRIMARY KEY,
    tenant        TEXT    NOT NULL,
    at            INTEGER NOT NULL,
    kind          TEXT    NOT NULL,
    person        BLOB,
    actor         BLOB,
    session       BLOB,
    authenticator TEXT,
    outcome       TEXT    NOT NULL,
    door          TEXT    NOT NULL,
    address       TEXT,
    request_id    TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_tenant ON audit (tenant, number);
