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
