-- Facts, as the sources have them. Text is kept as it was written.
CREATE TABLE IF NOT EXISTS commits (
  repository TEXT NOT NULL, sha TEXT NOT NULL, authored BIGINT NOT NULL, committed BIGINT NOT NULL,
  added BIGINT NOT NULL, deleted BIGINT NOT NULL, files BIGINT NOT NULL, subject TEXT NOT NULL
);
-- Who made a commit: the author has the position 0, co-authors follow.
CREATE TABLE IF NOT EXISTS authors (
  repository TEXT NOT NULL, sha TEXT NOT NULL, position BIGINT NOT NULL, name TEXT NOT NULL, email TEXT NOT NULL
);
-- The newest commit of each repository whose history is among the facts.
CREATE TABLE IF NOT EXISTS heads (repository TEXT NOT NULL, sha TEXT NOT NULL);
-- What the rules say: small tables, made anew from the list of people before each count.
CREATE TABLE IF NOT EXISTS identities (name TEXT NOT NULL, email TEXT NOT NULL, user_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS employers (user_id TEXT NOT NULL, since BIGINT NOT NULL, until BIGINT NOT NULL, company TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS releases (since BIGINT NOT NULL, until BIGINT NOT NULL, release TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tagged (repository TEXT NOT NULL, sha TEXT NOT NULL, release TEXT NOT NULL);
-- An empty address means every person of the commit.
CREATE TABLE IF NOT EXISTS corrections (
  sha TEXT NOT NULL, email TEXT NOT NULL, added BIGINT, deleted BIGINT, loc BIGINT, moment BIGINT, release TEXT, user_id TEXT,
  company TEXT
);
CREATE TABLE IF NOT EXISTS options (date_of TEXT NOT NULL);
