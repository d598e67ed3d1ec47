SELECT user_id, COUNT(*), SUM(added), SUM(deleted), SUM(loc)
FROM records
GROUP BY user_id
ORDER BY 2 DESC, 1;
