-- How often each person was active by day of the week (0 is Monday) and hour (UTC).
SELECT user_id, days + 3 - 7 * CAST(FLOOR((days + 3) / 7.0) AS BIGINT) AS weekday, hours - 24 * days AS hour, COUNT(*)
FROM (
  SELECT
    user_id, CAST(FLOOR(moment / 86400.0) AS BIGINT) AS days, CAST(FLOOR(moment / 3600.0) AS BIGINT) AS hours
  FROM acts
) parts
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3;
