-- Everything that the pages of a release filter by: each metric by module, organisation and person.
SELECT module, company, user_id, metric, SUM(amount)
FROM marks
WHERE release = ?
GROUP BY module, company, user_id, metric
ORDER BY 1, 2, 3, 4;
