-- Open changes of people that nobody has answered, the oldest first: repository and number.
SELECT repository, change_key
FROM waits
WHERE closed IS NULL AND answered IS NULL
ORDER BY created, repository, change_key;
