/**
 * SADs with the name of the SAM in whose memory they are, so that a request to sign finds the way back.
 *
 * The name is this process's own note: the SAM gives out 256 bits that mean nothing, and gets them back.
 */
import type { Connection } from '@natsuin/protocol/node'
import type { SapMethod, SapMethods, SapRequest, SapResponse } from '@natsuin/protocol/sap'
import { routeOf } from './sam-routes.ts'
import type { SeveralSams } from './several-sams.ts'

export function locatedSads(sams: SeveralSams): Connection<SapMethods> {
  const own: Partial<Calls> = {
    approve: async request => {
      const { owner = '' } = routeOf('approve', request)
      const accepted = await sams.call('approve', request)
      return { ...accepted, sad: `${owner}.${accepted.sad}` }
    },
    'sads/extend': async request => {
      const [owner = '', sad = ''] = request.sad.split('.')
      const extended = await sams.call('sads/extend', { ...request, sad }, { owner })
      return { ...extended, sad: `${owner}.${extended.sad}` }
    },
    sign: request => {
      const [owner = '', sad = ''] = request.sad.split('.')
      return sams.call('sign', { ...request, sad }, { owner })
    },
  }
  return {
    call: (method, request) =>
      (own[method] as Call<typeof method> | undefined)?.(request) ?? sams.call(method, request),
    close: () => sams.close(),
  }
}

type Call<M extends SapMethod> = (request: SapRequest<M>) => Promise<SapResponse<M>>
type Calls = { readonly [M in SapMethod]: Call<M> }
