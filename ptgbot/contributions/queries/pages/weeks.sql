-- Commits, reviews and messages by week, which begins on Monday at midnight UTC: the kind and the key of a page, the
-- beginning of the week (seconds since 1970), the numbers. A release has all its weeks, the others those in a span.
WITH counted AS (
  SELECT
    module, company, user_id, release, metric, amount,
    CAST(FLOOR((moment - 345600) / 604800.0) AS BIGINT) * 604800 + 345600 AS week
  FROM marks
  WHERE metric IN ('commits', 'reviews', 'messages')
),
weekly AS (
  SELECT
    CASE WHEN GROUPING(module) = 0 THEN 'module' WHEN GROUPING(company) = 0 THEN 'organisation'
      WHEN GROUPING(user_id) = 0 THEN 'person' WHEN GROUPING(release) = 0 THEN 'release' ELSE 'all' END AS kind,
    coalesce(CASE WHEN GROUPING(module) = 0 THEN module WHEN GROUPING(company) = 0 THEN company
      WHEN GROUPING(user_id) = 0 THEN user_id WHEN GROUPING(release) = 0 THEN release END, '') AS key,
    week,
    SUM(CASE metric WHEN 'commits' THEN amount ELSE 0 END) AS commits,
    SUM(CASE metric WHEN 'reviews' THEN amount ELSE 0 END) AS reviews,
    SUM(CASE metric WHEN 'messages' THEN amount ELSE 0 END) AS messages
  FROM counted
  GROUP BY GROUPING SETS ((module, week), (company, week), (user_id, week), (release, week), (week))
)
SELECT kind, key, week, commits, reviews, messages
FROM weekly
WHERE kind = 'release' OR (week > ? AND week <= ?)
ORDER BY 1, 2, 3;
