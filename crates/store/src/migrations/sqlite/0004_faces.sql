-- What the pages and interfaces keep beside the registry. Statements are added at the end until this migration is released.

-- step
-- What people look at all day is counted from indexes that hold only what is open: their size is the work at hand and not the
-- history. This one: our own open duties; the debtors are `dispute::status::Party` as far as it is us.
CREATE INDEX obligations_ours ON obligations (due_by_at, case_id, id)
    WHERE standing = 'open' AND debtor IN ('merchant', 'operator', 'desk');
-- step
CREATE INDEX cases_open ON cases (stage, status, disputed_currency, disputed_minor) WHERE closed = 0;
-- step
CREATE INDEX cases_divergent ON cases (divergence_currency, divergence_minor) WHERE divergence_minor IS NOT NULL;
-- step
CREATE INDEX findings_by_cause ON findings (kind, fingerprint, amount_currency, amount_minor) WHERE closed_at IS NULL;
-- step
CREATE INDEX findings_closed ON findings (closed_at) WHERE closed_at IS NOT NULL;
-- step
CREATE INDEX documents_of_account ON documents (provider, account, sequence);
-- step
CREATE INDEX balances_standing ON balances (path, layer, minor) WHERE minor <> 0;
-- step
-- Said when the state becomes `parked`; nothing while it is another.
ALTER TABLE deliveries ADD COLUMN why TEXT;
-- step
-- Made on first use and never replaced, except sealed again under a newer key.
CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    key INTEGER NOT NULL REFERENCES keys (id),
    sealed BLOB NOT NULL
) STRICT;
-- step
CREATE INDEX secrets_by_key ON secrets (key);
-- step
CREATE TRIGGER secrets_keep_update BEFORE UPDATE ON secrets
WHEN NEW.name <> OLD.name OR NEW.key <= OLD.key BEGIN
    SELECT raise(ABORT, 'a secret of the desk stays');
END;
-- step
CREATE TRIGGER secrets_keep_delete BEFORE DELETE ON secrets BEGIN
    SELECT raise(ABORT, 'secrets loses no row');
END;
-- step
DROP INDEX obligations_ours;
-- step
-- What a partial index leaves out is asked again of every row, so the index holds the columns of its own condition.
CREATE INDEX obligations_ours ON obligations (due_by_at, case_id, id, standing, debtor, provider, account, amount_minor, amount_currency)
    WHERE standing = 'open' AND debtor IN ('merchant', 'operator', 'desk');
-- step
DROP INDEX cases_open;
-- step
CREATE INDEX cases_open ON cases (status, stage, disputed_currency, disputed_minor, closed) WHERE closed = 0;
-- step
DROP INDEX findings_by_cause;
-- step
CREATE INDEX findings_by_cause ON findings (kind, fingerprint, amount_currency, amount_minor, closed_at) WHERE closed_at IS NULL;
-- step
-- Messages between the desk and merchants: who was written to lately is read from these alone.
CREATE INDEX facts_told_merchant ON facts (true_at, case_id) WHERE word = 'told-merchant';
-- step
CREATE INDEX facts_told_desk ON facts (true_at, case_id) WHERE word = 'told-desk';
-- step
-- What an account's money did in a year.
CREATE INDEX entries_of_account ON entries (provider, account, effective_at);
-- step
-- Whose a case is and where it stands, for what is ours to do: found case by case without reading the case.
CREATE INDEX cases_worked ON cases (id, assigned_to, stage);
-- step
-- Balances with the cases of an account added up: the path without the case is found once, when a balance is written, and not
-- for each of them whenever somebody looks.
CREATE INDEX balances_folded ON balances (
    (CASE WHEN substr(path, length(path) - 33, 4) = ':dp_' THEN substr(path, 1, length(path) - 34) || substr(path, length(path) - 3) ELSE path END),
    layer, minor
) WHERE minor <> 0;
-- step
-- What no endpoint took yet, of the events on a page: what was taken is not in it.
CREATE INDEX deliveries_untaken ON deliveries (event, endpoint, state) WHERE state IN ('due', 'held', 'parked');
-- step
-- Whose a duty's case is and where it stands: what is ours to do is narrowed by both without looking at cases.
ALTER TABLE obligations ADD COLUMN assigned_to TEXT NOT NULL DEFAULT '';
-- step
ALTER TABLE obligations ADD COLUMN stage TEXT NOT NULL DEFAULT '';
-- step
UPDATE obligations SET
    assigned_to = coalesce((SELECT c.assigned_to FROM cases c WHERE c.id = obligations.case_id), ''),
    stage = coalesce((SELECT c.stage FROM cases c WHERE c.id = obligations.case_id), '');
-- step
DROP INDEX cases_worked;
-- step
DROP INDEX obligations_ours;
-- step
CREATE INDEX obligations_ours ON obligations
    (due_by_at, case_id, id, standing, debtor, provider, account, amount_minor, amount_currency, assigned_to, stage)
    WHERE standing = 'open' AND debtor IN ('merchant', 'operator', 'desk');
-- step
DROP INDEX cases_of_account;
-- step
-- A merchant's lists and counts are answered from these alone, whatever narrows them.
CREATE INDEX cases_of_account ON cases
    (provider, account, opened_at DESC, id, status, stage, reason, network, disputed_currency, disputed_minor);
-- step
DROP INDEX cases_of_account_by_status;
-- step
CREATE INDEX cases_of_account_by_status ON cases
    (provider, account, status, opened_at DESC, id, stage, reason, network, disputed_currency, disputed_minor, respond_by_at);
-- step
-- Where the event stands among all, so that who waits longest is found by an index, however many wait.
ALTER TABLE deliveries ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
-- step
UPDATE deliveries SET number = (SELECT e.sequence FROM events e WHERE e.id = deliveries.event);
-- step
DROP INDEX deliveries_next;
-- step
CREATE INDEX deliveries_next ON deliveries (endpoint, due_at, number) WHERE state = 'due';
-- step
DROP INDEX deliveries_held;
-- step
CREATE INDEX deliveries_held ON deliveries (endpoint, attempts, number) WHERE state = 'held';
-- step
DROP INDEX deliveries_by_endpoint;
-- step
CREATE INDEX deliveries_by_endpoint ON deliveries (endpoint, due_at, number);
-- step
CREATE INDEX file_links_by_time ON file_links (created_at DESC, id);
-- step
CREATE INDEX file_links_of_file ON file_links (file, created_at DESC, id);
-- step
-- What moved on any account, the last first, whatever the size of the desk; of one account `entries_of_account` is the order.
CREATE INDEX entries_moved ON entries (effective_at, sequence) WHERE ordinal = 1 AND case_id <> '' AND key <> 'resolution';
-- step
-- Whose a reference's case is: who may see it, and what of a search is theirs, is told from the index of references alone.
ALTER TABLE case_refs ADD COLUMN provider TEXT NOT NULL DEFAULT '';
-- step
ALTER TABLE case_refs ADD COLUMN account TEXT NOT NULL DEFAULT '';
-- step
UPDATE case_refs SET
    provider = coalesce((SELECT c.provider FROM cases c WHERE c.id = case_refs.case_id), ''),
    account = coalesce((SELECT c.account FROM cases c WHERE c.id = case_refs.case_id), '');
-- step
DROP INDEX case_refs_by_value;
-- step
CREATE INDEX case_refs_by_value ON case_refs (value, provider, account, case_id);
