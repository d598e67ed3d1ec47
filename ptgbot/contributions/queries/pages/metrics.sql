-- Every metric by release for each module, organisation and person, and for everything together, which has no key: the
-- kind, the key, the release, the metrics, then people, organisations, modules and active days. What is counted once is
-- first made distinct, which needs less memory than to count it so.
WITH sums AS (
  SELECT
    CASE WHEN GROUPING(module) = 0 THEN 'module' WHEN GROUPING(company) = 0 THEN 'organisation'
      WHEN GROUPING(user_id) = 0 THEN 'person' ELSE 'all' END AS kind,
    coalesce(CASE WHEN GROUPING(module) = 0 THEN module WHEN GROUPING(company) = 0 THEN company
      WHEN GROUPING(user_id) = 0 THEN user_id END, '') AS key,
    release,
    SUM(CASE metric WHEN 'commits' THEN amount ELSE 0 END) AS commits,
    SUM(CASE metric WHEN 'lines' THEN amount ELSE 0 END) AS lines,
    SUM(CASE metric WHEN 'changes' THEN amount ELSE 0 END) AS changes,
    SUM(CASE metric WHEN 'patch-sets' THEN amount ELSE 0 END) AS patch_sets,
    SUM(CASE metric WHEN 'reviews' THEN amount ELSE 0 END) AS reviews,
    SUM(CASE metric WHEN 'disagreements' THEN amount ELSE 0 END) AS disagreements,
    SUM(CASE metric WHEN 'messages' THEN amount ELSE 0 END) AS messages,
    SUM(CASE metric WHEN 'talks' THEN amount ELSE 0 END) AS talks
  FROM marks
  GROUP BY GROUPING SETS ((module, release), (company, release), (user_id, release), (release))
),
present AS (SELECT DISTINCT module, company, user_id, release FROM acts),
counts AS (
  SELECT
    CASE WHEN GROUPING(module) = 0 THEN 'module' WHEN GROUPING(company) = 0 THEN 'organisation'
      WHEN GROUPING(user_id) = 0 THEN 'person' ELSE 'all' END AS kind,
    coalesce(CASE WHEN GROUPING(module) = 0 THEN module WHEN GROUPING(company) = 0 THEN company
      WHEN GROUPING(user_id) = 0 THEN user_id END, '') AS key,
    release,
    COUNT(DISTINCT user_id) AS people,
    COUNT(DISTINCT CASE WHEN company NOT LIKE '*%' THEN company END) AS organisations,
    COUNT(DISTINCT CASE WHEN module <> '' THEN module END) AS modules
  FROM present
  GROUP BY GROUPING SETS ((module, release), (company, release), (user_id, release), (release))
),
days AS (
  SELECT 'module' AS kind, module AS key, release, COUNT(*) AS days
  FROM (SELECT DISTINCT module, user_id, release, CAST(FLOOR(moment / 86400.0) AS BIGINT) FROM acts) days
  GROUP BY ALL
  UNION ALL
  SELECT 'organisation' AS kind, company AS key, release, COUNT(*) AS days
  FROM (SELECT DISTINCT company, user_id, release, CAST(FLOOR(moment / 86400.0) AS BIGINT) FROM acts) days
  GROUP BY ALL
  UNION ALL
  SELECT 'person' AS kind, user_id AS key, release, COUNT(*) AS days
  FROM (SELECT DISTINCT user_id, release, CAST(FLOOR(moment / 86400.0) AS BIGINT) FROM acts) days
  GROUP BY ALL
  UNION ALL
  SELECT 'all' AS kind, '' AS key, release, COUNT(*) AS days
  FROM (SELECT DISTINCT user_id, release, CAST(FLOOR(moment / 86400.0) AS BIGINT) FROM acts) days
  GROUP BY ALL
)
SELECT
  kind, key, release,
  coalesce(commits, 0), coalesce(lines, 0), coalesce(changes, 0), coalesce(patch_sets, 0), coalesce(reviews, 0),
  coalesce(disagreements, 0), coalesce(messages, 0), coalesce(talks, 0), people, organisations, modules, days
FROM counts
JOIN days USING (kind, key, release)
LEFT JOIN sums USING (kind, key, release)
ORDER BY 1, 2, 3;
