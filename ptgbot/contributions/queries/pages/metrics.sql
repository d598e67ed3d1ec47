-- Every metric by release for each module, organisation and person, and for everything together, which has no key: the
-- kind, the key, the release, the metrics, then people, organisations, modules and active days.
WITH counted AS (
  SELECT
    module, company, user_id, release, 0 AS is_act, 0 AS day,
    metric, amount
  FROM marks
  UNION ALL
  SELECT module, company, user_id, release, 1, CAST(FLOOR(moment / 86400.0) AS BIGINT), '', 0 FROM acts
)
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
  SUM(CASE metric WHEN 'talks' THEN amount ELSE 0 END) AS talks,
  COUNT(DISTINCT CASE WHEN is_act = 1 THEN user_id END) AS people,
  COUNT(DISTINCT CASE WHEN is_act = 1 AND company NOT LIKE '*%' THEN company END) AS organisations,
  COUNT(DISTINCT CASE WHEN is_act = 1 AND module <> '' THEN module END) AS modules,
  COUNT(DISTINCT CASE WHEN is_act = 1 THEN hash(user_id, day) END) AS days
FROM counted
GROUP BY GROUPING SETS ((module, release), (company, release), (user_id, release), (release))
ORDER BY 1, 2, 3;
