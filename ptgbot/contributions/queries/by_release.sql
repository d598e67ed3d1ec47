SELECT release, COUNT(*), SUM(added), SUM(deleted), SUM(loc)
FROM records
WHERE release <> ''
GROUP BY release
ORDER BY 2 DESC, 1;
