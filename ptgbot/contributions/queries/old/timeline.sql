-- Weeks, which begin on Monday at midnight UTC, with the chosen metrics in all releases and in the chosen ones, and lines of these.
SELECT
  CAST(FLOOR((moment - 345600) / 604800.0) AS BIGINT) * 604800 + 345600 AS week,
  SUM(CASE WHEN among($1, metric) THEN amount ELSE 0 END),
  SUM(CASE WHEN among($1, metric) AND among($2, release) THEN amount ELSE 0 END),
  SUM(CASE WHEN metric = 'lines' AND among($2, release) THEN amount ELSE 0 END)
FROM (
  SELECT metric, release, day * 86400 AS moment, amount
  FROM sums_of_days
  WHERE in_days($3, $4, $5, $6, $7) AND (metric = 'lines' OR among($1, metric)) AND $6 <= day * 86400 AND day * 86400 < $7
  UNION ALL
  SELECT metric, release, moment, amount FROM chosen('', '', $3, $4, $5, $6, $7)
  WHERE NOT (in_days($3, $4, $5, $6, $7)) AND (metric = 'lines' OR among($1, metric))
  UNION ALL
  SELECT 'person-day', release, day * 86400, COUNT(*)
  FROM (
    SELECT DISTINCT user_id, release, day FROM chosen_days($1, '', $3, $4, $5, $6, $7)
    WHERE NOT (in_days($3, $4, $5, $6, $7))
  ) days
  GROUP BY release, day
) marked
GROUP BY 1
ORDER BY 1 DESC
LIMIT 5000;
