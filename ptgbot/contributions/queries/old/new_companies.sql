-- Organisations whose first activity is in a span, the newest first.
SELECT company, MIN(moment)
FROM acts
WHERE company <> ''
GROUP BY company
HAVING MIN(moment) >= $1 AND MIN(moment) < $2
ORDER BY 2 DESC, 1
LIMIT 5000;
