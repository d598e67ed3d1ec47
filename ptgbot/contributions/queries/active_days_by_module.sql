-- Days (UTC) of persons with any activity, by module.
SELECT module, COUNT(*)
FROM (SELECT DISTINCT module, user_id, CAST(FLOOR(moment / 86400.0) AS BIGINT) AS day FROM acts) days
GROUP BY module
ORDER BY 2 DESC, 1;
