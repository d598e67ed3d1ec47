-- The first contribution of every person: id, moment, release, module, organisation. Hidden people have no moment: with it
-- their first commit is found in the history of the repository.
SELECT user_id, CASE WHEN user_id LIKE 'hidden-%' THEN NULL ELSE moment END AS moment, release, module, company
FROM (
  SELECT
    user_id, moment, release, module, company,
    ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY moment, module, company) AS place
  FROM acts
) ranked
WHERE place = 1
ORDER BY 1;
