-- Epochs end (docs/format.md §10.3): a row that waits to be written while its epoch ends is written anew under the next one.
CREATE TABLE vault.epoch (
    one    bool PRIMARY KEY DEFAULT true CHECK (one),
    oldest int  NOT NULL -- no row may be written under an older one
);
INSERT INTO vault.epoch VALUES (true, 0);
CREATE FUNCTION vault.refuse_ended_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- The lock lasts until the writer commits, so an epoch ends before its row is written or after it can be read.
    PERFORM FROM vault.epoch WHERE oldest <= (SELECT min(epoch) FROM written) FOR SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the epoch has ended' USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER epoch_in_force AFTER INSERT ON vault.tip_blob REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION vault.refuse_ended_epoch();
GRANT SELECT, UPDATE ON vault.epoch TO xiaohao_app;

-- Who read this tip, and what a person has read.
CREATE INDEX access_of_what ON vault.access (what text_pattern_ops);
CREATE INDEX access_of_actor ON vault.access (actor, id);

-- Which tips are likely to say the same: keyed (application/vault/minhash.py), and deleted with the tip.
CREATE TABLE vault.tip_minhash (
    tip   uuid     PRIMARY KEY,
    bands bigint[] NOT NULL
);
GRANT SELECT, INSERT, DELETE ON vault.tip_minhash TO xiaohao_app;
