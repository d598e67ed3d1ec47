-- Commits that may count: the author has an address, a machine did not write it, and no ignored release has it.
CREATE OR REPLACE VIEW usable AS
SELECT
  c.repository, c.sha, c.added, c.deleted, t.release,
  CASE o.date_of WHEN 'commit' THEN c.committed ELSE c.authored END AS moment
FROM commits c
CROSS JOIN options o
LEFT JOIN tagged t ON t.repository = c.repository AND t.sha = c.sha
WHERE c.subject <> 'Update git submodules'
  AND (t.release IS NULL OR t.release <> 'ignored')
  AND NOT EXISTS (
    SELECT 1 FROM authors a
    WHERE a.repository = c.repository AND a.sha = c.sha AND a.position = 0 AND a.email = ''
  );

-- One row for each commit and person, robots included: the author, and every co-author who is somebody else.
CREATE OR REPLACE VIEW attributed AS
SELECT p.*, e.company
FROM (
  SELECT DISTINCT
    u.repository, u.sha, coalesce(k.user_id, i.user_id) AS user_id, coalesce(k.moment, u.moment) AS moment,
    coalesce(k.added, u.added) AS added, coalesce(k.deleted, u.deleted) AS deleted,
    coalesce(k.loc, coalesce(k.added, u.added) + coalesce(k.deleted, u.deleted)) AS loc,
    coalesce(k.release, u.release) AS release, k.company AS corrected
  FROM usable u
  JOIN authors a ON a.repository = u.repository AND a.sha = u.sha
  JOIN identities i ON i.name = a.name AND i.email = a.email
  LEFT JOIN corrections k ON k.sha = u.sha AND (k.email = '' OR k.email = lower(a.email))
) p
JOIN employers e ON e.user_id = p.user_id AND e.since <= p.moment AND p.moment < e.until;

-- The rows that count.
CREATE OR REPLACE VIEW records AS
SELECT
  p.repository, p.sha, p.user_id, p.moment, p.added, p.deleted, p.loc,
  coalesce(p.corrected, p.company) AS company,
  coalesce(p.release, r.release) AS release,
  CAST(EXTRACT(YEAR FROM DATE '1970-01-01' + CAST(FLOOR(p.moment / 86400.0) AS INTEGER)) AS INTEGER) AS year
FROM attributed p
JOIN releases r ON r.since <= p.moment AND p.moment < r.until
WHERE coalesce(p.corrected, p.company) <> '*robots';
