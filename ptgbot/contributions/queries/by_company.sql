SELECT company, COUNT(*), SUM(added), SUM(deleted), SUM(loc)
FROM records
GROUP BY company
ORDER BY 2 DESC, 1;
