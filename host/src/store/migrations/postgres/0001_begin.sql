-- Ids are the 16 bytes of a UUID, hashes 32 bytes, times microseconds since 1970 (UTC), truth values 0 or 1,
-- JSON is text. Nothing else is used, so that the statements mean the same in every database. Text is compared
-- and ordered by its bytes.

CREATE TABLE tenants (
    id           TEXT COLLATE "C"    NOT NULL PRIMARY KEY,
    display_name TEXT COLLATE "C"    NOT NULL,
    disabled     BIGINT NOT NULL,
    created      BIGINT NOT NULL,
    settings     TEXT COLLATE "C",
    rev          BIGINT NOT NULL
);

-- Two nodes that make a tenant's first key at once both write generation 1, and one of them fails.
CREATE TABLE data_keys (
    id         BYTEA    NOT NULL PRIMARY KEY,
    tenant     TEXT COLLATE "C"    NOT NULL,
    generation BIGINT NOT NULL,
    wrapped    BYTEA    NOT NULL,
    created    BIGINT NOT NULL,
    UNIQUE (tenant, generation)
);

CREATE TABLE people (
    id            BYTEA    NOT NULL PRIMARY KEY,
    tenant        TEXT COLLATE "C"    NOT NULL,
    username      TEXT COLLATE "C"    NOT NULL,
    username_key  TEXT COLLATE "C"    NOT NULL,
    display_name  TEXT COLLATE "C",
    email         TEXT COLLATE "C",
    administrator BIGINT NOT NULL,
    disabled      BIGINT NOT NULL,
    created       BIGINT NOT NULL,
    rev           BIGINT NOT NULL,
    UNIQUE (tenant, username_key),
    -- What credentials and sessions refer to: nobody's can lie in another tenant. Pages of people read it.
    UNIQUE (tenant, id)
);

CREATE TABLE credentials (
    id               BYTEA    NOT NULL PRIMARY KEY,
    tenant           TEXT COLLATE "C"    NOT NULL,
    person           BYTEA    NOT NULL,
    authenticator    TEXT COLLATE "C"    NOT NULL,
    lookup           TEXT COLLATE "C",
    label            TEXT COLLATE "C",
    sealed           BYTEA    NOT NULL,
    document_version BIGINT NOT NULL,
    created          BIGINT NOT NULL,
    last_used        BIGINT,
    rev              BIGINT NOT NULL,
    UNIQUE (tenant, authenticator, lookup),
    FOREIGN KEY (tenant, person) REFERENCES people (tenant, id) ON DELETE CASCADE
);
CREATE INDEX credentials_person ON credentials (tenant, person, created, id);

CREATE TABLE transactions (
    id                 BYTEA    NOT NULL PRIMARY KEY,
    tenant             TEXT COLLATE "C"    NOT NULL,
    handle             BYTEA    NOT NULL UNIQUE,
    wake_authenticator TEXT COLLATE "C",
    wake_key           TEXT COLLATE "C",
    expires            BIGINT NOT NULL,
    rev                BIGINT NOT NULL,
    body               TEXT COLLATE "C"    NOT NULL
);
CREATE INDEX transactions_wake ON transactions (wake_authenticator, wake_key, id) WHERE wake_key IS NOT NULL;
CREATE INDEX transactions_expires ON transactions (expires);

-- `ends` is the earlier of `expires` and the end by idleness.
CREATE TABLE sessions (
    id            BYTEA    NOT NULL PRIMARY KEY,
    tenant        TEXT COLLATE "C"    NOT NULL,
    person        BYTEA    NOT NULL,
    created       BIGINT NOT NULL,
    authenticated BIGINT NOT NULL,
    last_seen     BIGINT NOT NULL,
    expires       BIGINT NOT NULL,
    ends          BIGINT NOT NULL,
    acr           TEXT COLLATE "C"    NOT NULL,
    amr           TEXT COLLATE "C"    NOT NULL,
    door          TEXT COLLATE "C"    NOT NULL,
    client        TEXT COLLATE "C",
    address       TEXT COLLATE "C",
    user_agent    TEXT COLLATE "C",
    idle_seconds  BIGINT NOT NULL,
    rev           BIGINT NOT NULL,
    second_factor BIGINT NOT NULL,
    FOREIGN KEY (tenant, person) REFERENCES people (tenant, id) ON DELETE CASCADE
);
CREATE INDEX sessions_person ON sessions (tenant, person, created, id);
CREATE INDEX sessions_ends ON sessions (ends);

-- A token goes with its session, whatever deletes that.
CREATE TABLE tokens (
    hash    BYTEA    NOT NULL PRIMARY KEY,
    kind    TEXT COLLATE "C"    NOT NULL,
    session BYTEA    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    tenant  TEXT COLLATE "C"    NOT NULL,
    expires BIGINT NOT NULL,
    spent   BIGINT,
    binding BYTEA
);
CREATE INDEX tokens_session ON tokens (session, kind);
CREATE INDEX tokens_expires ON tokens (expires);

CREATE TABLE counters (
    name          BYTEA    NOT NULL PRIMARY KEY,
    failures      BIGINT NOT NULL,
    window_start  BIGINT NOT NULL,
    blocked_until BIGINT NOT NULL,
    blocks        BIGINT NOT NULL,
    in_a_row      BIGINT NOT NULL,
    expires       BIGINT NOT NULL
);
CREATE INDEX counters_expires ON counters (expires);

CREATE TABLE documents (
    plugin  TEXT COLLATE "C"    NOT NULL,
    tenant  TEXT COLLATE "C"    NOT NULL,
    key     TEXT COLLATE "C"    NOT NULL,
    rev     BIGINT NOT NULL,
    value   BYTEA    NOT NULL,
    expires BIGINT,
    PRIMARY KEY (plugin, tenant, key)
);
CREATE INDEX documents_expires ON documents (expires) WHERE expires IS NOT NULL;

CREATE TABLE audit (
    number        BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant        TEXT COLLATE "C"    NOT NULL,
    at            BIGINT NOT NULL,
    kind          TEXT COLLATE "C"    NOT NULL,
    person        BYTEA,
    actor         BYTEA,
    session       BYTEA,
    authenticator TEXT COLLATE "C",
    outcome       TEXT COLLATE "C"    NOT NULL,
    door          TEXT COLLATE "C"    NOT NULL,
    address       TEXT COLLATE "C",
    request_id    TEXT COLLATE "C"    NOT NULL
);
CREATE INDEX audit_tenant ON audit (tenant, number);
