-- How many commits each person without an entry in the list of people has. They have no names here.
SELECT COUNT(*) AS commits
FROM records r
JOIN people p ON p.user_id = r.user_id
WHERE p.is_known = 0
GROUP BY r.user_id
ORDER BY 1 DESC;
