-- The chosen metrics by module, the highest first.
SELECT module, SUM(amount)
FROM (
  SELECT module, amount FROM chosen($1, $2, $3, $4, $5, $6, $7)
  UNION ALL
  SELECT name, days
  FROM sums_of_efforts
  WHERE everything($2, $3, $4, $5, $6, $7) AND among($1, 'person-day') AND kind = 'module'
  UNION ALL
  SELECT module, COUNT(*)
  FROM (
    SELECT DISTINCT module, user_id, day FROM chosen_days($1, $2, $3, $4, $5, $6, $7)
    WHERE NOT (everything($2, $3, $4, $5, $6, $7))
  ) days
  GROUP BY module
) sums
WHERE module <> ''
GROUP BY module
ORDER BY 2 DESC, 1
LIMIT 5000;
