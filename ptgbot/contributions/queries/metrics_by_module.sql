-- Each metric by module.
SELECT metric, module, SUM(amount)
FROM marks
WHERE module <> ''
GROUP BY metric, module
ORDER BY 1, 3 DESC, 2;
