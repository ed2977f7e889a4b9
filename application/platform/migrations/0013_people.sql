-- The second factor (RFC 6238): its secret under the master key; a code is taken once, so the newest step that was is kept.
CREATE TABLE vault.second_factor (
    official uuid    PRIMARY KEY,
    sealed   bytea   NOT NULL,
    step     bigint  NOT NULL,
    recovery bytea[] NOT NULL -- keyed hashes of the recovery codes that are left
);
GRANT SELECT, INSERT, UPDATE, DELETE ON vault.second_factor TO xiaohao_app;
ALTER TABLE web.session ADD COLUMN code_at timestamptz; -- when a code of the second factor was given, if ever

-- When an account was last signed in to, and up to which position its owner knows what others changed about it. For a new
-- account that is where it first signed in; accounts from before this table know everything up to now.
CREATE TABLE web.acquaintance (
    official  uuid        PRIMARY KEY,
    signed_in timestamptz,
    position  bigint      NOT NULL
);
INSERT INTO web.acquaintance SELECT official, NULL, size FROM vault.credential, log.head;
GRANT SELECT, INSERT, UPDATE ON web.acquaintance TO xiaohao_app;
CREATE FUNCTION web.meet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO web.acquaintance SELECT NEW.official, now(), size FROM log.head
        ON CONFLICT (official) DO UPDATE SET signed_in = now();
    RETURN NULL;
END $$;
CREATE TRIGGER meet AFTER INSERT ON web.session FOR EACH ROW EXECUTE FUNCTION web.meet();
