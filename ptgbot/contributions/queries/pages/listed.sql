-- What a release has of each module, organisation and person: the kind, the key, the release, the metrics, active days.
WITH keyed AS (
  SELECT 'module' AS kind, module AS key, d.* FROM daily d WHERE d.release = $1
  UNION ALL SELECT 'organisation', company, d.* FROM daily d WHERE d.release = $1
  UNION ALL SELECT 'person', user_id, d.* FROM daily d WHERE d.release = $1
),
sums AS (
  SELECT
    kind, key, SUM(commits) AS commits, SUM(lines) AS lines, SUM(changes) AS changes, SUM(patch_sets) AS patch_sets,
    SUM(reviews) AS reviews, SUM(disagreements) AS disagreements, SUM(messages) AS messages, SUM(talks) AS talks
  FROM keyed
  GROUP BY kind, key
),
days AS (
  SELECT kind, key, COUNT(*) AS days
  FROM (SELECT DISTINCT kind, key, user_id, day FROM keyed) active
  GROUP BY kind, key
)
SELECT
  s.kind, s.key, CAST($1 AS TEXT), s.commits, s.lines, s.changes, s.patch_sets, s.reviews, s.disagreements, s.messages,
  s.talks, d.days
FROM sums s
JOIN days d ON d.kind = s.kind AND d.key = s.key
WHERE s.key <> ''
ORDER BY 1, 2;
