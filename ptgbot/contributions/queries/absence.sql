-- The fewest people, and the fewest organisations, who make half of the work or more, by module and release, and by release
-- for all modules together, which have no key: the kind, the key, the release; then for each metric the number of people,
-- and for each metric that of organisations. NULL where nobody did anything. Each independent person is an organisation.
WITH work AS (
  SELECT
    metric, module, release, user_id,
    CASE WHEN company = '*independent' THEN '*independent ' || user_id ELSE company END AS employer,
    SUM(amount) AS amount
  FROM marks
  WHERE metric IN ('commits', 'lines', 'changes', 'patch-sets', 'reviews', 'messages') AND company <> '*robots'
  GROUP BY
    metric, module, release, user_id,
    CASE WHEN company = '*independent' THEN '*independent ' || user_id ELSE company END
),
held AS (
  SELECT
    CASE WHEN GROUPING(module) = 0 THEN 'module' ELSE 'all' END AS kind,
    CASE WHEN GROUPING(module) = 0 THEN module ELSE '' END AS key,
    release, metric,
    CASE WHEN GROUPING(user_id) = 0 THEN 'person' ELSE 'organisation' END AS side,
    CASE WHEN GROUPING(user_id) = 0 THEN user_id ELSE employer END AS holder,
    SUM(amount) AS amount
  FROM work
  GROUP BY GROUPING SETS (
    (module, release, metric, user_id), (module, release, metric, employer),
    (release, metric, user_id), (release, metric, employer)
  )
),
ranked AS (
  SELECT
    kind, key, release, metric, side,
    ROW_NUMBER() OVER (PARTITION BY kind, key, release, metric, side ORDER BY amount DESC, holder) AS place,
    SUM(amount) OVER (
      PARTITION BY kind, key, release, metric, side ORDER BY amount DESC, holder
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS reached,
    SUM(amount) OVER (PARTITION BY kind, key, release, metric, side) AS whole
  FROM held
  WHERE amount > 0
)
-- Parts of commits are fractions, whose sums are not exact: a thousand millionth less than half is half.
SELECT
  kind, key, release,
  MIN(CASE WHEN side = 'person' AND metric = 'commits' THEN place END),
  MIN(CASE WHEN side = 'person' AND metric = 'lines' THEN place END),
  MIN(CASE WHEN side = 'person' AND metric = 'changes' THEN place END),
  MIN(CASE WHEN side = 'person' AND metric = 'patch-sets' THEN place END),
  MIN(CASE WHEN side = 'person' AND metric = 'reviews' THEN place END),
  MIN(CASE WHEN side = 'person' AND metric = 'messages' THEN place END),
  MIN(CASE WHEN side = 'organisation' AND metric = 'commits' THEN place END),
  MIN(CASE WHEN side = 'organisation' AND metric = 'lines' THEN place END),
  MIN(CASE WHEN side = 'organisation' AND metric = 'changes' THEN place END),
  MIN(CASE WHEN side = 'organisation' AND metric = 'patch-sets' THEN place END),
  MIN(CASE WHEN side = 'organisation' AND metric = 'reviews' THEN place END),
  MIN(CASE WHEN side = 'organisation' AND metric = 'messages' THEN place END)
FROM ranked
WHERE 2 * reached >= whole * (1 - 1e-9)
  AND NOT (kind = 'module' AND key = '')
GROUP BY kind, key, release
ORDER BY 1, 2, 3;
