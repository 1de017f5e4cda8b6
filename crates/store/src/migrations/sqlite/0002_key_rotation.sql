-- Keys can be replaced while the desk runs: what is sealed is found by its key.

-- step
CREATE INDEX document_bodies_by_key ON document_bodies (key);
-- step
CREATE INDEX facts_by_key ON facts (key) WHERE key IS NOT NULL;
-- step
CREATE INDEX blobs_by_key ON blobs (key);
