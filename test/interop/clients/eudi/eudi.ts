/**
 * The CSC library of the EU's reference wallet: PAR, RAR, and what it then does with the tokens. It is registered with specs
 * 2.2.0.0, as its newer releases want: 0.2.0 is the newest that Maven Central has for the Java machine.
 */

import { toBase64 } from '@natsuin/pki/encoding'
import { REDIRECT_URI, testDocuments } from '@natsuin/testing/deployment'
import { commandOf, versionInPom } from '../../setup/java.ts'
import type { RealClient } from '../client.ts'
import { converse } from '../conversation.ts'
import { APPLICATIONS, javaTrust, type Stage, signerAnswers } from '../stage.ts'

const program = { folder: import.meta.dirname, source: 'Runner.kt' } as const

export const eudi: RealClient = {
  name: 'eudi-lib-jvm-rqes-csc-kt',
  version: versionInPom(program.folder),
  speaks: 'v2, with specs 2.2.0.0, PAR, RAR',
  does: [
    'info',
    'service authorization',
    'credentials/list',
    'credentials/info',
    'credential authorization',
    'signatures/signHash',
  ],
  run: stage => converse({ command: commandOf(stage.home, program, ...javaTrust(stage)), ...partsOf(stage) }),
  limits: [
    {
      what: 'info',
      says: /Unexpected JSON token|Expected string literal/,
      why: 'It takes no null in signAlgorithms/algoParams, where CSC API servers have one for an algorithm without parameters; its releases from 0.6.2 on do.',
    },
  ],
}

function partsOf(stage: Stage) {
  const { deployment, alice } = stage
  const { id: clientId, secret: clientSecret } = APPLICATIONS.confidentialClient
  const documents = testDocuments(2)
  const told = {
    issuer: deployment.urls.server,
    // By which the service knows the client before it has a token: it is told specs 2.2.0.0.
    base: `${deployment.urls.server}/clients/${clientId}/csc/v2`,
    clientId,
    clientSecret,
    redirectUri: REDIRECT_URI,
    credentialID: alice.credentialId,
    contents: documents.map(({ dtbs }) => toBase64(dtbs)),
    hashes: documents.map(({ digest }) => digest.hash),
  }
  return { told, browse: signerAnswers(stage) }
}
