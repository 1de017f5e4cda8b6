-- The first schema, in the schema of the connection's search path. Instants are microseconds since 1970 in UTC; moments are
-- their canonical text beside the instant at which the clock speaks; money is minor units beside its currency. Ids are the
-- contract's text ids; `sequence` columns are orders of arrival and never leave the store. Text sorts by code point, as in
-- SQLite. Flags are 0 and 1, so that one reading serves both databases.

-- step
CREATE TABLE desk (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    -- Counts commits: what a write was computed from is current only while this has not moved.
    generation BIGINT NOT NULL,
    log_size BIGINT NOT NULL,
    log_frontier BYTEA NOT NULL
);
-- step
INSERT INTO desk (one, generation, log_size, log_frontier) VALUES (1, 0, 0, ''::bytea);
-- step
CREATE TABLE keys (
    id BIGINT PRIMARY KEY,
    provider TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    kek TEXT COLLATE "C" NOT NULL,
    wrapped BYTEA NOT NULL,
    UNIQUE (provider, account, version)
);
-- step
CREATE TABLE documents (
    sequence BIGINT PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    provider TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    way TEXT COLLATE "C" NOT NULL CHECK (way IN ('webhook', 'file', 'api', 'command', 'desk')),
    name TEXT COLLATE "C" NOT NULL,
    received_at BIGINT NOT NULL
);
-- step
CREATE TABLE document_bodies (
    document BIGINT PRIMARY KEY REFERENCES documents (sequence),
    key BIGINT NOT NULL REFERENCES keys (id),
    sealed BYTEA NOT NULL
);
-- step
CREATE TABLE document_states (
    document BIGINT PRIMARY KEY REFERENCES documents (sequence),
    fate TEXT COLLATE "C" NOT NULL CHECK (fate IN
        ('pending', 'applied', 'other-business', 'rejected', 'quarantined', 'duplicate', 'superseded')),
    form TEXT COLLATE "C" NOT NULL,
    trouble TEXT COLLATE "C" NOT NULL,
    verdict TEXT COLLATE "C" NOT NULL,
    verdict_detail TEXT COLLATE "C" NOT NULL,
    trusted BIGINT NOT NULL CHECK (trusted IN (0, 1)),
    arrivals BIGINT NOT NULL CHECK (arrivals > 0),
    facts_new BIGINT NOT NULL,
    facts_known BIGINT NOT NULL
);
-- step
CREATE INDEX document_states_by_fate ON document_states (fate, document) WHERE fate <> 'applied';
-- step
CREATE TABLE rejects (
    document BIGINT NOT NULL REFERENCES documents (sequence),
    ordinal BIGINT NOT NULL,
    span_from BIGINT NOT NULL,
    span_until BIGINT NOT NULL,
    code TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    hint TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (document, ordinal)
);
-- step
CREATE TABLE facts (
    sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    provider TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    family TEXT COLLATE "C" NOT NULL,
    case_id TEXT COLLATE "C",
    word TEXT COLLATE "C" NOT NULL,
    true_at BIGINT NOT NULL,
    known_at BIGINT NOT NULL,
    document BIGINT NOT NULL REFERENCES documents (sequence),
    span_from BIGINT NOT NULL,
    span_until BIGINT NOT NULL,
    -- The canonical line, or its sealed form where it carries people's words. Never both.
    line TEXT COLLATE "C",
    key BIGINT REFERENCES keys (id),
    sealed BYTEA,
    CHECK ((line IS NULL) = (sealed IS NOT NULL)),
    CHECK ((key IS NULL) = (sealed IS NULL))
);
-- step
CREATE INDEX facts_by_family ON facts (family, sequence);
-- step
-- Which families hold a reference. More than one only where a person cut a link or tied one.
CREATE TABLE refs (
    provider TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    family TEXT COLLATE "C" NOT NULL,
    -- 1 where a cut or a tie names it: such a family must be read with those it names.
    tie BIGINT NOT NULL CHECK (tie IN (0, 1)),
    PRIMARY KEY (provider, account, kind, value, family)
);
-- step
CREATE INDEX refs_by_family ON refs (family);
-- step
CREATE INDEX refs_tied ON refs (tie) WHERE tie = 1;
-- step
CREATE TABLE cases (
    id TEXT COLLATE "C" PRIMARY KEY,
    family TEXT COLLATE "C" NOT NULL,
    provider TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    dispute TEXT COLLATE "C" NOT NULL,
    stage TEXT COLLATE "C" NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    closed BIGINT NOT NULL CHECK (closed IN (0, 1)),
    reason TEXT COLLATE "C" NOT NULL,
    network TEXT COLLATE "C" NOT NULL,
    disputed_minor BIGINT,
    disputed_currency TEXT COLLATE "C",
    respond_by TEXT COLLATE "C",
    respond_by_at BIGINT,
    money TEXT COLLATE "C" NOT NULL,
    divergence_minor BIGINT,
    divergence_currency TEXT COLLATE "C",
    opened_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    assigned_to TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    -- When it was last read back from the provider. A projection of the desk's own acts, not of the case.
    read_at BIGINT,
    CHECK ((disputed_minor IS NULL) = (disputed_currency IS NULL)),
    CHECK ((divergence_minor IS NULL) = (divergence_currency IS NULL)),
    CHECK ((respond_by IS NULL) = (respond_by_at IS NULL))
);
-- step
CREATE INDEX cases_by_due ON cases (respond_by_at) WHERE status = 'ours';
-- step
CREATE INDEX cases_to_sweep ON cases (provider, respond_by_at) WHERE closed = 0;
-- step
CREATE TABLE case_refs (
    case_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (case_id, kind, value)
);
-- step
CREATE INDEX case_refs_by_value ON case_refs (value);
-- step
CREATE TABLE entries (
    sequence BIGINT PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    provider TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    -- Empty for an entry of no case, so that uniqueness below holds for those too.
    case_id TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    ordinal BIGINT NOT NULL CHECK (ordinal > 0),
    effective_at BIGINT NOT NULL,
    known_at BIGINT NOT NULL,
    document BIGINT NOT NULL REFERENCES documents (sequence),
    fact TEXT COLLATE "C" REFERENCES facts (id),
    UNIQUE (case_id, key, ordinal, provider, account)
);
-- step
CREATE TABLE legs (
    entry BIGINT NOT NULL REFERENCES entries (sequence) DEFERRABLE INITIALLY DEFERRED,
    ordinal BIGINT NOT NULL,
    path TEXT COLLATE "C" NOT NULL,
    layer TEXT COLLATE "C" NOT NULL CHECK (layer IN ('pending', 'posted')),
    currency TEXT COLLATE "C" NOT NULL,
    minor BIGINT NOT NULL CHECK (minor <> 0),
    PRIMARY KEY (entry, ordinal)
);
-- step
CREATE TABLE balances (
    path TEXT COLLATE "C" NOT NULL,
    layer TEXT COLLATE "C" NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    minor BIGINT NOT NULL,
    PRIMARY KEY (path, layer)
);
-- step
CREATE TABLE obligations (
    id TEXT COLLATE "C" NOT NULL,
    case_id TEXT COLLATE "C" NOT NULL,
    provider TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    duty TEXT COLLATE "C" NOT NULL,
    debtor TEXT COLLATE "C" NOT NULL,
    creditor TEXT COLLATE "C" NOT NULL,
    amount_minor BIGINT,
    amount_currency TEXT COLLATE "C",
    due_by TEXT COLLATE "C" NOT NULL,
    due_by_at BIGINT NOT NULL,
    basis TEXT COLLATE "C" NOT NULL,
    standing TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (case_id, id),
    CHECK ((amount_minor IS NULL) = (amount_currency IS NULL))
);
-- step
CREATE INDEX obligations_by_standing ON obligations (standing, due_by_at);
-- step
CREATE TABLE timers (
    id TEXT COLLATE "C" PRIMARY KEY,
    provider TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    case_id TEXT COLLATE "C" NOT NULL,
    what TEXT COLLATE "C" NOT NULL,
    due TEXT COLLATE "C" NOT NULL,
    speaks_at BIGINT NOT NULL
);
-- step
CREATE INDEX timers_by_time ON timers (speaks_at);
-- step
CREATE TABLE outbox (
    id TEXT COLLATE "C" PRIMARY KEY,
    provider TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    case_id TEXT COLLATE "C" NOT NULL,
    verb TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    attempt BIGINT NOT NULL,
    not_before BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    last_trouble TEXT COLLATE "C" NOT NULL
);
-- step
CREATE INDEX outbox_by_time ON outbox (not_before);
-- step
-- What was ever put out, and when it was settled; the outbox holds only what is not.
CREATE TABLE submissions (
    id TEXT COLLATE "C" PRIMARY KEY,
    provider TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    case_id TEXT COLLATE "C" NOT NULL,
    verb TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    attempt BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    settled_at BIGINT
);
-- step
CREATE TABLE findings (
    id TEXT COLLATE "C" PRIMARY KEY,
    case_id TEXT COLLATE "C" NOT NULL,
    provider TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    amount_minor BIGINT,
    amount_currency TEXT COLLATE "C",
    opened_at BIGINT NOT NULL,
    closed_at BIGINT,
    CHECK ((amount_minor IS NULL) = (amount_currency IS NULL))
);
-- step
CREATE INDEX findings_by_case ON findings (case_id);
-- step
CREATE TABLE blobs (
    provider TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    digest TEXT COLLATE "C" NOT NULL,
    key BIGINT NOT NULL REFERENCES keys (id),
    sealed BYTEA NOT NULL,
    PRIMARY KEY (provider, account, digest)
);
-- step
CREATE TABLE leaves (
    number BIGINT PRIMARY KEY,
    leaf BYTEA NOT NULL
);
-- step
CREATE TABLE checkpoints (
    size BIGINT PRIMARY KEY,
    signed_at BIGINT NOT NULL,
    note TEXT COLLATE "C" NOT NULL
);
-- step
-- Legs are written before the entry that closes over them: the deferred reference refuses legs that no entry closes, and
-- this refuses an entry whose legs do not balance. Together no transaction can end with an unbalanced entry.
CREATE FUNCTION entries_balance() RETURNS trigger LANGUAGE plpgsql
    SET search_path FROM CURRENT
    -- One look by index for each entry, whatever the planner believes of a table that was empty when it last looked.
    SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM added a WHERE EXISTS (SELECT 1 FROM legs l WHERE l.entry = a.sequence
               GROUP BY l.currency, l.layer HAVING sum(l.minor) <> 0)) THEN
        RAISE EXCEPTION 'an entry balances per currency and layer' USING ERRCODE = '23514';
    END IF;
    IF EXISTS (SELECT 1 FROM added a WHERE
               (SELECT count(*) FROM legs l WHERE l.entry = a.sequence) < 2) THEN
        RAISE EXCEPTION 'an entry has two legs or more' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
-- step
CREATE TRIGGER entries_balance AFTER INSERT ON entries REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION entries_balance();
-- step
-- The lock is the one that every writer of the store holds. With it nobody can slip legs under an entry that another
-- transaction is closing.
CREATE FUNCTION legs_closed() RETURNS trigger LANGUAGE plpgsql
    SET search_path FROM CURRENT SET enable_seqscan = off AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(TG_TABLE_SCHEMA, 0));
    IF EXISTS (SELECT 1 FROM added a WHERE
               (SELECT count(*) FROM entries e WHERE e.sequence = a.entry) > 0) THEN
        RAISE EXCEPTION 'an entry takes no more legs' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
-- step
CREATE TRIGGER legs_closed AFTER INSERT ON legs REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION legs_closed();
-- step
CREATE FUNCTION leaves_follow() RETURNS trigger LANGUAGE plpgsql
    SET search_path FROM CURRENT SET enable_seqscan = off AS $$
DECLARE
    first BIGINT;
    last BIGINT;
    added_rows BIGINT;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(TG_TABLE_SCHEMA, 0));
    SELECT min(number), max(number), count(*) INTO first, last, added_rows FROM added;
    -- An insert of no row has nothing to follow.
    IF added_rows > 0 AND (last - first + 1 <> added_rows
        OR last <> (SELECT max(number) FROM leaves)
        OR first <> (SELECT coalesce(max(number) + 1, 0) FROM leaves WHERE number < first)) THEN
        RAISE EXCEPTION 'leaves are numbered without gaps' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
-- step
CREATE TRIGGER leaves_follow AFTER INSERT ON leaves REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION leaves_follow();
-- step
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23514';
END $$;
-- step
CREATE FUNCTION loses_no_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% loses no row', TG_TABLE_NAME USING ERRCODE = '23514';
END $$;
-- step
CREATE TRIGGER documents_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON documents
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- step
CREATE TRIGGER entries_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON entries
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- step
CREATE TRIGGER legs_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON legs
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- step
CREATE TRIGGER leaves_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON leaves
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- step
CREATE TRIGGER checkpoints_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- step
CREATE TRIGGER document_bodies_keep BEFORE DELETE OR TRUNCATE ON document_bodies
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- step
-- Sealed again under a newer key is the one change that a body may undergo.
CREATE TRIGGER document_bodies_keep_seal BEFORE UPDATE ON document_bodies FOR EACH ROW
    WHEN (NEW.document <> OLD.document OR NEW.key <= OLD.key) EXECUTE FUNCTION append_only();
-- step
CREATE TRIGGER document_states_keep BEFORE DELETE OR TRUNCATE ON document_states
    FOR EACH STATEMENT EXECUTE FUNCTION loses_no_row();
-- step
CREATE TRIGGER facts_keep BEFORE DELETE OR TRUNCATE ON facts
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- step
-- The family of a fact is derived, and a seal may be renewed; what was said may not change.
CREATE TRIGGER facts_keep_said BEFORE UPDATE OF
    id, provider, account, case_id, word, true_at, known_at, document, span_from, span_until, line ON facts
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- step
CREATE TRIGGER facts_keep_seal BEFORE UPDATE OF key, sealed ON facts FOR EACH ROW
    WHEN (OLD.key IS NULL OR NEW.key IS NULL OR NEW.key <= OLD.key) EXECUTE FUNCTION append_only();
