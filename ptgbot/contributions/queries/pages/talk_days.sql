-- Who took part in gatherings and meetings, by day (UTC, counted from 1970) and organisation: how many people.
SELECT CAST(FLOOR(moment / 86400.0) AS BIGINT) AS day, company, COUNT(DISTINCT user_id)
FROM talked
GROUP BY 1, 2
ORDER BY 1, 2;
