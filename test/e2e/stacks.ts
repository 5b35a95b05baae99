/** What a deployment stands on: the embedded default, and what an operator would run it on. */
import { createSoftHsmToken, type SoftHsmToken } from '@natsuin/crypto-module/softhsm'
import type { Plan, TokenPlan } from '@natsuin/testing/deployment'
import { createShim } from '@natsuin/testing/pkcs11-shim'
import { startPostgres } from '@natsuin/testing/postgres'

export interface Stack {
  readonly name: string
  open(): Promise<{ readonly members: Partial<Plan>; close(): Promise<void> }>
}

export const EMBEDDED: Stack = {
  name: 'the embedded database and the software module',
  open: async () => ({ members: {}, close: async () => {} }),
}

/** A database for each owner, a token for each owner; what the SAMs ask of theirs is written down. */
export const PRODUCTION: Stack = {
  name: 'PostgreSQL and SoftHSM',
  async open() {
    const postgres = await startPostgres()
    const tokens = { sam: await createSoftHsmToken(), authorities: await createSoftHsmToken() }
    const shim = createShim(tokens.sam.options)
    const store = {
      sam: await postgres.createDatabase('sam'),
      server: await postgres.createDatabase('server'),
    }
    return {
      members: {
        store,
        module: { sam: { ...planOf(tokens.sam), ...shim.library }, authorities: planOf(tokens.authorities) },
      },
      close: async () => {
        await postgres.stop()
        await Promise.all([tokens.sam.remove(), tokens.authorities.remove()])
        shim.remove()
      },
    }
  },
}

function planOf({ options }: SoftHsmToken): TokenPlan {
  const { modulePath, tokenLabel, pinFile, environment = {} } = options
  return { modulePath, tokenLabel, pinFile, environment }
}
