/** The thread that commits: while it waits for the disk, the SAM's own goes on judging, sealing and signing. */
import { workerData } from 'node:worker_threads'
import { answerQuestions } from '@natsuin/protocol/node'
import { SqliteCommits } from './sqlite-commit.ts'
import type { CommitThreadData } from './sqlite-store.ts'
import type { CommitOutcome, Group } from './store.ts'

const { path, identity } = workerData as CommitThreadData // what `sqlite-store.ts` starts this thread with
const commits = new SqliteCommits(path, identity)

answerQuestions((group: Group): CommitOutcome => commits.commit(group))
