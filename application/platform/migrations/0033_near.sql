-- Which tips share a band: at 100,000 tips a look-up read the whole table. New bands wait in the index's list, so that
-- an import pays little; the list is merged when the table is analysed.
CREATE INDEX tip_minhash_bands ON vault.tip_minhash USING gin (bands);
