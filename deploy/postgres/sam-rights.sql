-- After genesis, in the database natsuin_sam, as natsuin_sam_founder: what the running SAM may do.
--
-- No UPDATE, DELETE or TRUNCATE on the logs. (Whoever owns the database can still do all of it; that is noticed by
-- the heads outside. This role cannot even be made to try.)
GRANT USAGE ON SCHEMA natsuin_sam TO natsuin_sam;
GRANT SELECT, INSERT ON natsuin_sam.leaves, natsuin_sam.subtrees TO natsuin_sam;
GRANT SELECT, INSERT, UPDATE ON natsuin_sam.records TO natsuin_sam;
GRANT SELECT, INSERT, DELETE ON natsuin_sam.nonces TO natsuin_sam;
-- Which SAMs there are, and the leases that they grant each other.
GRANT SELECT, INSERT, UPDATE, DELETE ON natsuin_sam.sams TO natsuin_sam;
