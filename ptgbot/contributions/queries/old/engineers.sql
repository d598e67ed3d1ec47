-- The chosen metrics by person, the highest first.
SELECT user_id, SUM(amount)
FROM (
  SELECT user_id, amount FROM chosen_sums($1, $2, $3, $4, $5, $6, $7)
  UNION ALL
  SELECT name, days
  FROM sums_of_efforts
  WHERE everything($2, $3, $4, $5, $6, $7) AND among($1, 'person-day') AND kind = 'user_id'
  UNION ALL
  SELECT user_id, COUNT(*)
  FROM (
    SELECT DISTINCT user_id, day FROM chosen_days($1, $2, $3, $4, $5, $6, $7)
    WHERE NOT (everything($2, $3, $4, $5, $6, $7))
  ) days
  GROUP BY user_id
) sums
WHERE user_id <> ''
GROUP BY user_id
ORDER BY 2 DESC, 1
LIMIT 5000;
