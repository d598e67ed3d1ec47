-- Patch sets that somebody uploaded, by account, name and address.
SELECT repository, change_key, patch_set, created
FROM patch_sets
WHERE account = ? AND name = ? AND email = ?
ORDER BY repository, change_key, patch_set
LIMIT ? OFFSET ?;
