-- The fewest people, and the fewest organisations, who make half of the work or more, by module and release, and by release
-- for all modules together, which have no key: the kind, the key, the release; then for each metric the number of people,
-- and for each metric that of organisations. NULL where nobody did anything. Each independent person is an organisation.
WITH work AS (
  SELECT
    module, release, user_id,
    CASE WHEN company = '*independent' THEN '*independent ' || user_id ELSE company END AS employer,
    SUM(commits) AS commits, SUM(lines) AS lines, SUM(changes) AS changes, SUM(patch_sets) AS patch_sets,
    SUM(reviews) AS reviews, SUM(messages) AS messages
  FROM daily
  WHERE company <> '*robots'
  GROUP BY
    module, release, user_id,
    CASE WHEN company = '*independent' THEN '*independent ' || user_id ELSE company END
),
held AS (
  SELECT
    GROUPING(module) AS of_all, coalesce(module, '') AS key, release, GROUPING(user_id) AS of_organisations,
    SUM(commits) AS commits, SUM(lines) AS lines, SUM(changes) AS changes, SUM(patch_sets) AS patch_sets,
    SUM(reviews) AS reviews, SUM(messages) AS messages
  FROM work
  GROUP BY GROUPING SETS (
    (module, release, user_id), (module, release, employer), (release, user_id), (release, employer)
  )
),
amounts AS (
  SELECT
    h.of_all, h.key, h.release, h.of_organisations, m.metric,
    CASE m.metric
      WHEN 1 THEN h.commits WHEN 2 THEN h.lines WHEN 3 THEN h.changes WHEN 4 THEN h.patch_sets WHEN 5 THEN h.reviews
      ELSE h.messages
    END AS amount
  FROM held h
  CROSS JOIN (
    SELECT 1 AS metric UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6
  ) m
),
-- Those who did as much as each other are one row, so that there is little to sort.
equals AS (
  SELECT of_all, key, release, of_organisations, metric, amount, COUNT(*) AS holders, amount * COUNT(*) AS together
  FROM amounts
  WHERE amount > 0 AND (of_all = 1 OR key <> '')
  GROUP BY of_all, key, release, of_organisations, metric, amount
),
ranked AS (
  SELECT
    of_all, key, release, of_organisations, metric, amount, holders, together,
    SUM(holders) OVER running AS place,
    SUM(together) OVER running AS reached,
    SUM(together) OVER (PARTITION BY of_all, key, release, of_organisations, metric) / 2 * (1 - 1e-9) AS half
  FROM equals
  WINDOW running AS (
    PARTITION BY of_all, key, release, of_organisations, metric ORDER BY amount DESC
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  )
),
-- Parts of commits are fractions, whose sums are not exact: a thousand millionth less than half is half.
fewest AS (
  SELECT
    of_all, key, release, of_organisations, metric,
    CAST(place - holders + CEIL((half - (reached - together)) / amount) AS BIGINT) AS place
  FROM ranked
  WHERE reached >= half AND reached - together < half
)
SELECT
  CASE of_all WHEN 1 THEN 'all' ELSE 'module' END, key, release,
  MIN(CASE WHEN of_organisations = 0 AND metric = 1 THEN place END),
  MIN(CASE WHEN of_organisations = 0 AND metric = 2 THEN place END),
  MIN(CASE WHEN of_organisations = 0 AND metric = 3 THEN place END),
  MIN(CASE WHEN of_organisations = 0 AND metric = 4 THEN place END),
  MIN(CASE WHEN of_organisations = 0 AND metric = 5 THEN place END),
  MIN(CASE WHEN of_organisations = 0 AND metric = 6 THEN place END),
  MIN(CASE WHEN of_organisations = 1 AND metric = 1 THEN place END),
  MIN(CASE WHEN of_organisations = 1 AND metric = 2 THEN place END),
  MIN(CASE WHEN of_organisations = 1 AND metric = 3 THEN place END),
  MIN(CASE WHEN of_organisations = 1 AND metric = 4 THEN place END),
  MIN(CASE WHEN of_organisations = 1 AND metric = 5 THEN place END),
  MIN(CASE WHEN of_organisations = 1 AND metric = 6 THEN place END)
FROM fewest
GROUP BY of_all, key, release
ORDER BY 1, 2, 3;
