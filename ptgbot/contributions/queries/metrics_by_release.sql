-- Each metric by release.
SELECT metric, release, SUM(amount)
FROM marks
WHERE release <> ''
GROUP BY metric, release
ORDER BY 1, 3 DESC, 2;
