-- How many people were active in two releases, and not since a moment.
SELECT COUNT(*)
FROM (SELECT user_id FROM acts GROUP BY user_id HAVING MAX(moment) < ? AND BOOL_OR(release IN (?, ?))) gone;
