-- Sums by metric, and votes by mark.
SELECT metric, SUM(amount) FROM chosen_sums('', $1, $2, $3, $4, $5, $6) GROUP BY metric
UNION ALL
SELECT 'mark ' || mark, SUM(votes) FROM chosen_votes($1, $2, $3, $4, $5, $6) GROUP BY mark
ORDER BY 1;
