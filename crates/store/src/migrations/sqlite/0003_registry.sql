-- What a desk keeps beside its disputes, and the orders in which its cases are listed. Instants are microseconds since 1970
-- in UTC, flags 0 and 1. Secrets and people's words are sealed under the desk's own keys, as documents are.

-- step
CREATE TABLE merchants (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
-- step
-- Whose an account is. An account without a row is the desk's own, and live.
CREATE TABLE owned (
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    merchant TEXT NOT NULL REFERENCES merchants (id),
    live INTEGER NOT NULL CHECK (live IN (0, 1)),
    PRIMARY KEY (provider, account)
) STRICT, WITHOUT ROWID;
-- step
CREATE INDEX owned_by_merchant ON owned (merchant, live);
-- step
CREATE INDEX owned_by_mode ON owned (live) WHERE live = 0;
-- step
CREATE TABLE people (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE CHECK (email = lower(email)),
    name TEXT NOT NULL,
    password TEXT,
    -- The TOTP secret, sealed.
    key INTEGER REFERENCES keys (id),
    sealed BLOB,
    totp_step INTEGER,
    -- Hashes, a line each.
    recovery TEXT NOT NULL,
    issuer TEXT,
    subject TEXT,
    created_at INTEGER NOT NULL,
    disabled_at INTEGER,
    roles_changed_at INTEGER,
    signed_out_at INTEGER,
    UNIQUE (issuer, subject),
    CHECK ((issuer IS NULL) = (subject IS NULL)),
    CHECK ((key IS NULL) = (sealed IS NULL))
) STRICT;
-- step
CREATE INDEX people_by_key ON people (key) WHERE key IS NOT NULL;
-- step
CREATE TABLE grants (
    person TEXT NOT NULL REFERENCES people (id),
    -- Null at the desk.
    merchant TEXT REFERENCES merchants (id),
    role TEXT NOT NULL
) STRICT;
-- step
CREATE UNIQUE INDEX grants_once ON grants (person, coalesce(merchant, ''), role);
-- step
CREATE INDEX grants_by_merchant ON grants (merchant);
-- step
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    person TEXT NOT NULL REFERENCES people (id),
    -- Null at the desk.
    merchant TEXT REFERENCES merchants (id),
    live INTEGER NOT NULL CHECK (live IN (0, 1)),
    created_at INTEGER NOT NULL,
    rotated_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    stepped_up_at INTEGER,
    ended_at INTEGER
) STRICT, WITHOUT ROWID;
-- step
CREATE INDEX sessions_by_person ON sessions (person);
-- step
CREATE TABLE errands (
    state_hash TEXT PRIMARY KEY,
    key INTEGER NOT NULL REFERENCES keys (id),
    sealed BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
-- step
CREATE INDEX errands_by_key ON errands (key);
-- step
CREATE INDEX errands_by_time ON errands (expires_at);
-- step
CREATE TABLE failures (
    about TEXT PRIMARY KEY,
    count INTEGER NOT NULL CHECK (count >= 0),
    last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- step
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    shown TEXT NOT NULL,
    label TEXT NOT NULL,
    live INTEGER NOT NULL CHECK (live IN (0, 1)),
    -- Null for the desk's own.
    merchant TEXT REFERENCES merchants (id),
    grants TEXT NOT NULL,
    addresses TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT;
-- step
CREATE INDEX api_keys_by_merchant ON api_keys (merchant);
-- step
-- Requests that may have one effect only, each with the answer that was given.
CREATE TABLE once (
    name TEXT PRIMARY KEY,
    tenant TEXT NOT NULL,
    key_text TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    at INTEGER NOT NULL,
    about TEXT NOT NULL,
    status INTEGER,
    key INTEGER REFERENCES keys (id),
    sealed BLOB,
    CHECK (name = tenant || '/' || key_text),
    CHECK ((status IS NULL) = (sealed IS NULL)),
    CHECK ((key IS NULL) = (sealed IS NULL))
) STRICT;
-- step
CREATE INDEX once_by_key ON once (key) WHERE key IS NOT NULL;
-- step
CREATE TABLE endpoints (
    id TEXT PRIMARY KEY,
    merchant TEXT REFERENCES merchants (id),
    live INTEGER NOT NULL CHECK (live IN (0, 1)),
    url TEXT NOT NULL,
    -- Patterns, a line each.
    events TEXT NOT NULL,
    description TEXT NOT NULL,
    metadata TEXT NOT NULL,
    api_version TEXT NOT NULL,
    health TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    -- The secrets, sealed.
    key INTEGER NOT NULL REFERENCES keys (id),
    sealed BLOB NOT NULL
) STRICT;
-- step
CREATE INDEX endpoints_by_merchant ON endpoints (merchant);
-- step
CREATE INDEX endpoints_by_key ON endpoints (key);
-- step
CREATE TABLE events (
    sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    case_id TEXT NOT NULL,
    family TEXT NOT NULL,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    document TEXT NOT NULL,
    -- The numbers of facts between which the case changed.
    known_before INTEGER NOT NULL,
    known_until INTEGER NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (case_id, version)
) STRICT;
-- step
CREATE INDEX events_by_kind ON events (kind, sequence);
-- step
CREATE INDEX events_by_account ON events (provider, account, sequence);
-- step
CREATE INDEX events_by_time ON events (at, sequence);
-- step
-- How far events are published, by the numbers of facts.
CREATE TABLE published (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    until INTEGER NOT NULL CHECK (until >= 0)
) STRICT;
-- step
INSERT INTO published (one, until) VALUES (1, 0);
-- step
CREATE TABLE deliveries (
    endpoint TEXT NOT NULL REFERENCES endpoints (id),
    event TEXT NOT NULL REFERENCES events (id),
    state TEXT NOT NULL CHECK (state IN ('due', 'held', 'delivered', 'parked', 'cancelled')),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    due_at INTEGER NOT NULL,
    settled_at INTEGER,
    -- The digest of what is sent, from the first attempt on.
    body TEXT,
    PRIMARY KEY (endpoint, event)
) STRICT, WITHOUT ROWID;
-- step
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE state = 'due';
-- step
CREATE INDEX deliveries_next ON deliveries (endpoint, due_at) WHERE state = 'due';
-- step
CREATE INDEX deliveries_held ON deliveries (endpoint) WHERE state = 'held';
-- step
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint, due_at);
-- step
CREATE TABLE attempts (
    endpoint TEXT NOT NULL,
    event TEXT NOT NULL,
    number INTEGER NOT NULL CHECK (number > 0),
    at INTEGER NOT NULL,
    took_ms INTEGER NOT NULL CHECK (took_ms >= 0),
    status INTEGER,
    words TEXT NOT NULL,
    PRIMARY KEY (endpoint, event, number),
    FOREIGN KEY (endpoint, event) REFERENCES deliveries (endpoint, event)
) STRICT, WITHOUT ROWID;
-- step
CREATE INDEX attempts_by_time ON attempts (endpoint, at);
-- step
CREATE TABLE files (
    id TEXT PRIMARY KEY,
    merchant TEXT REFERENCES merchants (id),
    live INTEGER NOT NULL CHECK (live IN (0, 1)),
    purpose TEXT NOT NULL,
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    pages INTEGER,
    digest TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT, WITHOUT ROWID;
-- step
CREATE INDEX files_by_time ON files (created_at DESC);
-- step
CREATE INDEX files_by_merchant ON files (merchant, live, created_at DESC);
-- step
CREATE TABLE file_links (
    id TEXT PRIMARY KEY,
    file TEXT NOT NULL REFERENCES files (id),
    token_hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT, WITHOUT ROWID;
-- step
CREATE TABLE metadata (
    object TEXT PRIMARY KEY,
    key INTEGER NOT NULL REFERENCES keys (id),
    sealed BLOB NOT NULL
) STRICT;
-- step
CREATE INDEX metadata_by_key ON metadata (key);
-- step
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    token INTEGER NOT NULL CHECK (token > 0),
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- step
CREATE INDEX cases_opened ON cases (opened_at DESC);
-- step
CREATE INDEX cases_of_account ON cases (provider, account, opened_at DESC);
-- step
CREATE INDEX cases_of_account_by_status ON cases (provider, account, status, opened_at DESC);
-- step
CREATE INDEX cases_by_status ON cases (status, opened_at DESC);
-- step
CREATE INDEX cases_by_stage ON cases (stage, opened_at DESC);
-- step
CREATE INDEX cases_by_reason ON cases (reason, opened_at DESC);
-- step
CREATE INDEX cases_by_network ON cases (network, opened_at DESC);
-- step
CREATE INDEX cases_by_currency ON cases (disputed_currency, opened_at DESC);
-- step
CREATE INDEX cases_by_assignee ON cases (assigned_to, opened_at DESC) WHERE assigned_to <> '';
-- step
CREATE INDEX cases_by_amount ON cases (disputed_minor, disputed_currency, opened_at);
-- step
CREATE INDEX cases_changed ON cases (changed_at, opened_at);
-- step
DROP INDEX cases_by_due;
-- step
CREATE INDEX cases_due ON cases (respond_by_at, opened_at) WHERE status = 'ours';
-- step
CREATE TRIGGER events_keep_update BEFORE UPDATE ON events BEGIN
    SELECT raise(ABORT, 'events is append-only');
END;
-- step
CREATE TRIGGER events_keep_delete BEFORE DELETE ON events BEGIN
    SELECT raise(ABORT, 'events is append-only');
END;
-- step
CREATE TRIGGER events_follow BEFORE INSERT ON events
WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM events) BEGIN
    SELECT raise(ABORT, 'events are numbered without gaps');
END;
-- step
CREATE TRIGGER published_forward BEFORE UPDATE ON published WHEN NEW.until < OLD.until BEGIN
    SELECT raise(ABORT, 'published only moves forward');
END;
-- step
CREATE TRIGGER attempts_keep_update BEFORE UPDATE ON attempts BEGIN
    SELECT raise(ABORT, 'attempts is append-only');
END;
-- step
CREATE TRIGGER attempts_keep_delete BEFORE DELETE ON attempts BEGIN
    SELECT raise(ABORT, 'attempts is append-only');
END;
-- step
CREATE TRIGGER deliveries_keep_delete BEFORE DELETE ON deliveries BEGIN
    SELECT raise(ABORT, 'deliveries loses no row');
END;
-- step
-- The first answer stays; it may be sealed again under a newer key.
CREATE TRIGGER once_keep_update BEFORE UPDATE ON once
WHEN NEW.tenant <> OLD.tenant OR NEW.key_text <> OLD.key_text OR NEW.fingerprint <> OLD.fingerprint
    OR NEW.at <> OLD.at OR NEW.about <> OLD.about
    OR (OLD.status IS NOT NULL AND (NEW.status IS NOT OLD.status OR NEW.key IS NULL OR NEW.key <= OLD.key)) BEGIN
    SELECT raise(ABORT, 'once is append-only');
END;
-- step
CREATE TRIGGER once_keep_delete BEFORE DELETE ON once BEGIN
    SELECT raise(ABORT, 'once is append-only');
END;
-- step
-- A key that was revoked stays so, and a key is its tenant's for ever.
CREATE TRIGGER api_keys_keep_update BEFORE UPDATE ON api_keys
WHEN NEW.id <> OLD.id OR NEW.hash <> OLD.hash OR NEW.merchant IS NOT OLD.merchant OR NEW.live <> OLD.live
    OR NEW.created_at <> OLD.created_at OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS NOT OLD.revoked_at) BEGIN
    SELECT raise(ABORT, 'an API key keeps its tenant and its end');
END;
-- step
CREATE TRIGGER api_keys_keep_delete BEFORE DELETE ON api_keys BEGIN
    SELECT raise(ABORT, 'api_keys loses no row');
END;
-- step
CREATE TRIGGER endpoints_keep_update BEFORE UPDATE ON endpoints
WHEN NEW.id <> OLD.id OR NEW.merchant IS NOT OLD.merchant OR NEW.live <> OLD.live OR NEW.created_at <> OLD.created_at BEGIN
    SELECT raise(ABORT, 'an endpoint keeps its tenant');
END;
-- step
CREATE TRIGGER endpoints_keep_delete BEFORE DELETE ON endpoints BEGIN
    SELECT raise(ABORT, 'endpoints loses no row');
END;
-- step
CREATE TRIGGER files_keep_update BEFORE UPDATE ON files BEGIN
    SELECT raise(ABORT, 'files is append-only');
END;
