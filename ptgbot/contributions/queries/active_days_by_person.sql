-- Days (UTC) of persons with any activity, by person.
SELECT user_id, COUNT(*)
FROM (SELECT DISTINCT user_id, CAST(FLOOR(moment / 86400.0) AS BIGINT) AS day FROM acts) days
GROUP BY user_id
ORDER BY 2 DESC, 1;
