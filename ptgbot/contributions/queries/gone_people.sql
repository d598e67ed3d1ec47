-- People who were active in two releases, and not since a moment: id, and when they were active last. The values are the
-- present moment, since what is later is left out; that moment; the names of the releases.
SELECT user_id, MAX(moment) AS last_moment
FROM acts
WHERE moment <= CAST(? AS BIGINT)
GROUP BY user_id
HAVING MAX(moment) < CAST(? AS BIGINT) AND MAX(CASE WHEN release IN (?, ?) THEN 1 ELSE 0 END) = 1
ORDER BY 2 DESC, 1;
