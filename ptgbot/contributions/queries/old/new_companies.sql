-- Organisations whose first activity is in a span, the newest first.
SELECT name, oldest
FROM named
WHERE kind = 'company' AND name <> '' AND oldest >= $1 AND oldest < $2
ORDER BY 2 DESC, 1
LIMIT 5000;
