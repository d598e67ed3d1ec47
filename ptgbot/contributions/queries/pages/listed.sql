-- What a release has of each module, organisation and person: the kind, the key, the release, the metrics, active days.
WITH sums AS (
  SELECT
    CASE WHEN GROUPING(module) = 0 THEN 'module' WHEN GROUPING(company) = 0 THEN 'organisation' ELSE 'person' END AS kind,
    coalesce(module, company, user_id) AS key,
    SUM(commits) AS commits, SUM(lines) AS lines, SUM(changes) AS changes, SUM(patch_sets) AS patch_sets,
    SUM(reviews) AS reviews, SUM(disagreements) AS disagreements, SUM(messages) AS messages, SUM(talks) AS talks
  FROM daily
  WHERE release = $1
  GROUP BY GROUPING SETS ((module), (company), (user_id))
),
days AS (
  SELECT kind, key, COUNT(*) AS days
  FROM (
    SELECT
      CASE WHEN GROUPING(module) = 0 THEN 'module' WHEN GROUPING(company) = 0 THEN 'organisation' ELSE 'person' END
        AS kind,
      coalesce(module, company, user_id) AS key
    FROM daily
    WHERE release = $1
    GROUP BY GROUPING SETS ((module, user_id, day), (company, user_id, day), (user_id, day))
  ) active
  GROUP BY kind, key
)
SELECT
  s.kind, s.key, CAST($1 AS TEXT), s.commits, s.lines, s.changes, s.patch_sets, s.reviews, s.disagreements, s.messages,
  s.talks, d.days
FROM sums s
JOIN days d ON d.kind = s.kind AND d.key = s.key
WHERE s.key <> ''
ORDER BY 1, 2;
