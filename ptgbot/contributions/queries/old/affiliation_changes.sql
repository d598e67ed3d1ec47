-- People who were active for another organisation than the time before, the newest first: person, before, after, moment.
-- Hidden people are left out: few change between the same organisations at the same time.
SELECT user_id, earlier, company, moment
FROM moves
WHERE user_id NOT LIKE 'hidden-%' AND moment >= $1 AND moment < $2
ORDER BY 4 DESC, 1, 2, 3
LIMIT 5000;
