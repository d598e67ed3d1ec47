-- Every metric by release for the things of a kind (module, organisation, person; all has one without a key): the key, the
-- release, the metrics, then people, organisations, modules and active days.
WITH keyed AS (
  SELECT
    d.*,
    CASE CAST($1 AS TEXT) WHEN 'module' THEN module WHEN 'organisation' THEN company WHEN 'person' THEN user_id
      ELSE '' END AS key
  FROM daily d
),
places AS (
  SELECT
    key, release, module, company, user_id, SUM(commits) AS commits, SUM(lines) AS lines,
    SUM(changes) AS changes, SUM(patch_sets) AS patch_sets, SUM(reviews) AS reviews,
    SUM(disagreements) AS disagreements, SUM(messages) AS messages, SUM(talks) AS talks
  FROM keyed
  GROUP BY key, release, module, company, user_id
),
sums AS (
  SELECT
    key, release, SUM(commits) AS commits, SUM(lines) AS lines, SUM(changes) AS changes,
    SUM(patch_sets) AS patch_sets, SUM(reviews) AS reviews, SUM(disagreements) AS disagreements,
    SUM(messages) AS messages, SUM(talks) AS talks, COUNT(DISTINCT user_id) AS people,
    COUNT(DISTINCT CASE WHEN company NOT LIKE '*%' THEN company END) AS organisations,
    COUNT(DISTINCT CASE WHEN module <> '' THEN module END) AS modules
  FROM places
  GROUP BY key, release
),
days AS (
  SELECT key, release, COUNT(*) AS days
  FROM (SELECT DISTINCT key, release, user_id, day FROM keyed) active
  GROUP BY key, release
)
SELECT
  s.key, s.release, s.commits, s.lines, s.changes, s.patch_sets, s.reviews, s.disagreements, s.messages, s.talks,
  s.people, s.organisations, s.modules, d.days
FROM sums s
JOIN days d ON d.key = s.key AND d.release = s.release
ORDER BY 1, 2;
