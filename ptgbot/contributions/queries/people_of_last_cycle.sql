-- People of a module in its last cycle, the release of its newest activity: id, name, days with activity, commits, reviews,
-- whether they are new, which means that nothing of them in the module is older than the cycle, and the release.
WITH here AS (
  SELECT user_id, release, moment FROM acts WHERE lower(module) = lower(CAST(? AS TEXT))
),
cycle AS (
  SELECT release FROM here ORDER BY moment DESC, release LIMIT 1
),
days AS (
  SELECT h.user_id, COUNT(DISTINCT CAST(FLOOR(h.moment / 86400.0) AS BIGINT)) AS active
  FROM here h JOIN cycle c ON c.release = h.release
  GROUP BY h.user_id
),
sums AS (
  SELECT
    m.user_id,
    SUM(CASE WHEN m.metric = 'commits' THEN m.amount ELSE 0 END) AS commits,
    SUM(CASE WHEN m.metric = 'reviews' THEN m.amount ELSE 0 END) AS reviews
  FROM marks m JOIN cycle c ON c.release = m.release
  WHERE lower(m.module) = lower(CAST(? AS TEXT))
  GROUP BY m.user_id
),
earlier AS (
  SELECT DISTINCT h.user_id
  FROM here h
  WHERE h.moment < (SELECT MIN(i.moment) FROM here i JOIN cycle c ON c.release = i.release)
)
SELECT
  d.user_id, p.name, d.active, coalesce(s.commits, 0), coalesce(s.reviews, 0),
  CASE WHEN e.user_id IS NULL THEN 1 ELSE 0 END, c.release
FROM days d
CROSS JOIN cycle c
JOIN people p ON p.user_id = d.user_id
LEFT JOIN sums s ON s.user_id = d.user_id
LEFT JOIN earlier e ON e.user_id = d.user_id
ORDER BY 3 DESC, 4 DESC, 2, 1;
