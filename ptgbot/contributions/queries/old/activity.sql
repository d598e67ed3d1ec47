-- The newest contributions of the chosen metrics.
SELECT moment, metric, user_id, company, module, release, amount
FROM chosen($1, $2, $3, $4, $5, $6, $7)
WHERE user_id <> ''
ORDER BY moment DESC, metric, user_id, module
LIMIT $8 OFFSET $9;
