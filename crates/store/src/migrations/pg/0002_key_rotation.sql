-- Keys can be replaced while the desk runs: what is sealed is found by its key, in the order in which it is sealed again,
-- and the case list is read by provider.

-- step
CREATE INDEX document_bodies_by_key ON document_bodies (key);
-- step
CREATE INDEX facts_by_key ON facts (key) WHERE key IS NOT NULL;
-- step
CREATE INDEX blobs_by_key ON blobs (key);
-- step
CREATE INDEX cases_by_family ON cases (family);
