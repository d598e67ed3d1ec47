-- What the things of a kind (module, organisation, person) have together with others in two releases: the key, the kind
-- and the key of the other, the release, the metrics, and the active days.
WITH chosen AS (
  SELECT
    d.*,
    CASE CAST($1 AS TEXT) WHEN 'module' THEN module WHEN 'organisation' THEN company ELSE user_id END AS key
  FROM daily d
  WHERE release IN ($2, $3)
),
pairs AS (
  SELECT 'module' AS of, module AS partner, c.* FROM chosen c WHERE CAST($1 AS TEXT) <> 'module'
  UNION ALL SELECT 'organisation', company, c.* FROM chosen c WHERE CAST($1 AS TEXT) <> 'organisation'
  UNION ALL SELECT 'person', user_id, c.* FROM chosen c WHERE CAST($1 AS TEXT) <> 'person'
),
sums AS (
  SELECT
    key, of, partner, release, SUM(commits) AS commits, SUM(lines) AS lines, SUM(changes) AS changes,
    SUM(patch_sets) AS patch_sets, SUM(reviews) AS reviews, SUM(disagreements) AS disagreements,
    SUM(messages) AS messages, SUM(talks) AS talks
  FROM pairs
  GROUP BY key, of, partner, release
),
days AS (
  SELECT key, of, partner, release, COUNT(*) AS days
  FROM (SELECT DISTINCT key, of, partner, release, user_id, day FROM pairs) active
  GROUP BY key, of, partner, release
)
SELECT
  s.key, s.of, s.partner, s.release, s.commits, s.lines, s.changes, s.patch_sets, s.reviews, s.disagreements,
  s.messages, s.talks, d.days
FROM sums s
JOIN days d ON d.key = s.key AND d.of = s.of AND d.partner = s.partner AND d.release = s.release
WHERE s.key <> '' AND s.partner <> ''
ORDER BY 1, 2, 3, 4;
