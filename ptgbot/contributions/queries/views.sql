-- Employers are joined by a condition with CASE: a join by dates alone, which DuckDB chose for a million facts, made a billion
-- rows and filled the disk. So they are always found by the person first.

-- Commits that may count: the author has an address, a machine did not write it, and no ignored release has it.
CREATE OR REPLACE VIEW usable AS
SELECT
  c.repository, c.sha, c.added, c.deleted, c.files, c.foreign_added + c.foreign_deleted AS foreign_loc, t.release,
  CASE WHEN c.renames >= o.mass_renames THEN 1 ELSE 0 END AS is_mass,
  CASE o.date_of
    WHEN 'commit' THEN c.committed WHEN 'merge' THEN coalesce(g.moment, c.committed) ELSE c.authored
  END AS moment
FROM commits c
CROSS JOIN options o
LEFT JOIN tagged t ON t.repository = c.repository AND t.sha = c.sha
LEFT JOIN merged g ON g.repository = c.repository AND g.sha = c.sha
WHERE c.subject <> 'Update git submodules'
  AND (t.release IS NULL OR lower(t.release) <> 'ignored')
  AND NOT EXISTS (
    SELECT 1 FROM authors a JOIN identities i ON i.account = '' AND i.name = a.name AND i.email = a.email
    WHERE a.repository = c.repository AND a.sha = c.sha AND a.position = 0 AND i.user_id = ''
  );

-- One row for each commit and person, robots included: the author, and every co-author who is somebody else.
CREATE OR REPLACE VIEW attributed AS
SELECT
  p.repository, p.sha, p.user_id, p.moment, p.added, p.deleted, p.loc, p.foreign_loc, p.files, p.is_mass, p.release,
  coalesce(p.corrected, e.company) AS company, COUNT(*) OVER (PARTITION BY p.repository, p.sha) AS people
FROM (
  SELECT
    u.repository, u.sha, coalesce(k.user_id, i.user_id) AS user_id, coalesce(k.moment, u.moment) AS moment,
    coalesce(k.added, u.added) AS added, coalesce(k.deleted, u.deleted) AS deleted,
    coalesce(k.loc, coalesce(k.added, u.added) + coalesce(k.deleted, u.deleted)) AS loc,
    u.foreign_loc, u.files, u.is_mass, coalesce(k.release, u.release) AS release, k.company AS corrected,
    ROW_NUMBER() OVER (PARTITION BY u.repository, u.sha, coalesce(k.user_id, i.user_id) ORDER BY a.position) AS place
  FROM usable u
  JOIN authors a ON a.repository = u.repository AND a.sha = u.sha
  JOIN identities i ON i.account = '' AND i.name = a.name AND i.email = a.email
  LEFT JOIN corrections k ON k.sha = u.sha AND (k.email = '' OR k.email = lower(a.email))
) p
JOIN employers e ON e.user_id = p.user_id AND CASE WHEN e.since <= p.moment AND p.moment < e.until THEN 1 END = 1
WHERE p.place = 1;

-- The rows that count.
CREATE OR REPLACE VIEW records AS
SELECT
  p.repository, coalesce(m.module, p.repository) AS module, p.sha, p.user_id, p.company,
  coalesce(p.release, r.release) AS release, p.moment, p.added, p.deleted, p.loc, p.files, p.is_mass,
  CASE WHEN p.is_mass = 1 THEN 0 ELSE GREATEST(p.loc - p.foreign_loc, 0) END AS own_loc,
  CASE WHEN o.split = 1 THEN COUNT(*) OVER (PARTITION BY p.repository, p.sha) ELSE 1 END AS shares,
  CAST(EXTRACT(YEAR FROM DATE '1970-01-01' + CAST(FLOOR(p.moment / 86400.0) AS INTEGER)) AS INTEGER) AS year
FROM attributed p
CROSS JOIN options o
JOIN releases r ON r.since <= p.moment AND p.moment < r.until
LEFT JOIN modules m ON m.repository = p.repository
WHERE (p.company <> '*robots' OR (o.co_robots = 1 AND p.people > 1)) AND p.company <> '*assistants';

-- Changes by their owners, patch sets by those who uploaded them.
CREATE OR REPLACE VIEW opened AS
SELECT
  c.repository, coalesce(m.module, c.repository) AS module, c.change_key, c.branch, c.status, i.user_id, e.company,
  r.release, c.created AS moment, c.updated, c.merged
FROM changes c
JOIN identities i ON i.account = c.account AND i.name = c.name AND i.email = c.email
JOIN employers e ON e.user_id = i.user_id AND CASE WHEN e.since <= c.created AND c.created < e.until THEN 1 END = 1
JOIN releases r ON r.since <= c.created AND c.created < r.until
LEFT JOIN modules m ON m.repository = c.repository
WHERE e.company NOT IN ('*robots', '*assistants');

CREATE OR REPLACE VIEW uploads AS
SELECT
  p.repository, coalesce(m.module, p.repository) AS module, p.change_key, p.patch_set, i.user_id, e.company, r.release,
  p.created AS moment
FROM patch_sets p
JOIN identities i ON i.account = p.account AND i.name = p.name AND i.email = p.email
JOIN employers e ON e.user_id = i.user_id AND CASE WHEN e.since <= p.created AND p.created < e.until THEN 1 END = 1
JOIN releases r ON r.since <= p.created AND p.created < r.until
LEFT JOIN modules m ON m.repository = p.repository
WHERE e.company NOT IN ('*robots', '*assistants');

-- Votes of people. Kinds: review (a vote of Code-Review on somebody else's patch set), abandon, approval (Workflow +1),
-- workflow (any other), own (on one's own patch set), other (further labels).
CREATE OR REPLACE VIEW votes_of_people AS
SELECT
  v.repository, coalesce(m.module, v.repository) AS module, v.change_key, v.patch_set, c.branch, i.user_id, e.company,
  r.release, v.moment, v.label, v.score,
  CASE
    WHEN v.label = 'Abandon' THEN 'abandon'
    WHEN v.is_own = 1 THEN 'own'
    WHEN v.label = 'Code-Review' THEN 'review'
    WHEN v.label = 'Workflow' AND v.score = 1 THEN 'approval'
    WHEN v.label = 'Workflow' THEN 'workflow'
    ELSE 'other'
  END AS kind
FROM votes v
JOIN changes c ON c.repository = v.repository AND c.change_key = v.change_key
JOIN identities i ON i.account = v.account AND i.name = v.name AND i.email = v.email
JOIN employers e ON e.user_id = i.user_id AND CASE WHEN e.since <= v.moment AND v.moment < e.until THEN 1 END = 1
JOIN releases r ON r.since <= v.moment AND v.moment < r.until
LEFT JOIN modules m ON m.repository = v.repository
WHERE e.company NOT IN ('*robots', '*assistants');

-- Of a vote of Code-Review, the moment of the newest +2 or -2 that its author had given in that module and branch.
CREATE OR REPLACE VIEW core_votes AS
SELECT repository, change_key, patch_set, score, newness
FROM (
  SELECT
    w.repository, w.change_key, w.patch_set, w.score,
    ROW_NUMBER() OVER (PARTITION BY w.repository, w.change_key, w.patch_set ORDER BY w.moment DESC, w.user_id) AS newness
  FROM (
    SELECT
      v.*, MAX(CASE WHEN ABS(v.score) = 2 THEN v.moment END) OVER (
        PARTITION BY v.user_id, v.module, v.branch ORDER BY v.moment
      ) AS as_core
    FROM votes_of_people v
    WHERE v.kind = 'review'
  ) w
  WHERE w.as_core >= w.moment - 90 * 86400
) ranked
WHERE newness = 1;

-- Votes with the mark of a disagreement: the sign differs from that of the newest core vote on the patch set.
CREATE OR REPLACE VIEW reviews AS
SELECT
  v.*,
  CASE WHEN v.kind = 'review' AND SIGN(v.score) <> SIGN(c.score) THEN 1 ELSE 0 END AS disagrees
FROM votes_of_people v
LEFT JOIN core_votes c
  ON c.repository = v.repository AND c.change_key = v.change_key AND c.patch_set = v.patch_set;

-- What people said of changes without a vote.
CREATE OR REPLACE VIEW remarks AS
SELECT c.repository, c.change_key, i.user_id, c.moment, c.is_own
FROM comments c
JOIN identities i ON i.account = c.account AND i.name = c.name AND i.email = c.email
JOIN employers e ON e.user_id = i.user_id AND CASE WHEN e.since <= c.moment AND c.moment < e.until THEN 1 END = 1
WHERE e.company NOT IN ('*robots', '*assistants');

CREATE OR REPLACE VIEW letters AS
SELECT
  g.repository, g.track AS module, g.id, i.user_id, e.company, r.release, g.moment
FROM messages g
JOIN identities i ON i.account = '' AND i.name = g.name AND i.email = g.email
JOIN employers e ON e.user_id = i.user_id AND CASE WHEN e.since <= g.moment AND g.moment < e.until THEN 1 END = 1
JOIN releases r ON r.since <= g.moment AND g.moment < r.until
WHERE e.company NOT IN ('*robots', '*assistants') AND i.user_id <> '';

CREATE OR REPLACE VIEW talked AS
SELECT
  t.repository, t.track AS module, t.record, t.kind, i.user_id, e.company, r.release, t.moment
FROM talks t
JOIN identities i ON i.account = t.account AND i.name = t.name AND i.email = ''
JOIN employers e ON e.user_id = i.user_id AND CASE WHEN e.since <= t.moment AND t.moment < e.until THEN 1 END = 1
JOIN releases r ON r.since <= t.moment AND t.moment < r.until
WHERE e.company NOT IN ('*robots', '*assistants');

-- Commits with the part that assistants had in them; no person stands here.
CREATE OR REPLACE VIEW assisted AS
SELECT
  u.repository, coalesce(m.module, u.repository) AS module, u.sha, u.moment,
  CASE WHEN EXISTS (SELECT 1 FROM mentions n WHERE n.repository = u.repository AND n.sha = u.sha AND n.kind = 'assistant')
    OR EXISTS (
      SELECT 1 FROM authors a JOIN identities i ON i.account = '' AND i.name = a.name AND i.email = a.email
      WHERE a.repository = u.repository AND a.sha = u.sha AND i.user_id = '*assistants'
    ) THEN 1 ELSE 0 END AS is_assisted
FROM usable u
LEFT JOIN modules m ON m.repository = u.repository;

-- Bugs and blueprints to which the messages of commits refer. A reference does not say that something was mended or built.
CREATE OR REPLACE VIEW referred AS
SELECT u.repository, coalesce(m.module, u.repository) AS module, u.sha, n.kind, n.name
FROM mentions n
JOIN usable u ON u.repository = n.repository AND u.sha = n.sha
LEFT JOIN modules m ON m.repository = u.repository
WHERE n.kind IN ('bug', 'blueprint');
