-- Days (UTC) of persons with any activity, by organisation.
SELECT company, COUNT(*)
FROM (SELECT DISTINCT company, user_id, CAST(FLOOR(moment / 86400.0) AS BIGINT) AS day FROM acts) days
GROUP BY company
ORDER BY 2 DESC, 1;
