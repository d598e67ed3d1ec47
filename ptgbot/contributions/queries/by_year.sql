SELECT year, COUNT(*), SUM(added), SUM(deleted), SUM(loc)
FROM records
GROUP BY year
ORDER BY 2 DESC, 1;
