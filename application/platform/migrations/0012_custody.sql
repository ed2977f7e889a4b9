-- Officials' keys are wrapped under their passwords, inside the master key (docs/format.md §4 Custody).
ALTER TABLE vault.signing_key ADD lock text; -- cost and salt of argon2id; NULL: under the master key alone
GRANT UPDATE (sealed, lock) ON vault.signing_key TO xiaohao_app;

-- The key of whoever is signed in, under a secret that only the cookie holds. It goes with the session.
CREATE TABLE web.session_key (
    token  bytea PRIMARY KEY REFERENCES web.session ON DELETE CASCADE,
    keyid  text  NOT NULL,
    sealed bytea NOT NULL
);
GRANT SELECT, INSERT ON web.session_key TO xiaohao_app;
DELETE FROM web.session; -- those who are signed in sign in once more: only with the password can their key be wrapped

-- A new password, a starting one too, ends the sessions that the old one began.
CREATE FUNCTION web.end_sessions() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    DELETE FROM web.session s WHERE s.official = NEW.official;
    RETURN NULL;
END $$;
CREATE TRIGGER end_web_sessions AFTER UPDATE OF password ON vault.credential
    FOR EACH ROW EXECUTE FUNCTION web.end_sessions();
