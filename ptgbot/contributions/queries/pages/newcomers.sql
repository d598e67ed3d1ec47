-- The first contribution of every person: id, moment, release, module, organisation. Hidden people have no moment: with it
-- their first commit is found in the history of the repository.
SELECT user_id, CASE WHEN user_id LIKE 'hidden-%' THEN NULL ELSE moment END AS moment, release, module, company
FROM (
  SELECT
    a.user_id, a.moment, a.release, a.module, a.company,
    ROW_NUMBER() OVER (PARTITION BY a.user_id ORDER BY a.module, a.company, a.release) AS place
  FROM acts a
  JOIN (SELECT user_id, MIN(moment) AS moment FROM acts GROUP BY user_id) f
    ON f.user_id = a.user_id AND f.moment = a.moment
) ranked
WHERE place = 1
ORDER BY 1;
