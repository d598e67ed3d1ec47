-- The chosen metrics by company, the highest first.
SELECT company, SUM(amount)
FROM (
  SELECT company, amount FROM chosen_sums($1, $2, $3, $4, $5, $6, $7)
  UNION ALL
  SELECT name, days
  FROM sums_of_efforts
  WHERE everything($2, $3, $4, $5, $6, $7) AND among($1, 'person-day') AND kind = 'company'
  UNION ALL
  SELECT company, COUNT(*)
  FROM (
    SELECT DISTINCT company, user_id, day FROM chosen_days($1, $2, $3, $4, $5, $6, $7)
    WHERE NOT (everything($2, $3, $4, $5, $6, $7))
  ) days
  GROUP BY company
) sums
WHERE company <> ''
GROUP BY company
ORDER BY 2 DESC, 1
LIMIT 5000;
