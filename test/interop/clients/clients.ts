/** Other people's clients, in the order of the page. */
import type { RealClient } from './client.ts'
import { eudi } from './eudi/eudi.ts'
import { generated } from './generated/generated.ts'
import { oauth4webapi } from './oauth4webapi/oauth4webapi.ts'
import { cscSigner } from './pyhanko/csc-signer.ts'
import { schemathesis } from './schemathesis/schemathesis.ts'

export const CLIENTS: readonly RealClient[] = [cscSigner, oauth4webapi, eudi, generated, schemathesis]
