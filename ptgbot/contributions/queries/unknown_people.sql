-- People without an entry in the list of people: id, name, how many commits they have, and the moment of the newest one.
-- The ids are addresses, so the answer is for maintainers only.
SELECT r.user_id, p.name, COUNT(*) AS commits, MAX(r.moment)
FROM records r
JOIN people p ON p.user_id = r.user_id
WHERE p.is_known = 0
GROUP BY r.user_id, p.name
ORDER BY 3 DESC, 1;
