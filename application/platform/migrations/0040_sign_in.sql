-- Sign-ins. One count of wrong words for every door; what happened at them, for some weeks; sessions that say on which device.
CREATE SCHEMA sign_in;
CREATE TABLE sign_in.attempt (
    who      bytea       PRIMARY KEY, -- keyed hash of an account, an address, a device, or of two of them
    failures int         NOT NULL,
    last_at  timestamptz NOT NULL
);
CREATE TABLE sign_in.record ( -- one row for all of the same in one minute: a flood of tries is no flood of rows
    official uuid        NOT NULL, -- 0 where there is no such account
    door     text        NOT NULL,
    result   text        NOT NULL,
    place    bytea       NOT NULL, -- keyed hash of the first part of the address, empty on the command line
    known    bool        NOT NULL, -- from a device on which the account had signed in before
    since    timestamptz NOT NULL, -- the minute
    at       timestamptz NOT NULL, -- the last of them
    times    int         NOT NULL,
    PRIMARY KEY (official, since, door, result, place, known)
);
CREATE INDEX record_at ON sign_in.record (at);
GRANT USAGE ON SCHEMA sign_in TO xiaohao_app, xiaohao_oversight;
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in.attempt TO xiaohao_app, xiaohao_oversight;
GRANT SELECT, INSERT, UPDATE ON sign_in.record TO xiaohao_app, xiaohao_oversight;
GRANT DELETE ON sign_in.record TO xiaohao_app;
DROP TABLE oversight.attempt;
DELETE FROM web.attempt WHERE who NOT LIKE 'code%'; -- hashes of accounts and addresses that anybody could compute

-- A session that waits for the second factor opens no page yet, and counts as no sign-in.
ALTER TABLE web.session ADD COLUMN device text NOT NULL DEFAULT '', ADD COLUMN code_due bool NOT NULL DEFAULT false;
ALTER TABLE oversight.session ADD COLUMN device text NOT NULL DEFAULT '', ADD COLUMN code_due bool NOT NULL DEFAULT false,
    ADD COLUMN code_at timestamptz;
DROP TRIGGER meet ON web.session;
CREATE TRIGGER meet AFTER INSERT OR UPDATE OF code_due ON web.session
    FOR EACH ROW WHEN (NOT NEW.code_due) EXECUTE FUNCTION web.meet();

-- A starting password has a term; those that were given before begin theirs today.
ALTER TABLE vault.credential ADD COLUMN given_at timestamptz NOT NULL DEFAULT now();

-- The oversight door asks for the second factor too: what one named official has, and spending a code of it.
CREATE FUNCTION oversight.second_factor(whose uuid) RETURNS TABLE (sealed bytea, step bigint, recovery bytea[])
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
    AS $$ SELECT f.sealed, f.step, f.recovery FROM vault.second_factor f WHERE f.official = $1 $$;
CREATE FUNCTION oversight.spend_step(whose uuid, given bigint) RETURNS bool
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH spent AS (UPDATE vault.second_factor f SET step = $2 WHERE f.official = $1 AND f.step < $2 RETURNING 1)
    SELECT EXISTS (SELECT FROM spent) $$;
CREATE FUNCTION oversight.spend_recovery(whose uuid, given bytea) RETURNS bool
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH spent AS (
        UPDATE vault.second_factor f SET recovery = array_remove(f.recovery, $2)
        WHERE f.official = $1 AND $2 = ANY (f.recovery) RETURNING 1
    )
    SELECT EXISTS (SELECT FROM spent) $$;
REVOKE ALL ON FUNCTION oversight.second_factor, oversight.spend_step, oversight.spend_recovery FROM PUBLIC;
GRANT EXECUTE ON FUNCTION oversight.second_factor, oversight.spend_step, oversight.spend_recovery TO xiaohao_oversight;

-- A new or removed second factor ends the sessions at the oversight door; whoever looks after an account sees and ends them.
CREATE TRIGGER end_sessions AFTER INSERT ON vault.second_factor
    FOR EACH ROW EXECUTE FUNCTION oversight.end_sessions();
CREATE FUNCTION oversight.end_sessions_of_old() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    DELETE FROM oversight.session s WHERE s.official = OLD.official;
    RETURN NULL;
END $$;
CREATE TRIGGER end_sessions_of_old AFTER DELETE ON vault.second_factor
    FOR EACH ROW EXECUTE FUNCTION oversight.end_sessions_of_old();
CREATE FUNCTION sign_in.oversight_sessions(whose uuid)
    RETURNS TABLE (token bytea, device text, started_at timestamptz, seen_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
    AS $$ SELECT s.token, s.device, s.started_at, s.seen_at FROM oversight.session s WHERE s.official = $1 AND NOT s.code_due $$;
CREATE FUNCTION sign_in.end_oversight_session(whose uuid, named bytea) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
    AS $$ DELETE FROM oversight.session s WHERE s.official = $1 AND s.token = $2 $$;
REVOKE ALL ON FUNCTION sign_in.oversight_sessions, sign_in.end_oversight_session, oversight.end_sessions_of_old FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sign_in.oversight_sessions, sign_in.end_oversight_session TO xiaohao_app;
