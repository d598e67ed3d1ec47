-- Everything that pages filter by: each metric by release, module, organisation and person.
SELECT release, module, company, user_id, metric, SUM(amount)
FROM marks
GROUP BY release, module, company, user_id, metric
ORDER BY 1, 2, 3, 4, 5;
