-- Days (UTC) of persons with any activity, by week, which begins on Monday at midnight UTC.
SELECT CAST(FLOOR((day - 4) / 7.0) AS BIGINT) * 604800 + 345600 AS week, COUNT(*)
FROM (SELECT DISTINCT user_id, CAST(FLOOR(moment / 86400.0) AS BIGINT) AS day FROM acts) days
GROUP BY CAST(FLOOR((day - 4) / 7.0) AS BIGINT) * 604800 + 345600
ORDER BY 1;
