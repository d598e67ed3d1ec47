-- How many people were active in two releases, and not since a moment.
SELECT COUNT(*)
FROM (
  SELECT user_id
  FROM acts
  GROUP BY user_id
  HAVING MAX(moment) < $1 AND MAX(CASE WHEN release IN ($2, $3) THEN 1 ELSE 0 END) = 1
) gone;
