-- Comments on changes that somebody wrote, by account, name and address.
SELECT repository, change_key, patch_set, moment, is_own
FROM comments
WHERE account = ? AND name = ? AND email = ?
ORDER BY repository, change_key, patch_set, moment, is_own
LIMIT ? OFFSET ?;
