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
-- Holders of the same amount stand in one row, which makes most groups short.
alike AS (
  SELECT kind, key, release, metric, side, amount, COUNT(*) AS holders
  FROM held
  WHERE amount > 0
  GROUP BY kind, key, release, metric, side, amount
),
summed AS (
  SELECT
    kind, key, release, metric, side, amount, holders,
    SUM(holders) OVER (
      PARTITION BY kind, key, release, metric, side ORDER BY amount DESC
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS counted,
    SUM(holders * amount) OVER (
      PARTITION BY kind, key, release, metric, side ORDER BY amount DESC
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS reached,
    -- Parts of commits are fractions, whose sums are not exact: a thousand millionth less than half is half.
    SUM(holders * amount) OVER (
      PARTITION BY kind, key, release, metric, side ORDER BY amount DESC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) * (1 - 1e-9) / 2 AS half
  FROM alike
),
ranked AS (
  SELECT
    kind, key, release, metric, side,
    CAST(counted - FLOOR(LEAST((reached - half) / amount, holders - 1)) AS BIGINT) AS place
  FROM summed
  WHERE reached >= half
)
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
WHERE NOT (kind = 'module' AND key = '')
GROUP BY kind, key, release
ORDER BY 1, 2, 3;
