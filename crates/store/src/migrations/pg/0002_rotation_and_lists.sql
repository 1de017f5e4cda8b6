-- Keys can be replaced while the desk runs: what is sealed is found by its key. Sweeps and open findings are read in order.

-- step
CREATE INDEX document_bodies_by_key ON document_bodies (key);
-- step
CREATE INDEX facts_by_key ON facts (key) WHERE key IS NOT NULL;
-- step
CREATE INDEX blobs_by_key ON blobs (key);
-- step
DROP INDEX cases_to_sweep;
-- step
CREATE INDEX cases_to_sweep ON cases (provider, respond_by_at, id) WHERE closed = 0;
-- step
CREATE INDEX findings_open ON findings (opened_at, id) WHERE closed_at IS NULL;
