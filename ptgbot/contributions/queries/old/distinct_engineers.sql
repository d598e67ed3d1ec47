-- People with any of the chosen metrics.
SELECT DISTINCT user_id
FROM (
  SELECT user_id FROM chosen_sums($1, $2, $3, $4, $5, $6, $7)
  UNION ALL
  SELECT name FROM sums_of_efforts
  WHERE everything($2, $3, $4, $5, $6, $7) AND among($1, 'person-day') AND kind = 'user_id'
  UNION ALL
  SELECT user_id FROM chosen_days($1, $2, $3, $4, $5, $6, $7) WHERE NOT (everything($2, $3, $4, $5, $6, $7))
) found
WHERE user_id <> ''
ORDER BY 1
LIMIT 5000;
