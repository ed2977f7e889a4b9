-- The oversight door (/oversight): sessions and verdicts of its own, and of the vault one row at a time, only what it shows.
CREATE SCHEMA oversight;
CREATE TABLE oversight.session (LIKE web.session INCLUDING ALL);
CREATE TABLE oversight.attempt (LIKE web.attempt INCLUDING ALL);
CREATE TABLE oversight.verdict (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    begun_at   timestamptz NOT NULL,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    ok         bool        NOT NULL,
    found      jsonb       NOT NULL, -- what the published folder and the table say, each in a sentence
    checkpoint bytea       NOT NULL  -- the signed checkpoint that the published folder had, empty without one
);
CREATE TABLE oversight.wish (
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp() -- somebody wants a new verdict now
);
GRANT USAGE ON SCHEMA oversight TO xiaohao_oversight;
GRANT SELECT, INSERT, UPDATE, DELETE ON oversight.session, oversight.attempt, oversight.wish TO xiaohao_oversight;
GRANT SELECT, INSERT ON oversight.verdict TO xiaohao_oversight; -- a verdict that was given stays

-- Whether a password is one-time is no secret; the hash is given out for one account whose name is known, never as a list.
CREATE VIEW oversight.credential_state AS SELECT official, one_time FROM vault.credential;
GRANT SELECT ON oversight.credential_state TO xiaohao_oversight;
CREATE FUNCTION oversight.credential(login bytea) RETURNS TABLE (official uuid, password text, one_time bool)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
    AS $$ SELECT c.official, c.password, c.one_time FROM vault.credential c WHERE c.login = $1 $$;
-- Names of officials, as ciphertext, and evidence that an event names by its hash.
CREATE FUNCTION oversight.person(ids uuid[]) RETURNS TABLE (id uuid, sealed bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
    AS $$ SELECT p.id, p.sealed FROM vault.person p WHERE p.id = ANY($1) $$;
CREATE FUNCTION oversight.file(digest text) RETURNS TABLE (media_type text, bytes bytea)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
    AS $$ SELECT f.media_type, f.bytes FROM vault.file f WHERE f.sha256 = $1 $$;
-- A new password ends the sessions that the old one began, at this door too.
CREATE FUNCTION oversight.end_sessions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    DELETE FROM oversight.session s WHERE s.official = NEW.official;
    RETURN NULL;
END $$;
CREATE TRIGGER end_sessions AFTER UPDATE OF password ON vault.credential
    FOR EACH ROW EXECUTE FUNCTION oversight.end_sessions();
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA oversight FROM PUBLIC;
GRANT EXECUTE ON FUNCTION oversight.credential, oversight.person, oversight.file TO xiaohao_oversight;
