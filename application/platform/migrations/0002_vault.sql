-- What must never be in the log: people, keys, texts of tips. Only ciphertext is sent here in SQL (docs/format.md §10).
CREATE SCHEMA vault;
CREATE TABLE vault.person (
    id     uuid  PRIMARY KEY,
    sealed bytea NOT NULL,       -- name, phone, staff number, and the salt of the name's commitment
    staff  bytea NOT NULL UNIQUE -- keyed hash of the staff number: one person is entered once
);
CREATE TABLE vault.signing_key (
    keyid   text  PRIMARY KEY,
    owner   text  NOT NULL,
    sealed  bytea NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX signing_key_owner ON vault.signing_key (owner);
CREATE TABLE vault.credential (
    official uuid  PRIMARY KEY,
    login    bytea NOT NULL UNIQUE, -- keyed hash of the account's name
    sealed   bytea NOT NULL,        -- the account's name
    password text  NOT NULL,        -- argon2id
    one_time bool  NOT NULL
);
CREATE TABLE vault.tip_blob (
    tip    uuid  NOT NULL,
    blob   text  NOT NULL CHECK (blob IN ('text', 'reporter')),
    epoch  int   NOT NULL,
    wrapped_key bytea NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (tip, blob)
);
CREATE TABLE vault.letter (
    lead   uuid  PRIMARY KEY,
    sealed bytea NOT NULL -- to the discipline commission's public key; nobody here can open it
);
CREATE TABLE vault.source_key (
    hmac    bytea PRIMARY KEY,
    tip     uuid  NOT NULL,
    command uuid  NOT NULL
);
CREATE TABLE vault.file (
    sha256     text  PRIMARY KEY,
    media_type text  NOT NULL,
    bytes      bytea NOT NULL
);
ALTER TABLE vault.file ALTER bytes SET STORAGE EXTERNAL;
CREATE TABLE vault.access (
    id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor text NOT NULL,
    unit  text NOT NULL,
    what  text NOT NULL,
    why   text NOT NULL
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.file EXECUTE FUNCTION log.refuse();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON vault.access EXECUTE FUNCTION log.refuse();

GRANT USAGE ON SCHEMA vault TO xiaohao_app, xiaohao_oversight;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA vault TO xiaohao_app;
GRANT UPDATE ON vault.credential, vault.person TO xiaohao_app;
GRANT UPDATE, DELETE ON vault.tip_blob TO xiaohao_app;
GRANT SELECT, INSERT ON vault.access TO xiaohao_oversight;
