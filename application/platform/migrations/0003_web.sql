-- Sign-in: sessions are known by the hash of their token; failures slow down whoever tries again.
CREATE SCHEMA web;
CREATE TABLE web.session (
    token       bytea       PRIMARY KEY, -- SHA-256 of the cookie
    official    uuid        NOT NULL,
    role        text        NOT NULL,
    unit        text        NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now(),
    seen_at     timestamptz NOT NULL DEFAULT now(),
    password_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX session_official ON web.session (official);
CREATE TABLE web.attempt (
    who      text        PRIMARY KEY, -- hash of an account's name, or of an address
    failures int         NOT NULL,
    last_at  timestamptz NOT NULL
);
GRANT USAGE ON SCHEMA web TO xiaohao_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA web TO xiaohao_app;
