-- Modules, groups of them and types of projects with their parts, and releases, in their order: kind, id, name, tag, part, release.
SELECT kind, scope, name, tag, part, release
FROM scopes
ORDER BY place;
