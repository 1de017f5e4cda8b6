-- The first schema. Instants are microseconds since 1970 in UTC; moments are their canonical text beside the instant at
-- which the clock speaks; money is minor units beside its currency. Ids are the contract's text ids; `sequence` columns
-- are orders of arrival and never leave the store.

-- step
CREATE TABLE desk (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    -- Counts commits: what a write was computed from is current only while this has not moved.
    generation INTEGER NOT NULL,
    log_size INTEGER NOT NULL,
    log_frontier BLOB NOT NULL
) STRICT;
-- step
INSERT INTO desk (one, generation, log_size, log_frontier) VALUES (1, 0, 0, x'');
-- step
CREATE TABLE keys (
    id INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    kek TEXT NOT NULL,
    wrapped BLOB NOT NULL,
    UNIQUE (provider, account, version)
) STRICT;
-- step
CREATE TABLE documents (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    way TEXT NOT NULL CHECK (way IN ('webhook', 'file', 'api', 'command', 'desk')),
    name TEXT NOT NULL,
    received_at INTEGER NOT NULL
) STRICT;
-- step
CREATE TABLE document_bodies (
    document INTEGER PRIMARY KEY REFERENCES documents (sequence),
    key INTEGER NOT NULL REFERENCES keys (id),
    sealed BLOB NOT NULL
) STRICT;
-- step
CREATE TABLE document_states (
    document INTEGER PRIMARY KEY REFERENCES documents (sequence),
    fate TEXT NOT NULL CHECK (fate IN
        ('pending', 'applied', 'other-business', 'rejected', 'quarantined', 'duplicate', 'superseded')),
    form TEXT NOT NULL,
    trouble TEXT NOT NULL,
    verdict TEXT NOT NULL,
    verdict_detail TEXT NOT NULL,
    trusted INTEGER NOT NULL CHECK (trusted IN (0, 1)),
    arrivals INTEGER NOT NULL CHECK (arrivals > 0),
    facts_new INTEGER NOT NULL,
    facts_known INTEGER NOT NULL
) STRICT;
-- step
CREATE INDEX document_states_by_fate ON document_states (fate, document) WHERE fate <> 'applied';
-- step
CREATE TABLE rejects (
    document INTEGER NOT NULL REFERENCES documents (sequence),
    ordinal INTEGER NOT NULL,
    span_from INTEGER NOT NULL,
    span_until INTEGER NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    detail TEXT NOT NULL,
    hint TEXT NOT NULL,
    PRIMARY KEY (document, ordinal)
) STRICT, WITHOUT ROWID;
-- step
CREATE TABLE facts (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    family TEXT NOT NULL,
    case_id TEXT,
    word TEXT NOT NULL,
    true_at INTEGER NOT NULL,
    known_at INTEGER NOT NULL,
    document INTEGER NOT NULL REFERENCES documents (sequence),
    span_from INTEGER NOT NULL,
    span_until INTEGER NOT NULL,
    -- The canonical line, or its sealed form where it carries people's words. Never both.
    line TEXT,
    key INTEGER REFERENCES keys (id),
    sealed BLOB,
    CHECK ((line IS NULL) = (sealed IS NOT NULL)),
    CHECK ((key IS NULL) = (sealed IS NULL))
) STRICT;
-- step
CREATE INDEX facts_by_family ON facts (family, sequence);
-- step
-- Which families hold a reference. More than one only where a person cut a link or tied one.
CREATE TABLE refs (
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    family TEXT NOT NULL,
    -- 1 where a cut or a tie names it: such a family must be read with those it names.
    tie INTEGER NOT NULL CHECK (tie IN (0, 1)),
    PRIMARY KEY (provider, account, kind, value, family)
) STRICT, WITHOUT ROWID;
-- step
CREATE INDEX refs_by_family ON refs (family);
-- step
CREATE INDEX refs_tied ON refs (tie) WHERE tie = 1;
-- step
CREATE TABLE cases (
    id TEXT PRIMARY KEY,
    family TEXT NOT NULL,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    dispute TEXT NOT NULL,
    stage TEXT NOT NULL,
    status TEXT NOT NULL,
    closed INTEGER NOT NULL CHECK (closed IN (0, 1)),
    reason TEXT NOT NULL,
    network TEXT NOT NULL,
    disputed_minor INTEGER,
    disputed_currency TEXT,
    respond_by TEXT,
    respond_by_at INTEGER,
    money TEXT NOT NULL,
    divergence_minor INTEGER,
    divergence_currency TEXT,
    opened_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    assigned_to TEXT NOT NULL,
    digest TEXT NOT NULL,
    -- When it was last read back from the provider. A projection of the desk's own acts, not of the case.
    read_at INTEGER,
    CHECK ((disputed_minor IS NULL) = (disputed_currency IS NULL)),
    CHECK ((divergence_minor IS NULL) = (divergence_currency IS NULL)),
    CHECK ((respond_by IS NULL) = (respond_by_at IS NULL))
) STRICT, WITHOUT ROWID;
-- step
CREATE INDEX cases_by_due ON cases (respond_by_at) WHERE status = 'ours';
-- step
CREATE INDEX cases_to_sweep ON cases (provider, respond_by_at) WHERE closed = 0;
-- step
CREATE TABLE case_refs (
    case_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (case_id, kind, value)
) STRICT, WITHOUT ROWID;
-- step
CREATE INDEX case_refs_by_value ON case_refs (value);
-- step
CREATE TABLE entries (
    sequence INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    -- Empty for an entry of no case, so that uniqueness below holds for those too.
    case_id TEXT NOT NULL,
    key TEXT NOT NULL,
    ordinal INTEGER NOT NULL CHECK (ordinal > 0),
    effective_at INTEGER NOT NULL,
    known_at INTEGER NOT NULL,
    document INTEGER NOT NULL REFERENCES documents (sequence),
    fact TEXT REFERENCES facts (id),
    UNIQUE (case_id, key, ordinal, provider, account)
) STRICT;
-- step
CREATE TABLE legs (
    entry INTEGER NOT NULL REFERENCES entries (sequence) DEFERRABLE INITIALLY DEFERRED,
    ordinal INTEGER NOT NULL,
    path TEXT NOT NULL,
    layer TEXT NOT NULL CHECK (layer IN ('pending', 'posted')),
    currency TEXT NOT NULL,
    minor INTEGER NOT NULL CHECK (minor <> 0),
    PRIMARY KEY (entry, ordinal)
) STRICT, WITHOUT ROWID;
-- step
-- Legs are written before the entry that closes over them: the deferred reference refuses legs that no entry closes, and
-- this refuses an entry whose legs do not balance. Together no transaction can end with an unbalanced entry.
CREATE TRIGGER entries_balance BEFORE INSERT ON entries BEGIN
    SELECT raise(ABORT, 'an entry balances per currency and layer') WHERE EXISTS
        (SELECT 1 FROM legs WHERE entry = NEW.sequence GROUP BY currency, layer HAVING sum(minor) <> 0);
    SELECT raise(ABORT, 'an entry has two legs or more') WHERE
        (SELECT count(*) FROM legs WHERE entry = NEW.sequence) < 2;
END;
-- step
CREATE TRIGGER legs_closed BEFORE INSERT ON legs
WHEN EXISTS (SELECT 1 FROM entries WHERE sequence = NEW.entry) BEGIN
    SELECT raise(ABORT, 'an entry takes no more legs');
END;
-- step
CREATE TABLE balances (
    path TEXT NOT NULL,
    layer TEXT NOT NULL,
    currency TEXT NOT NULL,
    minor INTEGER NOT NULL,
    PRIMARY KEY (path, layer)
) STRICT, WITHOUT ROWID;
-- step
CREATE TABLE obligations (
    id TEXT NOT NULL,
    case_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    duty TEXT NOT NULL,
    debtor TEXT NOT NULL,
    creditor TEXT NOT NULL,
    amount_minor INTEGER,
    amount_currency TEXT,
    due_by TEXT NOT NULL,
    due_by_at INTEGER NOT NULL,
    basis TEXT NOT NULL,
    standing TEXT NOT NULL,
    PRIMARY KEY (case_id, id),
    CHECK ((amount_minor IS NULL) = (amount_currency IS NULL))
) STRICT, WITHOUT ROWID;
-- step
CREATE INDEX obligations_by_standing ON obligations (standing, due_by_at);
-- step
CREATE TABLE timers (
    id TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    case_id TEXT NOT NULL,
    what TEXT NOT NULL,
    due TEXT NOT NULL,
    speaks_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- step
CREATE INDEX timers_by_time ON timers (speaks_at);
-- step
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    case_id TEXT NOT NULL,
    verb TEXT NOT NULL,
    digest TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    last_trouble TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- step
CREATE INDEX outbox_by_time ON outbox (not_before);
-- step
-- What was ever put out, and when it was settled; the outbox holds only what is not.
CREATE TABLE submissions (
    id TEXT PRIMARY KEY,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    case_id TEXT NOT NULL,
    verb TEXT NOT NULL,
    digest TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    settled_at INTEGER
) STRICT, WITHOUT ROWID;
-- step
CREATE TABLE findings (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    kind TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    detail TEXT NOT NULL,
    amount_minor INTEGER,
    amount_currency TEXT,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER,
    CHECK ((amount_minor IS NULL) = (amount_currency IS NULL))
) STRICT, WITHOUT ROWID;
-- step
CREATE INDEX findings_by_case ON findings (case_id);
-- step
CREATE TABLE blobs (
    provider TEXT NOT NULL,
    account TEXT NOT NULL,
    digest TEXT NOT NULL,
    key INTEGER NOT NULL REFERENCES keys (id),
    sealed BLOB NOT NULL,
    PRIMARY KEY (provider, account, digest)
) STRICT;
-- step
CREATE TABLE leaves (
    number INTEGER PRIMARY KEY,
    leaf BLOB NOT NULL
) STRICT;
-- step
CREATE TABLE checkpoints (
    size INTEGER PRIMARY KEY,
    signed_at INTEGER NOT NULL,
    note TEXT NOT NULL
) STRICT;
-- step
CREATE TRIGGER leaves_follow BEFORE INSERT ON leaves
WHEN NEW.number <> (SELECT coalesce(max(number) + 1, 0) FROM leaves) BEGIN
    SELECT raise(ABORT, 'leaves are numbered without gaps');
END;
-- step
CREATE TRIGGER documents_keep_update BEFORE UPDATE ON documents BEGIN
    SELECT raise(ABORT, 'documents is append-only');
END;
-- step
CREATE TRIGGER documents_keep_delete BEFORE DELETE ON documents BEGIN
    SELECT raise(ABORT, 'documents is append-only');
END;
-- step
-- Sealed again under a newer key is the one change that a body may undergo.
CREATE TRIGGER document_bodies_keep_update BEFORE UPDATE ON document_bodies
WHEN NEW.document <> OLD.document OR NEW.key <= OLD.key BEGIN
    SELECT raise(ABORT, 'document_bodies is append-only');
END;
-- step
CREATE TRIGGER document_bodies_keep_delete BEFORE DELETE ON document_bodies BEGIN
    SELECT raise(ABORT, 'document_bodies is append-only');
END;
-- step
CREATE TRIGGER document_states_keep_delete BEFORE DELETE ON document_states BEGIN
    SELECT raise(ABORT, 'document_states loses no row');
END;
-- step
-- The family of a fact is derived, and a seal may be renewed; what was said may not change.
CREATE TRIGGER facts_keep_update BEFORE UPDATE OF
    sequence, id, provider, account, case_id, word, true_at, known_at, document, span_from, span_until, line ON facts BEGIN
    SELECT raise(ABORT, 'facts is append-only');
END;
-- step
CREATE TRIGGER facts_keep_seal BEFORE UPDATE OF key, sealed ON facts
WHEN OLD.key IS NULL OR NEW.key IS NULL OR NEW.key <= OLD.key BEGIN
    SELECT raise(ABORT, 'facts is append-only');
END;
-- step
CREATE TRIGGER facts_keep_delete BEFORE DELETE ON facts BEGIN
    SELECT raise(ABORT, 'facts is append-only');
END;
-- step
CREATE TRIGGER entries_keep_update BEFORE UPDATE ON entries BEGIN
    SELECT raise(ABORT, 'entries is append-only');
END;
-- step
CREATE TRIGGER entries_keep_delete BEFORE DELETE ON entries BEGIN
    SELECT raise(ABORT, 'entries is append-only');
END;
-- step
CREATE TRIGGER legs_keep_update BEFORE UPDATE ON legs BEGIN
    SELECT raise(ABORT, 'legs is append-only');
END;
-- step
CREATE TRIGGER legs_keep_delete BEFORE DELETE ON legs BEGIN
    SELECT raise(ABORT, 'legs is append-only');
END;
-- step
CREATE TRIGGER leaves_keep_update BEFORE UPDATE ON leaves BEGIN
    SELECT raise(ABORT, 'leaves is append-only');
END;
-- step
CREATE TRIGGER leaves_keep_delete BEFORE DELETE ON leaves BEGIN
    SELECT raise(ABORT, 'leaves is append-only');
END;
-- step
CREATE TRIGGER checkpoints_keep_update BEFORE UPDATE ON checkpoints BEGIN
    SELECT raise(ABORT, 'checkpoints is append-only');
END;
-- step
CREATE TRIGGER checkpoints_keep_delete BEFORE DELETE ON checkpoints BEGIN
    SELECT raise(ABORT, 'checkpoints is append-only');
END;
