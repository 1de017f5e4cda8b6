-- What a desk keeps beside its disputes, the orders in which its cases are listed, and who sees which rows. Instants are
-- microseconds since 1970 in UTC, flags 0 and 1. Secrets and people's words are sealed under the desk's own keys, as
-- documents are.

-- step
CREATE TABLE merchants (
    id TEXT COLLATE "C" PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);
-- step
-- Whose an account is. An account without a row is the desk's own, and live.
CREATE TABLE owned (
    provider TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    merchant TEXT COLLATE "C" NOT NULL REFERENCES merchants (id),
    live BIGINT NOT NULL CHECK (live IN (0, 1)),
    PRIMARY KEY (provider, account)
);
-- step
CREATE INDEX owned_by_merchant ON owned (merchant, live);
-- step
CREATE INDEX owned_by_mode ON owned (live) WHERE live = 0;
-- step
CREATE TABLE people (
    id TEXT COLLATE "C" PRIMARY KEY,
    email TEXT COLLATE "C" NOT NULL UNIQUE CHECK (email = lower(email)),
    name TEXT COLLATE "C" NOT NULL,
    password TEXT COLLATE "C",
    -- The TOTP secret, sealed.
    key BIGINT REFERENCES keys (id),
    sealed BYTEA,
    totp_step BIGINT,
    -- Hashes, a line each.
    recovery TEXT COLLATE "C" NOT NULL,
    issuer TEXT COLLATE "C",
    subject TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    disabled_at BIGINT,
    roles_changed_at BIGINT,
    signed_out_at BIGINT,
    UNIQUE (issuer, subject),
    CHECK ((issuer IS NULL) = (subject IS NULL)),
    CHECK ((key IS NULL) = (sealed IS NULL))
);
-- step
CREATE INDEX people_by_key ON people (key) WHERE key IS NOT NULL;
-- step
CREATE TABLE grants (
    person TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    -- Null at the desk.
    merchant TEXT COLLATE "C" REFERENCES merchants (id),
    role TEXT COLLATE "C" NOT NULL
);
-- step
CREATE UNIQUE INDEX grants_once ON grants (person, coalesce(merchant, ''), role);
-- step
CREATE INDEX grants_by_merchant ON grants (merchant);
-- step
CREATE TABLE sessions (
    token_hash TEXT COLLATE "C" PRIMARY KEY,
    person TEXT COLLATE "C" NOT NULL REFERENCES people (id),
    -- Null at the desk.
    merchant TEXT COLLATE "C" REFERENCES merchants (id),
    live BIGINT NOT NULL CHECK (live IN (0, 1)),
    created_at BIGINT NOT NULL,
    rotated_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    stepped_up_at BIGINT,
    ended_at BIGINT
);
-- step
CREATE INDEX sessions_by_person ON sessions (person);
-- step
CREATE TABLE errands (
    state_hash TEXT COLLATE "C" PRIMARY KEY,
    key BIGINT NOT NULL REFERENCES keys (id),
    sealed BYTEA NOT NULL,
    expires_at BIGINT NOT NULL
);
-- step
CREATE INDEX errands_by_key ON errands (key);
-- step
CREATE INDEX errands_by_time ON errands (expires_at);
-- step
CREATE TABLE failures (
    about TEXT COLLATE "C" PRIMARY KEY,
    count BIGINT NOT NULL CHECK (count >= 0),
    last_at BIGINT NOT NULL
);
-- step
CREATE TABLE api_keys (
    id TEXT COLLATE "C" PRIMARY KEY,
    hash TEXT COLLATE "C" NOT NULL UNIQUE,
    shown TEXT COLLATE "C" NOT NULL,
    label TEXT COLLATE "C" NOT NULL,
    live BIGINT NOT NULL CHECK (live IN (0, 1)),
    -- Null for the desk's own.
    merchant TEXT COLLATE "C" REFERENCES merchants (id),
    grants TEXT COLLATE "C" NOT NULL,
    addresses TEXT COLLATE "C" NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
);
-- step
CREATE INDEX api_keys_by_merchant ON api_keys (merchant);
-- step
-- Requests that may have one effect only, each with the answer that was given.
CREATE TABLE once (
    name TEXT COLLATE "C" PRIMARY KEY,
    tenant TEXT COLLATE "C" NOT NULL,
    key_text TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    about TEXT COLLATE "C" NOT NULL,
    status BIGINT,
    key BIGINT REFERENCES keys (id),
    sealed BYTEA,
    CHECK (name = tenant || '/' || key_text),
    CHECK ((status IS NULL) = (sealed IS NULL)),
    CHECK ((key IS NULL) = (sealed IS NULL))
);
-- step
CREATE INDEX once_by_key ON once (key) WHERE key IS NOT NULL;
-- step
CREATE TABLE endpoints (
    id TEXT COLLATE "C" PRIMARY KEY,
    merchant TEXT COLLATE "C" REFERENCES merchants (id),
    live BIGINT NOT NULL CHECK (live IN (0, 1)),
    url TEXT COLLATE "C" NOT NULL,
    -- Patterns, a line each.
    events TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    metadata TEXT COLLATE "C" NOT NULL,
    api_version TEXT COLLATE "C" NOT NULL,
    health TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    deleted_at BIGINT,
    -- The secrets, sealed.
    key BIGINT NOT NULL REFERENCES keys (id),
    sealed BYTEA NOT NULL
);
-- step
CREATE INDEX endpoints_by_merchant ON endpoints (merchant);
-- step
CREATE INDEX endpoints_by_key ON endpoints (key);
-- step
CREATE TABLE events (
    sequence BIGINT PRIMARY KEY CHECK (sequence > 0),
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    kind TEXT COLLATE "C" NOT NULL,
    case_id TEXT COLLATE "C" NOT NULL,
    family TEXT COLLATE "C" NOT NULL,
    provider TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    document TEXT COLLATE "C" NOT NULL,
    -- The numbers of facts between which the case changed.
    known_before BIGINT NOT NULL,
    known_until BIGINT NOT NULL,
    at BIGINT NOT NULL,
    UNIQUE (case_id, version)
);
-- step
CREATE INDEX events_by_kind ON events (kind, sequence);
-- step
CREATE INDEX events_by_account ON events (provider, account, sequence);
-- step
CREATE INDEX events_by_time ON events (at, sequence);
-- step
-- How far events are published, by the numbers of facts.
CREATE TABLE published (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    until BIGINT NOT NULL CHECK (until >= 0)
);
-- step
INSERT INTO published (one, until) VALUES (1, 0);
-- step
CREATE TABLE deliveries (
    endpoint TEXT COLLATE "C" NOT NULL REFERENCES endpoints (id),
    event TEXT COLLATE "C" NOT NULL REFERENCES events (id),
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('due', 'held', 'delivered', 'parked', 'cancelled')),
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    due_at BIGINT NOT NULL,
    settled_at BIGINT,
    -- The digest of what is sent, from the first attempt on.
    body TEXT COLLATE "C",
    PRIMARY KEY (endpoint, event)
);
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
    endpoint TEXT COLLATE "C" NOT NULL,
    event TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    at BIGINT NOT NULL,
    took_ms BIGINT NOT NULL CHECK (took_ms >= 0),
    status BIGINT,
    words TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (endpoint, event, number),
    FOREIGN KEY (endpoint, event) REFERENCES deliveries (endpoint, event)
);
-- step
CREATE INDEX attempts_by_time ON attempts (endpoint, at);
-- step
CREATE TABLE files (
    id TEXT COLLATE "C" PRIMARY KEY,
    merchant TEXT COLLATE "C" REFERENCES merchants (id),
    live BIGINT NOT NULL CHECK (live IN (0, 1)),
    purpose TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    media_type TEXT COLLATE "C" NOT NULL,
    bytes BIGINT NOT NULL CHECK (bytes >= 0),
    pages BIGINT,
    digest TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);
-- step
CREATE INDEX files_by_time ON files (created_at DESC);
-- step
CREATE INDEX files_by_merchant ON files (merchant, live, created_at DESC);
-- step
CREATE TABLE file_links (
    id TEXT COLLATE "C" PRIMARY KEY,
    file TEXT COLLATE "C" NOT NULL REFERENCES files (id),
    token_hash TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);
-- step
CREATE TABLE metadata (
    object TEXT COLLATE "C" PRIMARY KEY,
    key BIGINT NOT NULL REFERENCES keys (id),
    sealed BYTEA NOT NULL
);
-- step
CREATE INDEX metadata_by_key ON metadata (key);
-- step
CREATE TABLE leases (
    name TEXT COLLATE "C" PRIMARY KEY,
    holder TEXT COLLATE "C" NOT NULL,
    token BIGINT NOT NULL CHECK (token > 0),
    until BIGINT NOT NULL
);
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
CREATE TRIGGER events_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON events
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- step
CREATE FUNCTION events_follow() RETURNS trigger LANGUAGE plpgsql
    SET search_path FROM CURRENT SET enable_seqscan = off AS $$
DECLARE
    first BIGINT;
    last BIGINT;
    added_rows BIGINT;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(TG_TABLE_SCHEMA, 0));
    SELECT min(sequence), max(sequence), count(*) INTO first, last, added_rows FROM added;
    IF added_rows > 0 AND (last - first + 1 <> added_rows
        OR last <> (SELECT max(sequence) FROM events)
        OR first <> (SELECT coalesce(max(sequence) + 1, 1) FROM events WHERE sequence < first)) THEN
        RAISE EXCEPTION 'events are numbered without gaps' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
-- step
CREATE TRIGGER events_follow AFTER INSERT ON events REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION events_follow();
-- step
CREATE FUNCTION registry_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = '23514';
END $$;
-- step
CREATE TRIGGER published_forward BEFORE UPDATE ON published FOR EACH ROW
    WHEN (NEW.until < OLD.until) EXECUTE FUNCTION registry_keeps('published only moves forward');
-- step
CREATE TRIGGER attempts_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON attempts
    FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- step
CREATE TRIGGER deliveries_keep BEFORE DELETE OR TRUNCATE ON deliveries
    FOR EACH STATEMENT EXECUTE FUNCTION loses_no_row();
-- step
-- The first answer stays; it may be sealed again under a newer key.
CREATE TRIGGER once_keep_answer BEFORE UPDATE ON once FOR EACH ROW
    WHEN (NEW.tenant <> OLD.tenant OR NEW.key_text <> OLD.key_text OR NEW.fingerprint <> OLD.fingerprint
        OR NEW.at <> OLD.at OR NEW.about <> OLD.about
        OR (OLD.status IS NOT NULL AND (NEW.status IS DISTINCT FROM OLD.status OR NEW.key IS NULL
            OR NEW.key <= OLD.key)))
    EXECUTE FUNCTION append_only();
-- step
CREATE TRIGGER once_keep BEFORE DELETE OR TRUNCATE ON once FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- step
-- A key that was revoked stays so, and a key is its tenant's for ever.
CREATE TRIGGER api_keys_keep_tenant BEFORE UPDATE ON api_keys FOR EACH ROW
    WHEN (NEW.id <> OLD.id OR NEW.hash <> OLD.hash OR NEW.merchant IS DISTINCT FROM OLD.merchant
        OR NEW.live <> OLD.live OR NEW.created_at <> OLD.created_at
        OR (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at))
    EXECUTE FUNCTION registry_keeps('an API key keeps its tenant and its end');
-- step
CREATE TRIGGER api_keys_keep BEFORE DELETE OR TRUNCATE ON api_keys
    FOR EACH STATEMENT EXECUTE FUNCTION loses_no_row();
-- step
CREATE TRIGGER endpoints_keep_tenant BEFORE UPDATE ON endpoints FOR EACH ROW
    WHEN (NEW.id <> OLD.id OR NEW.merchant IS DISTINCT FROM OLD.merchant OR NEW.live <> OLD.live
        OR NEW.created_at <> OLD.created_at)
    EXECUTE FUNCTION registry_keeps('an endpoint keeps its tenant');
-- step
CREATE TRIGGER endpoints_keep BEFORE DELETE OR TRUNCATE ON endpoints
    FOR EACH STATEMENT EXECUTE FUNCTION loses_no_row();
-- step
CREATE TRIGGER files_keep BEFORE UPDATE ON files FOR EACH STATEMENT EXECUTE FUNCTION append_only();
-- step
-- Who sees which rows, as a second wall behind the store's own filter. A connection that looks as a merchant takes the role,
-- which may only read, and sets `docket.merchant` and `docket.mode`; without them the role sees nothing. FORCE binds the
-- owner too: with a sight set it sees nothing until it takes the role. Policies hold the tables themselves and not their
-- names, so that a search path or a temporary table changes nothing. There is no view, which would read with its owner's
-- rights. Where the connecting user may not make roles nothing of this is in force, and the store's check says so.
DO $rls$
DECLARE
    sight_role NAME := 'docket_sight_' || current_schema();
    merchant CONSTANT TEXT := '(SELECT coalesce(current_setting(''docket.merchant'', true), ''''))';
    mode CONSTANT TEXT := '(SELECT coalesce(current_setting(''docket.mode'', true), ''''))';
    -- Desk's people, looking at one mode or at both.
    of_desk CONSTANT TEXT := merchant || ' = '''' AND ' || mode || ' IN (''live'', ''test'')';
    by_account CONSTANT TEXT := 'CASE WHEN ' || merchant || ' <> '''' OR ' || mode || ' = ''test'''
        || ' THEN (provider, account) IN (SELECT o.provider, o.account FROM owned o WHERE o.live = CASE '
        || mode || ' WHEN ''live'' THEN 1 ELSE 0 END AND (' || merchant || ' = '''' OR o.merchant = ' || merchant
        || ')) ELSE ' || mode || ' = ''live'' AND (provider, account) NOT IN'
        || ' (SELECT o.provider, o.account FROM owned o WHERE o.live = 0) END';
    by_tenant CONSTANT TEXT := 'live = CASE ' || mode || ' WHEN ''live'' THEN 1 WHEN ''test'' THEN 0 END AND ('
        || merchant || ' = '''' OR merchant = ' || merchant || ')';
    known RECORD;
BEGIN
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = sight_role) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', sight_role);
        END IF;
        EXECUTE format('GRANT %I TO CURRENT_USER', sight_role);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), sight_role);
    EXCEPTION WHEN insufficient_privilege THEN
        RAISE NOTICE 'row-level security is not in force: % may not make the role %', current_user, sight_role;
        RETURN;
    END;
    FOR known IN SELECT * FROM (VALUES
        ('owned', '(' || of_desk || ') OR (merchant = ' || merchant || ' AND live = CASE ' || mode
            || ' WHEN ''live'' THEN 1 WHEN ''test'' THEN 0 END)'),
        ('cases', by_account), ('documents', by_account), ('facts', by_account), ('refs', by_account),
        ('entries', by_account), ('obligations', by_account), ('timers', by_account), ('outbox', by_account),
        ('submissions', by_account), ('findings', by_account), ('events', by_account),
        ('blobs', 'CASE WHEN provider = ''docket'' THEN ((' || of_desk || ') OR account = ' || merchant
            || ') ELSE (' || by_account || ') END'),
        ('case_refs', 'EXISTS (SELECT 1 FROM cases c WHERE c.id = case_id)'),
        ('document_bodies', 'EXISTS (SELECT 1 FROM documents d WHERE d.sequence = document)'),
        ('document_states', 'EXISTS (SELECT 1 FROM documents d WHERE d.sequence = document)'),
        ('rejects', 'EXISTS (SELECT 1 FROM documents d WHERE d.sequence = document)'),
        ('legs', 'EXISTS (SELECT 1 FROM entries e WHERE e.sequence = entry)'),
        ('api_keys', by_tenant), ('endpoints', by_tenant), ('files', by_tenant),
        ('deliveries', 'EXISTS (SELECT 1 FROM endpoints e WHERE e.id = endpoint)'),
        ('attempts', 'EXISTS (SELECT 1 FROM endpoints e WHERE e.id = endpoint)'),
        ('file_links', 'EXISTS (SELECT 1 FROM files f WHERE f.id = file)'),
        ('metadata', 'EXISTS (SELECT 1 FROM cases c WHERE c.id = object)'
            || ' OR EXISTS (SELECT 1 FROM files f WHERE f.id = object)'
            || ' OR EXISTS (SELECT 1 FROM endpoints e WHERE e.id = object)'),
        ('merchants', '(' || of_desk || ') OR id = ' || merchant),
        ('grants', '(' || of_desk || ') OR merchant = ' || merchant),
        ('people', '(' || of_desk || ') OR EXISTS (SELECT 1 FROM grants g WHERE g.person = id)'),
        ('once', '(' || of_desk || ') OR tenant = ' || merchant || ' || ''/'' || ' || mode),
        ('sessions', of_desk), ('errands', of_desk), ('failures', of_desk), ('balances', of_desk),
        ('leaves', of_desk), ('checkpoints', of_desk), ('published', of_desk), ('leases', of_desk),
        -- Data keys open nothing without the desk's key file, and the desk's row holds counters only.
        ('keys', mode || ' <> '''''), ('desk', mode || ' <> '''''), ('migration_steps', of_desk)
    ) AS rules (relation, seen) LOOP
        EXECUTE format('GRANT SELECT ON %I TO %I', known.relation, sight_role);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', known.relation);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', known.relation);
        EXECUTE format('CREATE POLICY desk ON %I TO CURRENT_USER USING (%s = '''') WITH CHECK (true)',
            known.relation, mode);
        EXECUTE format('CREATE POLICY sight ON %I FOR SELECT TO %I USING (%s)', known.relation, sight_role, known.seen);
    END LOOP;
END $rls$;
