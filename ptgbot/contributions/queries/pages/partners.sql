-- The metrics in two releases of two things together: the kind and the key of a page, the kind and the key of what is
-- listed there, the release, the metrics, and the active days.
WITH counted AS (
  SELECT module, company, user_id, release, 0 AS is_act, 0 AS day, metric, amount FROM marks WHERE release IN ($1, $2)
  UNION ALL
  SELECT module, company, user_id, release, 1, CAST(FLOOR(moment / 86400.0) AS BIGINT), '', 0
  FROM acts
  WHERE release IN ($1, $2)
),
pairs AS (
  SELECT
    CASE WHEN GROUPING(module) = 0 THEN module END AS module,
    CASE WHEN GROUPING(company) = 0 THEN company END AS company,
    CASE WHEN GROUPING(user_id) = 0 THEN user_id END AS user_id,
    release,
    SUM(CASE metric WHEN 'commits' THEN amount ELSE 0 END) AS commits,
    SUM(CASE metric WHEN 'lines' THEN amount ELSE 0 END) AS lines,
    SUM(CASE metric WHEN 'changes' THEN amount ELSE 0 END) AS changes,
    SUM(CASE metric WHEN 'patch-sets' THEN amount ELSE 0 END) AS patch_sets,
    SUM(CASE metric WHEN 'reviews' THEN amount ELSE 0 END) AS reviews,
    SUM(CASE metric WHEN 'disagreements' THEN amount ELSE 0 END) AS disagreements,
    SUM(CASE metric WHEN 'messages' THEN amount ELSE 0 END) AS messages,
    SUM(CASE metric WHEN 'talks' THEN amount ELSE 0 END) AS talks,
    COUNT(DISTINCT CASE WHEN is_act = 1 THEN hash(user_id, day) END) AS days
  FROM counted
  GROUP BY GROUPING SETS ((module, user_id, release), (module, company, release), (company, user_id, release))
),
sides AS (
  SELECT 'module' AS kind, module AS key, 'person' AS of, user_id AS partner, * FROM pairs WHERE company IS NULL
  UNION ALL SELECT 'person', user_id, 'module', module, * FROM pairs WHERE company IS NULL
  UNION ALL SELECT 'module', module, 'organisation', company, * FROM pairs WHERE user_id IS NULL
  UNION ALL SELECT 'organisation', company, 'module', module, * FROM pairs WHERE user_id IS NULL
  UNION ALL SELECT 'organisation', company, 'person', user_id, * FROM pairs WHERE module IS NULL
  UNION ALL SELECT 'person', user_id, 'organisation', company, * FROM pairs WHERE module IS NULL
)
SELECT
  kind, key, of, partner, release, commits, lines, changes, patch_sets, reviews, disagreements, messages, talks, days
FROM sides
WHERE key <> '' AND partner <> ''
ORDER BY 1, 2, 3, 4, 5;
