-- Databases and roles of a deployment: run once as a superuser, in psql.
--
-- The SAM and the server have a database each and cannot enter the other's. natsuin_sam_founder makes the SAM's schema
-- at genesis and is needed again at upgrades alone; natsuin_sam, which the running SAM connects as, gets from
-- sam-rights.sql what it needs: its logs can be read and appended to, not changed and not cut.
CREATE ROLE natsuin_sam_founder LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;
CREATE ROLE natsuin_sam LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;
CREATE ROLE natsuin_server LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION;

CREATE DATABASE natsuin_sam OWNER natsuin_sam_founder TEMPLATE template0 ENCODING 'UTF8';
CREATE DATABASE natsuin_server OWNER natsuin_server TEMPLATE template0 ENCODING 'UTF8';

REVOKE ALL ON DATABASE natsuin_sam, natsuin_server FROM PUBLIC;
GRANT CONNECT ON DATABASE natsuin_sam TO natsuin_sam;

-- Each may also set a password here (\password natsuin_sam), or be let in by its user on this machine (pg_hba.conf:
-- "local natsuin_sam natsuin_sam peer map=natsuin").
