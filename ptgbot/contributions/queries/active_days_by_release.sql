-- Days (UTC) of persons with any activity, by release.
SELECT release, COUNT(*)
FROM (SELECT DISTINCT release, user_id, CAST(FLOOR(moment / 86400.0) AS BIGINT) AS day FROM acts) days
GROUP BY release
ORDER BY 2 DESC, 1;
