-- People who were active for another organisation than the time before, the newest first: person, before, after, moment.
SELECT user_id, earlier, company, moment
FROM moves
WHERE moment >= $1 AND moment < $2
ORDER BY 4 DESC, 1, 2, 3
LIMIT 5000;
