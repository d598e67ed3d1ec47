-- People who were active for another organisation than the time before, the newest first: person, before, after, moment.
-- Hidden people are left out: few change between the same organisations at the same time.
SELECT user_id, earlier, company, moment
FROM (
  SELECT user_id, company, moment, LAG(company) OVER (PARTITION BY user_id ORDER BY moment, company) AS earlier
  FROM acts
  WHERE user_id IN (SELECT user_id FROM acts WHERE user_id <> '' GROUP BY user_id HAVING MIN(company) <> MAX(company))
) following
WHERE earlier <> company AND user_id NOT LIKE 'hidden-%' AND moment >= $1 AND moment < $2
ORDER BY 4 DESC, 1
LIMIT 5000;
