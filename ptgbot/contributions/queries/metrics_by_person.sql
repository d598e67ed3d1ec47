-- Each metric by person.
SELECT metric, user_id, SUM(amount)
FROM marks
WHERE user_id <> ''
GROUP BY metric, user_id
ORDER BY 1, 3 DESC, 2;
