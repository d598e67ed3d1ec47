-- The newest contributions of the chosen metrics. Those of hidden people are left out: the moment of a commit is enough to
-- find its author in the history of the repository.
SELECT moment, metric, user_id, company, module, release, amount
FROM chosen($1, $2, $3, $4, $5, $6, $7)
WHERE user_id <> '' AND user_id NOT LIKE 'hidden-%'
ORDER BY moment DESC, metric, user_id, module
LIMIT $8 OFFSET $9;
