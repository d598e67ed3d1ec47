-- Each metric by day of the week (0 is Monday) and hour (UTC).
SELECT
  metric,
  days + 3 - 7 * CAST(FLOOR((days + 3) / 7.0) AS BIGINT) AS weekday,
  hours - 24 * days AS hour,
  SUM(amount)
FROM (
  SELECT
    metric, amount, CAST(FLOOR(moment / 86400.0) AS BIGINT) AS days, CAST(FLOOR(moment / 3600.0) AS BIGINT) AS hours
  FROM marks
) parts
GROUP BY metric, days + 3 - 7 * CAST(FLOOR((days + 3) / 7.0) AS BIGINT), hours - 24 * days
ORDER BY 1, 2, 3;
