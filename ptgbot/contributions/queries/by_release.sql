SELECT release, SUM(CAST(1 AS DOUBLE PRECISION) / shares), SUM(CAST(added AS DOUBLE PRECISION) / shares),
  SUM(CAST(deleted AS DOUBLE PRECISION) / shares), SUM(CAST(loc AS DOUBLE PRECISION) / shares)
FROM records
WHERE release <> ''
GROUP BY release
ORDER BY 2 DESC, 1;
