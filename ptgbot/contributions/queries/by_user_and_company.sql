SELECT user_id, company, COUNT(*), SUM(added), SUM(deleted), SUM(loc)
FROM records
GROUP BY user_id, company
ORDER BY 3 DESC, 1, 2;
