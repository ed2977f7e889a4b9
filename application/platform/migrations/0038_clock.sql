-- When the wall clock was last seen beside the machine's running time and nothing was wrong with it (clock_watch.py).
CREATE TABLE log.clock (
    one    bool             PRIMARY KEY DEFAULT true CHECK (one),
    boot   text             NOT NULL,
    uptime double precision NOT NULL,
    wall   timestamptz      NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON log.clock TO xiaohao_app;
-- A jump of the clock that a key administrator said was right: who, how the log stood, and which time was expected.
CREATE TABLE log.clock_confirmed (
    id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    actor    text        NOT NULL,
    newest   timestamptz NOT NULL,
    wall     timestamptz NOT NULL,
    expected timestamptz
);
GRANT SELECT, INSERT ON log.clock_confirmed TO xiaohao_app;
