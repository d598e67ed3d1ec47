-- People with any of the chosen metrics.
SELECT DISTINCT user_id
FROM (
  SELECT user_id FROM chosen($1, $2, $3, $4, $5, $6, $7)
  UNION ALL SELECT user_id FROM chosen_days($1, $2, $3, $4, $5, $6, $7)
) found
WHERE user_id <> ''
ORDER BY 1
LIMIT 5000;
