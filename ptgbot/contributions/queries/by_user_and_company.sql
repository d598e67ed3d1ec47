SELECT user_id, company, SUM(CAST(1 AS DOUBLE PRECISION) / shares), SUM(CAST(added AS DOUBLE PRECISION) / shares),
  SUM(CAST(deleted AS DOUBLE PRECISION) / shares), SUM(CAST(loc AS DOUBLE PRECISION) / shares)
FROM records
GROUP BY user_id, company
ORDER BY 3 DESC, 1, 2;
