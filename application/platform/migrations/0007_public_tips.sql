-- Tips from the public page. What was said lies in vault.tip_blob like every tip's; here is what finds it again (docs/format.md §10.5).
CREATE TABLE vault.public_tip (
    locator text  PRIMARY KEY,     -- the five characters of the 查询码 that are no secret
    secret  text  NOT NULL,        -- argon2id of the other eleven
    tip     uuid  NOT NULL UNIQUE,
    promise bytea NOT NULL         -- as it was signed and handed out: commitments, the day and an hour; no words
);
CREATE UNIQUE INDEX public_tip_promise ON vault.public_tip (sha256(promise));
-- What the next full hour takes into the log: no time but that hour, no order.
CREATE TABLE vault.public_waiting (
    command uuid  PRIMARY KEY,
    kind    text  NOT NULL CHECK (kind IN ('tip', 'more', 'lead')),
    matter  uuid  NOT NULL,
    members jsonb NOT NULL,        -- {received_on, commits}: what the event will say
    due     timestamptz NOT NULL
);
ALTER TABLE vault.tip_blob DROP CONSTRAINT tip_blob_blob_check;
ALTER TABLE vault.tip_blob ADD CHECK (blob ~ '^(text|reporter|more-[1-9][0-9]?)$');
GRANT SELECT, INSERT ON vault.public_tip, vault.public_waiting TO xiaohao_app;
GRANT DELETE ON vault.public_waiting TO xiaohao_app;
