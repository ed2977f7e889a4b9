-- Roles belong to the whole server, so another database may have made them already.
DO $$
DECLARE name text;
BEGIN
    PERFORM pg_advisory_xact_lock(2020175104);
    FOREACH name IN ARRAY ARRAY['xiaohao_app', 'xiaohao_oversight'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        END IF;
        EXECUTE format('GRANT %I TO CURRENT_USER', name);
    END LOOP;
END $$;

CREATE SCHEMA log;
CREATE TABLE log.event (
    position  bigint PRIMARY KEY CHECK (position > 0),
    stream    uuid   NOT NULL,
    version   int    NOT NULL,
    topic     text   NOT NULL,
    command   uuid   NOT NULL,
    entry     bytea  NOT NULL,
    leaf_hash bytea  NOT NULL,
    UNIQUE (stream, version)
);
-- Entries are base64 of JSON: compressing them again costs more than it saves.
ALTER TABLE log.event ALTER entry SET STORAGE EXTERNAL;
-- What the authority is brought up to date with (application/trail/authority.py, TOPICS).
CREATE INDEX event_of_authority ON log.event (position) WHERE topic IN (
    'log.opened', 'rules.adopted', 'official.enrolled', 'official.retired', 'role.granted', 'role.withdrawn',
    'key.enrolled', 'key.rotated', 'key.revoked');

CREATE TABLE log.head (
    one         bool        PRIMARY KEY DEFAULT true CHECK (one),
    size        bigint      NOT NULL,
    edge        bytea       NOT NULL,
    recorded_at timestamptz NOT NULL
) WITH (fillfactor = 10);
INSERT INTO log.head VALUES (true, 0, '', '0001-01-01Z');

CREATE TABLE log.command (
    id     uuid   PRIMARY KEY,
    actor  text   NOT NULL,
    digest bytea  NOT NULL,
    first  bigint NOT NULL,
    last   bigint NOT NULL
);

CREATE FUNCTION log.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only: % refused', TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log.event EXECUTE FUNCTION log.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log.command EXECUTE FUNCTION log.refuse();

GRANT USAGE ON SCHEMA log TO xiaohao_app, xiaohao_oversight;
GRANT SELECT ON ALL TABLES IN SCHEMA log TO xiaohao_app, xiaohao_oversight;
GRANT INSERT ON log.event, log.command TO xiaohao_app;
GRANT UPDATE ON log.head TO xiaohao_app;

-- Read models: owned by whoever folds them, thrown away and rebuilt at will.
CREATE SCHEMA read;
GRANT USAGE, CREATE ON SCHEMA read TO xiaohao_app;
GRANT USAGE ON SCHEMA read TO xiaohao_oversight;
ALTER DEFAULT PRIVILEGES FOR ROLE xiaohao_app IN SCHEMA read GRANT SELECT ON TABLES TO xiaohao_oversight;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO xiaohao_app', current_database()); END $$;
