-- Every metric by release for the things of a kind (module, organisation, person; all has one without a key): the key, the
-- release, the metrics, then people, organisations, modules and active days. What is counted once is first made distinct,
-- which needs less memory than to count it so.
WITH keyed AS (
  SELECT
    d.*,
    CASE CAST($1 AS TEXT) WHEN 'module' THEN module WHEN 'organisation' THEN company WHEN 'person' THEN user_id
      ELSE '' END AS key
  FROM daily d
),
sums AS (
  SELECT
    key, release, SUM(commits) AS commits, SUM(lines) AS lines, SUM(changes) AS changes,
    SUM(patch_sets) AS patch_sets, SUM(reviews) AS reviews, SUM(disagreements) AS disagreements,
    SUM(messages) AS messages, SUM(talks) AS talks
  FROM keyed
  GROUP BY key, release
),
people AS (
  SELECT key, release, COUNT(*) AS people, SUM(days) AS days
  FROM (
    SELECT key, release, user_id, COUNT(*) AS days
    FROM (SELECT DISTINCT key, release, user_id, day FROM keyed) active
    GROUP BY key, release, user_id
  ) persons
  GROUP BY key, release
),
places AS (
  SELECT key, release, COUNT(CASE WHEN of = 'organisation' THEN 1 END) AS organisations,
    COUNT(CASE WHEN of = 'module' THEN 1 END) AS modules
  FROM (
    SELECT key, release, 'organisation' AS of, company AS name FROM keyed WHERE company NOT LIKE '*%'
    UNION SELECT key, release, 'module', module FROM keyed WHERE module <> ''
  ) names
  GROUP BY key, release
)
SELECT
  s.key, s.release, s.commits, s.lines, s.changes, s.patch_sets, s.reviews, s.disagreements, s.messages, s.talks,
  p.people, coalesce(n.organisations, 0), coalesce(n.modules, 0), CAST(p.days AS BIGINT)
FROM sums s
JOIN people p ON p.key = s.key AND p.release = s.release
LEFT JOIN places n ON n.key = s.key AND n.release = s.release
ORDER BY 1, 2;
