-- Each metric by organisation.
SELECT metric, company, SUM(amount)
FROM marks
WHERE company <> ''
GROUP BY metric, company
ORDER BY 1, 3 DESC, 2;
