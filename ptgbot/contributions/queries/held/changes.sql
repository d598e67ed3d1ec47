-- Changes that somebody owns, by account, name and address.
SELECT repository, change_key, branch, status, subject, created, updated, merged
FROM changes
WHERE account = ? AND name = ? AND email = ?
ORDER BY repository, change_key
LIMIT ? OFFSET ?;
