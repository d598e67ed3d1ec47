-- Cohorts of people by the release of their first change: the release, how many people, how many of them began 90 days ago
-- or earlier, how many of these made a second change within 90 days, then a release and how many of the cohort were active
-- in it. A change is one of code review; where there is none, and before it began in a module, it is a commit. Numbers of
-- fewer people than the second value are left out. The first value is the present moment: what is later is left out.
WITH given AS (SELECT CAST(? AS BIGINT) AS now, CAST(? AS BIGINT) AS fewest),
begun AS (SELECT module, MIN(moment) AS moment FROM opened GROUP BY module),
works AS (
  SELECT o.user_id, o.release, o.moment FROM opened o
  UNION ALL
  SELECT r.user_id, r.release, r.moment
  FROM records r
  LEFT JOIN begun b ON b.module = r.module
  WHERE r.company <> '*robots' AND (b.moment IS NULL OR r.moment < b.moment)
),
ordered AS (
  SELECT
    w.user_id, w.release, w.moment,
    ROW_NUMBER() OVER (PARTITION BY w.user_id ORDER BY w.moment, w.release) AS place,
    LEAD(w.moment) OVER (PARTITION BY w.user_id ORDER BY w.moment, w.release) AS next_moment
  FROM works w
  CROSS JOIN given g
  WHERE w.moment <= g.now
),
firsts AS (SELECT user_id, release, moment, next_moment FROM ordered WHERE place = 1),
cohorts AS (
  SELECT
    f.release, COUNT(*) AS people, COUNT(CASE WHEN f.moment <= g.now - 7776000 THEN 1 END) AS observed,
    COUNT(CASE WHEN f.moment <= g.now - 7776000 AND f.next_moment - f.moment <= 7776000 THEN 1 END) AS again
  FROM firsts f
  CROSS JOIN given g
  GROUP BY f.release
),
later AS (
  SELECT f.release, a.release AS active_in, COUNT(DISTINCT f.user_id) AS people
  FROM firsts f
  JOIN (SELECT DISTINCT user_id, release FROM acts CROSS JOIN given WHERE moment <= now) a ON a.user_id = f.user_id
  GROUP BY f.release, a.release
)
SELECT
  c.release, c.people,
  CASE WHEN c.observed >= g.fewest THEN c.observed END,
  CASE WHEN c.observed >= g.fewest THEN c.again END,
  l.active_in, l.people
FROM cohorts c
CROSS JOIN given g
JOIN later l ON l.release = c.release
WHERE c.people >= g.fewest
ORDER BY 1, 5;
