/** What stands in `deploy/`, as far as it can be tried here: systemd's own judgement of the units, PostgreSQL's of the roles. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startPostgres } from '@natsuin/testing/postgres'
import pg from 'pg'
